package sched

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
)

// Func is a function that workers can run. Make it with [NewFunc] in a package variable.
type Func[A, R any] struct {
	name   string
	index  uint32
	args   *codec
	result *codec
	opts   FuncOptions
	mapper *Loop[mapArgs]
	chunks uint32 // the function over several elements, for streams
}

// FuncOptions configures a function. The zero value, or none, means the defaults.
type FuncOptions struct {
	// Idempotent promises that the function may run again after it ran in part. A call that a dead worker took with it
	// is then run again, a few times, instead of failing.
	Idempotent bool

	// Timeout is how long a call may run, from when a worker takes it; 0 means for ever. Then its context ends; a body that
	// has not returned a tenth of a second later loses its worker, which is replaced. The call fails with *[TimeoutError].
	// A chunk of a Map or a stream may take as many times as long as it has elements; both choose chunks of one element. The
	// first chunk that takes longer ends a Map, which may notice it a quarter later: see LoopOptions.Timeout.
	Timeout time.Duration

	// Priority orders calls that wait for a worker, and the chunks of streams.
	Priority Priority
}

func (o FuncOptions) check() error {
	if o.Timeout < 0 {
		return fmt.Errorf("sched: FuncOptions.Timeout is %v; 0 means none", o.Timeout)
	}
	return o.Priority.check()
}

// With returns the same function with other options: fn.With(o).Call and its like.
func (fn *Func[A, R]) With(opts FuncOptions) *Func[A, R] {
	other := *fn
	other.opts = opts
	return &other
}

// newCall is a call of function number index of the program, which does n elements.
func (o FuncOptions) newCall(name string, index uint32, args []byte, n int) *call {
	c := new(call)
	o.fill(c, name, index, args, n)
	return c
}

func (o FuncOptions) fill(c *call, name string, index uint32, args []byte, n int) {
	c.name, c.fn, c.args, c.idempotent = name, index, args, o.Idempotent
	c.limit, c.class = time.Duration(n)*o.Timeout, o.Priority.class()
}

// loop returns the options of the loop behind a Map.
func (o FuncOptions) loop(m MapOptions) LoopOptions {
	l := LoopOptions{Block: m.Chunk, Idempotent: o.Idempotent}
	if o.Timeout > 0 {
		l.Block = max(1, l.Block)
		l.Timeout = time.Duration(l.Block) * o.Timeout
	}
	return l
}

// NewFunc registers f under a name that is unique in the program. Argument and result travel by value: pointer-free types
// as the bytes they are, arrays (*arena.Array[T]) as handles, and strings, slices, maps, pointers and
// encoding.BinaryMarshalers inside them by a codec that walks the value. Plain values cost a copy. Of the others, a slice of
// plain values costs an allocation and a copy on each side, a string an allocation where it arrives, an entry of a map three:
// tens to hundreds of nanoseconds each (BenchmarkCodec). Large data belongs into arrays, which cost the same at any size.
//
// Channels, functions and interfaces cannot travel.
//
// Registration errors (a name used twice, a type that cannot travel) are returned by [Start].
func NewFunc[A, R any](name string, f func(ctx context.Context, arg A) (R, error), opts ...FuncOptions) *Func[A, R] {
	fn := &Func[A, R]{name: name}
	if len(opts) > 0 {
		fn.opts = opts[0]
	}
	var err1, err2 error
	if fn.args, err1 = codecOf(reflect.TypeFor[A]()); err1 != nil {
		table.fault(fmt.Errorf("func %s: argument: %w", name, err1))
	}
	if fn.result, err2 = codecOf(reflect.TypeFor[R]()); err2 != nil {
		table.fault(fmt.Errorf("func %s: result: %w", name, err2))
	}
	fn.index = uint32(table.addFunc(taskBody{name, func(ctx context.Context, w *worker, raw []byte) ([]byte, error) {
		arg, err := decodeCopy[A](fn.args, w.memory, raw)
		if err != nil {
			return nil, err
		}
		r, err := f(ctx, arg)
		if err != nil {
			return nil, err
		}
		return encodeCopy(fn.result, w.segments, w.room[:0], r)
	}}))
	fn.chunks = uint32(table.addFunc(taskBody{"chunk of " + name, chunkBody(fn, f)}))
	fn.mapper = newMapper(fn, f)
	return fn
}

