package main

import (
	"math"

	"github.com/shmath/shmath/asm/_gen/vector"
)

const (
	roundShift  = 0x1.8p52           // added to a number below 2^51, leaves its nearest integer in the low bits
	roundBits   = 0x4338000000000000 // the bits of roundShift
	sixteenLog2 = 0x1.71547652b82fep+4
	ln2By16Hi   = 0x1.62e42fefa39efp-5
	ln2By16Lo   = 0x1.abc9e3b39803fp-60
	ln2Hi       = 0x1.62e42fefa39efp-1
	ln2Lo       = 0x1.abc9e3b39803fp-56
)

// The reduction of exp10.
const (
	sixteenLog2Of10 = 0x1.a934f0979a371p+5
	log10Of2By16Hi  = 0x1.3441350ap-6 // 33 bits: its product with n is exact
	log10Of2By16Lo  = -0x1.0c0219dc1da99p-43
	ln10Hi          = 0x1.26bb1bbb55516p+1
	ln10Lo          = -0x1.f48ad494ea3e9p-53
)

const (
	expC0 = 0x1p-1
	expC1 = 0x1.55555554dd388p-3
	expC2 = 0x1.555555551946fp-5
	expC3 = 0x1.11120b03cd855p-7
	expC4 = 0x1.6c17bb5ebddb4p-10
)

