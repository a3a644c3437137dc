package parallel

import (
	"context"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

// Transpose sets dst, of n×m elements, to the transpose of src, of m×n, on all workers. Small matrices are turned by the
// caller.
//
// Errors: [ErrOutput] for shapes that do not fit and arrays that are not contiguous or a dst that is read-only;
// [ErrOverlap]; those of sched.Loop.Run.
func Transpose[T kernels.Sortable](ctx context.Context, p *sched.Pool, dst, src *arena.Array[T]) error {
	if err := p.Err(); err != nil {
		return err
	}
	if err := input(src, 2); err != nil {
		return err
	}
	if err := firstError(output(dst, src.Dim(1), src.Dim(0)), apart(dst, src), ctx.Err()); err != nil {
		return err
	}
	if len(src.Bytes()) <= inlineBytes {
		return p.Inline(func() error {
			kernels.Transpose(dst.Slice(), src.Slice(), src.Dim(0), src.Dim(1))
			return nil
		})
	}
	l := loopOf[transposeArgs[T]](transposeF64, transposeF32, transposeI64, transposeI32)
	return l.Run(ctx, p, blocksOf(src.Dim(0), transposeBlock), transposeArgs[T]{dst, src})
}

// transposeBlock is the rows of a block: some tiles of kernels.Transpose.
const transposeBlock = 128

type transposeArgs[T kernels.Sortable] struct{ Dst, Src *arena.Array[T] }

func (a transposeArgs[T]) run(c *sched.Chunk) error {
	rows, cols := a.Src.Dim(0), a.Src.Dim(1)
	for b := c.Lo; b < c.Hi && !c.Canceled(); b++ {
		lo, hi := b*transposeBlock, min((b+1)*transposeBlock, rows)
		kernels.TransposeRows(a.Dst.Slice(), rows, a.Src.Slice(), cols, lo, hi, cols)
	}
	return nil
}

func newTranspose[T kernels.Sortable](name string) *sched.Loop[transposeArgs[T]] {
	return sched.NewLoop("parallel.transpose."+name, func(c *sched.Chunk, a transposeArgs[T]) error { return a.run(c) }, idempotent)
}

var (
	transposeF64 = newTranspose[float64]("float64")
	transposeF32 = newTranspose[float32]("float32")
	transposeI64 = newTranspose[int64]("int64")
	transposeI32 = newTranspose[int32]("int32")
)
