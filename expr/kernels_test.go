package expr

import (
	"math"
	"testing"

	"github.com/shmath/shmath/kernels"
)

// TestFunctions_AreTheKernels: each function gives the bits of its kernel on the whole array, in both float types.
func TestFunctions_AreTheKernels(t *testing.T) {
	testFunctions[float64](t)
	testFunctions[float32](t)
}

func testFunctions[T kernels.Float](t *testing.T) {
	n := 5001
	x, y, u, want := make([]T, n), make([]T, n), make([]T, n), make([]T, n)
	for i := range x {
		x[i], y[i], u[i] = T(math.Sin(float64(i))*20), T(math.Cos(float64(3*i))*5), T(float64(i+1)/float64(n+2))
	}
	vars := map[string]any{"x": x, "y": y, "u": u}
	check := func(src string, want any) {
		t.Helper()
		p, err := Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Eval(p, vars, &Options{Seed: 7, Stream: 3})
		if err != nil {
			t.Fatal(err)
		}
		if !sameBits(got[0], want) {
			t.Errorf("%s of %T differs from its kernel", src, x)
		}
	}
	for name, f := range map[string]func(dst, x []T){
		"exp(x)": kernels.Exp[T], "exp2(x)": kernels.Exp2[T], "expm1(x)": kernels.Expm1[T], "log(x)": kernels.Log[T], "log2(x)": kernels.Log2[T], "log10(x)": kernels.Log10[T],
		"log1p(x)": kernels.Log1p[T], "sqrt(x)": kernels.Sqrt[T], "cbrt(x)": kernels.Cbrt[T], "square(x)": kernels.Square[T], "reciprocal(x)": kernels.Reciprocal[T], "abs(x)": kernels.Abs[T],
		"absolute(x)": kernels.Abs[T], "sign(x)": kernels.Sign[T], "floor(x)": kernels.Floor[T], "ceil(x)": kernels.Ceil[T], "trunc(x)": kernels.Trunc[T], "round(x)": kernels.Round[T], "rint(x)": kernels.Round[T],
		"sin(x)": kernels.Sin[T], "cos(x)": kernels.Cos[T], "tan(x)": kernels.Tan[T], "arctan(x)": kernels.Atan[T], "atan(x)": kernels.Atan[T],
		"sinh(x)": kernels.Sinh[T], "cosh(x)": kernels.Cosh[T], "tanh(x)": kernels.Tanh[T], "arcsinh(x)": kernels.Asinh[T], "asinh(x)": kernels.Asinh[T], "arccosh(x)": kernels.Acosh[T], "acosh(x)": kernels.Acosh[T],
		"erf(x)": kernels.Erf[T], "erfc(x)": kernels.Erfc[T], "sigmoid(x)": kernels.Sigmoid[T], "-x": kernels.Neg[T], "negative(x)": kernels.Neg[T],
	} {
		f(want, x)
		check(name, want)
	}
	for name, f := range map[string]func(dst, x []T){"arcsin(u)": kernels.Asin[T], "asin(u)": kernels.Asin[T], "arccos(u)": kernels.Acos[T], "acos(u)": kernels.Acos[T], "arctanh(u)": kernels.Atanh[T], "atanh(u)": kernels.Atanh[T]} {
		f(want, u)
		check(name, want)
	}
	for name, f := range map[string]func(dst, x, y []T){
		"x + y": kernels.Add[T], "x - y": kernels.Sub[T], "x * y": kernels.Mul[T], "x / y": kernels.Div[T], "x % y": kernels.Mod[T], "x // y": kernels.FloorDiv[T], "mod(x, y)": kernels.Mod[T],
		"u ** y": func(d, _, y []T) { kernels.Pow(d, u, y) }, "power(u, y)": func(d, _, y []T) { kernels.Pow(d, u, y) }, "minimum(x, y)": kernels.Minimum[T], "maximum(x, y)": kernels.Maximum[T],
		"arctan2(x, y)": kernels.Atan2[T], "atan2(x, y)": kernels.Atan2[T], "hypot(x, y)": kernels.Hypot[T], "copysign(x, y)": kernels.Copysign[T],
	} {
		f(want, x, y)
		check(name, want)
	}
	for name, f := range map[string]func(dst, x []T, a T){
		"x + 1.5": kernels.AddScalar[T], "1.5 + x": kernels.AddScalar[T], "x - 1.5": kernels.SubScalar[T], "1.5 - x": kernels.RSubScalar[T], "x * 1.5": kernels.MulScalar[T],
		"x / 1.5": kernels.DivScalar[T], "1.5 / x": kernels.RDivScalar[T], "x ** 1.5": kernels.PowScalar[T], "x % 1.5": kernels.ModScalar[T], "x // 1.5": kernels.FloorDivScalar[T],
		"clip(x, -1.5, 1.5)": func(d, x []T, a T) { kernels.Clamp(d, x, -a, a) },
	} {
		f(want, x, 1.5)
		check(name, want)
	}
	testMasks(check, x, y)
	testScans(check, x, y)
	testReductions(check, x, y)
}

