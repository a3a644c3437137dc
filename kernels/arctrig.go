package kernels

import "math"

// Atan sets dst[i] to the arc tangent of x[i], within 0.7 ULP for float64.
func Atan[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = T(atan(float64(x[i])))
	}
}

// Atan2 sets dst[i] to the angle of the point (y[i], x[i]) with y first: dst = atan2(y, x), in (-pi, pi], within 2 ULP
// for float64, with the special values of C99.
func Atan2[T Float](dst, y, x []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := range dst {
		dst[i] = T(atan2(float64(y[i]), float64(x[i])))
	}
}

// Asin sets dst[i] to the arc sine of x[i], within 0.7 ULP for float64; NaN outside [-1, 1].
func Asin[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = T(asin(float64(x[i])))
	}
}

// Acos sets dst[i] to the arc cosine of x[i], within 0.7 ULP for float64; NaN outside [-1, 1].
func Acos[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = T(acos(float64(x[i])))
	}
}

// The five intervals of atan, ending at 7/16, 11/16, 19/16 and 39/16: in each, atan(x) = atan(c) + atan((x-c)/(1+c*x)),
// the last with c = Inf (fdlibm's division of the line).
var (
	atanC  = [5]float64{0, 0.5, 1, 1.5, 0}
	atanHi = [5]float64{0, 0x1.dac670561bb4fp-2, 0x1.921fb54442d18p-1, 0x1.f730bd281f69bp-1, halfPiHi}
	atanLo = [5]float64{0, 0x1.a2b7f222f65e2p-56, 0x1.1a62633145c07p-55, 0x1.007887af0cbbdp-56, halfPiMid}
)

// atanCoef is the polynomial (atan(t)/t-1)/t^2 in t^2, fitted on Chebyshev points for t <= 7/16.
var atanCoef = [12]float64{
	-0x1.5555555555555p-2, 0x1.99999999998c5p-3, -0x1.24924924854d3p-3, 0x1.c71c71bd297ddp-4,
	-0x1.745d154c29613p-4, 0x1.3b1375c51724bp-4, -0x1.110c9c528646fp-4, 0x1.e17074088e2d1p-5,
	-0x1.ab5964d962e7bp-5, 0x1.70003d828e51ep-5, -0x1.0f5fd11677ccbp-5, 0x1.e40ade8e6b30dp-7,
}

// atan is the meaning of Atan.
func atan(x float64) float64 {
	a := math.Abs(x)
	i := int(asBit(a >= 0.4375) + asBit(a >= 0.6875) + asBit(a >= 1.1875) + asBit(a >= 2.4375))
	c := atanC[i]
	num, den := a-c, math.FMA(c, a, 1)
	if i == 4 {
		num, den = -1, a
	}
	t := num / den
	if i == 0 {
		t = a
	}
	// What the division lost, to first order.
	lost := math.FMA(-t, den, num) / den
	if i == 0 || a > 0x1p60 {
		lost = 0
	}
	z := t * t
	w := z * z
	k := &atanCoef
	p := math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, k[11], k[9]), k[7]), k[5]), k[3]), k[1])
	q := math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, k[10], k[8]), k[6]), k[4]), k[2]), k[0])
	p = math.FMA(z, p, q)
	tail := math.FMA(float64(t*z), p, atanLo[i]+lost)
	v := atanHi[i] + t
	v += tail + ((atanHi[i] - v) + t)
	if i == 0 {
		v = t + tail
	}
	return math.Copysign(v, x)
}

// atan2 is the meaning of Atan2.
func atan2(y, x float64) float64 {
	switch {
	case x != x || y != y:
		return math.NaN()
	case y == 0:
		if math.Signbit(x) {
			return math.Copysign(math.Pi, y)
		}
		return y
	case x == 0:
		return math.Copysign(halfPiHi, y)
	case math.IsInf(x, 0) && math.IsInf(y, 0):
		if x > 0 {
			return math.Copysign(math.Pi/4, y)
		}
		return math.Copysign(3*math.Pi/4, y)
	}
	v := atan(math.Abs(y / x))
	if x < 0 {
		v = 2*halfPiHi - (v - 2*halfPiMid)
	}
	return math.Copysign(v, y)
}

// asinCoef is the polynomial (asin(t)/t-1)/t^2 in t^2, fitted on Chebyshev points for t <= 1/2.
var asinCoef = [14]float64{
	0x1.5555555555555p-3, 0x1.3333333333388p-4, 0x1.6db6db6dac1e0p-5, 0x1.f1c71c7a52ba3p-6,
	0x1.6e8ba123e494cp-6, 0x1.1c4efce23019fp-6, 0x1.c990ad3d8fdcap-7, 0x1.7b027ee1dd585p-7,
	0x1.3b49de7121487p-7, 0x1.31622469ce5adp-7, 0x1.8f193743418ffp-9, 0x1.406192d124629p-6,
	-0x1.3b416bb7d9257p-6, 0x1.e529c6fce9bb4p-6,
}

// asinPoly is (asin(t)/t-1)/z for z = t^2.
func asinPoly(z float64) float64 {
	w := z * z
	k := &asinCoef
	p := math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, k[13], k[11]), k[9]), k[7]), k[5]), k[3]), k[1])
	q := math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, k[12], k[10]), k[8]), k[6]), k[4]), k[2]), k[0])
	return math.FMA(z, p, q)
}

// asinUpper returns 2*asin(sqrt((1-a)/2)) in two words, for a >= 1/2: the arc cosine of a.
func asinUpper(a float64) (hi, lo float64) {
	z := 0.5 * (1 - a)
	if z == 0 {
		return 0, 0
	}
	s := math.Sqrt(z)
	lost := math.FMA(-s, s, z) / (s + s)
	return 2 * s, 2 * math.FMA(float64(s*z), asinPoly(z), lost)
}

// asin is the meaning of Asin.
func asin(x float64) float64 {
	a := math.Abs(x)
	if a < 0.5 {
		z := a * a
		return math.Copysign(math.FMA(float64(a*z), asinPoly(z), a), x)
	}
	hi, lo := asinUpper(a)
	v := halfPiHi - hi
	v += ((halfPiHi - v) - hi) + (halfPiMid - lo)
	return math.Copysign(v, x)
}

// acos is the meaning of Acos.
func acos(x float64) float64 {
	a := math.Abs(x)
	if a < 0.5 {
		z := x * x
		t := math.FMA(float64(x*z), asinPoly(z), -halfPiMid)
		v := halfPiHi - x
		return v + (((halfPiHi - v) - x) - t)
	}
	hi, lo := asinUpper(a)
	if x < 0 {
		v := 2*halfPiHi - hi
		return v + (((2*halfPiHi - v) - hi) + (2*halfPiMid - lo))
	}
	return hi + lo
}
