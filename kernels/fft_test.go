package kernels

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"
)

func randomComplex(n int) []complex128 {
	r := newRand(uint64(n))
	x := make([]complex128, n)
	for i := range x {
		x[i] = complex(r.NormFloat64(), r.NormFloat64())
	}
	return x
}

// definition is the transform by its formula, at most of so many results, and which they are.
func definition(x []complex128, most int) (some []int, y []complex128) {
	n := len(x)
	roots := make([]complex128, n)
	for k := range roots {
		roots[k] = root(k, n)
	}
	for i := range min(n, most) {
		k := i * n / min(n, most)
		var sums [256]complex128 // the error of one sum of so many would be larger than the transform's
		for j, v := range x {
			sums[j%256] += v * roots[j*k%n]
		}
		for _, v := range sums[1:] {
			sums[0] += v
		}
		some, y = append(some, k), append(y, sums[0])
	}
	return some, y
}

// all is the whole transform by its formula.
func all(x []complex128) []complex128 {
	_, y := definition(x, len(x))
	return y
}

// worst returns the greatest distance of two transforms, as a multiple of what rounding may do.
func worst(got, want []complex128) float64 {
	var square, far float64
	for i, v := range want {
		square += real(v)*real(v) + imag(v)*imag(v)
		far = max(far, cmplx.Abs(got[i]-v))
	}
	return far / (math.Sqrt(square/float64(len(want))) * 0x1p-52 * (2 + math.Log2(float64(len(want)))))
}

func TestRoot_AgreesWithTheUnitCircle(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 12, 100, 1023, 1024} {
		for k := range n {
			s, c := math.Sincos(2 * math.Pi * float64(k) / float64(n))
			if got := root(k, n); cmplx.Abs(got-complex(c, -s)) > 4e-15 {
				t.Fatalf("root(%d, %d) = %v, want %v", k, n, got, complex(c, -s))
			}
		}
	}
}

// TestFFT_EveryLength compares results all over the range with the definition; there and back; in place.
func TestFFT_EveryLength(t *testing.T) {
	lengths := make([]int, 0, 600)
	for n := 1; n <= 260; n++ {
		lengths = append(lengths, n)
	}
	for _, n := range append(lengths, 512, 1000, 1001, 1024, 2048, 4096, 4099, 7*11*13*5, 1<<14, 3<<13, 30030, 65537) {
		x, y := randomComplex(n), make([]complex128, n)
		f := NewFFT(n)
		f.Forward(y, x)
		some, want := definition(x, 97)
		got := make([]complex128, len(some))
		for i, k := range some {
			got[i] = y[k]
		}
		if w := worst(got, want); !(w < 12) {
			t.Fatalf("n=%d: error is %v times the bound", n, w)
		}
		z := slices.Clone(x)
		f.Forward(z, z)
		if !slices.Equal(z, y) {
			t.Fatalf("n=%d: in place gives other bits", n)
		}
		f.Inverse(z, z)
		if w := worst(z, x); !(w < 12) {
			t.Fatalf("n=%d: there and back: error is %v times the bound", n, w)
		}
	}
}

func TestRealFFT_EveryLength(t *testing.T) {
	for n := 1; n <= 300; n++ {
		x, z, back := randomComplex(n), make([]complex128, n), make([]float64, n)
		values := make([]float64, n)
		for i, v := range x {
			values[i], x[i] = real(v), complex(real(v), 0)
		}
		NewFFT(n).Forward(z, x)
		f, got := NewRealFFT(n), make([]complex128, n/2+1)
		f.Forward(got, values)
		if w := worst(got, z[:n/2+1]); !(w < 12) {
			t.Fatalf("n=%d: error is %v times the bound", n, w)
		}
		f.Inverse(back, got)
		for i, v := range back {
			if math.Abs(v-values[i]) > 1e-13 {
				t.Fatalf("n=%d: element %d comes back as %v, was %v", n, i, v, values[i])
			}
		}
	}
}

func TestFFT2_IsBothAxes(t *testing.T) {
	for _, s := range [][2]int{{1, 1}, {1, 7}, {5, 1}, {4, 6}, {8, 8}, {15, 34}, {37, 16}} {
		m, n := s[0], s[1]
		x, want, y := randomComplex(m*n), make([]complex128, m*n), make([]complex128, m*n)
		for i := range m {
			copy(want[i*n:], all(x[i*n:(i+1)*n]))
		}
		for j := range n {
			col := make([]complex128, m)
			for i := range col {
				col[i] = want[i*n+j]
			}
			for i, v := range all(col) {
				want[i*n+j] = v
			}
		}
		f := NewFFT2(m, n)
		f.Forward(y, x)
		if w := worst(y, want); !(w < 12) {
			t.Fatalf("%d×%d: error is %v times the bound", m, n, w)
		}
		f.Inverse(y, y)
		if w := worst(y, x); !(w < 12) {
			t.Fatalf("%d×%d: there and back: error is %v times the bound", m, n, w)
		}
	}
}

