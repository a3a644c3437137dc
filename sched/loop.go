package sched

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/shmath/shmath/internal/layout"
)

// Loop is work over an index range, cut into blocks that workers take one by one. Make it with [NewLoop] in a
// package variable: a loop belongs to the program, not to a pool.
type Loop[A any] struct {
	name  string
	index uint32
	args  *codec
	opts  LoopOptions
}

// LoopOptions configures a loop. The zero value, or none, means the defaults.
type LoopOptions struct {
	// Block is how many indices one block has; only the last may have fewer. 0 lets workers choose: each begins with a small
	// block and goes on with such as take about 100 microseconds, as it measures, with smaller ones towards the end. Where
	// they begin and end depends on time then. What is combined by block, to have the same bits for any number of
	// workers, needs a size; reductions have one. Loops with Timeout or Snapshot are cut into at most 512 equal blocks.
	Block int

	// Idempotent promises that a block may run again after it ran in part: it reads nothing that it writes. When
	// a worker dies, its block is then run again instead of failing the loop.
	Idempotent bool

	// Snapshot makes a loop that works in place fit to be run again: before each block, its worker copies rows Lo to Hi
	// of every writable array among the arguments whose first dimension has n entries. When a worker dies, its block is
	// put back and run again; when the body fails, the block is put back. The body must write nothing else. It costs
	// one more pass over these arrays, and room for one block for each worker in the pool's arena. Blocks that ran to
	// their end are not put back.
	Snapshot bool

	// Timeout is how long a block may take, from when a worker begins it; 0 means for ever. Then the contexts of all blocks
	// end; a worker that has not left a tenth of a second later is killed and replaced. The loop fails with *[TimeoutError].
	// It is the parent that looks, four times in that time: workers pay nothing for it, and a block may take a quarter
	// longer. In-process, Run waits until the body returns. A loop whose context has ended waits no longer than this, too.
	Timeout time.Duration

	// Progress, if not nil, is called by the goroutine that runs the loop, about ten times a second while it waits.
	Progress func(done, blocks int)
}

const progressPeriod = 100 * time.Millisecond

const (
	defaultBlocks = 512

	// Work that ended so many workers is not tried again: it is the work's fault. SIGKILL comes from outside, so that many
	// more of them are needed to say so.
	crashesMax = 3
	sigkillMax = 20
)

// Chunk is one block of a loop, as the body sees it.
type Chunk struct {
	Lo, Hi int // the indices: Lo <= i < Hi
	Index  int // number of the block; without LoopOptions.Block they rise with Lo and have gaps
	Worker int // who runs it: 0 to Pool.Workers()-1

	blocks int // of the ledger, that it stands for
	slot   *loopSlot
	worker *worker
	ctx    *taskContext
}

// Canceled reports whether the loop was canceled: a body with long blocks may look and return early.
func (c *Chunk) Canceled() bool { return c.slot.halt.Load() != 0 }

// Context returns a context that ends when the loop is canceled or fails elsewhere.
func (c *Chunk) Context() context.Context { return c.ctx }

// NewLoop registers body under a name that is unique in the program. The arguments travel by value to each worker,
// once per run; arrays in them (*arena.Array[T]) travel as handles and are the same memory there. The body is called
// once per block, by one goroutine per worker, and may be run by any worker in any order.
//
// Registration errors (a name used twice, an argument type that cannot travel) are returned by [Start].
func NewLoop[A any](name string, body func(c *Chunk, args A) error, opts ...LoopOptions) *Loop[A] {
	return NewLoopWith(name, func(_ int, args A) (A, error) { return args, nil }, body, opts...)
}

// NewLoopWith is NewLoop for bodies that need something made from the arguments first. Each worker calls setup once per
// run, before its first block, with its number, and body with what setup returned.
func NewLoopWith[A, S any](name string, setup func(worker int, args A) (S, error), body func(c *Chunk, state S) error, opts ...LoopOptions) *Loop[A] {
	l := &Loop[A]{name: name}
	if len(opts) > 0 {
		l.opts = opts[0]
	}
	var err error
	if l.args, err = codecOf(reflect.TypeFor[A]()); err != nil {
		table.fault(fmt.Errorf("loop %s: argument: %w", name, err))
	}
	l.index = uint32(table.addLoop(loopBody{name, func(w *worker, raw []byte) (func(c *Chunk) error, error) {
		var args A
		if _, err := decodeValue(l.args, w.memory, raw, &args); err != nil {
			return nil, err
		}
		state, err := setup(w.index, args)
		if err != nil {
			return nil, err
		}
		return func(c *Chunk) error { return body(c, state) }, nil
	}}))
	return l
}

// Name returns the name under which the loop was registered.
func (l *Loop[A]) Name() string { return l.name }

// Run runs the body over the indices [0, n) on the pool's workers and returns when all blocks are done, or when the
// first error has stopped them, or ctx has. Bodies that run when ctx ends finish their block first.
//
// Errors: *[RemoteError] when the body failed or panicked; *[DeathError] when a worker died and the loop is not
// idempotent, or when the same block killed several; *[TimeoutError]; ctx's error; [ErrClosed].
func (l *Loop[A]) Run(ctx context.Context, p *Pool, n int, args A) error {
	return l.RunWith(ctx, p, n, args, l.opts)
}

// RunWith is Run with other options for this run.
func (l *Loop[A]) RunWith(ctx context.Context, p *Pool, n int, args A, opts LoopOptions) error {
	if n < 0 {
		return fmt.Errorf("sched: loop %s over %d indices", l.name, n)
	}
	if err := opts.check(); err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	raw, arrays, err := encodeFinding(l.args, p.segments, &args)
	if err != nil {
		return fmt.Errorf("loop %s: %w", l.name, err)
	}
	run := loopRun{name: l.name, index: l.index, n: n, args: raw, arrays: arrays, adaptive: opts.adaptive()}
	run.opts = opts.withDefaults(n)
	if run.adaptive {
		run.opts.Block = finestBlock(n, p.Workers())
	}
	return p.runLoop(ctx, run)
}

func (o LoopOptions) check() error {
	if o.Block < 0 || o.Timeout < 0 {
		return fmt.Errorf("sched: LoopOptions: Block %d, Timeout %v: none may be negative; 0 chooses a size, and sets no limit", o.Block, o.Timeout)
	}
	return nil
}

// withDefaults chooses the block size from n alone. Blocks of more than a cache line's worth of elements are whole
// lines, so that two workers never write to the same one.
func (o LoopOptions) withDefaults(n int) LoopOptions {
	if o.Block > 0 {
		return o
	}
	o.Block = max(1, (n+defaultBlocks-1)/defaultBlocks)
	if o.Block >= layout.CacheLine {
		o.Block = layout.RoundUp(o.Block, layout.CacheLine)
	}
	return o
}
