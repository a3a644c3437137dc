package sched

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"reflect"
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
	open  func(w *worker, arg []byte) (any, error)
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
	return newState(name, func(w *worker, _ []byte) (any, error) { return open(w.index) }, close)
}

func newState[S any](name string, open func(w *worker, arg []byte) (any, error), close func(S)) *State[S] {
	body := stateBody{name: name, open: open, close: func(any) {}}
	if close != nil {
		body.close = func(v any) { close(v.(S)) }
	}
	return &State[S]{name: name, index: table.addState(body)}
}

// StateWith is a [State] that each pool opens with an argument of its own. Make it with [NewStateWith] in a package
// variable.
type StateWith[A, S any] struct {
	*State[S]
	arg *codec
}

// NewStateWith registers a state that is opened with the argument that a pool's Options.States has for it: see
// [StateWith.With]. The argument travels as those of functions do.
func NewStateWith[A, S any](name string, open func(worker int, arg A) (S, error), close func(S)) *StateWith[A, S] {
	c, err := codecOf(reflect.TypeFor[A]())
	if err != nil {
		table.fault(fmt.Errorf("state %s: argument: %w", name, err))
	}
	return &StateWith[A, S]{newState(name, func(w *worker, raw []byte) (any, error) {
		var arg A
		if raw == nil {
			return nil, fmt.Errorf("sched: the pool has no argument for state %s: put its With(argument) into Options.States", name)
		}
		if _, err := decodeValue(c, w.memory, raw, &arg); err != nil {
			return nil, err
		}
		return open(w.index, arg)
	}, close), c}
}

// With is the state with its argument, for Options.States. The argument is encoded by Start.
func (s *StateWith[A, S]) With(arg A) AnyState { return &boundState[A]{s.index, s.arg, arg} }

// boundState is a state and its argument.
type boundState[A any] struct {
	index int
	codec *codec
	arg   A
}

func (b *boundState[A]) number() int { return b.index }

func (b *boundState[A]) argument(t *segmentTable) ([]byte, error) {
	return encodeValue(b.codec, t, []byte{}, &b.arg)
}

// Of returns the state of the worker that runs the body whose context ctx is, or is derived from. Errors: those of open,
// which is tried again the next time; [ErrNoBody].
func (s *State[S]) Of(ctx context.Context) (S, error) {
	var none S
	w, err := workerOf(ctx)
	if err != nil {
		return none, err
	}
	v, err := w.states.get(s.index, w)
	if err != nil {
		return none, err
	}
	return v.(S), nil
}

func (s *State[S]) number() int { return s.index }

func (s *State[S]) argument(*segmentTable) ([]byte, error) { return nil, nil }

// AnyState is a *[State] of any type, or what [StateWith.With] returns.
type AnyState interface {
	number() int
	argument(t *segmentTable) ([]byte, error) // nil for none
}

// shareArguments puts the arguments of the pool's states where its workers find them, one behind the other: number,
// length, bytes.
func (p *Pool) shareArguments() error {
	var all []byte
	for _, s := range p.opts.States {
		raw, err := s.argument(p.segments)
		if err != nil {
			return fmt.Errorf("sched: Options.States: %w", err)
		}
		if raw != nil {
			all = binary.AppendUvarint(binary.AppendUvarint(all, uint64(s.number())), uint64(len(raw)))
			all = append(all, raw...)
		}
	}
	if len(all) == 0 {
		return nil
	}
	var err error
	p.c.stateArgs, err = putBlob(p.arena, nil, all)
	return err
}

// stateArgument returns the argument of a state, nil if the pool has none for it.
func (w *worker) stateArgument(index int) ([]byte, error) {
	b := w.c.stateArgs
	if b.length == 0 {
		return nil, nil
	}
	all, err := getBlob(w.arena, nil, b)
	for d := (decoder{buf: all}); err == nil && len(d.buf) > 0; {
		number, raw := d.uint(), d.take(d.uint())
		if err = d.err; err == nil && number == uint64(index) {
			return raw, nil
		}
	}
	return nil, err
}

// states are those of one worker.
type states struct {
	mu    sync.Mutex
	made  [statesMax]bool
	value [statesMax]any
	order []int
}

func (s *states) get(index int, w *worker) (v any, err error) {
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
		arg, err := w.stateArgument(index)
		if err == nil {
			v, err = body.open(w, arg)
		}
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
func (s *states) openAll(mask uint64, w *worker) error {
	for ; mask != 0; mask &= mask - 1 {
		if _, err := s.get(lowestBit(mask), w); err != nil {
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
