package kernels

import "math"

// Exp sets dst[i] to e to the power of x[i], within 0.7 ULP for float64, 0.8 where the result is subnormal.
func Exp[T Float](dst, x []T) { elementwise(expOp, dst, x, exp) }

// Exp2 sets dst[i] to 2 to the power of x[i], within 0.7 ULP for float64, 0.8 where the result is subnormal; integers give exact powers.
func Exp2[T Float](dst, x []T) { elementwise(exp2Op, dst, x, exp2) }

// Exp10 sets dst[i] to 10 to the power of x[i], within 0.7 ULP for float64, 0.8 where the result is subnormal.
func Exp10[T Float](dst, x []T) { elementwise(exp10Op, dst, x, exp10) }

// Expm1 sets dst[i] to e to the power of x[i], less 1, within 0.9 ULP for float64 also near zero.
func Expm1[T Float](dst, x []T) { elementwise(expm1Op, dst, x, expm1) }

// Sigmoid sets dst[i] = 1/(1+exp(-x[i])), within 2 ULP for float64 at both ends of the range.
func Sigmoid[T Float](dst, x []T) { elementwise(sigmoidOp, dst, x, sigmoid) }

// The reduction x = (16*k + j)*ln2/16 + r, |r| <= ln2/32.
const (
	roundShift  = 0x1.8p52           // added to a number below 2^51, leaves its nearest integer in the low bits
	roundBits   = 0x4338000000000000 // the bits of roundShift
	sixteenLog2 = 0x1.71547652b82fep+4
	ln2By16Hi   = 0x1.62e42fefa39efp-5
	ln2By16Lo   = 0x1.abc9e3b39803fp-60
	ln2Hi       = 0x1.62e42fefa39efp-1
	ln2Lo       = 0x1.abc9e3b39803fp-56
)

// The polynomial (exp(r)-1-r)/r^2, fitted on Chebyshev points; error 6e-14 of r^2, below 2^-54 of the result.
const (
	expC0 = 0x1p-1
	expC1 = 0x1.55555554dd388p-3
	expC2 = 0x1.555555551946fp-5
	expC3 = 0x1.11120b03cd855p-7
	expC4 = 0x1.6c17bb5ebddb4p-10
)

// expHi and expLo are 2^(j/16), rounded, and what the rounding took away.
var (
	expHi = [16]float64{
		0x1p+0, 0x1.0b5586cf9890fp+0, 0x1.172b83c7d517bp+0, 0x1.2387a6e756238p+0,
		0x1.306fe0a31b715p+0, 0x1.3dea64c123422p+0, 0x1.4bfdad5362a27p+0, 0x1.5ab07dd485429p+0,
		0x1.6a09e667f3bcdp+0, 0x1.7a11473eb0187p+0, 0x1.8ace5422aa0dbp+0, 0x1.9c49182a3f090p+0,
		0x1.ae89f995ad3adp+0, 0x1.c199bdd85529cp+0, 0x1.d5818dcfba487p+0, 0x1.ea4afa2a490dap+0,
	}
	expLo = [16]float64{
		0, 0x1.8a62e4adc610bp-54, -0x1.19041b9d78a76p-55, 0x1.9b07eb6c70573p-54,
		0x1.6f46ad23182e4p-55, 0x1.ada0911f09ebcp-55, 0x1.d4397afec42e2p-56, 0x1.6324c054647adp-54,
		-0x1.bdd3413b26456p-54, -0x1.41577ee04992fp-55, 0x1.6e9f156864b27p-54, 0x1.c7c46b071f2bep-56,
		0x1.7a1cd345dcc81p-54, 0x1.11065895048ddp-55, 0x1.2ed02d75b3707p-55, -0x1.e9c23179c2893p-54,
	}
)

// exp is the meaning of Exp.
func exp(x float64) float64 {
	if !(math.Abs(x) <= 708) {
		return expTail(x, 0, 0)
	}
	z := math.FMA(x, sixteenLog2, roundShift)
	n := math.Float64bits(z)
	f := roundShift - z
	r := math.FMA(f, ln2By16Lo, math.FMA(f, ln2By16Hi, x))
	h := expHi[n&15]
	s := math.FMA(h, expPoly(r), expLo[n&15]) + h
	return s * math.Float64frombits((n>>4+1023)<<52)
}

// expPoly is exp(r)-1 for |r| <= ln2/32.
func expPoly(r float64) float64 {
	r2 := r * r
	p := math.FMA(r2, expC4, math.FMA(r, expC3, expC2))
	p = math.FMA(r2, p, math.FMA(r, expC1, expC0))
	return math.FMA(r2, p, r)
}

