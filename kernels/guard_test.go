package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// newRand is a fixed source of test data.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// guarded copies values between two guards, off elements into a fresh slice, and returns it with a check of the guards.
func guarded[T Number](values []T, off int) (x []T, intact func() bool) {
	const guard = 16
	mark := T(math.Copysign(12345.5, -1))
	all := make([]T, guard+off+len(values)+guard)
	Fill(all, mark)
	lo, hi := guard+off, guard+off+len(values)
	copy(all[lo:], values)
	return all[lo:hi:hi], func() bool {
		for _, v := range all[:lo] {
			if v != mark {
				return false
			}
		}
		for _, v := range all[hi:] {
			if v != mark {
				return false
			}
		}
		return true
	}
}

// sliceKernel is an elementwise kernel of up to three arguments with its meaning for one element.
type sliceKernel[T Float] struct {
	name string
	args int
	run  func(dst, x, y, z []T)
	one  func(x, y, z T) T
}

// un, bin make sliceKernels.
func un[T Float](name string, run func(dst, x []T), one func(x float64) float64) sliceKernel[T] {
	return sliceKernel[T]{name, 1, func(dst, x, _, _ []T) { run(dst, x) }, func(x, _, _ T) T { return T(one(float64(x))) }}
}

func bin[T Float](name string, run func(dst, x, y []T), one func(x, y T) T) sliceKernel[T] {
	return sliceKernel[T]{name, 2, func(dst, x, y, _ []T) { run(dst, x, y) }, func(x, y, _ T) T { return one(x, y) }}
}

// sliceKernels lists every elementwise kernel of floats.
func sliceKernels[T Float]() []sliceKernel[T] {
	with := func(f func(dst, x []T, a T)) func(dst, x []T) { return func(dst, x []T) { f(dst, x, 3) } }
	k := []sliceKernel[T]{
		bin("Add", Add[T], func(x, y T) T { return x + y }), bin("Sub", Sub[T], func(x, y T) T { return x - y }),
		bin("Mul", Mul[T], func(x, y T) T { return x * y }), bin("Div", Div[T], func(x, y T) T { return x / y }),
		bin("Mod", Mod[T], pyMod[T]), bin("FloorDiv", FloorDiv[T], pyFloorDiv[T]),
		bin("Minimum", Minimum[T], func(x, y T) T { return min(x, y) }),
		bin("Maximum", Maximum[T], func(x, y T) T { return max(x, y) }),
		bin("Pow", Pow[T], func(x, y T) T { return T(pow(float64(x), float64(y))) }),
		bin("Atan2", Atan2[T], func(x, y T) T { return T(atan2(float64(x), float64(y))) }),
		bin("Hypot", Hypot[T], func(x, y T) T { return T(hypot(float64(x), float64(y))) }),
		bin("Copysign", Copysign[T], func(x, y T) T { return T(math.Copysign(float64(x), float64(y))) }),
		{"Fma", 3, Fma[T], func(x, y, z T) T { return T(math.FMA(float64(x), float64(y), float64(z))) }},
		un("AddScalar", with(AddScalar[T]), func(x float64) float64 { return x + 3 }),
		un("SubScalar", with(SubScalar[T]), func(x float64) float64 { return x - 3 }),
		un("RSubScalar", with(RSubScalar[T]), func(x float64) float64 { return 3 - x }),
		un("MulScalar", with(MulScalar[T]), func(x float64) float64 { return x * 3 }),
		un("Scale", with(Scale[T]), func(x float64) float64 { return x * 3 }),
		un("DivScalar", with(DivScalar[T]), func(x float64) float64 { return x / 3 }),
		un("RDivScalar", with(RDivScalar[T]), func(x float64) float64 { return 3 / x }),
		un("PowScalar", with(PowScalar[T]), func(x float64) float64 { return pow(x, 3) }),
		un("ModScalar", with(ModScalar[T]), func(x float64) float64 { return float64(pyMod(T(x), 3)) }),
		un("FloorDivScalar", with(FloorDivScalar[T]), func(x float64) float64 { return float64(pyFloorDiv(T(x), 3)) }),
		un("Clamp", func(dst, x []T) { Clamp(dst, x, -1, 1) }, func(x float64) float64 { return min(max(x, -1), 1) }),
		un("Neg", Neg[T], func(x float64) float64 { return -x }), un("Abs", Abs[T], math.Abs),
		un("Sqrt", Sqrt[T], math.Sqrt), un("Square", Square[T], func(x float64) float64 { return x * x }),
		un("Rsqrt", Rsqrt[T], func(x float64) float64 { return 1 / math.Sqrt(x) }),
		un("Reciprocal", Reciprocal[T], func(x float64) float64 { return 1 / x }),
		un("Sign", Sign[T], func(x float64) float64 {
			if x == 0 || x != x {
				return x + 0
			}
			return math.Copysign(1, x)
		}),
		un("Floor", Floor[T], math.Floor), un("Ceil", Ceil[T], math.Ceil), un("Trunc", Trunc[T], math.Trunc),
		un("Round", Round[T], math.RoundToEven),
	}
	for name, one := range map[string]func(float64) float64{
		"Exp": exp, "Exp2": exp2, "Exp10": exp10, "Expm1": expm1, "Log": log, "Log2": log2, "Log10": log10, "Log1p": log1p, "Sin": sin,
		"Cos": cos, "Tan": tan, "Asin": asin, "Acos": acos, "Atan": atan, "Sinh": sinh, "Cosh": cosh, "Tanh": tanh,
		"Asinh": asinh, "Acosh": acosh, "Atanh": atanh, "Cbrt": cbrt, "Erf": erf, "Erfc": erfc, "Sigmoid": sigmoid,
	} {
		u := unaryNamed(name)
		run, ok := any(u.f64).(func(dst, x []T))
		if !ok {
			run = any(u.f32).(func(dst, x []T))
		}
		k = append(k, un(name, run, one))
	}
	return k
}