// Name returns the name under which the function was registered.
func (fn *Func[A, R]) Name() string { return fn.name }

// Call runs the function on some worker and returns its result. When ctx ends first, Call returns ctx's error at once,
// and the body's context ends.
//
// Errors: *[RemoteError], *[DeathError], ctx's error, [ErrClosed].
func (fn *Func[A, R]) Call(ctx context.Context, p *Pool, arg A) (R, error) {
	var zero R
	if p == nil {
		return zero, ErrNoPool
	}
	c, err := fn.submit(ctx, p, p.calls.blank(), arg, true)
	if err != nil {
		return zero, err
	}
	if err := p.calls.await(ctx, c); err != nil {
		p.calls.cancel(c)
		return zero, err
	}
	if c.err != nil {
		if ctx.Err() != nil {
			p.calls.cancel(c)
		}
		return zero, c.err
	}
	r, err := decodeCopy[R](fn.result, ownMemory{p.segments}, c.result)
	p.calls.recycle(c)
	return r, err
}

// Submit begins a call and returns its future. It does not wait for a worker, nor for a place in the queue.
func (fn *Func[A, R]) Submit(ctx context.Context, p *Pool, arg A) (*Future[R], error) {
	c, err := fn.submit(ctx, p, new(call), arg, false)
	if err != nil {
		return nil, err
	}
	return &Future[R]{p: p, c: c, result: fn.result}, nil
}

// submit fills a call and gives it to the table: Close waits for what is there, not for futures that nobody waits for.
func (fn *Func[A, R]) submit(ctx context.Context, p *Pool, c *call, arg A, watched bool) (*call, error) {
	if err := errors.Join(fn.opts.check(), ctx.Err(), p.check()); err != nil {
		return nil, err
	}
	raw, err := encodeCopy(fn.args, p.segments, c.room[:0], arg)
	if err != nil {
		return nil, fmt.Errorf("func %s: %w", fn.name, err)
	}
	fn.opts.fill(c, fn.name, fn.index, raw, 1)
	c.watched = watched
	return c, p.calls.submit(c)
}

// Future is the result of a call that may not be there yet. Its methods may be called by any goroutine.
type Future[R any] struct {
	p      *Pool
	c      *call
	result *codec
	once   sync.Once
	value  R
	err    error
}

// Done is closed when the call has ended, in whatever way.
func (f *Future[R]) Done() <-chan struct{} { return f.c.Done() }

// Wait returns the result when it is there, or ctx's error: the call goes on then.
func (f *Future[R]) Wait(ctx context.Context) (R, error) {
	if err := f.p.calls.await(ctx, f.c); err != nil {
		var zero R
		return zero, err
	}
	f.once.Do(func() {
		if f.err = f.c.err; f.err == nil {
			_, f.err = decodeValue(f.result, ownMemory{f.p.segments}, f.c.result, &f.value)
		}
	})
	return f.value, f.err
}

// Cancel takes the call back if no worker has begun it, and reports whether it did: Wait then returns [ErrCanceled]. The
// context of a body that runs ends; its result is what it makes of that.
func (f *Future[R]) Cancel() bool { return f.p.calls.cancel(f.c) }

// mapArgs is a Map in shared memory: the arguments in a row, and room for the results.
type mapArgs struct {
	In   *arena.Array[uint8]
	Ends *arena.Array[int64] // where each encoded argument ends, when they differ in size
	Room results
}

// mapState is a Map as a worker sees it.
type mapState[A, R any] struct {
	mapArgs
	in  []A // the arguments and the results themselves, when both are the bytes that they are
	out []R
}

