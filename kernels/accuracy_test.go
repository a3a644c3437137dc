package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// unary is a kernel of one argument.
type unary struct {
	name string
	f64  func(dst, x []float64)
	f32  func(dst, x []float32)
}

var unaries = []unary{
	{"Exp", Exp[float64], Exp[float32]}, {"Exp2", Exp2[float64], Exp2[float32]},
	{"Exp10", Exp10[float64], Exp10[float32]},
	{"Expm1", Expm1[float64], Expm1[float32]}, {"Log", Log[float64], Log[float32]},
	{"Log2", Log2[float64], Log2[float32]}, {"Log10", Log10[float64], Log10[float32]},
	{"Log1p", Log1p[float64], Log1p[float32]}, {"Sin", Sin[float64], Sin[float32]},
	{"Cos", Cos[float64], Cos[float32]}, {"Tan", Tan[float64], Tan[float32]},
	{"Asin", Asin[float64], Asin[float32]}, {"Acos", Acos[float64], Acos[float32]},
	{"Atan", Atan[float64], Atan[float32]}, {"Sinh", Sinh[float64], Sinh[float32]},
	{"Cosh", Cosh[float64], Cosh[float32]}, {"Tanh", Tanh[float64], Tanh[float32]},
	{"Asinh", Asinh[float64], Asinh[float32]}, {"Acosh", Acosh[float64], Acosh[float32]},
	{"Atanh", Atanh[float64], Atanh[float32]}, {"Cbrt", Cbrt[float64], Cbrt[float32]},
	{"Erf", Erf[float64], Erf[float32]}, {"Erfc", Erfc[float64], Erfc[float32]},
	{"Rsqrt", Rsqrt[float64], Rsqrt[float32]}, {"Sigmoid", Sigmoid[float64], Sigmoid[float32]},
}

// unaryNamed finds a kernel by its name.
func unaryNamed(name string) unary {
	for _, u := range unaries {
		if u.name == name {
			return u
		}
	}
	panic("no such kernel: " + name)
}

// accuracyCases are the ranges in which the bounds of the comments are measured. A range with lo > 0 and logarithmic
// set is sampled evenly in the exponent, with both signs where both is set.
var accuracyCases = []struct {
	name    string
	lo, hi  float64
	log     bool
	both    bool
	bound   float64
	samples int
}{
	{"Exp", -10, 10, false, false, 0.8, 2000}, {"Exp", -745, 709.78, false, false, 0.8, 1000},
	{"Exp", -745.2, -708, false, false, 0.8, 500}, {"Exp", 1e-20, 1, true, true, 0.8, 500},
	{"Exp2", -10, 10, false, false, 0.8, 1000}, {"Exp2", -1075, 1024, false, false, 0.8, 500},
	{"Exp10", -10, 10, false, false, 0.8, 1000}, {"Exp10", -324, 308.25, false, false, 0.8, 500},
	{"Exp10", 1e-20, 1, true, true, 0.8, 500},
	{"Expm1", -1, 1, false, false, 0.9, 2000}, {"Expm1", -40, 709, false, false, 0.9, 500},
	{"Expm1", 1e-20, 1, true, true, 0.9, 1000},
	{"Log", 0.5, 2, false, false, 0.65, 2000}, {"Log", 5e-324, math.MaxFloat64, true, false, 0.65, 1000},
	{"Log2", 0.5, 2, false, false, 0.7, 1000}, {"Log2", 5e-324, math.MaxFloat64, true, false, 0.7, 500},
	{"Log10", 0.5, 2, false, false, 0.7, 1000}, {"Log10", 5e-324, math.MaxFloat64, true, false, 0.7, 500},
	{"Log1p", -0.9, 2, false, false, 0.7, 1000}, {"Log1p", 1e-20, 1e300, true, false, 0.7, 500},
	{"Log1p", -1, -0.5, false, false, 0.7, 500},
	{"Sin", -10, 10, false, false, 0.8, 2000}, {"Sin", 1e-10, 1e5, true, true, 0.8, 1000},
	{"Sin", 1e5, math.MaxFloat64, true, true, 0.8, 500},
	{"Cos", -10, 10, false, false, 0.8, 2000}, {"Cos", 1e-10, 1e5, true, true, 0.8, 1000},
	{"Cos", 1e5, math.MaxFloat64, true, true, 0.8, 500},
	{"Tan", -10, 10, false, false, 2, 1000}, {"Tan", 1e-10, math.MaxFloat64, true, true, 2, 500},
	{"Asin", -1, 1, false, false, 0.7, 1000}, {"Asin", 1e-20, 1, true, true, 0.7, 500},
	{"Acos", -1, 1, false, false, 0.7, 1000}, {"Acos", 1e-20, 1, true, true, 0.7, 500},
	{"Atan", -5, 5, false, false, 0.7, 2000}, {"Atan", 1e-20, 1e20, true, true, 0.7, 500},
	{"Sinh", -3, 3, false, false, 0.9, 1000}, {"Sinh", 1e-20, 710.47, true, true, 0.9, 500},
	{"Cosh", -3, 3, false, false, 1.5, 500}, {"Cosh", 1e-20, 710.47, true, true, 1.5, 500},
	{"Tanh", -3, 3, false, false, 0.9, 1000}, {"Tanh", 1e-20, 40, true, true, 0.9, 500},
	{"Asinh", -3, 3, false, false, 0.7, 500}, {"Asinh", 1e-20, 1e300, true, true, 0.7, 500},
	{"Acosh", 1, 3, false, false, 0.7, 500}, {"Acosh", 1, 1e300, true, false, 0.7, 500},
	{"Atanh", -1, 1, false, false, 0.7, 500}, {"Atanh", 1e-20, 1, true, true, 0.7, 500},
	{"Cbrt", -8, 8, false, false, 0.6, 500}, {"Cbrt", 5e-324, math.MaxFloat64, true, true, 0.6, 500},
	{"Erf", -6, 6, false, false, 1.1, 500}, {"Erf", 1e-20, 6, true, true, 1.1, 200},
	{"Erfc", -6, 6, false, false, 3, 500}, {"Erfc", 6, 27.2, false, false, 3, 60},
	{"Rsqrt", 5e-324, math.MaxFloat64, true, false, 1.5, 500},
	{"Sigmoid", -20, 20, false, false, 2, 500}, {"Sigmoid", -745, 745, false, false, 2, 200},
}

