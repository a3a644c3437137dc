package parallel

import (
	"context"
	"fmt"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

// clusterRows is the rows of a block.
const clusterRows = 1024

// SquaredDistances sets dst[i, j] to the squared distance of row i of x and row j of y, on all workers, with the bits of
// kernels.SquaredDistances over blocks of 1024 rows of x.
//
// Errors: [ErrOutput] for shapes that do not fit, arrays that are not contiguous or a dst that is read-only; [ErrOverlap];
// those of sched.Loop.Run.
func SquaredDistances[T kernels.Float](ctx context.Context, p *sched.Pool, dst, x, y *arena.Array[T]) error {
	if err := p.Err(); err != nil {
		return err
	}
	if err := firstError(input(x, 2), input(y, 2)); err != nil {
		return err
	}
	if x.Dim(1) != y.Dim(1) {
		return fmt.Errorf("%w: rows of %v and %v are of different lengths", ErrOutput, x, y)
	}
	if err := firstError(output(dst, x.Dim(0), y.Dim(0)), apart(dst, x, y), ctx.Err()); err != nil {
		return err
	}
	a := distanceArgs[T]{dst, x, y}
	blocks := blocksOf(x.Dim(0), clusterRows)
	if blocks <= 1 || dst.Len()*max(1, x.Dim(1)) <= inlineProducts {
		return p.Inline(func() error {
			for b := range blocks {
				a.block(b)
			}
			return nil
		})
	}
	return loopOf[distanceArgs[T]](distanceF64, distanceF32).Run(ctx, p, blocks, a)
}

type distanceArgs[T kernels.Float] struct{ Dst, X, Y *arena.Array[T] }

func (a distanceArgs[T]) block(b int) {
	lo, hi := b*clusterRows, min((b+1)*clusterRows, a.X.Dim(0))
	n, d := a.Y.Dim(0), a.X.Dim(1)
	x, y := kernels.RowMajor(a.X.Slice()[lo*d:], d), kernels.RowMajor(a.Y.Slice(), d)
	kernels.SquaredDistances(hi-lo, n, d, x, y, a.Dst.Slice()[lo*n:hi*n], n)
}

func newDistance[T kernels.Float](name string) *sched.Loop[distanceArgs[T]] {
	return sched.NewLoop("parallel.distances."+name, func(c *sched.Chunk, a distanceArgs[T]) error {
		for b := c.Lo; b < c.Hi && !c.Canceled(); b++ {
			a.block(b)
		}
		return nil
	}, idempotent)
}

var (
	distanceF64 = newDistance[float64]("float64")
	distanceF32 = newDistance[float32]("float32")
)

// KMeansStep is one step of Lloyd's algorithm on all workers: it sets nearest[i] to the number of the center that is nearest
// to row i of x, sums to the sums of the rows of each center, counts to their numbers, and returns the sum of the squared
// distances. x is n×d, centers and sums are k×d; the new centers are sums over counts. Rows are added up in blocks of 1024,
// and the blocks in their order: the bits do not depend on the number of workers.
//
// Errors: [ErrOutput] for shapes that do not fit, arrays that are not contiguous or outputs that are read-only;
// [ErrOverlap]; those of sched.Loop.Run.
func KMeansStep[T kernels.Float](ctx context.Context, p *sched.Pool, nearest *arena.Array[int32], sums *arena.Array[T],
	counts *arena.Array[int64], x, centers *arena.Array[T]) (float64, error) {
	if err := p.Err(); err != nil {
		return 0, err
	}
	if err := firstError(input(x, 2), input(centers, 2)); err != nil {
		return 0, err
	}
	n, d, k := x.Dim(0), x.Dim(1), centers.Dim(0)
	if k == 0 || centers.Dim(1) != d {
		return 0, fmt.Errorf("%w: centers %v for rows of %v", ErrOutput, centers, x)
	}
	if err := firstError(output(nearest, n), output(sums, k, d), output(counts, k), apart(nearest, x, centers), apart(sums, x, centers),
		apart(counts, x, centers), ctx.Err()); err != nil {
		return 0, err
	}
	blocks := blocksOf(n, clusterRows)
	a := kMeansArgs[T]{X: x, Centers: centers, Nearest: nearest}
	var err error
	if a.Sums, err = arena.New[T](p.Arena(), blocks, k*d); err != nil {
		return 0, err
	}
	defer a.Sums.Free()
	if a.Counts, err = arena.New[int64](p.Arena(), blocks, k); err != nil {
		return 0, err
	}
	defer a.Counts.Free()
	if a.Totals, err = arena.New[float64](p.Arena(), blocks); err != nil {
		return 0, err
	}
	defer a.Totals.Free()
	if n*k*max(1, d) <= inlineProducts {
		for b := range blocks {
			a.block(b)
		}
	} else if err := loopOf[kMeansArgs[T]](kMeansF64, kMeansF32).Run(ctx, p, blocks, a); err != nil {
		return 0, err
	}
	return a.combine(sums.Slice(), counts.Slice()), nil
}

type kMeansArgs[T kernels.Float] struct {
	X, Centers *arena.Array[T]
	Nearest    *arena.Array[int32]
	Sums       *arena.Array[T] // of each block
	Counts     *arena.Array[int64]
	Totals     *arena.Array[float64]
}

func (a kMeansArgs[T]) block(b int) {
	lo, hi := b*clusterRows, min((b+1)*clusterRows, a.X.Dim(0))
	k, d := a.Centers.Dim(0), a.Centers.Dim(1)
	sums, counts := a.Sums.Slice()[b*k*d:(b+1)*k*d], a.Counts.Slice()[b*k:(b+1)*k]
	clear(sums)
	clear(counts)
	x := kernels.RowMajor(a.X.Slice()[lo*d:], d)
	a.Totals.Slice()[b] = kernels.KMeansStep(a.Nearest.Slice()[lo:hi], sums, counts, x, a.Centers.Slice(), d)
}

// combine adds up what the blocks have.
func (a kMeansArgs[T]) combine(sums []T, counts []int64) (total float64) {
	clear(sums)
	clear(counts)
	partSums, partCounts := a.Sums.Slice(), a.Counts.Slice()
	for b, t := range a.Totals.Slice() {
		total += t
		kernels.Add(sums, sums, partSums[b*len(sums):(b+1)*len(sums)])
		for c := range counts {
			counts[c] += partCounts[b*len(counts)+c]
		}
	}
	return total
}

func newKMeans[T kernels.Float](name string) *sched.Loop[kMeansArgs[T]] {
	return sched.NewLoop("parallel.kmeans."+name, func(c *sched.Chunk, a kMeansArgs[T]) error {
		for b := c.Lo; b < c.Hi && !c.Canceled(); b++ {
			a.block(b)
		}
		return nil
	}, idempotent)
}

var (
	kMeansF64 = newKMeans[float64]("float64")
	kMeansF32 = newKMeans[float32]("float32")
)
