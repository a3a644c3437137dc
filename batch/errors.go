package batch

import (
	"errors"
	"fmt"
	"strings"
)

// Error is a fault in a job file or in the data that it names: what is wrong, where, and how to mend it.
type Error struct {
	File   string // the job file or the data file
	Line   int    // 1-based; 0 when no line is to blame
	What   string
	Remedy string // may be empty
	Err    error  // the cause, if there is one; What holds its text
}

// Error returns one line, such as "job.yaml:7: unknown key colour; did you mean column?".
func (e *Error) Error() string {
	s := e.File
	if e.Line > 0 {
		s += fmt.Sprintf(":%d", e.Line)
	}
	s += ": " + e.What
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// UsageError is a fault in the call itself: an unknown option, a variable without a value, an expression that does not
// parse. Commands exit with code 2.
type UsageError struct {
	What string
}

// Error returns what is wrong with the call, and how it should be.
func (e *UsageError) Error() string { return e.What }

func usage(format string, args ...any) error { return &UsageError{What: fmt.Sprintf(format, args...)} }

// ErrInterrupted is the cause of a run that a signal ended; errors.As finds an [*Interrupt] that tells which.
var ErrInterrupted = errors.New("interrupted")

// OneLine joins the lines of an error's text, so that a message is one line of a log.
func OneLine(err error) string {
	var parts []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, "; ")
}