// stress is how many times as much the tests with random arguments do: $SHMATH_STRESS, or 1.
func stress() int {
	n, _ := strconv.Atoi(os.Getenv("SHMATH_STRESS"))
	return max(1, n)
}

// TestUnary_Accuracy compares every function with its reference at random points.
func TestUnary_Accuracy(t *testing.T) {
	for _, c := range accuracyCases {
		t.Run(fmt.Sprintf("kernel=%s/from=%g/to=%g", c.name, c.lo, c.hi), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(len(c.name))))
			x := make([]float64, c.samples*stress())
			for i := range x {
				x[i] = c.lo + (c.hi-c.lo)*r.Float64()
				if c.log {
					a, b := math.Log2(c.lo), math.Log2(c.hi)
					if c.lo < minNormal {
						a = -1074
					}
					x[i] = math.Min(math.Exp2(a+(b-a)*r.Float64()), c.hi)
					if c.both && i%2 == 1 {
						x[i] = -x[i]
					}
				}
			}
			checkUnary(t, c.name, x, c.bound)
		})
	}
}

// checkUnary evaluates a kernel at x in float64 and float32 and fails where it is farther from its reference than bound.
func checkUnary(t *testing.T, name string, x []float64, bound float64) {
	t.Helper()
	u, ref := unaryNamed(name), reference[name]
	got := make([]float64, len(x))
	u.f64(got, x)
	x32, got32 := make([]float32, len(x)), make([]float32, len(x))
	Convert(x32, x)
	u.f32(got32, x32)
	worst, at := 0.0, 0.0
	for i, v := range x {
		if e := ulpError(got[i], ref(v)); e > worst {
			worst, at = e, v
		}
	}
	for i, v := range x32 {
		// The ends of the domains, to which float32 may round, are among the special values.
		if a := math.Abs(float64(v)); a == 0 || a == 1 || a > math.MaxFloat32 {
			continue
		}
		if e := ulpError32(got32[i], ref(float64(v))); e > 0.51 {
			t.Errorf("%s(float32 %x) = %x is %.3f ULP off", name, v, got32[i], e)
		}
	}
	t.Logf("%s: worst %.3f ULP at %g (%x)", name, worst, at, at)
	if worst > bound {
		t.Errorf("%s(%x) is %.3f ULP off, bound %g", name, at, worst, bound)
	}
}
