package kernels

import "math"

// Sinh sets dst[i] to the hyperbolic sine of x[i], within 0.9 ULP for float64.
func Sinh[T Float](dst, x []T) { elementwise(sinhOp, dst, x, sinh) }

// Cosh sets dst[i] to the hyperbolic cosine of x[i], within 1.5 ULP for float64.
func Cosh[T Float](dst, x []T) { elementwise(coshOp, dst, x, cosh) }

// Tanh sets dst[i] to the hyperbolic tangent of x[i], within 0.9 ULP for float64.
func Tanh[T Float](dst, x []T) { elementwise(tanhOp, dst, x, tanh) }

// Asinh sets dst[i] to the inverse hyperbolic sine of x[i], within 0.9 ULP for float64.
func Asinh[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = T(asinh(float64(x[i])))
	}
}

// Acosh sets dst[i] to the inverse hyperbolic cosine of x[i], within 1.5 ULP for float64; NaN below 1.
func Acosh[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = T(acosh(float64(x[i])))
	}
}

// Atanh sets dst[i] to the inverse hyperbolic tangent of x[i], within 2 ULP for float64; infinite at -1 and 1, NaN
// outside.
func Atanh[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = T(atanh(float64(x[i])))
	}
}

// sinh is the meaning of Sinh.
func sinh(x float64) float64 {
	a := math.Abs(x)
	var v float64
	if a < 22 {
		// (e + e/(e+1))/2 for e = exp(a)-1, all in two words.
		e, el := expm1Parts(a)
		q, ql := quotient(e, el, 1)
		s := e + q
		v = 0.5 * (s + (((e - s) + q) + (el + ql)))
	} else {
		v = expTail(a, 0, -1)
	}
	return math.Copysign(v, x)
}

// cosh is the meaning of Cosh.
func cosh(x float64) float64 {
	h := expTail(math.Abs(x), 0, -1)
	return h + 0.25/h
}

// tanh is the meaning of Tanh.
func tanh(x float64) float64 {
	e, el := expm1Parts(2 * min(math.Abs(x), 22))
	q, ql := quotient(e, el, 2)
	return math.Copysign(q+ql, x)
}

// quotient returns e/(e+c) in two words for e = hi+lo >= 0 in two words and c of 1 or 2.
func quotient(hi, lo, c float64) (q, ql float64) {
	d := hi + c
	dl := (c - d) + hi
	if hi > c {
		dl = (hi - d) + c
	}
	dl += lo
	q = hi / d
	return q, (math.FMA(-q, d, hi) + math.FMA(-q, dl, lo)) / d
}

// asinh is the meaning of Asinh.
func asinh(x float64) float64 {
	a := math.Abs(x)
	var v float64
	if a > 0x1p28 {
		v = log(a) + ln2Hi
	} else {
		z := float64(a * a)
		v = log1p(a + z/(1+math.Sqrt(1+z)))
	}
	return math.Copysign(v, x)
}

// acosh is the meaning of Acosh.
func acosh(x float64) float64 {
	switch {
	case !(x >= 1):
		return math.NaN()
	case x > 0x1p28:
		return log(x) + ln2Hi
	case x > 2:
		return log(2*x - 1/(x+math.Sqrt(math.FMA(x, x, -1))))
	}
	t := x - 1
	return log1p(t + math.Sqrt(math.FMA(t, t, 2*t)))
}

// atanh is the meaning of Atanh.
func atanh(x float64) float64 {
	a := math.Abs(x)
	if !(a < 1) {
		if a == 1 {
			return math.Copysign(math.Inf(1), x)
		}
		return math.NaN()
	}
	t := a + a
	if a < 0.5 {
		t += t * a / (1 - a)
	} else {
		t /= 1 - a
	}
	return math.Copysign(0.5*log1p(t), x)
}