const (
	expD1 = 1.0 / 6
	expD2 = 1.0 / 24
	expD3 = 1.0 / 120
	expD4 = 1.0 / 720
	expD5 = 1.0 / 5040
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

const maxFloat = math.MaxFloat64

// parts are what exp, expm1 and their kin begin with: x = n*ln2/16 + r.
type parts struct {
	n      v // bits: the integer n lies in the low ones
	f      v // -n
	t, r   v // r before and after the last correction
	hi, lo v // 2^((n%16)/16)
}

func reduceExp(f *f, x v) parts {
	z := f.FMA(x, f.Const(sixteenLog2), f.Const(roundShift))
	n := f.Sub(f.Reg(f.Const(roundShift)), z)
	t := f.FMA(n, f.Const(ln2By16Hi), x)
	r := f.FMA(n, f.Const(ln2By16Lo), t)
	return parts{z, n, t, r, f.Lookup("expHi", expHi, z), f.Lookup("expLo", expLo, z)}
}

// power returns 2^(n>>4) for results that are normal numbers.
func power(f *f, n v) v {
	return f.ShiftLeft(f.AddInt(f.ShiftRight(n, 4), f.Bits(1023)), 52)
}

// outside stops where |x| is above limit or NaN.
func outside(f *f, x v, limit float64) { f.StopIf(f.Cmp(vector.NLE, f.Abs(x), f.Const(limit))) }

func exp(f *f, x v) v {
	outside(f, x, 708)
	p := reduceExp(f, x)
	return f.Mul(f.Add(f.FMA(p.hi, expPoly(f, p.r), p.lo), p.hi), power(f, p.n))
}

func expPoly(f *f, r v) v {
	r2 := f.Mul(r, r)
	p := f.FMA(r, f.Const(expC3), f.Reg(f.Const(expC2)))
	f.FMATo(p, r2, f.Const(expC4))
	q := f.FMA(r, f.Const(expC1), f.Reg(f.Const(expC0)))
	f.FMATo(q, r2, p)
	return f.FMA(r2, q, r)
}

// expTail is exp(x+tail)*2^up for every x. Beyond 1380 all results are 0 or Inf, and a NaN passes both clamps. tail may
// be the zero V.
func expTail(f *f, x, tail v, up int) v {
	x = f.Greatest(f.Reg(f.Const(-1380)), x)
	x = f.Least(f.Reg(f.Const(1380)), x)
	p := reduceExp(f, x)
	r := p.r
	if tail != nil {
		r = f.Add(r, tail)
	}
	s := f.Add(f.FMA(p.hi, expPoly(f, r), p.lo), p.hi)
	return scale(f, s, p.n, up)
}

// scale returns s*2^((n>>4)+up) in two steps, of which only the second rounds. The exponent is biased by 4096 so that
// shifts may be logical.
func scale(f *f, s, n v, up int) v {
	k := f.ShiftRight(f.SubInt(n, f.Bits(roundBits-uint64(4096+up)<<4)), 4)
	a := f.ShiftRight(k, 1)
	b := f.SubInt(k, a)
	bias := f.Bits(2048 - 1023)
	a, b = f.ShiftLeft(f.SubInt(a, bias), 52), f.ShiftLeft(f.SubInt(b, bias), 52)
	return f.Mul(f.Mul(s, a), b)
}

func exp2(f *f, x v) v {
	x = f.Greatest(f.Reg(f.Const(-1100)), x)
	x = f.Least(f.Reg(f.Const(1100)), x)
	z := f.FMA(x, f.Const(16), f.Const(roundShift))
	d := f.Sub(x, f.Mul(f.Sub(z, f.Const(roundShift)), f.Const(0.0625)))
	r := f.Mul(d, f.Const(ln2Hi))
	tail := f.FMSub(d, f.Const(ln2Hi), r)
	f.FMATo(tail, d, f.Const(ln2Lo))
	h := f.Lookup("expHi", expHi, z)
	s := f.Add(f.FMA(h, f.Add(expPoly(f, r), tail), f.Lookup("expLo", expLo, z)), h)
	return scale(f, s, z, 0)
}

func exp10(f *f, x v) v {
	x = f.Greatest(f.Reg(f.Const(-330)), x)
	x = f.Least(f.Reg(f.Const(330)), x)
	z := f.FMA(x, f.Const(sixteenLog2Of10), f.Const(roundShift))
	n := f.Sub(z, f.Const(roundShift))
	t := f.NegFMA(n, f.Const(log10Of2By16Hi), x)
	p := f.Mul(n, f.Const(log10Of2By16Lo))
	d := f.Sub(t, p)
	lost := f.Sub(f.Sub(t, d), p)
	r := f.Mul(d, f.Const(ln10Hi))
	tail := f.FMSub(d, f.Const(ln10Hi), r)
	f.FMATo(tail, d, f.Const(ln10Lo))
	f.FMATo(tail, lost, f.Const(ln10Hi))
	h := f.Lookup("expHi", expHi, z)
	s := f.Add(f.FMA(h, f.Add(expPoly(f, r), tail), f.Lookup("expLo", expLo, z)), h)
	return scale(f, s, z, 0)
}

func expm1(f *f, x v) v {
	outside(f, x, 708)
	hi, _ := expm1Parts(f, x)
	return f.Copysign(hi, x)
}

func expm1Parts(f *f, x v) (hi, lo v) {
	p := reduceExp(f, x)
	lost := f.FMA(p.f, f.Const(ln2By16Lo), f.Sub(p.t, p.r))
	k := power(f, p.n)
	h, l := f.Mul(p.hi, k), f.Mul(p.lo, k)
	one := f.Const(1)
	a := f.Sub(h, one)
	b := f.Blend(f.Cmp(vector.GT, h, one), f.Sub(f.Sub(h, a), one), f.Sub(h, f.Add(a, one)))
	m := f.Mul(h, p.r)
	sum := f.Add(a, m)
	e := f.Add(f.Sub(a, sum), m)
	zero := f.Const(0)
	e = f.Blend(f.Cmp(vector.EQ, p.f, zero), zero, e)
	e = f.Add(e, f.Add(f.FMSub(h, p.r, m), f.FMA(h, f.Add(expRest(f, p.r), lost), f.Add(l, b))))
	s := f.Add(sum, e)
	return s, f.Add(f.Sub(sum, s), e)
}

func expRest(f *f, r v) v {
	r2 := f.Mul(r, r)
	p := f.FMA(r, f.Const(expD5), f.Reg(f.Const(expD4)))
	q := f.FMA(r, f.Const(expD3), f.Reg(f.Const(expD2)))
	f.FMATo(q, r2, p)
	s := f.FMA(r, f.Const(expD1), f.Reg(f.Const(0.5)))
	f.FMATo(s, r2, q)
	return f.Mul(r2, s)
}

func sigmoid(f *f, x v) v {
	e := expTail(f, f.Neg(f.Abs(x)), nil, 0)
	one := f.Const(1)
	return f.Div(f.Blend(f.Cmp(vector.LT, x, f.Const(0)), e, one), f.Add(e, one))
}

func sinh(f *f, x v) v {
	a := f.Abs(x)
	f.StopIf(f.Cmp(vector.NLT, a, f.Const(22)))
	e, el := expm1Parts(f, a)
	q, ql := quotient(f, e, el, 1)
	s := f.Add(e, q)
	sum := f.Add(s, f.Add(f.Add(f.Sub(e, s), q), f.Add(el, ql)))
	return f.Copysign(f.Mul(sum, f.Const(0.5)), x)
}

func cosh(f *f, x v) v {
	h := expTail(f, f.Abs(x), nil, -1)
	return f.Add(h, f.Div(f.Reg(f.Const(0.25)), h))
}

func tanh(f *f, x v) v {
	a := f.Least(f.Reg(f.Const(22)), f.Abs(x))
	e, el := expm1Parts(f, f.Add(a, a))
	q, ql := quotient(f, e, el, 2)
	return f.Copysign(f.Add(q, ql), x)
}

func quotient(f *f, hi, lo v, c float64) (q, ql v) {
	k := f.Const(c)
	d := f.Add(hi, k)
	dl := f.Blend(f.Cmp(vector.GT, hi, k), f.Add(f.Sub(hi, d), k), f.Add(f.Sub(f.Reg(k), d), hi))
	dl = f.Add(dl, lo)
	r := f.Div(f.Reg(f.Const(1)), d)
	q = f.Mul(hi, r)
	return q, f.Mul(f.Add(f.NegFMA(q, d, hi), f.NegFMA(q, dl, lo)), r)
}