// fftLengths have passes of every radix, of whole registers and parts of them, of several calls, and of Bluestein's algorithm.
var fftLengths = []int{2, 3, 4, 6, 7, 8, 9, 12, 14, 16, 17, 20, 24, 27, 30, 32, 40, 48, 56, 62, 64, 74, 80, 96, 100, 105, 125, 128, 134,
	240, 243, 245, 250, 256, 258, 360, 490, 512, 625, 1000, 1001, 1024, 1155, 2 * 1031, 3 << 10, 8 * 4100, 1 << 16, 5 << 14}

func TestFFT_EveryISAHasTheBitsOfPlainGo(t *testing.T) {
	t.Run("type=float64", testFFTBits[float64])
	t.Run("type=float32", testFFTBits[float32])
}

func testFFTBits[T Float](t *testing.T) {
	defer func(s isa) { active = s }(active)
	for _, n := range fftLengths {
		x := randomComplex(n)
		from, values := make([]pair[T], n), make([]T, n)
		for i, v := range x {
			from[i], values[i] = pairOf[T](v), T(real(v))
		}
		var f fftPlan[T]
		f.prepare(n)
		var r realPlan[T]
		r.prepare(n)
		half := n/2 + 1
		steps := map[string]func(dst []pair[T]){
			"forward":      func(dst []pair[T]) { f.forward(dst[:n], from) },
			"inverse":      func(dst []pair[T]) { f.inverse(dst[:n], from) },
			"real forward": func(dst []pair[T]) { r.forward(dst[:half], values) },
			"real inverse": func(dst []pair[T]) { r.inverse(wordsOf(dst[:half])[:n], from[:half]) },
		}
		for name, step := range steps {
			active = portable
			want := fencedPairs[T](n)
			step(want[4:])
			for s := avx2; s <= bestISA(); s++ {
				active = s
				got := fencedPairs[T](n)
				step(got[4:])
				for i := range got {
					if bitsOf(got[i].re) != bitsOf(want[i].re) || bitsOf(got[i].im) != bitsOf(want[i].im) {
						t.Fatalf("n=%d: %s: %s gives %v for element %d, want %v", n, name, isaNames[s], got[i], i-4, want[i])
					}
				}
			}
		}
	}
}

func bitsOf[T Float](x T) uint64 { return math.Float64bits(float64(x)) }

// fencedPairs has room for n pairs, or more reals, behind four and before eight of another value.
func fencedPairs[T Float](n int) []pair[T] {
	room := make([]pair[T], n+12)
	for i := range room {
		room[i] = pair[T]{post, post}
	}
	return room
}

// TestSingleFFT_AgreesWithFFT: the error of an element is at most (2+log2(n))*2^-23 of the root mean square.
func TestSingleFFT_AgreesWithFFT(t *testing.T) {
	for _, n := range append(fftLengths, 1, 4099, 3<<13) {
		x, single := randomComplex(n), make([]complex64, n)
		values, reals := make([]float32, n), make([]complex128, n)
		for i := range x {
			single[i] = complex64(x[i])
			x[i], values[i] = complex128(single[i]), real(single[i])
			reals[i] = complex(real(x[i]), 0)
		}
		near := func(name string, got []complex64, want []complex128) {
			wide := make([]complex128, len(got))
			for i, v := range got {
				wide[i] = complex128(v)
			}
			if w := worst(wide, want) * (0x1p-52 / 0x1p-23); !(w < 1) {
				t.Fatalf("n=%d: %s: error is %v times the bound", n, name, w)
			}
		}
		f, g, want := NewSingleFFT(n), NewFFT(n), make([]complex128, n)
		got := make([]complex64, n)
		f.Forward(got, single)
		g.Forward(want, x)
		near("forward", got, want)
		f.Inverse(got, single)
		g.Inverse(want, x)
		near("inverse", got, want)

		r := NewSingleRealFFT(n)
		r.Forward(got[:n/2+1], values)
		g.Forward(want, reals)
		near("real forward", got[:n/2+1], want[:n/2+1])
		back := make([]float32, n)
		r.Inverse(back, got[:n/2+1])
		for i, v := range back {
			got[i], want[i] = complex(v, 0), reals[i]
		}
		near("real, there and back", got, want)
	}
}

