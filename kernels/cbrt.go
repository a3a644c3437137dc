package kernels

import "math"

// Cbrt sets dst[i] to the cube root of x[i], within 0.6 ULP for float64; cubes of integers give integers.
func Cbrt[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = T(cbrt(float64(x[i])))
	}
}

// cbrtCoef is a polynomial for the cube root on [1, 2], fitted on Chebyshev points; error 2.4e-7.
var cbrtCoef = [7]float64{
	0x1.cb68f94b94beap-2, 0x1.e33114033c8b7p-1, -0x1.4f65258278179p-1, 0x1.8026ac948a766p-2,
	-0x1.1d2e558db1d25p-3, 0x1.e346250683378p-6, -0x1.6254d5208eb99p-9,
}

// cbrtOfTwo holds the cube roots of 1, 2 and 4.
var cbrtOfTwo = [3]float64{1, 0x1.428a2f98d728bp+0, 0x1.965fea53d6e3dp+0}

// cbrt is the meaning of Cbrt: a polynomial, one step of Halley, and one of Newton with the exact residue, on
// 2^r*m with r < 3.
func cbrt(x float64) float64 {
	a := math.Abs(x)
	if !(a > 0 && a <= math.MaxFloat64) {
		return x
	}
	up := int64(0)
	if a < minNormal {
		a *= 0x1p54
		up = 18
	}
	b := math.Float64bits(a)
	e := int64(b>>52) - 1023 + 1074 // not negative, and 1074 is a multiple of 3
	q, r := e/3, e%3
	m := math.Float64frombits(b&(1<<52-1) | 1023<<52)
	t := m * math.Float64frombits(uint64(r+1023)<<52)
	y := horner(m, cbrtCoef[:]) * cbrtOfTwo[r]
	c := float64(y * y * y)
	y -= float64(y * ((c - t) / math.FMA(2, c, t)))
	s := y * y
	res := math.FMA(s, y, -t) + float64(math.FMA(y, y, -s)*y)
	y -= res / (3 * s)
	v := y * math.Float64frombits(uint64(q-358-up+1023)<<52)
	return math.Copysign(v, x)
}
