package kernels

import (
	"math"
	"slices"
	"testing"
)

// orderData are the shapes that sorts stumble over.
func orderData(n int) map[string][]float64 {
	r := newRand(uint64(n))
	m := map[string][]float64{}
	for _, name := range []string{"random", "sorted", "reversed", "equal", "few", "organ", "nan", "zeros", "subnormal"} {
		x := make([]float64, n)
		for i := range x {
			switch name {
			case "random":
				x[i] = math.Ldexp(r.NormFloat64(), r.IntN(600)-300)
			case "sorted":
				x[i] = float64(i)
			case "reversed":
				x[i] = float64(-i)
			case "equal":
				x[i] = 7
			case "few":
				x[i] = float64(r.IntN(3))
			case "organ":
				x[i] = float64(min(i, n-i))
			case "nan":
				x[i] = []float64{nan, inf, -inf, r.NormFloat64()}[r.IntN(4)]
			case "zeros":
				x[i] = []float64{0, negZero, 1, -1}[r.IntN(4)]
			case "subnormal":
				x[i] = 5e-324 * float64(r.IntN(100)-50)
			}
		}
		m[name] = x
	}
	return m
}

// TestKey_OrderAndInverse walks a ladder of values.
func TestKey_OrderAndInverse(t *testing.T) {
	ladder := []float64{-inf, -math.MaxFloat64, -1, -0x1p-1022, -5e-324, negZero, 0, 5e-324, 0x1p-1022, 1, math.MaxFloat64, inf, nan}
	for i, v := range ladder {
		if got := FromKey64(Key64(v)); !sameFloat(got, v) {
			t.Errorf("FromKey64(Key64(%g)) = %g", v, got)
		}
		if i > 0 && Key64(ladder[i-1]) >= Key64(v) {
			t.Errorf("keys of %g and %g are out of order", ladder[i-1], v)
		}
		w := float32(v)
		if got := FromKey32(Key32(w)); !sameFloat(float64(got), float64(w)) {
			t.Errorf("FromKey32(Key32(%g)) = %g", w, got)
		}
	}
	if Key64(math.Float64frombits(0xfff8000000000001)) != math.MaxUint64 {
		t.Error("a negative NaN is not the greatest key")
	}
}

// TestRadixCount_Selects selects by counting alone, the counts of two halves added.
func TestRadixCount_Selects(t *testing.T) {
	for name, x := range orderData(2000) {
		testRadix(t, name, x, 64, func(v float64) uint64 { return Key64(v) })
		x32 := make([]float32, len(x))
		Convert(x32, x)
		testRadix(t, name, x32, 32, func(v float32) uint64 { return uint64(Key32(v)) })
	}
	var c [2048]uint64
	wantPanic(t, "RadixCount", panicPrefix, func() { RadixCount(&c, []float64{}, 0, 64) })
	wantPanic(t, "RadixCount", panicPrefix, func() { RadixCount(&c, []float32{}, 0, -1) })
}

func testRadix[T Float](t *testing.T, name string, x []T, width int, key func(T) uint64) {
	t.Helper()
	keys := make([]uint64, len(x))
	for i, v := range x {
		keys[i] = key(v)
	}
	slices.Sort(keys)
	for _, k := range []int{0, 700, 1999} {
		prefix, rank := uint64(0), uint64(k)
		for bits := 0; bits < width; {
			var counts [2048]uint64
			RadixCount(&counts, x[:900], prefix, bits)
			RadixCount(&counts, x[900:], prefix, bits)
			d := 0
			for ; rank >= counts[d]; d++ {
				rank -= counts[d]
			}
			n := min(11, width-bits)
			prefix, bits = prefix<<n|uint64(d), bits+n
		}
		if prefix != keys[k] {
			t.Errorf("%s rank %d: key %#x, want %#x", name, k, prefix, keys[k])
		}
	}
}

// TestQuantile_SmallCases has results by hand, NumPy's rule for the halves included.
func TestQuantile_SmallCases(t *testing.T) {
	x := []float64{3, 1, 2, 4}
	keep := slices.Clone(x)
	for i, c := range []struct{ got, want float64 }{
		{Quantile(x, 0), 1}, {Quantile(x, 1), 4}, {Quantile(x, 0.5), 2.5}, {Quantile(x, 0.25), 1.75}, {Median(x), 2.5},
		{Median(x[:3]), 2}, {Median([]float64{1, nan}), nan}, {Quantile([]float64{nan, 1}, 0), nan}, {Quantile([]float64{5}, 0.3), 5},
		{Lerp(1.0, 3, 0.25), 1.5}, {Lerp(0.1, 0.7, 1), 0.7},
	} {
		if !sameFloat(c.got, c.want) {
			t.Errorf("case %d: %g, want %g", i, c.got, c.want)
		}
	}
	wantSame(t, "Quantile's argument", x, keep)
	wantPanic(t, "Quantile", panicQuantile, func() { Quantile(x, 1.5) })
	wantPanic(t, "Quantile", panicQuantile, func() { Quantile(x, nan) })
}

// TestQuantile_LongSlices compares the selection by counting with a sorted copy, float32 too.
func TestQuantile_LongSlices(t *testing.T) {
	for name, x := range orderData(gatherMin + 5) {
		x32 := make([]float32, len(x))
		Convert(x32, x)
		testQuantile(t, name, x)
		testQuantile(t, name, x32)
	}
}

