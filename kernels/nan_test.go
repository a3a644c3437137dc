package kernels

import (
	"fmt"
	"math"
	"testing"
)

// TestNan_AgainstPlain compares the twins that leave NaN out with the plain ones: on data without NaN bit for bit, else
// with 0 or 1 or nothing in the place of a NaN, at every length and on every instruction set.
func TestNan_AgainstPlain(t *testing.T) {
	t.Run("type=float64", testNan[float64])
	t.Run("type=float32", testNan[float32])
}

func testNan[T Float](t *testing.T) {
	r := newRand(41)
	lengths := []int{200, 1023, 1024, 1025, SumBlock, SumBlock + 1, 3*SumBlock + 100}
	for n := range 131 {
		lengths = append(lengths, n)
	}
	for _, n := range lengths {
		for _, share := range []float64{0, 0.1, 1} {
			x, zeros, ones := make([]T, n), make([]T, n), make([]T, n)
			var kept []T
			at := []int{}
			for i := range x {
				x[i] = T(1 + r.NormFloat64())
				if r.Float64() < share {
					x[i], zeros[i], ones[i] = T(nan), 0, 1
					continue
				}
				zeros[i], ones[i] = x[i], x[i]
				kept, at = append(kept, x[i]), append(at, i)
			}
			defer func(s isa) { active = s }(active)
			for s := portable; s <= bestISA(); s++ {
				active = s
				what := fmt.Sprintf("isa=%s n=%d share=%g ", isaNames[s], n, share)
				wantSame(t, what+"NanSum, NanProd", []T{NanSum(x), NanProd(x)}, []T{Sum(zeros), Prod(ones)})
				mean, least, greatest, first, last := T(nan), T(nan), T(nan), -1, -1
				if len(kept) > 0 {
					mean = T(TreeSum(zeros) / float64(len(kept)))
					least, greatest, first, last = Min(kept), Max(kept), at[ArgMin(kept)], at[ArgMax(kept)]
				}
				wantSame(t, what+"mean and extremes", []T{NanMean(x), NanMin(x), NanMax(x)}, []T{mean, least, greatest})
				if NanCount(x) != len(kept) || NanArgMin(x) != first || NanArgMax(x) != last {
					t.Fatalf("%s: count %d, extremes at %d and %d, want %d, %d and %d", what, NanCount(x), NanArgMin(x), NanArgMax(x), len(kept), first, last)
				}
				got, want := float64(NanVar(x, 1)), float64(Var(kept, 1))
				if !(math.Abs(got-want) <= 1e-6*want || got != got && want != want) || float64(NanStd(x, 1)) != float64(T(math.Sqrt(NanMomentsOf(x).Var(1)))) && got == got {
					t.Fatalf("%s: variance %g, want %g", what, got, want)
				}
				if share == 0 {
					wantSame(t, what+"NanVar", []T{NanVar(x, 0)}, []T{Var(x, 0)})
				}
			}
		}
	}
	if v := NanMin([]T{T(nan), T(inf)}); v != T(inf) {
		t.Errorf("NanMin(NaN, Inf) = %g", v)
	}
}

// TestLogSumExp_SkewnessKurtosis compares with the definitions, and looks at what is not finite.
func TestLogSumExp_SkewnessKurtosis(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		for _, n := range []int{1, 2, 3, 100, 1024, 1025, 5000} {
			x := make([]float64, n)
			Normal(x, testKey, 0, 3, 2)
			Square(x, x) // skew
			sum := bf(0)
			for _, v := range x {
				sum = badd(sum, bexp(bf(v)))
			}
			if got := LogSumExp(x); ulpError(got, blog(sum)) > 2 {
				w, _ := blog(sum).Float64()
				t.Errorf("LogSumExp of %d = %g, want %g", n, got, w)
			}
			mean, m2, m3, m4 := Mean(x), 0.0, 0.0, 0.0
			for _, v := range x {
				d := v - mean
				m2, m3, m4 = m2+d*d/float64(n), m3+d*d*d/float64(n), m4+d*d*d*d/float64(n)
			}
			if n > 1 && (math.Abs(Skewness(x)-m3/math.Pow(m2, 1.5)) > 1e-10 || math.Abs(Kurtosis(x)-(m4/(m2*m2)-3)) > 1e-10) {
				t.Errorf("n=%d: skewness %g, kurtosis %g", n, Skewness(x), Kurtosis(x))
			}
		}
		for _, c := range []struct {
			x    []float64
			want float64
		}{
			{nil, -inf}, {[]float64{-inf, -inf}, -inf}, {[]float64{1, inf}, inf}, {[]float64{nan, inf}, nan}, {[]float64{1e300, 1e300}, 1e300},
			{[]float64{-1000, -1000}, -1000 + math.Ln2}, {[]float64{5, -inf}, 5},
		} {
			if got := LogSumExp(c.x); !sameFloat(got, c.want) {
				t.Errorf("LogSumExp(%v) = %g, want %g", c.x, got, c.want)
			}
		}
		if v := Skewness([]float32{1, 1}); v == v {
			t.Errorf("skewness of equal elements is %g", v)
		}
	})
}
