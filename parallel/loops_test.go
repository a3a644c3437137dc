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

// sameSlice fails unless two slices are equal; it returns the bits of the first as float64.
func sameSlice[T kernels.Number](t *testing.T, what string, got, want []T) []uint64 {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s: not what one call gives", what)
	}
	wide := make([]float64, len(got))
	kernels.Convert(wide, got)
	return []uint64{hash(wide)}
}

func TestTranspose_IsTheKernel(t *testing.T) {
	pools(t, func(t *testing.T, p *sched.Pool) (bits []uint64) {
		for _, s := range [][2]int{{0, 3}, {5, 7}, {300, 700}, {1030, 517}} {
			bits = append(bits, transposeCase[float64](t, p, s[0], s[1])...)
			bits = append(bits, transposeCase[float32](t, p, s[0], s[1])...)
		}
		return bits
	})
}

func transposeCase[T interface{ float32 | float64 }](t *testing.T, p *sched.Pool, rows, cols int) []uint64 {
	x, y := randomMatrix[T](t, p, rows, cols), randomMatrix[T](t, p, cols, rows)
	want := make([]T, rows*cols)
	kernels.Transpose(want, x.Slice(), rows, cols)
	if err := Transpose(within(t), p, y, x); err != nil {
		t.Fatal(err)
	}
	return sameSlice(t, "transpose", y.Slice(), want)
}

func TestStencil5_IsSweepAfterSweep(t *testing.T) {
	w := [5]float64{0.1, 0.3, 0.2, 0.25, 0.15}
	pools(t, func(t *testing.T, p *sched.Pool) (bits []uint64) {
		for _, c := range []struct{ rows, cols, sweeps int }{{1, 4, 2}, {40, 30, 3}, {300, 517, 1}, {300, 517, 8}, {500, 300, 29}} {
			x, y := randomMatrix[float64](t, p, c.rows, c.cols), randomMatrix[float64](t, p, c.rows, c.cols)
			a, b := slices.Clone(x.Slice()), slices.Clone(x.Slice())
			for range c.sweeps {
				kernels.Stencil5(b, a, c.rows, c.cols, w)
				a, b = b, a
			}
			kernels.Fill(y.Slice(), 77)
			if err := Stencil5(within(t), p, y, x, w, c.sweeps); err != nil {
				t.Fatal(err)
			}
			bits = append(bits, sameSlice(t, "sweeps", y.Slice(), a)...)
		}
		return bits
	})
}

// band is a matrix with a few elements in each row, more in some.
func band(t testing.TB, p *sched.Pool, rows, cols int) (CSR[float64, int32], kernels.CSR[float64, int32]) {
	m := kernels.CSR[float64, int32]{Cols: cols, Indptr: []int32{0}}
	for i := range rows {
		for k := range 3 + i%7*(i%11) {
			m.Indices = append(m.Indices, int32((i*31+k*k*17)%cols))
			m.Data = append(m.Data, math.Sin(float64(i+k)))
		}
		m.Indptr = append(m.Indptr, int32(len(m.Data)))
	}
	return CSR[float64, int32]{cols, arrayOf(t, p, m.Indptr), arrayOf(t, p, m.Indices), arrayOf(t, p, m.Data)}, m
}

func TestSpMV_IsTheKernel(t *testing.T) {
	pools(t, func(t *testing.T, p *sched.Pool) (bits []uint64) {
		for _, s := range [][2]int{{0, 3}, {10, 20}, {9000, 5000}} {
			a, m := band(t, p, s[0], s[1])
			x, y := arrayOf(t, p, sortCase(s[1], "random")), arrayOf(t, p, sortCase(s[0], "nan"))
			want := make([]float64, s[0])
			kernels.SpMV(1, &m, x.Slice(), 0, want)
			if err := SpMV(within(t), p, y, a, x); err != nil {
				t.Fatal(err)
			}
			bits = append(bits, sameSlice(t, "spmv", y.Slice(), want)...)
		}
		return bits
	})
}

