package parallel

import (
	"context"
	"fmt"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

const (
	// sortInline is what one core sorts while a pool wakes up and shares the work.
	sortInline = 1 << 16

	// sortBlock is how many elements are cut at once: they stay in the L2 cache.
	sortBlock = 1 << 15

	// sortParts is into how many ranges of values the elements are cut, at least.
	sortParts = 64

	// sortSample is how many elements are looked at to choose the border of one range.
	sortSample = 32
)

// Sort sorts the elements of x in place in increasing order, NaN last, -0 before +0, as kernels.Sort does, on all workers.
//
// It is a samplesort (Frazer and McKellar 1970): each block is cut by the borders of a sample, the parts of one range of
// values are put together from all blocks, and each range is sorted. It needs room for another x in the pool's arena. When
// it fails, x has its elements in any order. Short arrays, and those of a pool of one worker, are
// sorted by the caller.
//
// Errors: [ErrOutput] for an x that is read-only or not contiguous, or has more than one dimension; those of
// sched.Loop.Run.
func Sort[T kernels.Sortable](ctx context.Context, p *sched.Pool, x *arena.Array[T]) error {
	if err := p.Err(); err != nil {
		return err
	}
	if x.NDim() != 1 || !x.Contiguous() || x.ReadOnly() {
		return fmt.Errorf("%w: %v must have one dimension and be contiguous and writable", ErrOutput, x)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	n := x.Len()
	if n <= sortInline || p.Workers() == 1 {
		return p.Inline(func() error {
			kernels.Sort(x.Slice())
			return nil
		})
	}
	parts := max(sortParts, 8*p.Workers())
	blocks := (n + sortBlock - 1) / sortBlock
	room, err := arena.Empty[T](p.Arena(), n)
	if err != nil {
		return err
	}
	defer room.Free()
	borders, err := arena.Empty[T](p.Arena(), parts-1)
	if err != nil {
		return err
	}
	defer borders.Free()
	ends, err := arena.Empty[int64](p.Arena(), blocks+1, parts)
	if err != nil {
		return err
	}
	defer ends.Free()
	a := sortArgs[T]{x, room, borders, ends}
	chooseBorders(borders.Slice(), x.Slice())
	cut, join := sortLoopsOf[T]()
	if err := cut.Run(ctx, p, blocks, a); err != nil {
		return err
	}
	placeParts(ends)
	if err := join.Run(ctx, p, parts, a); err != nil {
		copy(x.Slice(), room.Slice())
		return err
	}
	return nil
}

// sortArgs is a sort. Row b of Ends says where the parts of block b end in Room, from the start of the block; the row
// behind the last block where the ranges of values end in X.
type sortArgs[T kernels.Sortable] struct {
	X, Room, Borders *arena.Array[T]
	Ends             *arena.Array[int64]
}

// chooseBorders sorts a sample of x, spread by a fixed sequence of Weyl, and takes its quantiles.
func chooseBorders[T kernels.Sortable](borders, x []T) {
	sample := make([]T, (len(borders)+1)*sortSample)
	stride, spread := uint64(len(x)/len(sample)), uint64(0)
	for i := range sample {
		spread += 0x9E3779B97F4A7C15
		sample[i] = x[uint64(i)*stride+spread>>32*stride>>32]
	}
	kernels.Sort(sample)
	for i := range borders {
		borders[i] = sample[(i+1)*sortSample]
	}
}

// cut copies block b to Room and cuts it there.
func (a *sortArgs[T]) cut(b int) {
	lo, hi := b*sortBlock, min((b+1)*sortBlock, a.X.Len())
	part := a.Room.Slice()[lo:hi]
	copy(part, a.X.Slice()[lo:hi])
	parts := a.Ends.Dim(1)
	cutBy(part, a.Borders.Slice(), a.Ends.Slice()[b*parts:(b+1)*parts], 0)
}

// cutBy moves the elements of each range of values together and sets ends to where each ends; x begins at from.
func cutBy[T kernels.Sortable](x, borders []T, ends []int64, from int) {
	if len(borders) == 0 {
		ends[0] = int64(from + len(x))
		return
	}
	half := len(borders) / 2
	mid := kernels.Partition(x, borders[half])
	cutBy(x[:mid], borders[:half], ends[:half+1], from)
	cutBy(x[mid:], borders[half+1:], ends[half+1:], from+mid)
}

// placeParts sets the last row of ends to where the ranges of values end when the blocks are joined.
func placeParts(ends *arena.Array[int64]) {
	blocks, parts := ends.Dim(0)-1, ends.Dim(1)
	rows := ends.Slice()
	at := rows[blocks*parts:]
	total := int64(0)
	for p := range parts {
		for b := range blocks {
			total += rows[b*parts+p] - startOf(rows[b*parts:], p)
		}
		at[p] = total
	}
}

// startOf is where part p starts in a row of ends.
func startOf(ends []int64, p int) int64 {
	if p == 0 {
		return 0
	}
	return ends[p-1]
}

// join puts range p together from all blocks, at its place in X, and sorts it.
func (a *sortArgs[T]) join(p int) {
	blocks, parts := a.Ends.Dim(0)-1, a.Ends.Dim(1)
	ends, room := a.Ends.Slice(), a.Room.Slice()
	places := ends[blocks*parts:]
	x := a.X.Slice()[startOf(places, p):places[p]]
	rest := x
	for b := range blocks {
		row := ends[b*parts : (b+1)*parts]
		block := room[b*sortBlock:]
		rest = rest[copy(rest, block[startOf(row, p):row[p]]):]
	}
	kernels.Sort(x)
}

func (a sortArgs[T]) runCut(c *sched.Chunk) error {
	for b := c.Lo; b < c.Hi && !c.Canceled(); b++ {
		a.cut(b)
	}
	return nil
}

func (a sortArgs[T]) runJoin(c *sched.Chunk) error {
	for p := c.Lo; p < c.Hi && !c.Canceled(); p++ {
		a.join(p)
	}
	return nil
}

// sortLoops are the loops of one type.
type sortLoops[T kernels.Sortable] struct{ cut, join *sched.Loop[sortArgs[T]] }

func newSortLoops[T kernels.Sortable](name string) sortLoops[T] {
	o := sched.LoopOptions{Block: 1, Idempotent: true}
	return sortLoops[T]{
		sched.NewLoop("parallel.sort.cut."+name, func(c *sched.Chunk, a sortArgs[T]) error { return a.runCut(c) }, o),
		sched.NewLoop("parallel.sort.join."+name, func(c *sched.Chunk, a sortArgs[T]) error { return a.runJoin(c) }, o),
	}
}

var (
	sortLoopsF64 = newSortLoops[float64]("float64")
	sortLoopsF32 = newSortLoops[float32]("float32")
	sortLoopsI64 = newSortLoops[int64]("int64")
	sortLoopsI32 = newSortLoops[int32]("int32")
)

func sortLoopsOf[T kernels.Sortable]() (cut, join *sched.Loop[sortArgs[T]]) {
	for _, l := range []any{sortLoopsF64, sortLoopsF32, sortLoopsI64, sortLoopsI32} {
		if l, ok := l.(sortLoops[T]); ok {
			return l.cut, l.join
		}
	}
	return nil, nil
}