// newMapper makes the loop behind Map.
func newMapper[A, R any](fn *Func[A, R], f func(context.Context, A) (R, error)) *Loop[mapArgs] {
	open := func(_ int, m mapArgs) (mapState[A, R], error) {
		s := mapState[A, R]{mapArgs: m}
		if fn.args.raw && fn.result.raw {
			s.in = layout.Slice[A](m.In.Slice(), 0, m.Room.N)
			s.out = layout.Slice[R](m.Room.Out.Slice(), 0, m.Room.N)
		}
		return s, nil
	}
	return NewLoopWith("map of "+fn.name, open, func(c *Chunk, m mapState[A, R]) error {
		if m.in == nil {
			return mapEncoded(fn, f, c, &m.mapArgs)
		}
		ctx := c.Context()
		for i := c.Lo; i < c.Hi; i++ {
			r, err := f(ctx, m.in[i])
			if err != nil {
				return fmt.Errorf("element %d: %w", i, err)
			}
			m.out[i] = r
		}
		return nil
	})
}

// mapEncoded runs a block whose arguments or results travel by a codec.
func mapEncoded[A, R any](fn *Func[A, R], f func(context.Context, A) (R, error), c *Chunk, m *mapArgs) error {
	out := resultWriter[R]{codec: fn.result, w: c.worker}
	if m.Room.Out != nil {
		out.room = m.Room.Out.Slice()
	}
	for i := c.Lo; i < c.Hi; i++ {
		var arg A
		if _, err := decodeValue(fn.args, c.worker.memory, m.argument(i, fn.args), &arg); err != nil {
			return err
		}
		r, err := f(c.Context(), arg)
		if err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
		if err := out.put(i, &r); err != nil {
			return err
		}
	}
	return out.flush(c.Index, m.Room.Results)
}

func (m *mapArgs) argument(i int, c *codec) []byte {
	in := m.In.Slice()
	if m.Ends == nil {
		return in[i*int(c.size) : (i+1)*int(c.size)]
	}
	ends, lo := m.Ends.Slice(), int64(0)
	if i > 0 {
		lo = ends[i-1]
	}
	return in[lo:ends[i]]
}

// Map runs the function over xs on all workers and returns the results in the same order. After the first error no
// block is begun any more. Workers take the elements in blocks, whose cost is a few nanoseconds each.
func (fn *Func[A, R]) Map(ctx context.Context, p *Pool, xs []A, opts ...MapOptions) ([]R, error) {
	var o MapOptions
	if len(opts) > 0 {
		o = opts[0]
	}
	if err := errors.Join(o.check(), fn.opts.check(), ctx.Err(), p.check()); err != nil {
		return nil, err
	}
	out := make([]R, len(xs))
	if len(xs) == 0 {
		return out, nil
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.users.Done()
	run := fn.opts.loop(o)
	if !fn.args.raw || !fn.result.raw {
		run = run.withDefaults(len(xs)) // results lie by block
	}
	m, err := fn.layOut(p, xs, run.Block)
	defer m.free(p)
	if err != nil {
		return nil, fmt.Errorf("func %s: %w", fn.name, err)
	}
	if err := fn.mapper.RunWith(ctx, p, len(xs), m, run); err != nil {
		return nil, err
	}
	return out, readResults(p, fn.result, m.Room, out)
}

// layOut puts the arguments of a Map into shared memory and makes room for its results.
func (fn *Func[A, R]) layOut(p *Pool, xs []A, block int) (mapArgs, error) {
	var m mapArgs
	in := layout.Bytes(xs)
	var err error
	if !fn.args.raw {
		in = nil
		if m.Ends, err = arena.New[int64](p.arena, len(xs)); err != nil {
			return m, err
		}
		for i := range xs {
			if in, err = encodeValue(fn.args, p.segments, in, &xs[i]); err != nil {
				return m, err
			}
			m.Ends.Slice()[i] = int64(len(in))
		}
	}
	if m.In, err = arena.New[uint8](p.arena, len(in)); err != nil {
		return m, err
	}
	copy(m.In.Slice(), in)
	m.Room, err = newResults(p, fn.result, len(xs), block)
	return m, err
}

func (m *mapArgs) free(p *Pool) {
	m.Room.free(p)
	if m.In != nil {
		m.In.Free()
	}
	if m.Ends != nil {
		m.Ends.Free()
	}
}
