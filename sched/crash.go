package sched

import (
	"bytes"
	"strings"
	"sync"
)

const crashMax = 64 << 10 // bytes of a crash report that are kept

// crashReport keeps what the Go runtime writes to a worker's standard error when it ends the process, from its beginning.
type crashReport struct {
	mu   sync.Mutex
	kept []byte
}

func (c *crashReport) add(lines []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) == 0 {
		lines = lines[crashBegins(lines):]
	}
	c.kept = append(c.kept, lines[:min(len(lines), crashMax-len(c.kept))]...)
}

func (c *crashReport) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.kept)
}

// crashBegins finds the line with which a crash report begins; it returns the end when there is none.
func crashBegins(lines []byte) int {
	at := 0
	for line := range bytes.Lines(lines) {
		if crashCause(string(line)) != CauseUnknown {
			return at
		}
		at += len(line)
	}
	return at
}

// crashCause tells from the first line of a crash report what happened (runtime/panic.go, runtime/signal_unix.go).
func crashCause(line string) Cause {
	signal, _, colon := strings.Cut(line, ":")
	switch {
	case strings.HasPrefix(line, "panic: "):
		return CausePanic
	case strings.HasPrefix(line, "fatal error: unexpected signal"):
		return CauseFault
	case strings.HasPrefix(line, "fatal error: "), strings.HasPrefix(line, "runtime: goroutine stack exceeds "):
		return CauseFatal
	case colon && strings.HasPrefix(signal, "SIG") && signal == strings.ToUpper(signal) && !strings.Contains(signal, " "):
		return CauseFault
	}
	return CauseUnknown
}