// expTail is exp(x+tail)*2^up for every x and a tail below an ULP of x: it clamps x to where the result is sure to be
// 0 or Inf, and scales in two steps, of which only the second rounds. NaN passes through.
func expTail(x, tail float64, up int64) float64 {
	x = min(max(x, -1490), 1490)
	z := math.FMA(x, sixteenLog2, roundShift)
	n := int64(math.Float64bits(z)) - roundBits
	f := roundShift - z
	r := math.FMA(f, ln2By16Lo, math.FMA(f, ln2By16Hi, x)) + tail
	h := expHi[n&15]
	s := math.FMA(h, expPoly(r), expLo[n&15]) + h
	return scale2(s, n>>4+up)
}

// scale2 returns s*2^k for s near 1 and |k| < 4000, rounded once.
func scale2(s float64, k int64) float64 {
	k = min(max(k, -2000), 2000)
	a := k >> 1
	b := k - a
	return s * math.Float64frombits(uint64(a+1023)<<52) * math.Float64frombits(uint64(b+1023)<<52)
}

// exp2 is the meaning of Exp2: r is exact, and r*ln2 has two words.
func exp2(x float64) float64 {
	x = min(max(x, -1100), 1100)
	z := math.FMA(x, 16, roundShift)
	n := int64(math.Float64bits(z)) - roundBits
	d := x - (z-roundShift)*0.0625
	r := float64(d * ln2Hi)
	tail := math.FMA(d, ln2Lo, math.FMA(d, ln2Hi, -r))
	h := expHi[n&15]
	s := math.FMA(h, expPoly(r)+tail, expLo[n&15]) + h
	return scale2(s, n>>4)
}

// The reduction of exp10: x = n*log10(2)/16 + d.
const (
	sixteenLog2Of10 = 0x1.a934f0979a371p+5
	log10Of2By16Hi  = 0x1.3441350ap-6 // 33 bits: its product with n is exact
	log10Of2By16Lo  = -0x1.0c0219dc1da99p-43
	ln10Hi          = 0x1.26bb1bbb55516p+1
	ln10Lo          = -0x1.f48ad494ea3e9p-53
)

// exp10 is the meaning of Exp10: d and d*ln10 have two words.
func exp10(x float64) float64 {
	x = min(max(x, -330), 330)
	z := math.FMA(x, sixteenLog2Of10, roundShift)
	n := z - roundShift
	t := math.FMA(-n, log10Of2By16Hi, x)
	p := float64(n * log10Of2By16Lo)
	d := t - p
	lost := (t - d) - p
	r := float64(d * ln10Hi)
	tail := math.FMA(lost, ln10Hi, math.FMA(d, ln10Lo, math.FMA(d, ln10Hi, -r)))
	k := int64(math.Float64bits(z)) - roundBits
	h := expHi[k&15]
	s := math.FMA(h, expPoly(r)+tail, expLo[k&15]) + h
	return scale2(s, k>>4)
}

// expm1 is the meaning of Expm1.
func expm1(x float64) float64 {
	if !(math.Abs(x) <= 708) {
		return expTail(x, 0, 0) - 1
	}
	v, _ := expm1Parts(x)
	return math.Copysign(v, x)
}

// expm1Parts is exp(x)-1 in two words, the first of them rounded, for |x| <= 708: h*(1+r+s) - 1 with h = 2^(n/16),
// where what can cancel, h-1 and h*r, is carried exactly.
func expm1Parts(x float64) (hi, lo float64) {
	z := math.FMA(x, sixteenLog2, roundShift)
	n := math.Float64bits(z)
	f := roundShift - z
	t := math.FMA(f, ln2By16Hi, x)
	r := math.FMA(f, ln2By16Lo, t)
	lost := math.FMA(f, ln2By16Lo, t-r)
	k := math.Float64frombits((n>>4 + 1023) << 52)
	h, l := float64(expHi[n&15]*k), float64(expLo[n&15]*k)
	a := h - 1
	b := h - (a + 1)
	if h > 1 {
		b = (h - a) - 1
	}
	m := float64(h * r)
	hi = a + m
	e := (a - hi) + m
	if f == 0 {
		e = 0
	}
	e += math.FMA(h, r, -m) + math.FMA(h, expRest(r)+lost, l+b)
	s := hi + e
	return s, (hi - s) + e
}

// expRest is exp(r)-1-r with a relative error below 2^-52.
func expRest(r float64) float64 {
	r2 := r * r
	p := math.FMA(r, expD5, expD4)
	p = math.FMA(r2, p, math.FMA(r, expD3, expD2))
	return float64(r2 * math.FMA(r2, p, math.FMA(r, expD1, 0.5)))
}

// The coefficients of expRest: those of the series.
const (
	expD1 = 1.0 / 6
	expD2 = 1.0 / 24
	expD3 = 1.0 / 120
	expD4 = 1.0 / 720
	expD5 = 1.0 / 5040
)

// sigmoid is the meaning of Sigmoid.
func sigmoid(x float64) float64 {
	e := expTail(-math.Abs(x), 0, 0)
	if x < 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}
