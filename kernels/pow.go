package kernels

import "math"

// powQ is the polynomial (atanh(s)/s - 1 - s^2/3)/s^4 in s^2, fitted on Chebyshev points.
var powQ = [9]float64{
	0x1.999999999999ap-3, 0x1.2492492492491p-3, 0x1.c71c71c71cfd9p-4, 0x1.745d174513593p-4, 0x1.3b13b1bc75cd4p-4,
	0x1.1110dfad0f8eap-4, 0x1.e1f7fa7547177p-5, 0x1.ac4a89c964b82p-5, 0x1.b8d433113b7fap-5,
}

const (
	thirdHi = 0x1.5555555555555p-2
	thirdLo = 0x1.5555555555555p-56
)

// logTwo returns the logarithm of a positive finite x in two words, with a relative error of about 2^-64: as log, but
// with every step that counts carried in two words.
func logTwo(x float64) (h, l float64) {
	k, f := logSplit(x)
	d := 2 + f
	dl := f - (d - 2)
	r := 1 / d
	s := float64(f * r)
	sl := float64((math.FMA(-s, d, f) - float64(s*dl)) * r)
	z := s * s
	zl := math.FMA(s, s, -z) + float64(2*s*sl)
	w := z * z
	c := &powQ
	q := math.FMA(w, math.FMA(w, math.FMA(w, math.FMA(w, c[8], c[6]), c[4]), c[2]), c[0])
	q = math.FMA(z, math.FMA(w, math.FMA(w, math.FMA(w, c[7], c[5]), c[3]), c[1]), q)
	// t = 1/3 + z*q, v = s*z*t, log(1+f) = 2s + 2v.
	u := float64(z * q)
	t := thirdHi + u
	tl := ((thirdHi - t) + u) + (math.FMA(z, q, -u) + math.FMA(zl, q, thirdLo))
	m := float64(z * t)
	ml := math.FMA(z, t, -m) + math.FMA(z, tl, float64(zl*t))
	v := float64(s * m)
	vl := math.FMA(s, m, -v) + math.FMA(s, ml, float64(sl*m))
	g := s + v
	gl := ((s - g) + v) + (sl + vl)
	g, gl = 2*g, 2*gl
	a := k * log2Hi
	h = a + g
	l = ((a - h) + g) + math.FMA(k, log2Lo, gl)
	return h, l
}

// pow is the meaning of Pow: exp(y*log|x|) with the logarithm and the product in two words.
func pow(x, y float64) float64 {
	if y == 0 || x == 1 {
		return 1
	}
	a := math.Abs(x)
	sign := uint64(0)
	if math.Signbit(x) {
		switch {
		case oddInteger(y):
			sign = 1 << 63
		case x < 0 && a <= math.MaxFloat64 && math.Trunc(y) != y:
			return math.NaN()
		}
	}
	var v float64
	if a > 0 && a <= math.MaxFloat64 && math.Abs(y) <= math.MaxFloat64 {
		h, l := logTwo(a)
		e := y * h
		tail := math.FMA(y, h, -e) + float64(y*l)
		if !(math.Abs(e) <= 1000) {
			tail = 0
		}
		v = expTail(e, tail, 0)
	} else {
		v = powLimit(a, y)
	}
	return math.Float64frombits(math.Float64bits(v) ^ sign)
}

// powLimit is pow where |x| is zero, infinite or NaN, or y is infinite or NaN.
func powLimit(a, y float64) float64 {
	switch {
	case a != a || y != y:
		return math.NaN()
	case a == 1:
		return 1
	case (a > 1) == (y > 0):
		return math.Inf(1)
	}
	return 0
}

// oddInteger reports whether y is an odd integer.
func oddInteger(y float64) bool {
	a := math.Abs(y)
	return a < 0x1p53 && math.Trunc(a) == a && int64(a)&1 == 1
}
