package kernels

import (
	"math"
	"testing"
)

var (
	inf     = math.Inf(1)
	nan     = math.NaN()
	negZero = math.Copysign(0, -1)
)

// sameFloat compares bits, all NaNs being one.
func sameFloat(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

// TestUnary_SpecialValues holds the functions to C99's Annex F, and to where Go's own math goes wrong: Exp just below
// its overflow, logarithms of subnormals, sines of huge arguments.
func TestUnary_SpecialValues(t *testing.T) { eachISA(t, testUnarySpecialValues) }

func testUnarySpecialValues(t *testing.T) {
	const tiny = 5e-324
	for name, rows := range map[string][][2]float64{
		"Exp": {{0, 1}, {negZero, 1}, {inf, inf}, {-inf, 0}, {nan, nan}, {1e308, inf}, {-1e308, 0}, {tiny, 1},
			{709.782712893384, 1.7976931348622732e308}, {709.7827128933841, inf}, {-745.1332191019411, tiny},
			{-745.1332191019412, 0}, {-708.5, 2.006132305331306e-308}},
		"Exp2": {{0, 1}, {negZero, 1}, {inf, inf}, {-inf, 0}, {nan, nan}, {1023, 0x1p1023}, {1024, inf}, {-1074, tiny},
			{-1076, 0}, {10, 1024}, {-1022, 0x1p-1022}, {-1073, 0x1p-1073}},
		"Exp10": {{0, 1}, {negZero, 1}, {inf, inf}, {-inf, 0}, {nan, nan}, {308, 1e308}, {309, inf}, {-323, 1e-323}, {-330, 0},
			{22, 1e22}, {15, 1e15}, {1, 10}, {2, 100}, {3, 1000}},
		"Expm1": {{0, 0}, {negZero, negZero}, {inf, inf}, {-inf, -1}, {nan, nan}, {tiny, tiny}, {-tiny, -tiny},
			{-50, -1}, {-800, -1}, {710, inf}},
		"Log": {{0, -inf}, {negZero, -inf}, {1, 0}, {inf, inf}, {-1, nan}, {-inf, nan}, {nan, nan},
			{tiny, -744.4400719213812}, {math.MaxFloat64, 709.782712893384}, {0x1p-1022, -708.3964185322641}},
		"Log2": {{0, -inf}, {negZero, -inf}, {1, 0}, {inf, inf}, {-1, nan}, {nan, nan}, {tiny, -1074}, {8, 3},
			{0x1p1023, 1023}, {0x1p-1030, -1030}},
		"Log10": {{0, -inf}, {1, 0}, {inf, inf}, {-1, nan}, {nan, nan}, {1000, 3}, {1e15, 15}, {1e22, 22}},
		"Log1p": {{0, 0}, {negZero, negZero}, {-1, -inf}, {inf, inf}, {-2, nan}, {-inf, nan}, {nan, nan}, {tiny, tiny},
			{-tiny, -tiny}},
		"Sin": {{0, 0}, {negZero, negZero}, {inf, nan}, {-inf, nan}, {nan, nan}, {tiny, tiny}, {-tiny, -tiny},
			{1e22, -0.8522008497671888}, {0x1p1023, 0.563127779850884}, {math.Pi, 1.2246467991473532e-16}},
		"Cos": {{0, 1}, {negZero, 1}, {inf, nan}, {-inf, nan}, {nan, nan}, {tiny, 1}, {1e22, 0.523214785395139},
			{math.Pi / 2, 6.123233995736766e-17}},
		"Tan":  {{0, 0}, {negZero, negZero}, {inf, nan}, {nan, nan}, {tiny, tiny}},
		"Asin": {{0, 0}, {negZero, negZero}, {1, math.Pi / 2}, {-1, -math.Pi / 2}, {1.5, nan}, {inf, nan}, {nan, nan}, {tiny, tiny}},
		"Acos": {{0, math.Pi / 2}, {1, 0}, {-1, math.Pi}, {-1.5, nan}, {inf, nan}, {nan, nan}},
		"Atan": {{0, 0}, {negZero, negZero}, {inf, math.Pi / 2}, {-inf, -math.Pi / 2}, {nan, nan}, {tiny, tiny},
			{1, math.Pi / 4}, {1e300, math.Pi / 2}},
		"Sinh":  {{0, 0}, {negZero, negZero}, {inf, inf}, {-inf, -inf}, {nan, nan}, {tiny, tiny}, {710.4758600739439, 1.7976931348621744e308}, {711, inf}},
		"Cosh":  {{0, 1}, {negZero, 1}, {inf, inf}, {-inf, inf}, {nan, nan}, {tiny, 1}, {-711, inf}},
		"Tanh":  {{0, 0}, {negZero, negZero}, {inf, 1}, {-inf, -1}, {nan, nan}, {tiny, tiny}, {-tiny, -tiny}, {20, 1}, {-1000, -1}},
		"Asinh": {{0, 0}, {negZero, negZero}, {inf, inf}, {-inf, -inf}, {nan, nan}, {tiny, tiny}},
		"Acosh": {{1, 0}, {0.5, nan}, {-inf, nan}, {inf, inf}, {nan, nan}},
		"Atanh": {{0, 0}, {negZero, negZero}, {1, inf}, {-1, -inf}, {1.5, nan}, {inf, nan}, {nan, nan}, {tiny, tiny}},
		"Cbrt": {{0, 0}, {negZero, negZero}, {27, 3}, {-27, -3}, {inf, inf}, {-inf, -inf}, {nan, nan}, {1e300, 1e100},
			{0x1p-1074, 0x1p-358}},
		"Erf": {{0, 0}, {negZero, negZero}, {inf, 1}, {-inf, -1}, {nan, nan}, {6, 1}, {-30, -1}},
		"Erfc": {{0, 1}, {negZero, 1}, {inf, 0}, {-inf, 2}, {nan, nan}, {28, 0}, {-6, 2}, {27.226017111108362, tiny},
			{27.226017111108366, 0}},
		"Rsqrt":   {{0, inf}, {negZero, -inf}, {4, 0.5}, {-1, nan}, {inf, 0}, {nan, nan}},
		"Sigmoid": {{0, 0.5}, {inf, 1}, {-inf, 0}, {nan, nan}, {1000, 1}, {-1000, 0}, {-745, tiny}},
	} {
		u := unaryNamed(name)
		for _, r := range rows {
			y := []float64{r[0]}
			u.f64(y, y)
			if !sameFloat(y[0], r[1]) {
				t.Errorf("%s(%g) = %g (%x), want %g (%x)", name, r[0], y[0], y[0], r[1], r[1])
			}
			if v := float32(r[0]); float64(v) == r[0] || r[0] != r[0] {
				y32 := []float32{v}
				u.f32(y32, y32)
				if want := float32(r[1]); !sameFloat(float64(y32[0]), float64(want)) {
					t.Errorf("%s(float32 %g) = %g, want %g", name, v, y32[0], want)
				}
			}
		}
	}
}

// TestBinary_SpecialValues is the same for two arguments.
func TestBinary_SpecialValues(t *testing.T) { eachISA(t, testBinarySpecialValues) }

func testBinarySpecialValues(t *testing.T) {
	type row [3]float64
	for name, c := range map[string]struct {
		f    func(dst, x, y []float64)
		rows []row
	}{
		"Pow": {Pow[float64], []row{
			{0, 0, 1}, {nan, 0, 1}, {1, nan, 1}, {1, inf, 1}, {-1, inf, 1}, {-1, -inf, 1}, {0, 3, 0}, {negZero, 3, negZero},
			{negZero, 2, 0}, {0, -3, inf}, {negZero, -3, -inf}, {negZero, -2, inf}, {0.5, inf, 0}, {0.5, -inf, inf},
			{2, inf, inf}, {2, -inf, 0}, {inf, 2, inf}, {inf, -2, 0}, {-inf, 3, -inf}, {-inf, -3, negZero}, {-inf, 2, inf},
			{-inf, 0.5, inf}, {-8, 1.0 / 3, nan}, {-2, 3, -8}, {2, 1023, 0x1p1023}, {2, 1024, inf}, {2, -1074, 5e-324},
			{2, -1080, 0}, {10, 22, 1e22}, {3, 3, 27}, {-1, 1e300, 1}, {-1, 0x1p53 - 1, -1}, {nan, 1, nan}, {2, nan, nan},
			{negZero, 0.5, 0}, {1e-320, 0.5, 9.99994433575849e-161}, {-2, 0x1p60, inf}, {0, 0.5, 0},
		}},
		"Atan2": {Atan2[float64], []row{
			{0, 1, 0}, {negZero, 1, negZero}, {0, -1, math.Pi}, {negZero, -1, -math.Pi}, {0, 0, 0}, {0, negZero, math.Pi},
			{negZero, negZero, -math.Pi}, {1, 0, math.Pi / 2}, {-1, negZero, -math.Pi / 2}, {inf, inf, math.Pi / 4},
			{-inf, -inf, -3 * math.Pi / 4}, {1, inf, 0}, {-1, inf, negZero}, {1, -inf, math.Pi}, {inf, 1, math.Pi / 2},
			{nan, 1, nan}, {1, nan, nan}, {1, 1, math.Pi / 4}, {1, -1, 3 * math.Pi / 4},
		}},
		"Hypot": {Hypot[float64], []row{
			{3, 4, 5}, {inf, nan, inf}, {nan, -inf, inf}, {nan, 1, nan}, {0, 0, 0}, {negZero, negZero, 0}, {3e300, 4e300, 5e300},
			{5e-324, 0, 5e-324}, {math.MaxFloat64, math.MaxFloat64, inf}, {1e-170, 1e100, 1e100}, {0x3p-1000, 0x4p-1000, 0x5p-1000},
		}},
		"Mod": {Mod[float64], []row{
			{1, inf, 1}, {-1, inf, inf}, {inf, 2, nan}, {5, 0, nan}, {0, 3, 0}, {negZero, 3, 0}, {5, -3, -1}, {-5, 3, 1},
			{5, 3, 2}, {-5, -3, -2}, {nan, 1, nan}, {6, -3, negZero}, {1e300, 7, math.Mod(1e300, 7)}, {5.5, 0.25, 0},
			{5e-324, 3, 5e-324}, {1, 5e-324, 0},
		}},
		"FloorDiv": {FloorDiv[float64], []row{
			{1, inf, 0}, {-1, inf, -1}, {5, 0, inf}, {-5, 0, -inf}, {0, 0, nan}, {negZero, 3, negZero}, {5, -3, -2},
			{-5, 3, -2}, {5, 3, 1}, {1, 0.1, 9}, {inf, 2, nan}, {nan, 1, nan},
		}},
		"Minimum":  {Minimum[float64], []row{{1, 2, 1}, {nan, 1, nan}, {1, nan, nan}, {0, negZero, negZero}, {-inf, inf, -inf}}},
		"Maximum":  {Maximum[float64], []row{{1, 2, 2}, {nan, 1, nan}, {1, nan, nan}, {negZero, 0, 0}, {-inf, inf, inf}}},
		"Copysign": {Copysign[float64], []row{{1, negZero, -1}, {-2, 3, 2}, {0, -1, negZero}}},
	} {
		for _, r := range c.rows {
			y := make([]float64, 1)
			c.f(y, r[:1], r[1:2])
			if !sameFloat(y[0], r[2]) {
				t.Errorf("%s(%g, %g) = %g, want %g", name, r[0], r[1], y[0], r[2])
			}
		}
	}
}

// TestPow_Accuracy compares Pow with exp(y*log(x)) in big.Float.
func TestPow_Accuracy(t *testing.T) {
	r := newRand(7)
	worst := 0.0
	for i := range 3000 * min(stress(), 100) {
		x := math.Exp2(40*r.Float64() - 20)
		y := (2*r.Float64() - 1) * 50
		if i%2 == 1 { // near 1, with results of every size
			x = 1 + math.Ldexp(r.Float64()-0.5, -r.IntN(40))
			y = (2*r.Float64() - 1) * 700 / math.Log(x)
		}
		got := make([]float64, 1)
		Pow(got, []float64{x}, []float64{y})
		if e := ulpError(got[0], bexp(bmul(bf(y), blog(bf(x))))); e > worst {
			worst = e
			if e > 0.8 {
				t.Errorf("Pow(%x, %x) = %x is %.3f ULP off", x, y, got[0], e)
			}
		}
	}
	t.Logf("worst %.3f ULP", worst)
}

// TestAtan2_Accuracy and TestHypot_Accuracy measure the other two.
func TestAtan2_Accuracy(t *testing.T) {
	r := newRand(8)
	for range 1000 {
		y, x := r.NormFloat64(), r.NormFloat64()
		got := make([]float64, 1)
		Atan2(got, []float64{y}, []float64{x})
		want := batan(bdiv(bf(y), bf(x)))
		if x < 0 {
			p := bnew().Set(refPi())
			if y < 0 {
				p.Neg(p)
			}
			want = badd(want, p)
		}
		if e := ulpError(got[0], want); e > 0.7 {
			t.Errorf("Atan2(%x, %x) = %x is %.3f ULP off", y, x, got[0], e)
		}
	}
}

func TestHypot_Accuracy(t *testing.T) {
	r := newRand(9)
	for range 2000 {
		s := math.Ldexp(1, r.IntN(2000)-1000)
		x, y := s*r.NormFloat64(), s*r.NormFloat64()*math.Ldexp(1, r.IntN(60)-30)
		got := make([]float64, 1)
		Hypot(got, []float64{x}, []float64{y})
		if e := ulpError(got[0], bsqrt(badd(bmul(bf(x), bf(x)), bmul(bf(y), bf(y))))); e > 1 {
			t.Errorf("Hypot(%x, %x) = %x is %.3f ULP off", x, y, got[0], e)
		}
	}
}

// TestPowScalar_NumPyExponents checks the exponents that NumPy treats apart.
func TestPowScalar_NumPyExponents(t *testing.T) {
	x := []float64{-inf, -2, negZero, 0, 0.5, 3, inf}
	for a, want := range map[float64][]float64{
		2:   {inf, 4, 0, 0, 0.25, 9, inf},
		0.5: {nan, nan, negZero, 0, math.Sqrt(0.5), math.Sqrt(3), inf},
		-1:  {negZero, -0.5, -inf, inf, 2, 1.0 / 3, 0},
		0:   {1, 1, 1, 1, 1, 1, 1},
		1:   x,
		3:   {-inf, -8, negZero, 0, 0.125, 27, inf},
	} {
		got := make([]float64, len(x))
		PowScalar(got, x, a)
		for i := range got {
			if !sameFloat(got[i], want[i]) {
				t.Errorf("PowScalar(%g, %g) = %g, want %g", x[i], a, got[i], want[i])
			}
		}
	}
}