func testQuantile[T Float](t *testing.T, name string, x []T) {
	t.Helper()
	c := slices.Clone(x)
	Sort(c)
	bad := c[len(c)-1] != c[len(c)-1]
	for _, q := range []float64{0, 1e-9, 0.1, 0.37, 0.5, 0.75, 0.9, 0.99999, 1} {
		rank := float64(float64(len(c)-1) * q)
		lo := int(rank)
		want := Lerp(c[lo], c[min(lo+1, len(c)-1)], rank-float64(lo))
		if bad {
			want = T(nan)
		}
		// By ==: which of -0 and +0 has a rank is open.
		if got := Quantile(x, q); got != want && (got == got || want == want) {
			t.Errorf("%s: Quantile(%g) = %g, want %g", name, q, got, want)
		}
	}
	want := c[len(c)/2]
	if got := Median(x); got != want && !bad {
		t.Errorf("%s: Median = %g, want %g", name, got, want)
	}
}

// TestScans runs the prefix kernels in place and out of place at every length.
func TestScans(t *testing.T) {
	for n := 0; n <= 130; n++ {
		x := noise(uint64(n), n)
		want, s := make([]float64, n), 1.5
		for i, v := range x {
			s += v
			want[i] = s
		}
		y, ok := guarded(x, n%5)
		if last := CumSum(y, y, 1.5); last != s || !ok() {
			t.Fatalf("CumSum n=%d returns %g, want %g", n, last, s)
		}
		wantSame(t, "CumSum", y, want)
		p := 0.5
		for i, v := range x {
			p *= v
			want[i] = p
		}
		z, ok := guarded(x, n%3)
		if last := CumProd(z, z, 0.5); !sameFloat(last, p) || !ok() {
			t.Fatalf("CumProd n=%d", n)
		}
		wantSame(t, "CumProd", z, want)
		if n == 0 {
			continue
		}
		for i := range n - 1 {
			want[i] = x[i+1] - x[i]
		}
		d, ok := guarded(x, n%4)
		Diff(d[:n-1], d)
		wantSame(t, "Diff in place", d[:n-1], want[:n-1])
		if d[n-1] != x[n-1] || !ok() {
			t.Fatalf("Diff n=%d wrote behind its destination", n)
		}
	}
}

// TestHistogram_Edges holds the closed last bin, what is outside, and an empty range.
func TestHistogram_Edges(t *testing.T) {
	counts := make([]int64, 4)
	Histogram(counts, []float64{0, 0.25, 0.5, 0.75, 1, 1.1, -0.1, nan, inf, negZero, 0.9999}, 0, 1)
	if !slices.Equal(counts, []int64{2, 1, 1, 3}) {
		t.Errorf("counts %v", counts)
	}
	Histogram(counts, []float64{0.1}, 0, 1)
	if counts[0] != 3 {
		t.Error("counts are not added to")
	}
	edges := make([]float64, 3)
	HistogramEdges(edges, 2, 2)
	wantSame(t, "edges of an empty range", edges, []float64{1.5, 2, 2.5})
	wantPanic(t, "Histogram", panicRange, func() { Histogram(counts, edges, 1, 0) })
	wantPanic(t, "Histogram", panicRange, func() { Histogram(counts, edges, 0, inf) })
	wantPanic(t, "Histogram", panicBins, func() { Histogram(nil, edges, 0, 1) })
	wantPanic(t, "HistogramEdges", panicBins, func() { HistogramEdges(edges[:1], 0, 1) })
	// Every element lies between the edges of the bin that counts it.
	r := newRand(5)
	for range 300 {
		lo := r.NormFloat64()
		hi := lo + math.Ldexp(r.Float64(), r.IntN(20)-10)
		n := 1 + r.IntN(50)
		e, c := make([]float64, n+1), make([]int64, n)
		HistogramEdges(e, lo, hi)
		for _, v := range append(slices.Clone(e), lo+(hi-lo)*r.Float64()) {
			clear(c)
			Histogram(c, []float64{v}, lo, hi)
			k := slices.Index(c, 1)
			if k < 0 || v < e[k] || v > e[k+1] || v == e[k+1] && k != n-1 {
				t.Fatalf("%g counts in bin %d of %v", v, k, e)
			}
		}
	}
}

// TestHistogram_SameOnEverySet compares the instruction sets on numbers at and around the edges.
func TestHistogram_SameOnEverySet(t *testing.T) {
	r := newRand(11)
	for round := range 400 {
		lo, bins := r.NormFloat64(), 1+r.IntN(70)
		hi := lo + math.Ldexp(r.Float64(), r.IntN(60)-30)
		if round == 0 {
			lo, hi = 0, 5e-324
		}
		e := make([]float64, bins+1)
		HistogramEdges(e, lo, hi)
		x := []float64{nan, inf, -inf, negZero, 0}
		for _, v := range e {
			x = append(x, v, math.Nextafter(v, inf), math.Nextafter(v, -inf), lo+(hi-lo)*r.Float64())
		}
		x = append(x, x...)[:len(x)+r.IntN(len(x))]
		var want []int64
		eachISA(t, func(t *testing.T) {
			got := make([]int64, bins)
			Histogram(got, x, lo, hi)
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%d bins from %g to %g: %v, in Go %v", bins, lo, hi, got, want)
			}
		})
	}
}
