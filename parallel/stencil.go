package parallel

import (
	"context"
	"fmt"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

const (
	// stencilRows is the rows of a block.
	stencilRows = 64

	// stencilDepth is how many sweeps go over the grid between two barriers.
	stencilDepth = 8
)

// Stencil5 sets dst to what sweeps > 0 sweeps of kernels.Stencil5 make of src, on all workers, with the halo of src in each
// sweep. Blocks are rows of the grid; eight sweeps are done in one pass over memory, each block reading so many rows above
// and below its own, and there is one barrier for each pass. More than that need room for another grid in the pool's
// arena. The bits are those of one sweep after the other in one process.
//
// Errors: [ErrOutput] for shapes that do not fit, arrays that are not contiguous, a dst that is read-only and a number of
// sweeps that is not positive; [ErrOverlap]; those of sched.Loop.Run.
func Stencil5[T kernels.Float](ctx context.Context, p *sched.Pool, dst, src *arena.Array[T], weights [5]T, sweeps int) error {
	if err := p.Err(); err != nil {
		return err
	}
	if sweeps <= 0 {
		return fmt.Errorf("%w: %d sweeps; there must be one or more", ErrOutput, sweeps)
	}
	if err := input(src, 2); err != nil {
		return err
	}
	if err := firstError(output(dst, src.Dim(0), src.Dim(1)), apart(dst, src), ctx.Err()); err != nil {
		return err
	}
	rows, cols := src.Dim(0), src.Dim(1)
	if err := p.Inline(func() error { copyHalo(dst, src); return nil }); err != nil {
		return err
	}
	if sweeps <= stencilDepth && len(src.Bytes())*sweeps <= inlineBytes {
		return p.Inline(func() error {
			kernels.Stencil5Sweeps(dst.Slice(), src.Slice(), rows, cols, sweeps, weights, 0, rows)
			return nil
		})
	}
	passes := blocksOf(sweeps, stencilDepth)
	grids := [2]*arena.Array[T]{dst, dst}
	if passes > 1 {
		room, err := arena.Empty[T](p.Arena(), rows, cols)
		if err != nil {
			return err
		}
		defer room.Free()
		copyHalo(room, src)
		grids[1] = room
	}
	l := loopOf[stencilArgs[T]](stencilF64, stencilF32)
	for from := src; passes > 0; passes-- {
		to := grids[(passes-1)%2] // the last pass writes dst
		each := (sweeps + passes - 1) / passes
		if err := l.Run(ctx, p, blocksOf(rows, stencilRows), stencilArgs[T]{to, from, each, weights}); err != nil {
			return err
		}
		from, sweeps = to, sweeps-each
	}
	return nil
}

// copyHalo copies the first and last rows and columns.
func copyHalo[T kernels.Float](dst, src *arena.Array[T]) {
	rows, cols := src.Dim(0), src.Dim(1)
	d, s := dst.Slice(), src.Slice()
	for i := range rows {
		row := d[i*cols : (i+1)*cols]
		if i == 0 || i == rows-1 {
			copy(row, s[i*cols:])
		} else if cols > 0 {
			row[0], row[cols-1] = s[i*cols], s[(i+1)*cols-1]
		}
	}
}

type stencilArgs[T kernels.Float] struct {
	Dst, Src *arena.Array[T]
	Sweeps   int
	Weights  [5]T
}

func (a stencilArgs[T]) run(c *sched.Chunk) error {
	rows, cols := a.Src.Dim(0), a.Src.Dim(1)
	for b := c.Lo; b < c.Hi && !c.Canceled(); b++ {
		lo, hi := b*stencilRows, min((b+1)*stencilRows, rows)
		kernels.Stencil5Sweeps(a.Dst.Slice(), a.Src.Slice(), rows, cols, a.Sweeps, a.Weights, lo, hi)
	}
	return nil
}

func newStencil[T kernels.Float](name string) *sched.Loop[stencilArgs[T]] {
	return sched.NewLoop("parallel.stencil5."+name, func(c *sched.Chunk, a stencilArgs[T]) error { return a.run(c) }, idempotent)
}

var (
	stencilF64 = newStencil[float64]("float64")
	stencilF32 = newStencil[float32]("float32")
)
