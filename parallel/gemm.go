package parallel

import (
	"context"
	"fmt"
	"slices"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

// MatMul computes out = x @ y, as np.matmul does for two matrices. It is Gemm with alpha 1 and beta 0.
func MatMul[T kernels.Float](ctx context.Context, p *sched.Pool, out, x, y *arena.Array[T]) error {
	return Gemm(ctx, p, 1, x, y, 0, out)
}

// Gemm computes C = alpha*A*B + beta*C for matrices A (m×k), B (k×n) and C (m×n) on all workers, each taking blocks of C.
// The bits are those of kernels.Gemm, for any number of workers and also when workers die meanwhile. With beta zero C is
// not read; otherwise room for a copy of it is needed in the pool's arena. A and B may be transposed views; other views
// that are not contiguous are copied first. Small products are computed by the caller.
//
// Errors: [ErrOutput] for shapes that do not fit or a C that is not contiguous or read-only; [ErrOverlap]; those of
// sched.Loop.Run.
func Gemm[T kernels.Float](ctx context.Context, p *sched.Pool, alpha T, a, b *arena.Array[T], beta T, c *arena.Array[T]) error {
	if err := p.Err(); err != nil {
		return err
	}
	if a.NDim() != 2 || b.NDim() != 2 || !slices.Equal(c.Shape(), []int{a.Dim(0), b.Dim(1)}) || a.Dim(1) != b.Dim(0) {
		return fmt.Errorf("%w: %v = %v @ %v: shapes must be (m, n) = (m, k) @ (k, n)", ErrOutput, c, a, b)
	}
	if !c.Contiguous() || c.ReadOnly() {
		return fmt.Errorf("%w: %v must be contiguous and writable", ErrOutput, c)
	}
	g := gemmArgs[T]{Alpha: alpha, Beta: beta, C: c}
	var made []*arena.Array[T]
	defer func() {
		for _, x := range made {
			x.Free()
		}
	}()
	for _, in := range []struct {
		from *arena.Array[T]
		to   **arena.Array[T]
		flip *bool
	}{{a, &g.A, &g.TransA}, {b, &g.B, &g.TransB}} {
		x, flipped, copied, err := unitStride(p.Arena(), in.from)
		if err != nil {
			return err
		}
		if copied {
			made = append(made, x)
		}
		if overlap(c, x) {
			return fmt.Errorf("%w: %v and %v", ErrOverlap, c, in.from)
		}
		*in.to, *in.flip = x, flipped
	}
	g.edges(p.Workers())
	if m, n, k := g.shape(); float64(m)*float64(n)*float64(k) <= inlineProducts {
		return p.Inline(func() error {
			g.block(0, m, 0, n)
			return ctx.Err()
		})
	}
	if beta != 0 {
		old, err := arena.Empty[T](p.Arena(), c.Shape()...)
		if err != nil {
			return err
		}
		made = append(made, old)
		old.CopyFrom(c)
		g.Old = old
	}
	return gemmLoopOf[T]().Run(ctx, p, g.Across*g.down(), g)
}

// inlineProducts is what one core multiplies while a pool wakes up (about 30 microseconds).
const inlineProducts = 128 * 128 * 128

// unitStride returns x, or its transpose when that lies in C order, or a copy that does.
func unitStride[T kernels.Float](a *arena.Arena, x *arena.Array[T]) (_ *arena.Array[T], transposed, copied bool, _ error) {
	if x.Contiguous() {
		return x, false, false, nil
	}
	if t := x.T(); t.Contiguous() {
		return t, true, false, nil
	}
	y, err := arena.Empty[T](a, x.Shape()...)
	if err != nil {
		return nil, false, false, err
	}
	y.CopyFrom(x)
	return y, false, true, nil
}

// gemmArgs is a product cut into blocks of C, Across of them side by side.
type gemmArgs[T kernels.Float] struct {
	Alpha, Beta    T
	A, B, C        *arena.Array[T]
	TransA, TransB bool
	Old            *arena.Array[T] // C as it was, so that a block can run again; nil when beta is zero
	Rows, Cols     int             // of a block
	Across         int
}

func (g *gemmArgs[T]) shape() (m, n, k int) {
	k = g.A.Dim(1)
	if g.TransA {
		k = g.A.Dim(0)
	}
	return g.C.Dim(0), g.C.Dim(1), k
}

// edges chooses blocks so that there are some for each worker. No bit depends on them.
func (g *gemmArgs[T]) edges(workers int) {
	for edge := 768; edge >= 96; edge /= 2 {
		g.Rows, g.Cols = edge, edge
		g.Across = (g.C.Dim(1) + g.Cols - 1) / g.Cols
		if g.Across*g.down() >= 3*workers {
			return
		}
	}
}

func (g *gemmArgs[T]) down() int { return (g.C.Dim(0) + g.Rows - 1) / g.Rows }

// block computes rows i to iEnd and columns j to jEnd of C.
func (g *gemmArgs[T]) block(i, iEnd, j, jEnd int) {
	_, n, k := g.shape()
	if i >= iEnd || j >= jEnd {
		return
	}
	c := g.C.Slice()[i*n+j:]
	if g.Old != nil {
		old := g.Old.Slice()[i*n+j:]
		for r := 0; r < (iEnd-i)*n; r += n {
			copy(c[r:r+jEnd-j], old[r:r+jEnd-j])
		}
	}
	a, b := view(g.A, g.TransA), view(g.B, g.TransB)
	if k > 0 {
		a.Data, b.Data = a.Data[i*a.RowStride:], b.Data[j*b.ColStride:]
	}
	kernels.Gemm(iEnd-i, jEnd-j, k, g.Alpha, a, b, g.Beta, c, n)
}

func view[T kernels.Float](x *arena.Array[T], transposed bool) kernels.Matrix[T] {
	v := kernels.RowMajor(x.Slice(), x.Dim(1))
	if transposed {
		return v.T()
	}
	return v
}

// run computes the blocks of a chunk.
func (g gemmArgs[T]) run(c *sched.Chunk) error {
	m, n, _ := g.shape()
	for at := c.Lo; at < c.Hi && !c.Canceled(); at++ {
		i, j := at/g.Across*g.Rows, at%g.Across*g.Cols
		g.block(i, min(i+g.Rows, m), j, min(j+g.Cols, n))
	}
	return nil
}

var (
	gemmOptions = sched.LoopOptions{Block: 1, Idempotent: true}
	gemmLoop64  = sched.NewLoop("parallel.gemm.float64", func(c *sched.Chunk, g gemmArgs[float64]) error { return g.run(c) }, gemmOptions)
	gemmLoop32  = sched.NewLoop("parallel.gemm.float32", func(c *sched.Chunk, g gemmArgs[float32]) error { return g.run(c) }, gemmOptions)
)

func gemmLoopOf[T kernels.Float]() *sched.Loop[gemmArgs[T]] {
	if l, ok := any(gemmLoop64).(*sched.Loop[gemmArgs[T]]); ok {
		return l
	}
	return any(gemmLoop32).(*sched.Loop[gemmArgs[T]])
}