func TestClusters_AreTheKernels(t *testing.T) {
	pools(t, func(t *testing.T, p *sched.Pool) (bits []uint64) {
		for _, s := range [][3]int{{0, 2, 3}, {100, 3, 2}, {5000, 40, 30}} {
			n, k, d := s[0], s[1], s[2]
			x, c, dist := randomMatrix[float64](t, p, n, d), randomMatrix[float64](t, p, k, d), randomMatrix[float64](t, p, n, k)
			if err := SquaredDistances(within(t), p, dist, x, c); err != nil {
				t.Fatal(err)
			}
			near, counts := arrayOf(t, p, make([]int32, n)), arrayOf(t, p, make([]int64, k))
			sums := randomMatrix[float64](t, p, k, d)
			total, err := KMeansStep(within(t), p, near, sums, counts, x, c)
			if err != nil {
				t.Fatal(err)
			}
			wantNear, wantCounts, wantSums := make([]int32, n), make([]int64, k), make([]float64, k*d)
			wantTotal := kernels.KMeansStep(wantNear, wantSums, wantCounts, kernels.RowMajor(x.Slice(), d), c.Slice(), d)
			sameSlice(t, "nearest", near.Slice(), wantNear)
			sameSlice(t, "counts", counts.Slice(), wantCounts)
			for i, v := range sums.Slice() {
				if math.Abs(v-wantSums[i]) > 1e-9*math.Abs(wantSums[i]) {
					t.Fatalf("sum %d is %v, want %v", i, v, wantSums[i])
				}
			}
			if math.Abs(total-wantTotal) > 1e-9*wantTotal {
				t.Fatalf("total %v, want %v", total, wantTotal)
			}
			for i, j := range near.Slice() {
				row := dist.Slice()[i*k : (i+1)*k]
				if row[j] != kernels.Min(row) {
					t.Fatalf("row %d is nearest to %d by a step, not by distances %v", i, j, row)
				}
			}
			bits = append(bits, math.Float64bits(total), hash(sums.Slice()), hash(dist.Slice()))
		}
		return bits
	})
}

func TestFFT2_IsTheKernel(t *testing.T) {
	pools(t, func(t *testing.T, p *sched.Pool) (bits []uint64) {
		for _, s := range [][2]int{{0, 4}, {4, 6}, {150, 130}, {256, 100}} {
			rows, cols := s[0], s[1]
			x, y := complexMatrix(t, p, rows, cols), complexMatrix(t, p, rows, cols)
			before, want := slices.Clone(x.Slice()), make([]complex128, rows*cols)
			if rows > 0 {
				kernels.NewFFT2(rows, cols).Forward(want, before)
			}
			if err := FFT2(within(t), p, y, x); err != nil {
				t.Fatal(err)
			}
			if err := FFT2(within(t), p, x, x); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(y.Slice(), want) || !slices.Equal(x.Slice(), want) {
				t.Fatalf("%d×%d: not what one call gives", rows, cols)
			}
			if err := InverseFFT2(within(t), p, y, x); err != nil {
				t.Fatal(err)
			}
			for i, v := range y.Slice() {
				if d := v - before[i]; math.Hypot(real(d), imag(d)) > 1e-12 {
					t.Fatalf("%d×%d: there and back again, element %d is %v, was %v", rows, cols, i, v, before[i])
				}
				bits = append(bits, math.Float64bits(real(want[i]))^math.Float64bits(imag(v)))
			}
		}
		return bits
	})
}

func complexMatrix(t testing.TB, p *sched.Pool, rows, cols int) *arena.Array[complex128] {
	t.Helper()
	x, err := arena.New[complex128](p.Arena(), rows, cols)
	if err != nil {
		t.Fatal(err)
	}
	for i := range x.Slice() {
		x.Slice()[i] = complex(math.Sin(float64(i*i)), math.Cos(float64(3*i)))
	}
	return x
}