func TestSingleFFT2_AgreesWithFFT2(t *testing.T) {
	for _, s := range [][2]int{{1, 1}, {1, 7}, {5, 1}, {8, 8}, {15, 34}, {37, 16}} {
		n := s[0] * s[1]
		x, single, got := randomComplex(n), make([]complex64, n), make([]complex64, n)
		for i := range x {
			single[i] = complex64(x[i])
			x[i] = complex128(single[i])
		}
		f := NewSingleFFT2(s[0], s[1])
		f.Forward(got, single)
		NewFFT2(s[0], s[1]).Forward(x, x)
		for i, v := range got {
			if cmplx.Abs(complex128(v)-x[i]) > 1e-5*math.Sqrt(float64(n))*math.Log2(float64(2*n)) {
				t.Fatalf("%v: element %d is %v, want %v", s, i, v, x[i])
			}
		}
		f.Inverse(got, got)
		for i, v := range got {
			if cmplx.Abs(complex128(v-single[i])) > 1e-5 {
				t.Fatalf("%v: element %d comes back as %v, was %v", s, i, v, single[i])
			}
		}
	}
}

// TestFFT_RefusesWhatDoesNotFit: no plan of a length below 1, no slices of another length.
func TestFFT_RefusesWhatDoesNotFit(t *testing.T) {
	c, r := make([]complex128, 9), make([]float64, 17)
	c32, r32 := make([]complex64, 9), make([]float32, 17)
	f, rf := NewFFT(8), NewRealFFT(16)
	sf, srf := NewSingleFFT(8), NewSingleRealFFT(16)
	for name, call := range map[string]func(){
		"no elements": func() { NewFFT(0) }, "negative": func() { NewFFT(-8) }, "real negative": func() { NewRealFFT(-1) },
		"single": func() { NewSingleFFT(0) }, "single real": func() { NewSingleRealFFT(0) },
		"rows": func() { NewFFT2(0, 4) }, "columns": func() { NewSingleFFT2(4, -4) },
		"short dst": func() { f.Forward(c[:7], c[:8]) }, "short src": func() { f.Inverse(c[:8], c[:7]) },
		"long": func() { f.Forward(c, c) }, "nil": func() { f.Forward(nil, nil) },
		"real dst": func() { rf.Forward(c[:8], r[:16]) }, "real src": func() { rf.Forward(c, r) },
		"real back dst": func() { rf.Inverse(r[:15], c) }, "real back src": func() { rf.Inverse(r[:16], c[:8]) },
		"single dst": func() { sf.Forward(c32[:7], c32[:8]) }, "single real src": func() { srf.Forward(c32, r32) },
		"single real back": func() { srf.Inverse(r32[:16], c32[:8]) },
		"plane":            func() { NewFFT2(2, 4).Forward(c[:8], c[:7]) }, "single plane": func() { NewSingleFFT2(2, 4).Inverse(c32[:7], c32[:8]) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}

func TestConvolve_IsItsDefinition(t *testing.T) {
	r := newRand(4)
	for _, s := range [][2]int{{1, 1}, {1, 9}, {5, 3}, {64, 100}, {65, 65}, {300, 70}, {1000, 513}} {
		x, y := make([]float64, s[0]), make([]float64, s[1])
		for i := range x {
			x[i] = r.NormFloat64()
		}
		for i := range y {
			y[i] = r.NormFloat64()
		}
		got := make([]float64, len(x)+len(y)-1)
		Convolve(got, x, y)
		for k := range got {
			want := 0.0
			for j := max(0, k-len(y)+1); j <= min(k, len(x)-1); j++ {
				want += x[j] * y[k-j]
			}
			if math.Abs(got[k]-want) > 1e-12 {
				t.Fatalf("%v: element %d is %v, want %v", s, k, got[k], want)
			}
		}
	}
}

func BenchmarkFFT(b *testing.B) {
	for _, n := range []int{64, 1024, 1 << 14, 1 << 18, 1000, 4099} {
		x, y := randomComplex(n), make([]complex128, n)
		flops := 5 * float64(n) * math.Log2(float64(n))
		report := func(b *testing.B) { b.ReportMetric(flops*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s") }
		b.Run(fmt.Sprintf("n=%d/impl=shmath", n), func(b *testing.B) {
			f := NewFFT(n)
			for b.Loop() {
				f.Forward(y, x)
			}
			report(b)
		})
		b.Run(fmt.Sprintf("n=%d/impl=gonum", n), func(b *testing.B) {
			f := fourier.NewCmplxFFT(n)
			for b.Loop() {
				f.Coefficients(y, x)
			}
			report(b)
		})
	}
}
