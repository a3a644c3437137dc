package sched

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// Reduce is a loop whose blocks have results, which are combined. Make it with [NewReduce] in a package variable.
type Reduce[A, R any] struct {
	loop    *Loop[reduceArgs[A]]
	result  *codec
	combine func(a, b R) R
}

type reduceArgs[A any] struct {
	Args A
	Room results
}

// NewReduce registers a reduction under a name that is unique in the program. The body returns the result of one block;
// combine, called where Run is, puts the results of neighbouring blocks together, the lower one first. The tree in which it
// does so depends on the number of blocks alone: the result has the same bits for any number of workers, and when some of
// them die. Arguments and results travel as those of [NewFunc].
func NewReduce[A, R any](name string, body func(c *Chunk, args A) (R, error), combine func(a, b R) R, opts ...LoopOptions) *Reduce[A, R] {
	r := &Reduce[A, R]{combine: combine}
	var err error
	if r.result, err = codecOf(reflect.TypeFor[R]()); err != nil {
		table.fault(fmt.Errorf("reduction %s: result: %w", name, err))
	}
	r.loop = NewLoop(name, func(c *Chunk, a reduceArgs[A]) error {
		v, err := body(c, a.Args)
		if err != nil {
			return err
		}
		out := resultWriter[R]{codec: r.result, w: c.worker}
		if a.Room.Out != nil {
			out.room = a.Room.Out.Slice()
		}
		if err := out.put(c.Index, &v); err != nil {
			return err
		}
		return out.flush(c.Index, a.Room.Results)
	}, opts...)
	return r
}

// Name returns the name under which the reduction was registered.
func (r *Reduce[A, R]) Name() string { return r.loop.name }

// Run runs the body over the indices [0, n) and returns the combined result, the zero R when n is 0. Errors: those of
// [Loop.Run].
func (r *Reduce[A, R]) Run(ctx context.Context, p *Pool, n int, args A) (R, error) {
	return r.RunWith(ctx, p, n, args, r.loop.opts)
}

// RunWith is Run with other options for this run.
func (r *Reduce[A, R]) RunWith(ctx context.Context, p *Pool, n int, args A, opts LoopOptions) (total R, err error) {
	if err := errors.Join(p.check(), ctx.Err()); err != nil || n <= 0 {
		if err == nil {
			err = r.loop.RunWith(ctx, p, n, reduceArgs[A]{Args: args}, opts) // nothing, or a complaint
		}
		return total, err
	}
	if err := p.enter(); err != nil {
		return total, err
	}
	defer p.users.Done()
	opts = opts.withDefaults(n)
	room, err := newResults(p, r.result, (n+opts.Block-1)/opts.Block, 1)
	defer room.free(p)
	if err != nil {
		return total, fmt.Errorf("reduction %s: %w", r.loop.name, err)
	}
	if err := r.loop.RunWith(ctx, p, n, reduceArgs[A]{args, room}, opts); err != nil {
		return total, err
	}
	parts := make([]R, room.N)
	if err := readResults(p, r.result, room, parts); err != nil {
		return total, err
	}
	for len(parts) > 1 {
		half := parts[:(len(parts)+1)/2]
		for i := range len(parts) / 2 {
			half[i] = r.combine(parts[2*i], parts[2*i+1])
		}
		if len(parts)%2 == 1 {
			half[len(half)-1] = parts[len(parts)-1]
		}
		parts = half
	}
	return parts[0], nil
}
