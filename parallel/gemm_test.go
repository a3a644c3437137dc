//go:build linux

package parallel

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

// randomMatrix fills a matrix with numbers that depend on its shape alone.
func randomMatrix[T kernels.Float](t testing.TB, p *sched.Pool, rows, cols int) *arena.Array[T] {
	t.Helper()
	x, err := arena.New[T](p.Arena(), rows, cols)
	if err != nil {
		t.Fatal(err)
	}
	kernels.Uniform(x.Slice(), [2]uint64{uint64(rows), uint64(cols)}, 0)
	return x
}

// TestGemm_HasTheBitsOfOneCall compares with kernels.Gemm in this process, for inputs in C order, transposed and with gaps.
func TestGemm_HasTheBitsOfOneCall(t *testing.T) {
	pools(t, func(t *testing.T, p *sched.Pool) []uint64 {
		gemmCase[float32](t, p, 200, 150, 300, 1.5)
		gemmCase[float64](t, p, 3, 5, 2, 1)
		gemmCase[float64](t, p, 0, 5, 2, 1)
		gemmCase[float64](t, p, 4, 5, 0, 0.5)
		gemmCase[float64](t, p, 7, 2000, 300, 1)
		return append(gemmCase[float64](t, p, 333, 217, 401, 0), gemmCase[float64](t, p, 333, 217, 401, -0.5)...)
	})
}

func gemmCase[T kernels.Float](t *testing.T, p *sched.Pool, m, n, k int, beta T) (bits []uint64) {
	t.Helper()
	a, b := randomMatrix[T](t, p, m, k), randomMatrix[T](t, p, k, n)
	at, bt := randomMatrix[T](t, p, k, m), randomMatrix[T](t, p, n, k)
	gaps := randomMatrix[T](t, p, k, 2*n).View(arena.Whole, arena.Range{Hi: arena.End, Step: 2})
	at.T().CopyFrom(a)
	bt.T().CopyFrom(b)
	gaps.CopyFrom(b)
	want := randomMatrix[T](t, p, m, n)
	for _, in := range [][2]*arena.Array[T]{{a, b}, {at.T(), bt.T()}, {a, gaps}} {
		c := randomMatrix[T](t, p, m, n)
		want.CopyFrom(c)
		kernels.Gemm(m, n, k, 0.75, kernels.RowMajor(a.Slice(), max(1, k)), kernels.RowMajor(b.Slice(), n), beta, want.Slice(), n)
		if err := Gemm(within(t), p, 0.75, in[0], in[1], beta, c); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.Slice(), want.Slice()) {
			t.Fatalf("%d×%d×%d beta=%v: not what one call gives", m, n, k, beta)
		}
	}
	for _, v := range want.Slice() {
		bits = append(bits, math.Float64bits(float64(v)))
	}
	return bits
}

func TestGemm_KilledWorkersChangeNothing(t *testing.T) {
	p := start(t, &sched.Options{Workers: 2})
	const n = 900
	a, b, c := randomMatrix[float64](t, p, n, n), randomMatrix[float64](t, p, n, n), randomMatrix[float64](t, p, n, n)
	want := slices.Clone(c.Slice())
	kernels.Gemm(n, n, n, 1, kernels.RowMajor(a.Slice(), n), kernels.RowMajor(b.Slice(), n), 2, want, n)
	before := slices.Clone(c.Slice())
	for round := range 5 {
		copy(c.Slice(), before)
		done := make(chan error)
		go func() { done <- Gemm(within(t), p, 1, a, b, 2, c) }()
		time.Sleep(time.Duration(2+3*round) * time.Millisecond)
		killWorker(t, p, round%2)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(c.Slice(), want) {
			t.Fatal("a killed worker changed the product")
		}
	}
}

func TestMatMul_Refuses(t *testing.T) {
	p := start(t, &sched.Options{Workers: 1})
	a, b := randomMatrix[float64](t, p, 4, 3), randomMatrix[float64](t, p, 3, 4)
	square := randomMatrix[float64](t, p, 4, 4)
	for name, c := range map[string]struct {
		out, x, y *arena.Array[float64]
		want      error
	}{
		"inner":      {square, a, a, ErrOutput},
		"shape":      {a, a, b, ErrOutput},
		"contiguous": {square.T(), a, b, ErrOutput},
		"overlap":    {square, square, square, ErrOverlap},
	} {
		if err := MatMul(within(t), p, c.out, c.x, c.y); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := MatMul(within(t), p, square, a, b); err != nil {
		t.Error(err)
	}
}
