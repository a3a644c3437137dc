package kernels

import (
	"math"
	"testing"
)

var testKey = [2]uint64{0x0123456789abcdef, 0xfedcba9876543210}

// TestRandom_ElementIsAFunctionOfItsNumber fills in pieces and compares with one fill: the block property.
func TestRandom_ElementIsAFunctionOfItsNumber(t *testing.T) {
	eachISA(t, testRandomElementIsAFunctionOfItsNumber)
}

func testRandomElementIsAFunctionOfItsNumber(t *testing.T) {
	const n = 1500
	t.Run("type=float64", func(t *testing.T) { testPieces[float64](t, n) })
	t.Run("type=float32", func(t *testing.T) { testPieces[float32](t, n) })
	whole, piece := make([]uint64, n), make([]uint64, n)
	Uint64s(whole, testKey, 0)
	for m := range n {
		b := Philox4x64([4]uint64{uint64(m/4) + 1}, testKey)
		if whole[m] != b[m%4] {
			t.Fatalf("word %d = %#x, want %#x", m, whole[m], b[m%4])
		}
	}
	for off := 0; off < 40; off++ {
		for _, l := range []int{0, 1, 2, 3, 4, 5, 17, 300, 700} {
			Uint64s(piece[:l], testKey, uint64(off))
			for i := range l {
				if piece[i] != whole[off+i] {
					t.Fatalf("off=%d len=%d word %d differs", off, l, i)
				}
			}
		}
	}
}

func testPieces[T Float](t *testing.T, n int) {
	for name, fill := range map[string]func(dst []T, start uint64){
		"Uniform":     func(dst []T, start uint64) { Uniform(dst, testKey, start) },
		"Normal":      func(dst []T, start uint64) { Normal(dst, testKey, start, 1, 2) },
		"Exponential": func(dst []T, start uint64) { Exponential(dst, testKey, start, 3) },
		"Bootstrap":   func(dst []T, start uint64) { Bootstrap(dst, []T{1, 2, 3, 4.5, -7}, testKey, start, 7) },
		"Bootstrap, long paths": func(dst []T, start uint64) {
			Bootstrap(dst[:min(len(dst), 40)], []T{1, 2, 3, 4.5, -7}, testKey, start, 300)
		},
	} {
		whole := make([]T, n)
		fill(whole, 5)
		r := newRand(12)
		for range 60 {
			off := r.IntN(30)
			l := r.IntN(n - off)
			if name == "Bootstrap, long paths" {
				off = r.IntN(10)
				l = r.IntN(30)
			}
			piece, ok := guarded(make([]T, l), r.IntN(5))
			fill(piece, uint64(5+off))
			wantSame(t, name, piece, whole[off:off+l])
			if !ok() {
				t.Errorf("%s wrote outside", name)
			}
		}
	}
}

// TestUniform_Definition spells the conversion out.
func TestUniform_Definition(t *testing.T) { eachISA(t, testUniformDefinition) }

func testUniformDefinition(t *testing.T) {
	const n = 700
	w, u, f, k := make([]uint64, n), make([]float64, n), make([]float32, 2*n), make([]int64, n)
	Uint64s(w, testKey, 3)
	Uniform(u, testKey, 3)
	Uniform(f, testKey, 6)
	Integers(k, testKey, 3, 1000)
	for i, v := range w {
		if want := float64(v>>11) * 0x1p-53; u[i] != want || k[i] != int64(want*1000) {
			t.Fatalf("element %d: %g and %d of %#x", i, u[i], k[i], v)
		}
		if f[2*i] != float32(uint32(v)>>8)*0x1p-24 || f[2*i+1] != float32(v>>40)*0x1p-24 {
			t.Fatalf("halves of %#x: %g %g", v, f[2*i], f[2*i+1])
		}
	}
	wantPanic(t, "Integers", panicBound, func() { Integers(k, testKey, 0, 0) })
}

// TestBootstrap_Definition draws the places one by one.
func TestBootstrap_Definition(t *testing.T) { eachISA(t, testBootstrapDefinition) }

