package parallel

import (
	"context"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

// ArgSort sets dst to the permutation that sorts x on all workers, as kernels.ArgSort does: stable, NaN last, -0 equal to +0.
// dst and x have one dimension and are contiguous. It is the samplesort of [Sort], of keys with their places; it needs room
// for another dst in the pool's arena. When it fails, dst has any elements. Short arrays, and those of a pool of one worker,
// are sorted by the caller.
//
// Errors: [ErrOutput] for a dst of another shape, or read-only; [ErrOverlap]; those of sched.Loop.Run.
func ArgSort[T kernels.Sortable](ctx context.Context, p *sched.Pool, dst *arena.Array[int64], x *arena.Array[T]) error {
	if err := firstError(input(x, 1), output(dst, x.Shape()...), apart(dst, x), ctx.Err()); err != nil {
		return err
	}
	n := x.Len()
	if n <= sortInline || p.Workers() == 1 {
		return p.Inline(func() error {
			a := argSortArgs[T]{Dst: dst, X: x}
			a.sort(dst.Slice(), 0)
			return nil
		})
	}
	parts := max(sortParts, 8*p.Workers())
	blocks := blocksOf(n, sortBlock)
	room, err := arena.Empty[int64](p.Arena(), n)
	if err != nil {
		return err
	}
	defer room.Free()
	borders, err := arena.Empty[int64](p.Arena(), parts-1)
	if err != nil {
		return err
	}
	defer borders.Free()
	ends, err := arena.Empty[int64](p.Arena(), blocks+1, parts)
	if err != nil {
		return err
	}
	defer ends.Free()
	values := make([]T, parts-1)
	chooseBorders(values, x.Slice())
	kernels.OrderKeys(borders.Slice(), values)
	a := argSortArgs[T]{dst, room, borders, ends, x}
	if err := argCutOf[T]().Run(ctx, p, blocks, a); err != nil {
		return err
	}
	placeParts(ends)
	return argJoinOf[T]().Run(ctx, p, parts, a)
}

// argSortArgs is an ArgSort. Room holds the places of the elements, each block cut by Borders; Ends is that of sortArgs.
type argSortArgs[T kernels.Sortable] struct {
	Dst, Room, Borders, Ends *arena.Array[int64]
	X                        *arena.Array[T]
}

// sort sets dst to the places of as many elements of X, from place from on, in their order.
func (a *argSortArgs[T]) sort(dst []int64, from int) {
	keys := make([]int64, len(dst))
	kernels.OrderKeys(keys, a.X.Slice()[from:from+len(dst)])
	numberFrom(dst, from)
	kernels.SortPairs(keys, dst)
}

// numberFrom sets places to the integers from from on.
func numberFrom(places []int64, from int) {
	for i := range places {
		places[i] = int64(from + i)
	}
}

// runCut numbers blocks in Room and cuts them there.
func (a argSortArgs[T]) runCut(c *sched.Chunk) error {
	keys := make([]int64, sortBlock)
	parts := a.Ends.Dim(1)
	for b := c.Lo; b < c.Hi && !c.Canceled(); b++ {
		lo, hi := b*sortBlock, min((b+1)*sortBlock, a.X.Len())
		places := a.Room.Slice()[lo:hi]
		kernels.OrderKeys(keys[:len(places)], a.X.Slice()[lo:hi])
		numberFrom(places, lo)
		cutPairs(keys[:len(places)], places, a.Borders.Slice(), a.Ends.Slice()[b*parts:(b+1)*parts], 0)
	}
	return nil
}

// cutPairs is cutBy for keys with their places.
func cutPairs(keys, places, borders, ends []int64, from int) {
	if len(borders) == 0 {
		ends[0] = int64(from + len(keys))
		return
	}
	half := len(borders) / 2
	mid := kernels.PartitionPairs(keys, places, borders[half])
	cutPairs(keys[:mid], places[:mid], borders[:half], ends[:half+1], from)
	cutPairs(keys[mid:], places[mid:], borders[half+1:], ends[half+1:], from+mid)
}

// runJoin puts ranges of values together from all blocks, at their places in Dst, and sorts them.
func (a argSortArgs[T]) runJoin(c *sched.Chunk) error {
	blocks, parts := a.Ends.Dim(0)-1, a.Ends.Dim(1)
	ends, room, x := a.Ends.Slice(), a.Room.Slice(), a.X.Slice()
	all := ends[blocks*parts:]
	for p := c.Lo; p < c.Hi && !c.Canceled(); p++ {
		dst := a.Dst.Slice()[startOf(all, p):all[p]]
		values := make([]T, len(dst))
		i := 0
		for b := range blocks {
			row := ends[b*parts : (b+1)*parts]
			i += copy(dst[i:], room[b*sortBlock:][startOf(row, p):row[p]])
		}
		kernels.Take(values, x, dst)
		keys := make([]int64, len(dst))
		kernels.OrderKeys(keys, values)
		kernels.SortPairs(keys, dst)
	}
	return nil
}

func newArgCut[T kernels.Sortable](name string) *sched.Loop[argSortArgs[T]] {
	return sched.NewLoop("parallel.argsort.cut."+name, func(c *sched.Chunk, a argSortArgs[T]) error { return a.runCut(c) }, idempotent)
}

func newArgJoin[T kernels.Sortable](name string) *sched.Loop[argSortArgs[T]] {
	return sched.NewLoop("parallel.argsort.join."+name, func(c *sched.Chunk, a argSortArgs[T]) error { return a.runJoin(c) }, idempotent)
}

var (
	argCutF64, argJoinF64 = newArgCut[float64]("float64"), newArgJoin[float64]("float64")
	argCutF32, argJoinF32 = newArgCut[float32]("float32"), newArgJoin[float32]("float32")
	argCutI64, argJoinI64 = newArgCut[int64]("int64"), newArgJoin[int64]("int64")
	argCutI32, argJoinI32 = newArgCut[int32]("int32"), newArgJoin[int32]("int32")
)

func argCutOf[T kernels.Sortable]() *sched.Loop[argSortArgs[T]] {
	return loopOf[argSortArgs[T]](argCutF64, argCutF32, argCutI64, argCutI32)
}

func argJoinOf[T kernels.Sortable]() *sched.Loop[argSortArgs[T]] {
	return loopOf[argSortArgs[T]](argJoinF64, argJoinF32, argJoinI64, argJoinI32)
}
