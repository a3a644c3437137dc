package parallel

import (
	"context"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

// Unique sets the front of dst to the different elements of x in increasing order on all workers, as kernels.Unique does, and
// returns how many there are: all NaNs count as one, which is last, and -0 equals +0. dst is as long as x, and may be x;
// what follows in it is not specified. Both have one dimension and are contiguous. It needs room for another x in the pool's
// arena. When it fails, dst has any elements, those of x if it is x.
//
// Errors: [ErrOutput] for a dst of another shape, or read-only; [ErrOverlap] for one that shares a part of x; those of
// sched.Loop.Run.
func Unique[T kernels.Sortable](ctx context.Context, p *sched.Pool, dst, x *arena.Array[T]) (int, error) {
	if err := firstError(input(x, 1), output(dst, x.Shape()...), ctx.Err()); err != nil {
		return 0, err
	}
	n := x.Len()
	same := n > 0 && &dst.Slice()[0] == &x.Slice()[0]
	if !same {
		if err := apart(dst, x); err != nil {
			return 0, err
		}
	}
	if n <= sortInline || p.Workers() == 1 {
		count := 0
		err := p.Inline(func() error {
			count = kernels.Unique(dst.Slice(), x.Slice())
			return nil
		})
		return count, err
	}
	if !same {
		dst.CopyFrom(x)
	}
	if err := Sort(ctx, p, dst); err != nil {
		return 0, err
	}
	blocks := blocksOf(n, sortBlock)
	room, err := arena.Empty[T](p.Arena(), n)
	if err != nil {
		return 0, err
	}
	defer room.Free()
	ends, err := arena.New[int64](p.Arena(), blocks)
	if err != nil {
		return 0, err
	}
	defer ends.Free()
	a := uniqueArgs[T]{dst, room, ends}
	if err := firstsOf[T]().Run(ctx, p, blocks, a); err != nil {
		return 0, err
	}
	kernels.CumSum(ends.Slice(), ends.Slice(), 0)
	return int(ends.At(blocks - 1)), closeUpOf[T]().Run(ctx, p, blocks, a)
}

// uniqueArgs is a Unique of the sorted X. Ends says how many different elements each block has, then where they end in X.
type uniqueArgs[T kernels.Sortable] struct {
	X, Room *arena.Array[T]
	Ends    *arena.Array[int64]
}

// runFirsts copies the elements of blocks that differ from those before them to the fronts of the same blocks of Room.
func (a uniqueArgs[T]) runFirsts(c *sched.Chunk) error {
	x, ends := a.X.Slice(), a.Ends.Slice()
	for b := c.Lo; b < c.Hi && !c.Canceled(); b++ {
		lo, hi := b*sortBlock, min((b+1)*sortBlock, len(x))
		to := a.Room.Slice()[lo:hi]
		n := 0
		for i := lo; i < hi; i++ {
			v := x[i]
			if i == 0 || v != x[i-1] && (v == v || x[i-1] == x[i-1]) {
				to[n] = v
				n++
			}
		}
		ends[b] = int64(n)
	}
	return nil
}

// runCloseUp copies the fronts of blocks of Room to where they belong.
func (a uniqueArgs[T]) runCloseUp(c *sched.Chunk) error {
	ends := a.Ends.Slice()
	for b := c.Lo; b < c.Hi && !c.Canceled(); b++ {
		copy(a.X.Slice()[startOf(ends, b):ends[b]], a.Room.Slice()[b*sortBlock:])
	}
	return nil
}

func newFirsts[T kernels.Sortable](name string) *sched.Loop[uniqueArgs[T]] {
	return sched.NewLoop("parallel.unique.firsts."+name, func(c *sched.Chunk, a uniqueArgs[T]) error { return a.runFirsts(c) }, idempotent)
}

func newCloseUp[T kernels.Sortable](name string) *sched.Loop[uniqueArgs[T]] {
	return sched.NewLoop("parallel.unique.closeup."+name, func(c *sched.Chunk, a uniqueArgs[T]) error { return a.runCloseUp(c) }, idempotent)
}

var (
	firstsF64, closeUpF64 = newFirsts[float64]("float64"), newCloseUp[float64]("float64")
	firstsF32, closeUpF32 = newFirsts[float32]("float32"), newCloseUp[float32]("float32")
	firstsI64, closeUpI64 = newFirsts[int64]("int64"), newCloseUp[int64]("int64")
	firstsI32, closeUpI32 = newFirsts[int32]("int32"), newCloseUp[int32]("int32")
)

func firstsOf[T kernels.Sortable]() *sched.Loop[uniqueArgs[T]] {
	return loopOf[uniqueArgs[T]](firstsF64, firstsF32, firstsI64, firstsI32)
}

func closeUpOf[T kernels.Sortable]() *sched.Loop[uniqueArgs[T]] {
	return loopOf[uniqueArgs[T]](closeUpF64, closeUpF32, closeUpI64, closeUpI32)
}
