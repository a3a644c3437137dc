package main

import "github.com/shmath/shmath/asm/_gen/vector"

var cbrtCoef = [6]float64{
	0x1.c713e2847cbe6p+0, -0x1.8dd4bd7d34771p+0, 0x1.3a267a3d49ad3p+0, -0x1.2c4b958d54c07p-1, 0x1.37ce9e9ed0a1dp-3,
	-0x1.0e87006cbe6bbp-6,
}

const (
	rootOfTwo  = 0x1.965fea53d6e3dp-1
	rootOfFour = 0x1.428a2f98d728bp-1
	hypotMin   = 0x1p-400
	hypotMax   = 0x1p+511
)

// oneForZero replaces zeros, which need no care, where a test would stop at them.
func oneForZero(f *f, a v) v {
	return f.Blend(f.Cmp(vector.EQ, a, f.Const(0)), f.Const(1), a)
}

func cbrt(f *f, x v) v {
	a := oneForZero(f, f.Abs(x))
	notNormal(f, a)
	e := f.FromInt(f.ShiftRight(a, 52), 0)
	q := f.Round(f.Mul(f.Add(e, f.Const(0.5)), f.Const(1.0/3)), 1)
	r := f.NegFMA(q, f.Const(3), e)
	one := f.Const(1)
	m := f.Or(f.And(a, f.Bits(1<<52-1)), one)
	first, second := f.Cmp(vector.EQ, r, one), f.Cmp(vector.EQ, r, f.Const(2))
	t := f.Mul(m, f.Blend(second, f.Const(4), f.Blend(first, f.Const(2), one)))
	y := f.FMA(m, f.Const(cbrtCoef[5]), f.Reg(f.Const(cbrtCoef[4])))
	for i := 3; i >= 0; i-- {
		f.HornerTo(y, m, f.Const(cbrtCoef[i]))
	}
	y = f.Mul(y, f.Blend(second, f.Const(rootOfFour), f.Blend(first, f.Const(rootOfTwo), one)))
	h := f.NegFMA(f.Mul(t, y), f.Mul(y, y), one)
	g := f.FMA(h, f.Const(14.0/81), f.Reg(f.Const(2.0/9)))
	f.HornerTo(g, h, f.Const(1.0/3))
	y = f.FMA(f.Mul(y, h), g, y)
	u := f.Mul(y, y)
	c := f.Mul(t, u)
	s := f.Mul(c, c)
	res := f.Add(f.FMSub(s, c, t), f.Mul(f.FMSub(c, c, s), c))
	c = f.FMA(f.Mul(res, f.Const(-1.0/3)), u, c)
	up := f.ShiftLeft(f.AddInt(f.Add(q, f.Const(0x1p52)), f.Bits(1023-341)), 52)
	return f.Blend(f.Cmp(vector.EQ, x, f.Const(0)), x, f.Copysign(f.Mul(c, up), x))
}

func hypot(f *f, x, y v) v {
	a, b := f.Abs(x), f.Abs(y)
	most := f.Const(hypotMax)
	hi, lo := f.Greatest(a, b), f.Least(a, b)
	f.StopIf(f.Cmp(vector.NLE, a, most), f.Cmp(vector.NLE, b, most), f.Cmp(vector.NLE, f.Reg(f.Const(hypotMin)), oneForZero(f, hi)))
	return f.Sqrt(f.FMA(hi, hi, f.Mul(lo, lo)))
}

// remainder is C's fmod, and whether its sign is not that of y where it is not zero.
func remainder(f *f, x, y v) (m v, zero, apart vector.Mask) {
	ax, ay := f.Abs(x), f.Abs(y)
	q := f.Round(f.Div(ax, ay), 3)
	f.StopIf(f.Cmp(vector.NLT, q, f.Const(0x1p52)), f.Cmp(vector.NLE, f.Reg(f.Const(0x1p-960)), ay), f.Cmp(vector.NLE, ay, f.Const(maxFloat)))
	r := f.NegFMA(q, ay, ax)
	none, one := f.Const(0), f.Const(1)
	r = f.Blend(f.Cmp(vector.LT, r, none), f.NegFMA(f.Sub(q, one), ay, ax), r)
	m = f.Copysign(r, x)
	return m, f.Cmp(vector.EQ, m, none), f.Cmp(vector.LT, f.Or(f.And(f.Xor(m, y), f.Bits(signBit)), one), none)
}

func mod(f *f, x, y v) v {
	m, zero, apart := remainder(f, x, y)
	return f.Blend(zero, f.And(y, f.Bits(signBit)), f.Blend(apart, f.Add(m, y), m))
}

// floorDiv rounds every step to the type of the elements, as its twin does.
func floorDiv(f *f, x, y v) v {
	m, zero, apart := remainder(f, x, y)
	none, one := f.Const(0), f.Const(1)
	q := f.Narrow(f.Div(f.Narrow(f.Sub(x, m)), y))
	q = f.Blend(zero, q, f.Blend(apart, f.Narrow(f.Sub(q, one)), q))
	d := f.Round(q, 1)
	d = f.Blend(f.Cmp(vector.GT, f.Sub(q, d), f.Const(0.5)), f.Narrow(f.Add(d, one)), d)
	return f.Blend(f.Cmp(vector.EQ, q, none), f.And(f.Xor(x, y), f.Bits(signBit)), d)
}