// TestElementwise_LengthsOffsetsAliases runs every kernel at every length and at several offsets, out of place and in
// place, compares with the kernel's meaning for one element, and looks at the guards.
func TestElementwise_LengthsOffsetsAliases(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		t.Run("type=float64", testElementwise[float64])
		t.Run("type=float32", testElementwise[float32])
	})
}

func testElementwise[T Float](t *testing.T) {
	r := newRand(3)
	values := func(n int) []T {
		v := make([]T, n)
		odd := []float64{0, negZero, inf, -inf, nan, 1, -1, 0.5, 1e-30, 300, 2.5, -2.5}
		for i := range v {
			v[i] = T(r.NormFloat64())
			if r.IntN(8) == 0 {
				v[i] = T(odd[r.IntN(len(odd))])
			}
		}
		return v
	}
	for _, k := range sliceKernels[T]() {
		for n := 0; n <= 130; n++ {
			off := n % 9
			a, b, c := values(n), values(n), values(n)
			want := make([]T, n)
			for i := range want {
				want[i] = k.one(a[i], b[i], c[i])
			}
			dst, ok := guarded(values(n), (off+3)%9)
			k.run(dst, a, b, c)
			wantSame(t, fmt.Sprintf("%s n=%d", k.name, n), dst, want)
			if !ok() {
				t.Fatalf("%s wrote outside dst at n=%d", k.name, n)
			}
			for in := range k.args {
				args := [3][]T{append([]T(nil), a...), append([]T(nil), b...), append([]T(nil), c...)}
				x, ok := guarded(args[in], off)
				args[in] = x
				k.run(x, args[0], args[1], args[2])
				wantSame(t, fmt.Sprintf("%s n=%d in place of argument %d", k.name, n, in), x, want)
				if !ok() {
					t.Fatalf("%s wrote outside dst in place at n=%d", k.name, n)
				}
			}
		}
	}
}

// wantSame fails unless two slices have the same bits, all NaNs being one.
func wantSame[T Float](t *testing.T, what string, got, want []T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !sameFloat(float64(got[i]), float64(want[i])) {
			t.Fatalf("%s: element %d = %g, want %g", what, i, got[i], want[i])
		}
	}
}

// TestElementwise_LengthMismatchPanics checks that no kernel takes slices of different lengths.
func TestElementwise_LengthMismatchPanics(t *testing.T) {
	for _, k := range sliceKernels[float64]() {
		for bad := range k.args + 1 {
			s := [4][]float64{make([]float64, 5), make([]float64, 5), make([]float64, 5), make([]float64, 5)}
			s[bad] = make([]float64, 6)
			if k.name == "Fma" && bad == 3 || bad <= k.args {
				wantPanic(t, k.name, panicLength, func() { k.run(s[0], s[1], s[2], s[3]) })
			}
		}
	}
	x, m := make([]float64, 3), make([]bool, 2)
	for name, f := range map[string]func(){
		"Axpy": func() { Axpy(1, x, x[:2]) }, "Less": func() { Less(m, x, x) }, "LessScalar": func() { LessScalar(m, x, 1) },
		"And": func() { And(m, m, m[:1]) }, "Not": func() { Not(m, m[:1]) }, "Select": func() { Select(x, m, x, x) },
		"Compress": func() { Compress(x, m, x) }, "Convert": func() { Convert(x, x[:1]) }, "BoolTo": func() { BoolTo(x, m) },
		"Dot": func() { Dot(x, x[:2]) }, "CumSum": func() { CumSum(x, x[:2], 0) }, "Diff": func() { Diff(x, x) },
		"ArgSort": func() { ArgSort(make([]int, 2), x) }, "Sincos": func() { Sincos(x, x[:2], x) },
		"IsNaN": func() { IsNaN(m, x) },
	} {
		wantPanic(t, name, panicLength, f)
	}
}

// wantPanic fails unless f panics with the given string.
func wantPanic(t *testing.T, what, text string, f func()) {
	t.Helper()
	defer func() {
		if got := recover(); got != text {
			t.Errorf("%s: panic %v, want %q", what, got, text)
		}
	}()
	f()
}

// TestAxpySincosFill_Guards covers the kernels whose arguments have another shape.
func TestAxpySincosFill_Guards(t *testing.T) { eachISA(t, testAxpySincosFill) }

func testAxpySincosFill(t *testing.T) {
	r := newRand(4)
	for n := 0; n <= 130; n++ {
		a := make([]float64, n)
		b := make([]float64, n)
		for i := range a {
			a[i], b[i] = r.NormFloat64(), r.NormFloat64()
		}
		y, ok := guarded(b, n%7)
		Axpy(1.1, a, y)
		for i := range y {
			if y[i] != b[i]+float64(1.1*a[i]) {
				t.Fatalf("Axpy n=%d element %d", n, i)
			}
		}
		s, okS := guarded(a, n%5)
		c, okC := guarded(b, n%3)
		Sincos(s, c, s)
		for i := range s {
			if s[i] != sin(a[i]) || c[i] != cos(a[i]) {
				t.Fatalf("Sincos n=%d element %d", n, i)
			}
		}
		f, okF := guarded(a, n%4)
		Fill(f, 2)
		for i := range f {
			if f[i] != 2 {
				t.Fatalf("Fill n=%d element %d", n, i)
			}
		}
		if !ok() || !okS() || !okC() || !okF() {
			t.Fatalf("guards broken at n=%d", n)
		}
	}
}
