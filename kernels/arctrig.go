package kernels

import "math"

// Atan sets dst[i] to the arc tangent of x[i], within 0.7 ULP for float64.
func Atan[T Float](dst, x []T) { elementwise(atanOp, dst, x, atan) }

// Atan2 sets dst[i] to the angle of the point (y[i], x[i]) with y first: dst = atan2(y, x), in (-pi, pi], within 0.7 ULP
// for float64, with the special values of C99.
func Atan2[T Float](dst, y, x []T) { elementwise2(atan2Op, dst, y, x, atan2) }

// Asin sets dst[i] to the arc sine of x[i], within 0.7 ULP for float64; NaN outside [-1, 1].
func Asin[T Float](dst, x []T) { elementwise(asinOp, dst, x, asin) }

// Acos sets dst[i] to the arc cosine of x[i], within 0.7 ULP for float64; NaN outside [-1, 1].
func Acos[T Float](dst, x []T) { elementwise(acosOp, dst, x, acos) }

// angleHi and angleLo hold, in two words, the angle a of slope 0, 1/2 and 1 (fdlibm's division of the first octant), then
// pi/2-a, pi-a and pi/2+a.
var (
	angleHi = [16]float64{
		0, 0x1.dac670561bb4fp-2, 0x1.921fb54442d18p-1, 0, halfPiHi, 0x1.1b6e192ebbe44p+0, 0x1.921fb54442d18p-1, 0,
		2 * halfPiHi, 0x1.56c6e7397f5aep+1, 0x1.2d97c7f3321d2p+1, 0, halfPiHi, 0x1.0468a8ace4df6p+1, 0x1.2d97c7f3321d2p+1, 0,
	}
	angleLo = [16]float64{
		0, 0x1.a2b7f222f65e2p-56, 0x1.1a62633145c07p-55, 0, halfPiMid, 0x1.b1b466a88828ep-54, 0x1.1a62633145c07p-55, 0,
		2 * halfPiMid, 0x1.660b64ece6f4bp-53, 0x1.a79394c9e8a0ap-54, 0, halfPiMid, 0x1.0620bf7406affp-55, 0x1.a79394c9e8a0ap-54, 0,
	}
)

// atanCoef is the polynomial (atan(t)/t-1)/t^2 in t^2, fitted on Chebyshev points for t <= 7/16.
var atanCoef = [12]float64{
	-0x1.5555555555555p-2, 0x1.99999999998c5p-3, -0x1.24924924854d3p-3, 0x1.c71c71bd297ddp-4,
	-0x1.745d154c29613p-4, 0x1.3b1375c51724bp-4, -0x1.110c9c528646fp-4, 0x1.e17074088e2d1p-5,
	-0x1.ab5964d962e7bp-5, 0x1.70003d828e51ep-5, -0x1.0f5fd11677ccbp-5, 0x1.e40ade8e6b30dp-7,
}

// The range of the coordinates whose reciprocal is a normal number with some room.
const (
	angleMin = 0x1p-1000
	angleMax = 0x1p+1000
)

// angle returns the angle of the point (x, y) for x, y >= 0 in [0, pi/2], or where flip is set of (-x, y). The greater of
// the two is from angleMin to angleMax: with the slope c nearest to q = num/den,
//
//	atan(q) = atan(c) + atan((num-c*den)/(den+c*num))
func angle(y, x float64, flip bool) float64 {
	num, den := min(y, x), max(y, x)
	i, c := 0, 0.0
	if num >= 0.4375*den {
		i, c = 1, 0.5
	}
	if num >= 0.6875*den {
		i, c = 2, 1
	}
	n, d := math.FMA(-c, den, num), math.FMA(c, num, den) // n is exact
	r := 1 / d
	t := n * r
	lost := math.FMA(c, num, den-d)
	lost = float64((math.FMA(-t, d, n) - float64(t*lost)) * r)
	z := t * t
	w := z * z
	k := &atanCoef
	p := math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, k[11], k[9]), k[7]), k[5]), k[3]), k[1])
	q := math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, k[10], k[8]), k[6]), k[4]), k[2]), k[0])
	tail := math.FMA(float64(t*z), math.FMA(z, p, q), lost)
	steep := y > x
	if steep {
		i += 4
	}
	if flip {
		i += 8
	}
	if steep != flip {
		t, tail = -t, -tail
	}
	base := angleHi[i]
	v := base + t
	return v + (((base - v) + t) + (angleLo[i] + tail))
}

// atan is the meaning of Atan. Above 2^66 it is pi/2, rounded.
func atan(x float64) float64 { return math.Copysign(angle(min(math.Abs(x), 0x1p66), 1, false), x) }

// atan2 is the meaning of Atan2.
func atan2(y, x float64) float64 {
	a, b := math.Abs(y), math.Abs(x)
	most := max(a, b)
	switch {
	case most != most:
		return math.NaN()
	case most == 0:
		if math.Signbit(x) {
			return math.Copysign(math.Pi, y)
		}
		return y
	case most > math.MaxFloat64:
		a, b = infiniteAsOne(a), infiniteAsOne(b)
	case most > angleMax:
		a, b = a*0x1p-64, b*0x1p-64
	case most < angleMin:
		a, b = a*0x1p64, b*0x1p64
	}
	return math.Copysign(angle(a, b, math.Signbit(x)), y)
}

// infiniteAsOne is 1 for an infinity, else 0: the coordinates of the directions at infinity.
func infiniteAsOne(a float64) float64 { return float64(asBit(a > math.MaxFloat64)) }

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

// asinParts returns s and tail with asin(s) = s + tail, where s is a for a < 1/2, else sqrt((1-a)/2), the sine of half of
// the arc cosine of a.
func asinParts(a float64) (s, tail float64) {
	z := 0.5 * (1 - a)
	s = math.Sqrt(z)
	lost := math.FMA(-s, s, z) / max(s+s, minNormal)
	if a < 0.5 {
		z, s, lost = float64(a*a), a, 0
	}
	return s, math.FMA(float64(s*z), asinPoly(z), lost)
}

// twoWords returns base + s + tail, base in two words and 0 or greater than |s|.
func twoWords(base, low, s, tail float64) float64 {
	v := base + s
	return v + (((base - v) + s) + (low + tail))
}

// asin is the meaning of Asin.
func asin(x float64) float64 {
	a := math.Abs(x)
	s, tail := asinParts(a)
	var v float64
	if a < 0.5 {
		v = twoWords(0, 0, s, tail)
	} else {
		v = twoWords(halfPiHi, halfPiMid, -2*s, -2*tail)
	}
	return math.Copysign(v, x)
}

// acos is the meaning of Acos.
func acos(x float64) float64 {
	a := math.Abs(x)
	s, tail := asinParts(a)
	switch {
	case a < 0.5:
		return twoWords(halfPiHi, halfPiMid, -math.Copysign(s, x), -math.Copysign(1, x)*tail)
	case x < 0:
		return twoWords(2*halfPiHi, 2*halfPiMid, -2*s, -2*tail)
	}
	return twoWords(0, 0, 2*s, 2*tail)
}
