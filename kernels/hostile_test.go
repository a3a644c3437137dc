package kernels

import (
	"errors"
	"math"
	"testing"
)

// TestHostile_Shapes checks that no kernel takes a shape that its slices do not have, on any instruction set: assembly would
// read and write beyond them.
func TestHostile_Shapes(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		x := make([]float64, 64)
		for _, c := range []struct {
			name, want string
			run        func()
		}{
			{"Transpose, negative", panicShape, func() { Transpose(x[:6], x[:6], -2, -3) }},
			{"Transpose, overflow", panicShape, func() { Transpose(x[:0], x[:0], 1<<33, 1<<33) }},
			{"TransposeSquare, negative", panicShape, func() { TransposeSquare(x[:9], -3) }},
			{"TransposeRows, rows of dst", panicMatrix, func() { TransposeRows(x, 1000, make([]float64, 6400), 64, 0, 8, 8) }},
			{"TransposeRows, rows of src", panicMatrix, func() { TransposeRows(x, 8, x, 64, 0, 8, 8) }},
			{"TransposeRows, overflow", panicMatrix, func() { TransposeRows(x, 8, x, math.MaxInt, 0, 8, 8) }},
			{"TransposeRows, backwards", panicShape, func() { TransposeRows(x, 8, x, 8, 8, 0, 8) }},
			{"Stencil, negative", panicShape, func() { Stencil(x[:6], x[:6], 1, -2, -3, []Point[float64]{{}}) }},
			{"Stencil5Sweeps, negative", panicShape, func() { Stencil5Sweeps(x[:6], x[:6], -2, -3, 1, [5]float64{}, 0, -2) }},
			{"Gemm, short a", panicMatrix, func() { Gemm(8, 8, 8, 1, RowMajor(x[:8], 8), RowMajor(x, 8), 0, make([]float64, 64), 8) }},
			{"Gemm, short b", panicMatrix, func() { Gemm(8, 8, 8, 1, RowMajor(x, 8), RowMajor(x, 9), 0, make([]float64, 64), 8) }},
			{"Gemm, short c", panicMatrix, func() { Gemm(8, 8, 8, 1, RowMajor(x, 8), RowMajor(x, 8), 0, x[:63], 8) }},
			{"Gemm, negative stride", panicShape, func() { Gemm(2, 2, 2, 1, RowMajor(x, -8), RowMajor(x, 8), 0, x, 8) }},
			{"Bootstrap, overflow", panicHorizon, func() { Bootstrap(x[:4], x, testKey, 0, 1<<62) }},
			{"Choice, negative", panicBound, func() { Choice(nil, testKey, 0, -1) }},
			{"Bounded, zero", panicBound, func() { Bounded(nil, testKey, 0, 0) }},
		} {
			wantPanic(t, c.name, c.want, c.run)
		}
	})
}

// TestHostile_StencilReach gives points that lie further away than numbers reach: no element is inner.
func TestHostile_StencilReach(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		for _, far := range []int{math.MinInt, math.MinInt / 2, -6, 6, 1 << 62, math.MaxInt} {
			dst := []float64{1, 2, 3, 4, 5, 6}
			src := make([]float64, 6)
			Stencil(dst, src, 6, 1, 1, []Point[float64]{{Plane: far}, {Plane: -far}})
			Stencil(dst, src, 1, 1, 6, []Point[float64]{{Col: far}, {Col: far / 2}})
			wantSame(t, "Stencil", dst, []float64{1, 2, 3, 4, 5, 6})
		}
	})
}

// TestHostile_EqualElements checks what depends on the deviations where there are none.
func TestHostile_EqualElements(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		for _, v := range []float64{0, 0.1, -1.0 / 3, 1e300, 5e-324} {
			for _, n := range []int{1, 3, 10, 63, 64, 65, 100, 1000, 4096, 5000, 100000} {
				x := make([]float64, n)
				Fill(x, v)
				if s, k := Skewness(x), Kurtosis(x); s == s || k == k {
					t.Errorf("%d times %g: skewness %g, kurtosis %g", n, v, s, k)
				}
				if s := Std(x, 0); math.Abs(v) < 1e100 && !(s >= 0 && s <= 1e-14*math.Abs(v)) {
					t.Errorf("%d times %g: deviation %g", n, v, s)
				}
			}
		}
	})
}

// TestHostile_HistogramRanges gives ranges whose width is no number or none.
func TestHostile_HistogramRanges(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		counts := make([]int64, 4)
		x := []float64{-math.MaxFloat64, 0, 1, math.MaxFloat64, nan, inf, 0, 1}
		for _, r := range [][2]float64{{-math.MaxFloat64, math.MaxFloat64}, {1e300, 1e300}, {1, 0}, {nan, 1}, {0, inf}, {-inf, -inf}} {
			if HistogramTakes(r[0], r[1]) {
				t.Errorf("takes %g", r)
			}
			wantPanic(t, "Histogram", panicRange, func() { Histogram(counts, x, r[0], r[1]) })
			wantPanic(t, "HistogramEdges", panicRange, func() { HistogramEdges(make([]float64, 5), r[0], r[1]) })
		}
		wantPanic(t, "Histogram", panicRange, func() { Histogram(counts, []float32{1}, 1e10, 1e10) })
		wantPanic(t, "Histogram", panicRange, func() { Histogram(counts, []float32{1}, -3e38, 3e38) })
		Histogram(counts, x, -math.MaxFloat64/2, math.MaxFloat64/2)
		if [4]int64(counts) != [4]int64{0, 0, 4, 0} {
			t.Errorf("counts %d", counts)
		}
	})
}

// TestHostile_Sparse checks what NewSELL refuses and takes.
func TestHostile_Sparse(t *testing.T) {
	if _, err := NewSELL(&CSR[float64, int32]{Cols: -1, Indptr: []int32{0}}, 0); !errors.Is(err, ErrSparse) {
		t.Errorf("negative columns: %v", err)
	}
	a := &CSR[float64, int32]{Cols: 1, Indptr: []int32{0, 0, 1}, Indices: []int32{0}, Data: []float64{2}}
	s, err := NewSELL(a, math.MaxInt)
	if err != nil {
		t.Fatal(err)
	}
	if s.order[0] != 1 {
		t.Errorf("sigma of MaxInt leaves the rows in the order %d", s.order)
	}
}
