package sched

import (
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/shmath/shmath/internal/spawn"
)

// record is what the parent keeps of one worker process until its work has been settled.
type record struct {
	child     *spawn.Child
	output    *output
	ready     chan struct{} // closed when it has reported
	oomBefore int           // OOM kills of the cgroup when the worker was born
	condemned atomic.Uint32 // the Cause for which this pool killed it

	once   sync.Once
	report DeathError // what is known of the death, without the work that it cost
}

// condemn kills the process for a cause that the kernel cannot know.
func (r *record) condemn(cause Cause) {
	r.condemned.CompareAndSwap(0, uint32(cause))
	r.child.Signal(syscall.SIGKILL)
}

// death is what the rest of the pool learns of a dead worker.
type death struct {
	index, cpu int
	tag        uint32
	record     *record // nil of a worker that nobody knows, whose tag can only have been written by a stray store
	p          *Pool
}

// exit waits for the cause. It comes when the kernel has torn the memory down, after the notice of death.
func (d death) exit() spawn.Exit {
	if d.record == nil {
		return spawn.Exit{Code: -1}
	}
	return d.record.child.Exit()
}

// inquest waits until all is known of a death, and returns it as an error that the caller completes with the work that it cost.
func (d death) inquest() *DeathError {
	if d.record == nil {
		return &DeathError{Worker: d.index, CPU: d.cpu, Exit: spawn.Exit{Code: -1}}
	}
	d.record.once.Do(func() { d.record.report = d.examine() })
	report := d.record.report
	return &report
}

func (d death) examine() DeathError {
	r := d.record
	e := DeathError{Worker: d.index, PID: r.child.PID, CPU: d.cpu, Exit: d.exit()}
	e.LastLines = d.lastLines()
	e.Stack = r.output.crash.text()
	e.OOMKills = max(0, d.p.oomKills.count()-r.oomBefore)
	e.Cause = causeOf(e.Exit, e.Stack)
	switch c := Cause(r.condemned.Load()); {
	case e.Cause != CauseKilled:
	case c != CauseUnknown:
		e.Cause = c
	case e.Exit.Signal == syscall.SIGKILL && d.p.oomKills.claim(r.oomBefore):
		e.Cause = CauseOutOfMemory
	}
	if e.Cause == CausePanic || e.Cause == CauseFatal || e.Cause == CauseFault {
		e.Crash, _, _ = strings.Cut(e.Stack, "\n")
	} else {
		e.Stack = ""
	}
	return e
}

// lastLines returns the last lines that the dead worker wrote or logged, oldest first. It waits until they have all been
// read.
func (d death) lastLines() []string {
	d.exit()
	d.record.output.done.Wait()
	d.p.relay.flush()
	return d.record.output.tail.of(d.record.child.PID)
}

// exitCrash is the code with which the Go runtime ends a process that it gives up.
const exitCrash = 2

// causeOf tells a cause from how the process ended and from what the Go runtime had said, if anything. A program that prints
// what looks like a crash report and then calls os.Exit(2) is taken at its word.
func causeOf(exit spawn.Exit, crash string) Cause {
	switch exit.Signal {
	case 0:
		if exit.Code == exitCrash && crash != "" {
			return crashCause(crash)
		}
		return CauseExit
	case syscall.SIGABRT: // GOTRACEBACK=crash
		if c := crashCause(crash); c != CauseUnknown {
			return c
		}
		return CauseFault
	case syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGILL, syscall.SIGFPE, syscall.SIGTRAP:
		return CauseFault
	}
	return CauseKilled
}