func TestCumSum_AddsUp(t *testing.T) {
	pools(t, func(t *testing.T, p *sched.Pool) []uint64 {
		x, y := noise(t, p, 300_000), noise(t, p, 300_000)
		if err := CumSum(within(t), p, y, x); err != nil {
			t.Fatal(err)
		}
		want := make([]float64, x.Len())
		kernels.CumSum(want, x.Slice(), 0)
		for i, v := range y.Slice() {
			if math.Abs(v-want[i]) > 1e-9*want[i] {
				t.Fatalf("element %d is %v, want %v", i, v, want[i])
			}
		}
		return []uint64{hash(y.Slice())}
	})
}

// TestLoops_RefuseWhatDoesNotFit tries wrong shapes, gaps and overlaps.
func TestLoops_RefuseWhatDoesNotFit(t *testing.T) {
	p := start(t, &sched.Options{Workers: 1})
	ctx := within(t)
	x, y := randomMatrix[float64](t, p, 6, 4), randomMatrix[float64](t, p, 4, 6)
	square := randomMatrix[float64](t, p, 5, 5)
	z := complexMatrix(t, p, 4, 4)
	a, _ := band(t, p, 10, 20)
	ten, twenty := arrayOf(t, p, make([]float64, 10)), arrayOf(t, p, make([]float64, 20))
	short, counts := arrayOf(t, p, make([]int32, 6)), arrayOf(t, p, make([]int64, 4))
	kmeans := func(near *arena.Array[int32], sums, x, centers *arena.Array[float64]) error {
		_, err := KMeansStep(ctx, p, near, sums, counts, x, centers)
		return err
	}
	for what, c := range map[string]struct{ err, want error }{
		"transpose, shape":    {Transpose(ctx, p, x, x), ErrOutput},
		"transpose, view":     {Transpose(ctx, p, x, x.T()), ErrOutput},
		"transpose, overlap":  {Transpose(ctx, p, square, square), ErrOverlap},
		"stencil, shape":      {Stencil5(ctx, p, x, y, [5]float64{}, 1), ErrOutput},
		"stencil, sweeps":     {Stencil5(ctx, p, square, square, [5]float64{}, 0), ErrOutput},
		"stencil, overlap":    {Stencil5(ctx, p, square, square, [5]float64{}, 1), ErrOverlap},
		"spmv, length":        {SpMV(ctx, p, ten, a, ten), ErrOutput},
		"spmv, result":        {SpMV(ctx, p, twenty, a, twenty), ErrOutput},
		"distances, lengths":  {SquaredDistances(ctx, p, square, x, y), ErrOutput},
		"distances, result":   {SquaredDistances(ctx, p, square, x, x), ErrOutput},
		"k-means, centers":    {kmeans(short, x, x, y), ErrOutput},
		"k-means, nearest":    {kmeans(short, square, square, square), ErrOutput},
		"fft, shape":          {FFT2(ctx, p, z, complexMatrix(t, p, 4, 5)), ErrOutput},
		"fft, part of itself": {FFT2(ctx, p, z.View(arena.Range{Lo: 1, Hi: 3}), z.View(arena.Range{Hi: 2})), ErrOverlap},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", what, c.err, c.want)
		}
	}
}

func TestStencil5_KilledWorkersChangeNothing(t *testing.T) {
	p := start(t, &sched.Options{Workers: 2})
	w := [5]float64{0.1, 0.3, 0.2, 0.25, 0.15}
	x, y := randomMatrix[float64](t, p, 900, 900), randomMatrix[float64](t, p, 900, 900)
	if err := Stencil5(within(t), p, y, x, w, 40); err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(y.Slice())
	for round := range 4 {
		kernels.Fill(y.Slice(), 0)
		done := make(chan error)
		go func() { done <- Stencil5(within(t), p, y, x, w, 40) }()
		time.Sleep(time.Duration(1+5*round) * time.Millisecond)
		killWorker(t, p, round%2)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		sameSlice(t, "after a death", y.Slice(), want)
	}
}