func testMasks[T kernels.Float](check func(string, any), x, y []T) {
	mask, want := make([]bool, len(x)), make([]T, len(x))
	for name, f := range map[string]func(dst []bool, x, y []T){"x < y": kernels.Less[T], "x <= y": kernels.LessEqual[T], "x == y": kernels.Equal[T], "x != y": kernels.NotEqual[T], "x > y": kernels.Greater[T], "x >= y": kernels.GreaterEqual[T]} {
		f(mask, x, y)
		check(name, mask)
	}
	for name, f := range map[string]func(dst []bool, x []T){"isnan(log(x))": kernels.IsNaN[T], "isinf(x/0.0)": kernels.IsInf[T], "isfinite(log(x))": kernels.IsFinite[T]} {
		if name[:5] == "isinf" {
			kernels.DivScalar(want, x, 0)
		} else {
			kernels.Log(want, x)
		}
		f(mask, want)
		check(name, mask)
	}
}

func testScans[T kernels.Float](check func(string, any), x, y []T) {
	want, diff := make([]T, len(x)), make([]T, len(x)-1)
	kernels.Diff(diff, x)
	check("diff(x)", diff)
	kernels.CumSum(want, x, 0)
	check("cumsum(x)", want)
	kernels.CumProd(want, y, 1)
	check("cumprod(y)", want)
	kernels.Diff(diff, want)
	check("diff(cumprod(y))", diff)
	draws := make([]T, 777)
	kernels.Bootstrap(draws, x, [2]uint64{7, 3}, 0, 11)
	check("bootstrap(x, paths=777, horizon=11)", draws)
	kernels.Bootstrap(draws[:700], x, [2]uint64{7, 3}, 77, 11)
	check("bootstrap(x, paths=777, horizon=11)[77:]", draws[:700])
}

func testReductions[T kernels.Float](check func(string, any), x, y []T) {
	counts := make([]int64, 20)
	kernels.Histogram(counts, x, -3, 7)
	check("histogram(x, bins=20, range=(-3, 7))", counts)
	for src, want := range map[string]any{
		"sum(x)": kernels.Sum(x), "prod(y)": kernels.Prod(y), "mean(x)": kernels.Mean(x), "var(x)": kernels.Var(x, 0), "std(x)": kernels.Std(x, 0), "var(x, ddof=1)": kernels.Var(x, 1), "std(x, ddof=1)": kernels.Std(x, 1),
		"min(x)": kernels.Min(x), "max(x)": kernels.Max(x), "argmin(x)": int64(kernels.ArgMin(x)), "argmax(x)": int64(kernels.ArgMax(x)), "dot(x, y)": kernels.Dot(x, y), "median(x)": kernels.Median(x),
		"quantile(x, 0.123)": kernels.Quantile(x, 0.123), "percentile(x, 12.5)": kernels.Quantile(x, 0.125), "count(u)": int64(len(x)), "count_nonzero(x > 0)": int64(count0(x)), "any(x > 19)": true, "all(x > 0)": false, "len(x)": int64(len(x)),
	} {
		check(src, want)
	}
	n := 1001
	uniform, normal := make([]float64, n), make([]float64, n)
	kernels.Uniform(uniform, [2]uint64{7, 3}, 0)
	check("uniform(1001)", uniform)
	kernels.Normal(normal, [2]uint64{7, 3}, 0, 2, 0.5)
	check("normal(1001, mean=2, std=0.5)", normal)
	kernels.Normal(normal, [2]uint64{7, 3}, 0, 0, 1)
	check("normal(1001)", normal)
}

func count0[T kernels.Float](x []T) int {
	n := 0
	for _, v := range x {
		if v > 0 {
			n++
		}
	}
	return n
}

// TestSum_WholeSlice: sums and moments have the bits of the kernels on the whole slice, across blocks of any size.
func TestSum_WholeSlice(t *testing.T) {
	for _, n := range []int{1, 4095, 4096, 4097, 32768, 32769, 65536 + 4096*3 + 17, 200_001} {
		x := make([]float64, n)
		for i := range x {
			x[i] = math.Exp(math.Sin(float64(i)) * 10)
		}
		p, err := Compile("sum(x), mean(x), var(x), prod(x * 1e-3), dot(x, x)")
		if err != nil {
			t.Fatal(err)
		}
		got, err := Eval(p, map[string]any{"x": x}, nil)
		if err != nil {
			t.Fatal(err)
		}
		scaled := make([]float64, n)
		kernels.MulScalar(scaled, x, 1e-3)
		for i, want := range []float64{kernels.Sum(x), kernels.Mean(x), kernels.Var(x, 0), kernels.Prod(scaled), kernels.Dot(x, x)} {
			if !sameBits(got[i], want) {
				t.Errorf("n=%d: %s is %v, the kernel has %v", n, p.Targets()[i], got[i], want)
			}
		}
	}
}

// TestCumSum_JoinsBlocks checks the definition beyond one block: the block's own running sum, plus what came before.
func TestCumSum_JoinsBlocks(t *testing.T) {
	n := 3*blockLen + 1234
	x, want := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i] = math.Abs(math.Sin(float64(i) * 1.7))
	}
	before := 0.0
	for lo := 0; lo < n; lo += blockLen {
		own := 0.0
		for i := lo; i < min(lo+blockLen, n); i++ {
			own += x[i]
			want[i] = before + own
		}
		before += own
	}
	p, err := Compile("c = cumsum(x)")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Eval(p, map[string]any{"x": x}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !sameBits(got[0], want) {
		t.Error("cumsum differs from its definition")
	}
	c := got[0].([]float64)
	for i := 1; i < n; i++ {
		if c[i] < c[i-1] {
			t.Fatalf("the running sum of positive numbers falls at %d", i)
		}
	}
}
