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

	// ErrInWorker is returned by Start in a worker process that has run past the place where Main should have taken over.
	ErrInWorker = errors.New("sched: this process was started as a worker: sched.Main() must be the first statement of main")

	// ErrWorkerDied is returned, as a *[DeathError], for work that a dead worker took with it.
	ErrWorkerDied = errors.New("sched: worker died")

	// ErrPoisoned is returned, as a *[DeathError], for idempotent work that was tried several times and ended its worker
	// each time.
	ErrPoisoned = errors.New("sched: work ends its workers")

	// ErrBroken is returned by calls on a pool whose workers die again and again before they are ready.
	ErrBroken = errors.New("sched: pool is broken")

	// ErrUnregistered is returned for a function or loop that is not in the table of the process that is to run it.
	ErrUnregistered = errors.New("sched: not registered")

	// ErrType is returned for arguments or results that cannot cross a process border; it names the field.
	ErrType = errors.New("sched: cannot cross a process border")

	// ErrPrivate is returned for an array that lies in memory of this process alone.
	ErrPrivate = errors.New("sched: array is not in shared memory")

	// ErrNoBody is returned where a context is wanted that a worker gave to a body, for another.
	ErrNoBody = errors.New("sched: the context is not that of a body that a worker runs")

	// ErrNoPool is returned for work on a nil *Pool.
	ErrNoPool = errors.New("sched: the pool is nil: a body in a worker process has none of its parent's; start one there, or return what is to be done to the caller")

	// ErrInBody is returned when a body of an in-process pool wants of that pool what would wait for the body itself.
	ErrInBody = errors.New("sched: a body wants of the pool that runs it what can only be had when it has returned")

	// ErrCanceled is returned by a Future that was canceled before it ran.
	ErrCanceled = errors.New("sched: canceled")

	// ErrCPU is returned by Start for a CPU on which this process may not run.
	ErrCPU = errors.New("sched: CPU not allowed")
)

// RemoteError is an error that a function or loop body returned, or a panic in it, brought back from its worker.
// errors.Is sees through it to errors that were made known by [RegisterError].
type RemoteError struct {
	Function string
	Task     uint32 // number of the call in its pool; 0 for loops
	Worker   int
	PID      int
	CPU      int    // of the worker; -1 in-process
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

// Cause is what ended a worker.
type Cause uint8

const (
	CauseUnknown     Cause = iota // nobody knows: the word of a worker that this pool never had
	CauseExit                     // the program called os.Exit
	CausePanic                    // a panic in a goroutine that the body had started: nobody there could bring it back
	CauseFatal                    // the Go runtime gave up: concurrent map writes, stack overflow, out of memory, deadlock
	CauseFault                    // SIGSEGV, SIGBUS, SIGILL, SIGFPE or SIGABRT
	CauseKilled                   // a signal from outside
	CauseOutOfMemory              // SIGKILL by the kernel's out-of-memory killer
	CauseTimeout                  // SIGKILL by the pool: the work took longer than it may
)

var causes = [...]struct{ text, remedy string }{
	CauseUnknown:     {"died", ""},
	CauseExit:        {"called os.Exit", "return an error instead of ending the process"},
	CausePanic:       {"panicked in a goroutine that the body had started", "recover in that goroutine; DeathError.Stack has the trace"},
	CauseFatal:       {"was ended by the Go runtime", "DeathError.Stack has the trace"},
	CauseFault:       {"was ended by a fault", "DeathError.Stack has the trace, if there is one"},
	CauseKilled:      {"was killed from outside", "mark the work Idempotent to have it run again"},
	CauseOutOfMemory: {"was killed by the kernel for want of memory", "raise the memory limit, or run fewer workers or smaller blocks"},
	CauseTimeout:     {"was killed because it took too long", "allow more time, or let the body watch its context"},
}

func (c Cause) String() string { return causes[c].text }

// DeathError says that a worker died while it ran something, how, and what is known of it. It is [ErrWorkerDied]. Only the
// work that it names is lost.
type DeathError struct {
	Function  string
	Task      uint32 // number of the call in its pool; 0 for loops
	Worker    int
	PID       int
	CPU       int
	Cause     Cause
	Exit      spawn.Exit // exit code or signal, and maximum resident memory (see spawn.Exit)
	OOMKills  int        // how many processes of the worker's cgroup the kernel killed for want of memory while it lived
	Crash     string     // first line of what the Go runtime said: "fatal error: concurrent map writes"
	Stack     string     // and all of it, up to 64 KiB
	LastLines []string   // last lines that the worker wrote or logged, oldest first
	Kills     int        // how often the same work ended its worker

	// Of a loop, by index: blocks that are done, that may be half done, and that nobody has begun.
	Done, Dirty, Untouched []Range
}

// Error returns one line, which ends with the remedy.
func (e *DeathError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v: worker %d (pid %d, CPU %d) %v", ErrWorkerDied, e.Worker, e.PID, e.CPU, e.Cause)
	if e.Crash != "" {
		fmt.Fprintf(&b, " (%s)", e.Crash)
	} else {
		fmt.Fprintf(&b, " (%v)", e.Exit)
	}
	fmt.Fprintf(&b, " while it ran %s", e.Function)
	if len(e.Dirty) > 0 {
		fmt.Fprintf(&b, "; indices %v may be half done", e.Dirty)
	}
	if e.Kills > 1 {
		fmt.Fprintf(&b, "; it was tried %d times", e.Kills)
	}
	if e.Cause == CauseOutOfMemory {
		fmt.Fprintf(&b, "; it had used %d MiB", e.Exit.MaxRSS>>20)
	}
	if r := causes[e.Cause].remedy; r != "" {
		b.WriteString("; " + r)
	}
	return b.String()
}

// Is makes errors.Is(err, ErrWorkerDied) true, and ErrPoisoned when the work is to blame.
func (e *DeathError) Is(target error) bool {
	return target == ErrWorkerDied || target == ErrPoisoned && e.Kills >= crashesMax
}

// Range is the indices Lo <= i < Hi.
type Range struct{ Lo, Hi int }

func (r Range) String() string { return fmt.Sprintf("[%d, %d)", r.Lo, r.Hi) }
