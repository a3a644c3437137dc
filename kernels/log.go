package kernels

import "math"

// Log sets dst[i] to the natural logarithm of x[i], within 0.65 ULP for float64, subnormal arguments included.
func Log[T Float](dst, x []T) { elementwise(logOp, dst, x, log) }

// Log2 sets dst[i] to the logarithm of x[i] to the base 2, within 0.7 ULP for float64; powers of 2 give integers.
func Log2[T Float](dst, x []T) { elementwise(log2Op, dst, x, log2) }

// Log10 sets dst[i] to the logarithm of x[i] to the base 10, within 0.7 ULP for float64.
func Log10[T Float](dst, x []T) { elementwise(log10Op, dst, x, log10) }

// Log1p sets dst[i] to the natural logarithm of 1+x[i], within 0.7 ULP for float64 also near zero.
func Log1p[T Float](dst, x []T) { elementwise(log1pOp, dst, x, log1p) }

// The polynomial (log((1+s)/(1-s)) - 2s)/s^3 in s^2, fitted on Chebyshev points for s <= (sqrt2-1)/(sqrt2+1).
const (
	logR1 = 0x1.5555555555558p-1
	logR2 = 0x1.99999999952d7p-2
	logR3 = 0x1.2492492df281ap-2
	logR4 = 0x1.c71c62e3f11e6p-3
	logR5 = 0x1.7462b51cb66b1p-3
	logR6 = 0x1.39fe51a7c18f9p-3
	logR7 = 0x1.2b5900de53b32p-3
)

const (
	sqrtHalfBits = 0x3fe6a09e00000000 // a little below the square root of 1/2
	minNormal    = 0x1p-1022
	log2Hi       = 0x1.62e42fefa3800p-1 // ln 2 to 42 bits: its product with an exponent is exact
	log2Lo       = 0x1.ef35793c76730p-45
	log2eHi      = 0x1.71547652b82fep+0
	log2eLo      = 0x1.777d0ffda0d24p-56
	log10eHi     = 0x1.bcb7b1526e50ep-2
	log10eLo     = 0x1.95355baaafad3p-57
	log10of2Hi   = 0x1.34413509f7000p-2
	log10of2Lo   = 0x1.3fde623e2566bp-43
)

// logSplit returns k and f with x = 2^k*(1+f) and 1+f between sqrt(1/2) and sqrt(2), for positive finite x.
func logSplit(x float64) (k, f float64) {
	base := 0.0
	if x < minNormal {
		x *= 0x1p54
		base = -54
	}
	b := math.Float64bits(x)
	t := b - sqrtHalfBits
	return float64(int64(t)>>52) + base, math.Float64frombits(b-t&^(1<<52-1)) - 1
}

// logParts returns log(1+f) in two words.
func logParts(f float64) (hi, lo float64) {
	s := f / (2 + f)
	z := s * s
	w := z * z
	a := math.FMA(w, math.FMA(w, logR6, logR4), logR2)
	b := math.FMA(w, math.FMA(w, math.FMA(w, logR7, logR5), logR3), logR1)
	r := math.FMA(w, a, float64(z*b))
	g := 0.5 * f
	hi = math.FMA(-g, f, f)
	lo = math.FMA(s, math.FMA(g, f, r), math.FMA(-g, f, f-hi))
	return hi, lo
}

// logSpecial handles what is not positive and finite.
func logSpecial(x float64) float64 {
	switch {
	case x == 0:
		return math.Inf(-1)
	case x < 0:
		return math.NaN()
	}
	return x
}

// log is the meaning of Log.
func log(x float64) float64 {
	if !(x > 0 && x <= math.MaxFloat64) {
		return logSpecial(x)
	}
	k, f := logSplit(x)
	hi, lo := logParts(f)
	a := k * log2Hi
	t := a + hi
	return t + math.FMA(k, log2Lo, (a-t)+hi+lo)
}

// log2 is the meaning of Log2.
func log2(x float64) float64 {
	if !(x > 0 && x <= math.MaxFloat64) {
		return logSpecial(x)
	}
	k, f := logSplit(x)
	hi, lo := logParts(f)
	v := float64(hi * log2eHi)
	l := math.FMA(hi, log2eHi, -v) + math.FMA(lo, log2eHi, float64((hi+lo)*log2eLo))
	t := k + v
	return t + (((k - t) + v) + l)
}

// log10 is the meaning of Log10.
func log10(x float64) float64 {
	if !(x > 0 && x <= math.MaxFloat64) {
		return logSpecial(x)
	}
	k, f := logSplit(x)
	hi, lo := logParts(f)
	v := float64(hi * log10eHi)
	l := math.FMA(hi, log10eHi, -v) + math.FMA(lo, log10eHi, float64((hi+lo)*log10eLo))
	a := k * log10of2Hi
	t := a + v
	return t + math.FMA(k, log10of2Lo, ((a-t)+v)+l)
}

// log1p is the meaning of Log1p: what 1+x loses is divided by it and added.
func log1p(x float64) float64 {
	if !(x > -1 && x <= math.MaxFloat64) {
		if x == -1 {
			return math.Inf(-1)
		}
		return logSpecial(x)
	}
	if math.Abs(x) < 0x1p-54 {
		return x
	}
	u := 1 + x
	c := x - (u - 1)
	if x > 1 {
		c = 1 - (u - x)
	}
	c /= u
	k, f := logSplit(u)
	if k == 0 {
		f, c = x, 0
	}
	hi, lo := logParts(f)
	a := k * log2Hi
	t := a + hi
	return t + math.FMA(k, log2Lo, (a-t)+hi+(lo+c))
}
