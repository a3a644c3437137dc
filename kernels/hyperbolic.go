package kernels

import "math"

// Sinh sets dst[i] to the hyperbolic sine of x[i], within 0.9 ULP for float64.
func Sinh[T Float](dst, x []T) { elementwise(sinhOp, dst, x, sinh) }

// Cosh sets dst[i] to the hyperbolic cosine of x[i], within 1.5 ULP for float64.
func Cosh[T Float](dst, x []T) { elementwise(coshOp, dst, x, cosh) }

// Tanh sets dst[i] to the hyperbolic tangent of x[i], within 0.9 ULP for float64.
func Tanh[T Float](dst, x []T) { elementwise(tanhOp, dst, x, tanh) }

// Asinh sets dst[i] to the inverse hyperbolic sine of x[i], within 0.7 ULP for float64.
func Asinh[T Float](dst, x []T) { elementwise(asinhOp, dst, x, asinh) }

// Acosh sets dst[i] to the inverse hyperbolic cosine of x[i], within 0.7 ULP for float64; NaN below 1.
func Acosh[T Float](dst, x []T) { elementwise(acoshOp, dst, x, acosh) }

// Atanh sets dst[i] to the inverse hyperbolic tangent of x[i], within 0.7 ULP for float64; infinite at -1 and 1, NaN
// outside.
func Atanh[T Float](dst, x []T) { elementwise(atanhOp, dst, x, atanh) }

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
	r := 1 / d
	q = float64(hi * r)
	return q, float64((math.FMA(-q, d, hi) + math.FMA(-q, dl, lo)) * r)
}

// areaMax is the greatest argument whose square the inverse functions take; above, they are the logarithm of twice it.
const areaMax = 0x1p500

// rootTwo returns the square root of p+pl in two words, for p >= 0 and a small pl.
func rootTwo(p, pl float64) (s, sl float64) {
	s = math.Sqrt(p)
	return s, (math.FMA(-s, s, p) + pl) / max(s+s, minNormal)
}

// log1pTwo returns log(1+w+wl) for w >= 0 and a small wl.
func log1pTwo(w, wl float64) float64 {
	u := 1 + w
	c := w - (u - 1)
	if w > 1 {
		c = 1 - (u - w)
	}
	k, f := logSplit(u)
	if k == 0 {
		f, c = w, 0
	}
	c = (c + wl) / u
	hi, lo := logParts(f)
	a := k * log2Hi
	t := a + hi
	return t + math.FMA(k, log2Lo, (a-t)+hi+(lo+c))
}

// logTwice is log(2*x) for x above areaMax.
func logTwice(x float64) float64 {
	if !(x <= math.MaxFloat64) {
		return x
	}
	k, f := logSplit(x)
	hi, lo := logParts(f)
	k++
	a := k * log2Hi
	t := a + hi
	return t + math.FMA(k, log2Lo, (a-t)+hi+lo)
}

// asinh is the meaning of Asinh: log(1 + a + (sqrt(1+a*a)-1)) with the square, the root and the sum in two words.
func asinh(x float64) float64 {
	a := math.Abs(x)
	if !(a <= areaMax) {
		return math.Copysign(logTwice(a), x)
	}
	z := float64(a * a)
	p := 1 + z
	pl := z - (p - 1)
	if z > 1 {
		pl = 1 - (p - z)
	}
	s, sl := rootTwo(p, pl+math.FMA(a, a, -z))
	m := s - 1
	w := a + m
	wl := (m - (w - a)) + (((s - m) - 1) + sl) // a >= m
	return math.Copysign(log1pTwo(w, wl), x)
}

// acosh is the meaning of Acosh: log(1 + (x-1) + sqrt(x*x-1)), likewise.
func acosh(x float64) float64 {
	if !(x >= 1 && x <= areaMax) {
		if x > areaMax {
			return logTwice(x)
		}
		return math.NaN()
	}
	z := float64(x * x)
	p := z - 1
	s, sl := rootTwo(p, ((z-p)-1)+math.FMA(x, x, -z))
	m := x - 1
	w := s + m
	wl := (m - (w - s)) + (((x - m) - 1) + sl) // s >= m
	return log1pTwo(w, wl)
}

// atanh is the meaning of Atanh: with 2^k near (1+a)/(1-a), it is k*ln2/2 + atanh(s), s = (1+a-2^k(1-a))/(1+a+2^k(1-a)).
func atanh(x float64) float64 {
	a := math.Abs(x)
	if !(a < 1) {
		if a == 1 {
			return math.Copysign(math.Inf(1), x)
		}
		return math.NaN()
	}
	b, c := 1-a, 1+a
	bl, cl := (1-b)-a, a-(c-1)
	k, _ := logSplit(c / b)
	two := math.Float64frombits(uint64(int64(k)+1023) << 52)
	b, bl = float64(b*two), float64(bl*two)
	n, d := c-b, c+b
	dl := ((c - d) + b) + (cl + bl)
	r := 1 / d
	s := n * r
	sl := float64((math.FMA(-s, d, n) + ((cl - bl) - float64(s*dl))) * r)
	if k == 0 {
		s, sl = a, 0
	}
	z := s * s
	w := z * z
	e := math.FMA(w, math.FMA(w, logR6, logR4), logR2)
	o := math.FMA(w, math.FMA(w, math.FMA(w, logR7, logR5), logR3), logR1)
	half := 0.5 * math.FMA(w, e, float64(z*o))
	h := k * (0.5 * log2Hi)
	t := h + s
	v := t + (((h - t) + s) + math.FMA(k, 0.5*log2Lo, math.FMA(s, half, sl)))
	return math.Copysign(v, x)
}
