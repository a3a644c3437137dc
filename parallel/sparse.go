package parallel

import (
	"context"
	"fmt"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

// CSR is a sparse matrix by compressed rows in shared memory: the arrays of kernels.CSR.
type CSR[T kernels.Float, I kernels.Index] struct {
	Cols    int
	Indptr  *arena.Array[I] // one more than there are rows
	Indices *arena.Array[I]
	Data    *arena.Array[T]
}

func (a CSR[T, I]) local() kernels.CSR[T, I] {
	return kernels.CSR[T, I]{Cols: a.Cols, Indptr: a.Indptr.Slice(), Indices: a.Indices.Slice(), Data: a.Data.Slice()}
}

// SpMV sets y = A*x for a sparse matrix, by rows on all workers, with the bits of kernels.SpMV. Small products are computed
// by the caller. The matrix is not looked through: a.Check of kernels.CSR does that.
//
// Errors: [ErrOutput] for lengths that do not fit, arrays that are not contiguous or a y that is read-only; [ErrOverlap];
// those of sched.Loop.Run.
func SpMV[T kernels.Float, I kernels.Index](ctx context.Context, p *sched.Pool, y *arena.Array[T], a CSR[T, I], x *arena.Array[T]) error {
	if err := p.Err(); err != nil {
		return err
	}
	for _, in := range []arena.AnyArray{a.Indptr, a.Indices, a.Data, x} {
		if err := input(in, 1); err != nil {
			return err
		}
	}
	rows := a.Indptr.Len() - 1
	if rows < 0 || x.Len() != a.Cols || a.Indices.Len() != a.Data.Len() {
		return fmt.Errorf("%w: a matrix of %d rows and %d columns, with %d indices and %d elements, times %v", ErrOutput, rows, a.Cols,
			a.Indices.Len(), a.Data.Len(), x)
	}
	if err := firstError(output(y, rows), apart(y, x, a.Indptr, a.Indices, a.Data), ctx.Err()); err != nil {
		return err
	}
	if len(a.Data.Bytes())+len(a.Indices.Bytes()) <= inlineBytes {
		return p.Inline(func() error {
			m := a.local()
			kernels.SpMV(1, &m, x.Slice(), 0, y.Slice())
			return nil
		})
	}
	each := max(64, blocksOf(rows, spmvBlocks))
	l := loopOf[spmvArgs[T, I]](spmvF64I32, spmvF64I64, spmvF32I32, spmvF32I64)
	return l.Run(ctx, p, blocksOf(rows, each), spmvArgs[T, I]{y, a, x, each})
}

// spmvBlocks is into how many blocks of rows a matrix is cut: many, since rows may be of very different lengths.
const spmvBlocks = 512

type spmvArgs[T kernels.Float, I kernels.Index] struct {
	Y    *arena.Array[T]
	A    CSR[T, I]
	X    *arena.Array[T]
	Each int // rows of a block
}

func (a spmvArgs[T, I]) run(c *sched.Chunk) error {
	y := a.Y.Slice()
	for b := c.Lo; b < c.Hi && !c.Canceled(); b++ {
		lo, hi := b*a.Each, min((b+1)*a.Each, len(y))
		m := a.A.local()
		m.Indptr = m.Indptr[lo : hi+1]
		kernels.SpMV(1, &m, a.X.Slice(), 0, y[lo:hi])
	}
	return nil
}

func newSpMV[T kernels.Float, I kernels.Index](name string) *sched.Loop[spmvArgs[T, I]] {
	return sched.NewLoop("parallel.spmv."+name, func(c *sched.Chunk, a spmvArgs[T, I]) error { return a.run(c) }, idempotent)
}

var (
	spmvF64I32 = newSpMV[float64, int32]("float64.int32")
	spmvF64I64 = newSpMV[float64, int64]("float64.int64")
	spmvF32I32 = newSpMV[float32, int32]("float32.int32")
	spmvF32I64 = newSpMV[float32, int64]("float32.int64")
)
