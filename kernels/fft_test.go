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
	for _, n := range append(lengths, 512, 1000, 1024, 2048, 4096, 4099, 7*11*13*5, 1<<14, 3<<13, 30030, 65537) {
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

// TestFFT_EveryISAHasTheBitsOfPlainGo compares passes of whole vectors, of parts of them, and of several calls.
func TestFFT_EveryISAHasTheBitsOfPlainGo(t *testing.T) {
	defer func(s isa) { active = s }(active)
	for _, n := range []int{4, 8, 12, 16, 20, 32, 48, 64, 80, 128, 240, 256, 1000, 1024, 3 << 10, 1 << 16, 5 << 14} {
		x := randomComplex(n)
		f, want := NewFFT(n), make([]complex128, n)
		active = portable
		f.Forward(want, x)
		for s := avx2; s <= bestISA(); s++ {
			active = s
			room := make([]complex128, n+8)
			for i := range room {
				room[i] = complex(post, post)
			}
			f.Forward(room[4:4+n], x)
			if !slices.Equal(room[4:4+n], want) {
				t.Fatalf("n=%d: %s gives other bits", n, isaNames[s])
			}
			for _, i := range []int{0, 1, 2, 3, n + 4, n + 5, n + 6, n + 7} {
				if room[i] != complex(post, post) {
					t.Fatalf("n=%d: %s wrote to guard %d", n, isaNames[s], i)
				}
			}
		}
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