func testBootstrapDefinition(t *testing.T) {
	src := noise(3, 511)
	for _, h := range []int{1, 2, 3, 10, 255, 256, 257, 600} {
		const paths, first = 37, 1000
		u := make([]float64, paths*h)
		Uniform(u, testKey, uint64(first*h))
		got, ok := guarded(make([]float64, paths), 2)
		Bootstrap(got, src, testKey, first, h)
		for i := range got {
			sum := 0.0
			for j := range h {
				sum += src[int(u[i*h+j]*float64(len(src)))]
			}
			if got[i] != sum {
				t.Fatalf("horizon %d path %d = %g, want %g", h, i, got[i], sum)
			}
		}
		if !ok() {
			t.Errorf("horizon %d wrote outside", h)
		}
	}
	x := []float64{1, 2}
	Bootstrap(x, src, testKey, 0, 0)
	wantSame(t, "horizon 0", x, []float64{0, 0})
	Bootstrap([]float64{}, nil, testKey, 0, 3)
	wantPanic(t, "Bootstrap", panicHorizon, func() { Bootstrap(x, src, testKey, 0, -1) })
	wantPanic(t, "Bootstrap", panicEmpty, func() { Bootstrap(x, nil, testKey, 0, 1) })
}

// TestRandom_Allocates nothing.
func TestRandom_Allocates(t *testing.T) {
	x, src := make([]float64, 1000), noise(1, 100)
	if n := testing.AllocsPerRun(5, func() {
		Uniform(x, testKey, 0)
		Normal(x, testKey, 0, 0, 1)
		Bootstrap(x, src, testKey, 0, 10)
		Sum(x)
		Exp(x, x)
	}); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

// TestNormalQuantile_InvertsErfc checks the deviate against the distribution function: erfc(-z/sqrt2)/2 = p. In z the
// derivative is the density, so the error in z is that of p over the density.
func TestNormalQuantile_InvertsErfc(t *testing.T) {
	r := newRand(17)
	for i := range 400 {
		k := int64(r.Uint64() >> 11)
		if i%2 == 0 {
			k >>= r.IntN(53) // the lower tail
		}
		z := normalQuantile(float64(k) * 0x1p-53)
		p := bscale(badd(bf(float64(k)), bf(0.5)), -53)
		// z from the reference: one Newton step in high precision.
		c := bscale(berf2(-z), -1)
		d, _ := bsub(c, p).Float64()
		density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
		if e := math.Abs(d / density); e > 4e-15*math.Max(1e-3, math.Abs(z)) {
			t.Errorf("k=%d: z = %.17g is %g off", k, z, e)
		}
	}
	for _, k := range []int64{0, 1, 12345, 1<<52 - 1} {
		if normalQuantile(float64(k)*0x1p-53) != -normalQuantile(float64(1<<53-1-k)*0x1p-53) {
			t.Errorf("not symmetric at %d", k)
		}
	}
	if z := normalQuantile(0); !(z < -8.2 && z > -8.4) {
		t.Errorf("the lowest deviate is %g", z)
	}
}

// TestRandom_Moments looks at means and variances of a million elements, five standard errors wide: deterministic, so
// it either always passes or never.
func TestRandom_Moments(t *testing.T) {
	const n = 1 << 20
	x := make([]float64, n)
	for name, c := range map[string]struct {
		fill            func()
		mean, variance  float64
		kurtosisPlusTwo float64
	}{
		"Uniform":     {func() { Uniform(x, testKey, 0) }, 0.5, 1.0 / 12, 0.8},
		"Normal":      {func() { Normal(x, testKey, 0, 3, 2) }, 3, 4, 2},
		"Exponential": {func() { Exponential(x, testKey, 0, 2) }, 2, 4, 8},
	} {
		c.fill()
		m := MomentsOf(x)
		if d := math.Abs(m.Mean - c.mean); d > 5*math.Sqrt(c.variance/n) {
			t.Errorf("%s: mean %g, want %g", name, m.Mean, c.mean)
		}
		if d := math.Abs(m.Var(0) - c.variance); d > 5*c.variance*math.Sqrt(c.kurtosisPlusTwo/n) {
			t.Errorf("%s: variance %g, want %g", name, m.Var(0), c.variance)
		}
		if lo := Min(x); name != "Normal" && lo < 0 {
			t.Errorf("%s: least %g", name, lo)
		}
	}
}
