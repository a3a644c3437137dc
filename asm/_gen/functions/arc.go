package main

import "github.com/shmath/shmath/asm/_gen/vector"

const (
	angleMin = 0x1p-1000
	angleMax = 0x1p+1000
	signBit  = 1 << 63
)

// angleHi and angleLo hold, in two words, the angle a of slope 0, 1/2 and 1, then pi/2-a, pi-a and pi/2+a.
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

var atanCoef = [12]float64{
	-0x1.5555555555555p-2, 0x1.99999999998c5p-3, -0x1.24924924854d3p-3, 0x1.c71c71bd297ddp-4,
	-0x1.745d154c29613p-4, 0x1.3b1375c51724bp-4, -0x1.110c9c528646fp-4, 0x1.e17074088e2d1p-5,
	-0x1.ab5964d962e7bp-5, 0x1.70003d828e51ep-5, -0x1.0f5fd11677ccbp-5, 0x1.e40ade8e6b30dp-7,
}

var asinCoef = [14]float64{
	0x1.5555555555555p-3, 0x1.3333333333388p-4, 0x1.6db6db6dac1e0p-5, 0x1.f1c71c7a52ba3p-6,
	0x1.6e8ba123e494cp-6, 0x1.1c4efce23019fp-6, 0x1.c990ad3d8fdcap-7, 0x1.7b027ee1dd585p-7,
	0x1.3b49de7121487p-7, 0x1.31622469ce5adp-7, 0x1.8f193743418ffp-9, 0x1.406192d124629p-6,
	-0x1.3b416bb7d9257p-6, 0x1.e529c6fce9bb4p-6,
}

// evenOdd evaluates a polynomial of an even number of coefficients: the odd ones and the even ones by Horner's rule in z*z.
func evenOdd(f *f, z v, c []float64) v {
	w := f.Mul(z, z)
	n := len(c)
	p := f.FMA(w, f.Const(c[n-1]), f.Reg(f.Const(c[n-3])))
	q := f.FMA(w, f.Const(c[n-2]), f.Reg(f.Const(c[n-4])))
	for i := n - 5; i > 0; i -= 2 {
		f.HornerTo(p, w, f.Const(c[i]))
		f.HornerTo(q, w, f.Const(c[i-1]))
	}
	return f.FMA(z, p, q)
}

// angle is the angle of the point (x, y), both not negative, with the sign of x in the top bit of flip, or nil. A NaN of
// y passes through.
func angle(f *f, y, x, flip v) v {
	num, den := f.Least(x, y), f.Greatest(x, y)
	zero, one := f.Const(0), f.Const(1)
	half := f.Cmp(vector.GE, num, f.Mul(den, f.Const(0.4375)))
	whole := f.Cmp(vector.GE, num, f.Mul(den, f.Const(0.6875)))
	c := f.Blend(whole, one, f.Blend(half, f.Const(0.5), zero))
	i := f.Blend(whole, f.Bits(2), f.Blend(half, f.Bits(1), zero))
	steep := f.Cmp(vector.GT, y, x)
	i = f.AddInt(i, f.Blend(steep, f.Bits(4), zero))
	turn := f.Blend(steep, f.Bits(signBit), zero)
	if flip != nil {
		i = f.AddInt(i, f.ShiftRight(flip, 60))
		turn = f.Xor(turn, flip)
	}
	n, d := f.NegFMA(c, den, num), f.FMA(c, num, den)
	r := f.Div(f.Reg(one), d)
	t := f.Mul(n, r)
	lost := f.FMA(c, num, f.Sub(den, d))
	lost = f.Mul(f.Sub(f.NegFMA(t, d, n), f.Mul(t, lost)), r)
	z := f.Mul(t, t)
	tail := f.FMA(f.Mul(t, z), evenOdd(f, z, atanCoef[:]), lost)
	return twoWords(f, f.Lookup("angleHi", angleHi, i), f.Lookup("angleLo", angleLo, i), f.Xor(t, turn), f.Xor(tail, turn))
}

// twoWords is base + s + tail for a base in two words.
func twoWords(f *f, base, low, s, tail v) v {
	sum := f.Add(base, s)
	return f.Add(sum, f.Add(f.Add(f.Sub(base, sum), s), f.Add(low, tail)))
}

func atan(f *f, x v) v {
	a := f.Least(f.Reg(f.Const(0x1p66)), f.Abs(x))
	return f.Copysign(angle(f, a, f.Reg(f.Const(1)), nil), x)
}

// atan2 stops at zeros, infinities and at coordinates whose reciprocals are not normal.
func atan2(f *f, y, x v) v {
	a, b := f.Abs(y), f.Abs(x)
	most := f.Const(angleMax)
	f.StopIf(f.Cmp(vector.NLE, a, most), f.Cmp(vector.NLE, b, most), f.Cmp(vector.NLE, f.Reg(f.Const(angleMin)), f.Greatest(a, b)))
	return f.Copysign(angle(f, a, b, f.And(x, f.Bits(signBit))), y)
}

// arc is what the arc sine and the arc cosine begin with: asin(s) = s + tail.
type arc struct {
	near    vector.Mask // |x| < 1/2
	s, tail v
}

func newArc(f *f, a v) arc {
	near := f.Cmp(vector.LT, a, f.Const(0.5))
	z := f.Mul(f.Sub(f.Reg(f.Const(1)), a), f.Const(0.5))
	s := f.Sqrt(z)
	lost := f.Div(f.NegFMA(s, s, z), f.Greatest(f.Reg(f.Const(minNormal)), f.Add(s, s)))
	z, s, lost = f.Blend(near, f.Mul(a, a), z), f.Blend(near, a, s), f.Blend(near, f.Const(0), lost)
	return arc{near, s, f.FMA(f.Mul(s, z), evenOdd(f, z, asinCoef[:]), lost)}
}

func asin(f *f, x v) v {
	p := newArc(f, f.Abs(x))
	zero := f.Const(0)
	by := f.Blend(p.near, f.Const(1), f.Const(-2))
	base, low := f.Blend(p.near, zero, f.Const(halfPiHi)), f.Blend(p.near, zero, f.Const(halfPiMid))
	return f.Copysign(twoWords(f, base, low, f.Mul(p.s, by), f.Mul(p.tail, by)), x)
}

func acos(f *f, x v) v {
	p := newArc(f, f.Abs(x))
	zero := f.Const(0)
	negative := f.Cmp(vector.LT, x, zero)
	by := f.Xor(f.Blend(p.near, f.Const(-1), f.Const(2)), f.And(x, f.Bits(signBit)))
	base := f.Blend(p.near, f.Const(halfPiHi), f.Blend(negative, f.Const(2*halfPiHi), zero))
	low := f.Blend(p.near, f.Const(halfPiMid), f.Blend(negative, f.Const(2*halfPiMid), zero))
	return twoWords(f, base, low, f.Mul(p.s, by), f.Mul(p.tail, by))
}
