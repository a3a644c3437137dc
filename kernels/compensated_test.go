package kernels

import (
	"math"
	"math/big"
	"testing"
)

// exactDot is the sum of products in 2200 bits, which hold every one of float64 exactly.
func exactDot(x, y []float64) *big.Float {
	sum := new(big.Float).SetPrec(4500)
	for i := range x {
		p := new(big.Float).SetPrec(4500).SetFloat64(x[i])
		sum.Add(sum, p.Mul(p, new(big.Float).SetFloat64(y[i])))
	}
	return sum
}

// TestSum2Dot2_Bound holds both to their bound where terms cancel: conditions up to 10^30, on every instruction set with
// the same bits.
func TestSum2Dot2_Bound(t *testing.T) {
	r := newRand(31)
	for n := range 700 {
		if n > 130 && n%64 > 2 {
			continue
		}
		for _, spread := range []int{1, 40, 90} {
			x, y, ones := make([]float64, n), make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = math.Ldexp(r.NormFloat64(), r.IntN(spread))
				y[i] = math.Ldexp(r.NormFloat64(), r.IntN(spread))
				ones[i] = 1
				if i >= n/2 && i < 2*(n/2) { // the second half takes the first one away, almost
					x[i], y[i] = -x[i-n/2], y[i-n/2]*(1+0x1p-40*float64(r.IntN(2)))
				}
			}
			checkTwice(t, "Sum2", n, x, ones, func() float64 { return Sum2(x) })
			checkTwice(t, "Dot2", n, x, y, func() float64 { return Dot2(x, y) })
		}
	}
}

func checkTwice(t *testing.T, what string, n int, x, y []float64, run func() float64) {
	t.Helper()
	want := exactDot(x, y)
	sizes := 0.0
	for i := range x {
		sizes += math.Abs(x[i] * y[i])
	}
	w, _ := want.Float64()
	bound := 0x1p-53*math.Abs(w)*1.0001 + float64(n*n)*0x1p-106*sizes
	defer func(s isa) { active = s }(active)
	first := 0.0
	for s := portable; s <= bestISA(); s++ {
		active = s
		got := run()
		if d, _ := new(big.Float).Sub(want, bf(got)).Float64(); math.Abs(d) > bound {
			t.Fatalf("%s isa=%s n=%d = %g is %g off, bound %g", what, isaNames[s], n, got, d, bound)
		}
		if s == portable {
			first = got
		} else if !sameFloat(got, first) {
			t.Fatalf("%s isa=%s n=%d = %x, portable %x", what, isaNames[s], n, got, first)
		}
	}
}

// TestSum2Dot2_LongAndSpecial compares instruction sets at lengths of several calls, in both types, and looks at what is
// not finite.
func TestSum2Dot2_LongAndSpecial(t *testing.T) {
	x, y := make([]float64, 3*SumBlock+77), make([]float64, 3*SumBlock+77)
	Normal(x, testKey, 0, 0, 1e8)
	Normal(y, testKey, 1<<20, 1e-8, 1)
	x32, y32 := make([]float32, len(x)), make([]float32, len(x))
	Convert(x32, x)
	Convert(y32, y)
	eachISA(t, func(t *testing.T) {
		d, _ := exactDot(x, y).Float64()
		if got := Dot2(x, y); got != d {
			t.Errorf("Dot2 = %x, want %x", got, d)
		}
		wide, wide2 := make([]float64, len(x)), make([]float64, len(x))
		Convert(wide, x32)
		Convert(wide2, y32)
		if got, want := Dot2(x32, y32), float32(Dot2(wide, wide2)); got != want {
			t.Errorf("Dot2 float32 = %g, want %g", got, want)
		}
		if got, want := Sum2(x32), float32(Sum2(wide)); got != want {
			t.Errorf("Sum2 float32 = %g, want %g", got, want)
		}
		for _, c := range []struct {
			x    []float64
			want float64
		}{
			{nil, 0}, {[]float64{inf, 1}, inf}, {[]float64{-inf, 1}, -inf}, {[]float64{inf, -inf}, nan}, {[]float64{nan, 1}, nan},
			{[]float64{1e308, 1e308}, inf}, {[]float64{1, 1e100, 1, -1e100}, 2},
		} {
			if got := Sum2(c.x); !sameFloat(got, c.want) {
				t.Errorf("Sum2(%v) = %g, want %g", c.x, got, c.want)
			}
		}
	})
}
