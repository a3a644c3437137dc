package sched

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shmath/shmath/internal/spawn"
)

var (
	// ErrNoMain is returned by Start in a program whose main (or TestMain) does not begin with [Main].
	ErrNoMain = errors.New("sched: the program must call sched.Main() first in main (and in TestMain)")

	// ErrClosed is returned by calls on a pool that was closed, shut down or terminated.
	ErrClosed = errors.New("sched: pool is closed")

	// ErrInWorker is returned by Start in a worker process.
	ErrInWorker = errors.New("sched: a worker process cannot start a pool; is sched.Main() the first statement of main?")

	// ErrWorkerDied is returned, as a *[DeathError], for work that a dead worker took with it.
	ErrWorkerDied = errors.New("sched: worker died")

	// ErrBroken is returned by calls on a pool whose workers die again and again before they are ready.
	ErrBroken = errors.New("sched: pool is broken")

	// ErrUnregistered is returned for a function or loop that is not in the table of the process that is to run it.
	ErrUnregistered = errors.New("sched: not registered")

	// ErrType is returned for arguments or results that cannot cross a process border; it names the field.
	ErrType = errors.New("sched: cannot cross a process border")

	// ErrPrivate is returned for an array that lies in memory of this process alone.
	ErrPrivate = errors.New("sched: array is not in shared memory")

	// ErrCanceled is returned by a Future that was canceled before it ran.
	ErrCanceled = errors.New("sched: canceled")

	// ErrCPU is returned by Start for a CPU on which this process may not run.
	ErrCPU = errors.New("sched: CPU not allowed")
)

// RemoteError is an error that a function or loop body returned, or a panic in it, brought back from its worker.
// errors.Is sees through it to errors that were made known by [RegisterError].
type RemoteError struct {
	Function string
	Worker   int
	PID      int
	Lo, Hi   int    // the indices of the block, for loops; 0, 0 for calls
	Type     string // Go type of the error or of the panic's value
	Message  string
	Panic    bool
	Stack    string // of the worker's goroutine, for panics

	known []error
}

func (e *RemoteError) Error() string {
	var b strings.Builder
	b.WriteString(e.Function)
	if e.Hi > e.Lo {
		fmt.Fprintf(&b, " [%d, %d)", e.Lo, e.Hi)
	}
	if e.Panic {
		fmt.Fprintf(&b, ": panic in worker %d (pid %d)", e.Worker, e.PID)
	}
	return b.String() + ": " + e.Message
}

// Unwrap returns the registered errors that the remote error was.
func (e *RemoteError) Unwrap() []error { return e.known }

// DeathError says that a worker died while it ran something, and how. It is [ErrWorkerDied].
type DeathError struct {
	Function string
	Worker   int
	PID      int
	CPU      int
	Exit     spawn.Exit
	Dirty    []Range // for loops: indices that may be half done
	Kills    int     // how often the same work killed its worker
}

func (e *DeathError) Error() string {
	s := fmt.Sprintf("%v: worker %d (pid %d) %v while it ran %s", ErrWorkerDied, e.Worker, e.PID, e.Exit, e.Function)
	if len(e.Dirty) > 0 {
		s += fmt.Sprintf("; indices %v may be half done", e.Dirty)
	}
	if e.Kills > 1 {
		s += fmt.Sprintf("; it was tried %d times", e.Kills)
	}
	return s
}

// Is makes errors.Is(err, ErrWorkerDied) true.
func (e *DeathError) Is(target error) bool { return target == ErrWorkerDied }

// Range is the indices Lo <= i < Hi.
type Range struct{ Lo, Hi int }

func (r Range) String() string { return fmt.Sprintf("[%d, %d)", r.Lo, r.Hi) }
