package sched

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/shmath/shmath/internal/spawn"
)

// Step is how far the pool had to go to make a worker leave.
type Step uint8

const (
	StepStop Step = iota // it left when it was asked to, or had ended before
	StepTerm             // it needed SIGTERM
	StepKill             // it needed SIGKILL
)

func (s Step) String() string {
	return [...]string{"left when asked", "needed SIGTERM", "needed SIGKILL"}[s]
}

// Departure is how one worker left.
type Departure struct {
	Worker int
	PID    int
	Step   Step
	Exit   spawn.Exit
}

func (d Departure) String() string {
	return fmt.Sprintf("worker %d (pid %d) %v and %v", d.Worker, d.PID, d.Step, d.Exit)
}

const (
	defaultGrace = 200 * time.Millisecond
	dismissal    = 5 * time.Second // how long a worker that has no work may take to leave
	graceShare   = 4               // a grace period takes no more than this part of the time to the deadline
)

// ladder is how long each step may take before the next.
type ladder struct{ stop, term time.Duration }

// ending is what the pool keeps of its end.
type ending struct {
	hurry      sync.Once
	hurried    chan struct{} // closed by Terminate
	departures []Departure
	over       chan struct{} // closed when all is freed
}

func (e *ending) init() { e.hurried, e.over = make(chan struct{}), make(chan struct{}) }

// Close refuses new work, waits until the work that was accepted is done, stops the workers and frees the memory.
// Calls after the first wait for its end, and do nothing else.
func (p *Pool) Close() error { return p.Shutdown(context.Background()) }

// Shutdown is Close with a bound. It waits for accepted work until shortly before ctx's deadline, or until ctx ends. Then
// it asks what is left to stop: contexts of calls and blocks end. Workers that have not left after Options.Grace get SIGTERM,
// and after as much again SIGKILL, at the deadline at the latest. Work that was left fails with [ErrClosed], and Shutdown
// returns an error that is ctx's and says what each worker needed; see [Pool.Departures].
func (p *Pool) Shutdown(ctx context.Context) error {
	if p.self() != nil {
		return fmt.Errorf("%w: its end", ErrInBody)
	}
	if !p.shut() {
		<-p.ending.over
		return nil
	}
	steps := ladder{p.opts.Grace, p.opts.Grace}
	var late <-chan time.Time
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		steps.stop = min(p.opts.Grace, left/graceShare)
		steps.term = steps.stop
		late = time.After(left - steps.stop - steps.term)
	}
	drained := make(chan struct{})
	go func() {
		p.users.Wait()
		p.calls.drain()
		close(drained)
	}()
	cause := context.DeadlineExceeded
	select {
	case <-drained:
		return p.end(nil, ladder{dismissal, p.opts.Grace})
	case <-p.ending.hurried:
		return p.end(ErrClosed, ladder{})
	case <-ctx.Done():
		cause = ctx.Err()
	case <-late:
	}
	err := p.end(ErrClosed, steps)
	var said []string
	for _, d := range p.ending.departures {
		said = append(said, d.String())
	}
	return errors.Join(fmt.Errorf("sched: work was left when the pool shut down: %w; %s", cause, strings.Join(said, "; ")), err)
}

// Terminate kills the workers, also when a Close or a Shutdown is waiting for them. Work that was accepted and is not done
// fails with [ErrClosed].
func (p *Pool) Terminate() error {
	if p.self() != nil {
		return fmt.Errorf("%w: its end", ErrInBody)
	}
	if !p.shut() {
		p.ending.hurry.Do(func() { close(p.ending.hurried) })
		<-p.ending.over
		return nil
	}
	return p.end(ErrClosed, ladder{})
}

// Departures returns how each worker left: nothing before the pool has ended, nor in-process.
func (p *Pool) Departures() []Departure {
	select {
	case <-p.ending.over:
		return append([]Departure(nil), p.ending.departures...)
	default:
		return nil
	}
}

// end stops the crew and frees everything. With a cause, work that is left fails with it.
func (p *Pool) end(cause error, steps ladder) error {
	if cause != nil {
		p.breakDown(cause)
	}
	p.advise()
	p.foreign.dismiss(steps.term, p.ending.hurried)
	needed := p.crew.dismiss(steps, p.ending.hurried)
	<-p.watching
	p.users.Wait()
	p.crew.watchers.Wait()
	p.relay.close()
	p.ending.departures = p.crew.departures(needed)
	err := p.free()
	close(p.ending.over)
	return err
}

// dismiss stops all workers, one step of the ladder after the other, and returns which needed more than being asked.
func (w *crew) dismiss(steps ladder, hurry <-chan struct{}) map[*spawn.Child]Step {
	w.mu.Lock()
	w.leaving = true
	w.mu.Unlock()
	w.starts.Wait() // nobody begins another
	w.mu.Lock()
	var children []*spawn.Child
	for _, h := range w.members {
		if h.child != nil {
			children = append(children, h.child)
		}
	}
	w.mu.Unlock()
	w.p.c.stop.Store(1)
	w.p.c.publish()
	needed := make(map[*spawn.Child]Step)
	children = await(children, steps.stop, hurry)
	if steps.term > 0 {
		children = urge(children, syscall.SIGTERM, StepTerm, needed)
		children = await(children, steps.term, hurry)
	}
	for _, c := range urge(children, syscall.SIGKILL, StepKill, needed) {
		<-c.Done()
	}
	for _, h := range w.members {
		if h.local != nil {
			<-h.local.ended // a goroutine cannot be killed, and must not outlive the memory
		}
	}
	w.p.c.ring()
	return needed
}

// await returns the children that have not ended after a while, or when there is a hurry.
func await(children []*spawn.Child, patience time.Duration, hurry <-chan struct{}) []*spawn.Child {
	late := time.NewTimer(patience)
	defer late.Stop()
	for i, c := range children {
		select {
		case <-c.Done():
			continue
		case <-late.C:
		case <-hurry:
		}
		return children[i:]
	}
	return nil
}

// urge sends a signal to the children that have not ended, notes it, and returns them.
func urge(children []*spawn.Child, s syscall.Signal, step Step, needed map[*spawn.Child]Step) []*spawn.Child {
	var left []*spawn.Child
	for _, c := range children {
		if !ended(c) {
			c.Signal(s)
			needed[c] = step
			left = append(left, c)
		}
	}
	return left
}

// departures says how each worker left. All have.
func (w *crew) departures(needed map[*spawn.Child]Step) []Departure {
	var list []Departure
	for _, h := range w.members {
		if h.record != nil {
			c := h.record.child
			list = append(list, Departure{Worker: h.index, PID: c.PID, Step: needed[c], Exit: c.Exit()})
		}
	}
	return list
}
