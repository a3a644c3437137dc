package sched

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
)

// State is something that each worker makes for itself and keeps: a model, a connection, a cache. Make it with [NewState] in
// a package variable.
type State[S any] struct {
	name  string
	index int
}

// stateBody opens and closes a state in a worker.
type stateBody struct {
	name  string
	open  func(worker int) (any, error)
	close func(any)
}

// statesMax is how many states a program can have: the bits of a word in the control block.
const statesMax = 64

// NewState registers a state under a name that is unique in the program. open makes it, in each worker once, and again in
// each that replaces one; worker is 0 to Pool.Workers()-1. If close is not nil, it gets the state when its worker leaves in
// order (the pool is closed, the worker is recycled), not when it is killed.
//
// States of Options.States are opened before the worker takes any work, others when a body asks for them.
func NewState[S any](name string, open func(worker int) (S, error), close func(S)) *State[S] {
	body := stateBody{name: name, open: func(worker int) (any, error) { return open(worker) }, close: func(any) {}}
	if close != nil {
		body.close = func(v any) { close(v.(S)) }
	}
	return &State[S]{name: name, index: table.addState(body)}
}

// Of returns the state of the worker that runs the body whose context ctx is, or is derived from. Errors: those of open,
// which is tried again the next time; [ErrNoBody].
func (s *State[S]) Of(ctx context.Context) (S, error) {
	var none S
	w, err := workerOf(ctx)
	if err != nil {
		return none, err
	}
	v, err := w.states.get(s.index, w.index)
	if err != nil {
		return none, err
	}
	return v.(S), nil
}

func (s *State[S]) number() int { return s.index }

// AnyState is a *[State] of any type.
type AnyState interface{ number() int }

// states are those of one worker.
type states struct {
	mu    sync.Mutex
	made  [statesMax]bool
	value [statesMax]any
	order []int
}

func (s *states) get(index, worker int) (v any, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made[index] {
		return s.value[index], nil
	}
	body, err := table.state(index)
	if err != nil {
		return nil, err
	}
	failure := guard(func() (err error) {
		v, err = body.open(worker)
		return err
	}, func(*wireError) {})
	if failure != nil {
		return nil, &stateError{body.name, failure.Message, table.knownErrors(failure.Known)}
	}
	s.made[index], s.value[index] = true, v
	s.order = append(s.order, index)
	return v, nil
}

// stateError says that a state could not be opened.
type stateError struct {
	name, message string
	known         []error
}

func (e *stateError) Error() string {
	return fmt.Sprintf("sched: opening state %s: %s", e.name, e.message)
}
func (e *stateError) Unwrap() []error { return e.known }

// openAll opens the states in the mask.
func (s *states) openAll(mask uint64, worker int) error {
	for ; mask != 0; mask &= mask - 1 {
		if _, err := s.get(lowestBit(mask), worker); err != nil {
			return err
		}
	}
	return nil
}

// closeAll closes what was opened, the last first.
func (s *states) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.order) - 1; i >= 0; i-- {
		at := s.order[i]
		body, err := table.state(at)
		if err != nil {
			continue
		}
		failure := guard(func() error {
			body.close(s.value[at])
			return nil
		}, func(*wireError) {})
		if failure != nil {
			slog.Error("sched: closing a state", "state", body.name, "panic", failure.Message, "stack", failure.Stack)
		}
		s.made[at], s.value[at] = false, nil
	}
	s.order = nil
}

type workerKey struct{}

// workerOf returns the worker whose body has that context.
func workerOf(ctx context.Context) (*worker, error) {
	w, ok := ctx.Value(workerKey{}).(*worker)
	if !ok {
		return nil, ErrNoBody
	}
	return w, nil
}
