package main

import "github.com/shmath/shmath/asm/_gen/vector"

const areaMax = 0x1p500

// rootTwo is the square root of p+pl in two words.
func rootTwo(f *f, p, pl v) (s, sl v) {
	s = f.Sqrt(p)
	return s, f.Div(f.Add(f.NegFMA(s, s, p), pl), f.Greatest(f.Reg(f.Const(minNormal)), f.Add(s, s)))
}

// log1pTwo is log(1+w+wl) for w >= 0.
func log1pTwo(f *f, w, wl v) v {
	one, zero := f.Const(1), f.Const(0)
	u := f.Add(w, one)
	c := f.Blend(f.Cmp(vector.GT, w, one), f.Sub(f.Reg(one), f.Sub(u, w)), f.Sub(w, f.Sub(u, one)))
	k, frac := split(f, u)
	near := f.Cmp(vector.EQ, k, zero)
	frac, c = f.Blend(near, w, frac), f.Blend(near, zero, c)
	c = f.Div(f.Add(c, wl), u)
	hi, lo := logParts(f, frac)
	a := f.Mul(k, f.Const(log2Hi))
	t := f.Add(a, hi)
	rest := f.Add(f.Add(f.Sub(a, t), hi), f.Add(lo, c))
	f.FMATo(rest, k, f.Const(log2Lo))
	return f.Add(t, rest)
}

func asinh(f *f, x v) v {
	outside(f, x, areaMax)
	a := f.Abs(x)
	one := f.Const(1)
	z := f.Mul(a, a)
	p := f.Add(z, one)
	pl := f.Blend(f.Cmp(vector.GT, z, one), f.Sub(f.Reg(one), f.Sub(p, z)), f.Sub(z, f.Sub(p, one)))
	s, sl := rootTwo(f, p, f.Add(pl, f.FMSub(a, a, z)))
	m := f.Sub(s, one)
	w := f.Add(a, m)
	wl := f.Add(f.Sub(m, f.Sub(w, a)), f.Add(f.Sub(f.Sub(s, m), one), sl))
	return f.Copysign(log1pTwo(f, w, wl), x)
}

func acosh(f *f, x v) v {
	one := f.Const(1)
	f.StopIf(f.Cmp(vector.NLE, x, f.Const(areaMax)), f.Cmp(vector.NLE, f.Reg(one), x))
	z := f.Mul(x, x)
	p := f.Sub(z, one)
	s, sl := rootTwo(f, p, f.Add(f.Sub(f.Sub(z, p), one), f.FMSub(x, x, z)))
	m := f.Sub(x, one)
	w := f.Add(s, m)
	wl := f.Add(f.Sub(m, f.Sub(w, s)), f.Add(f.Sub(f.Sub(x, m), one), sl))
	return log1pTwo(f, w, wl)
}

func atanh(f *f, x v) v {
	a := f.Abs(x)
	one := f.Const(1)
	f.StopIf(f.Cmp(vector.NLT, a, one))
	b, c := f.Sub(f.Reg(one), a), f.Add(a, one)
	bl, cl := f.Sub(f.Sub(f.Reg(one), b), a), f.Sub(a, f.Sub(c, one))
	k, up := exponent(f, f.Div(c, b))
	b, bl = f.Mul(b, up), f.Mul(bl, up)
	n, d := f.Sub(c, b), f.Add(c, b)
	dl := f.Add(f.Add(f.Sub(c, d), b), f.Add(cl, bl))
	r := f.Div(f.Reg(one), d)
	s := f.Mul(n, r)
	sl := f.Mul(f.Add(f.NegFMA(s, d, n), f.Sub(f.Sub(cl, bl), f.Mul(s, dl))), r)
	zero := f.Const(0)
	near := f.Cmp(vector.EQ, k, zero)
	s, sl = f.Blend(near, a, s), f.Blend(near, zero, sl)
	z := f.Mul(s, s)
	w := f.Mul(z, z)
	e := f.FMA(w, f.Const(logR6), f.Reg(f.Const(logR4)))
	f.HornerTo(e, w, f.Const(logR2))
	o := f.FMA(w, f.Const(logR7), f.Reg(f.Const(logR5)))
	f.HornerTo(o, w, f.Const(logR3))
	f.HornerTo(o, w, f.Const(logR1))
	half := f.Mul(f.FMA(w, e, f.Mul(z, o)), f.Const(0.5))
	h := f.Mul(k, f.Const(0.5*log2Hi))
	t := f.Add(h, s)
	rest := f.FMA(k, f.Const(0.5*log2Lo), f.FMA(s, half, sl))
	return f.Copysign(f.Add(t, f.Add(f.Add(f.Sub(h, t), s), rest)), x)
}

// exponent returns k and 2^k for the k of split.
func exponent(f *f, x v) (k, up v) {
	n := f.ShiftRight(f.AddInt(f.SubInt(x, f.Bits(sqrtHalfBits)), f.Bits(1024<<52)), 52)
	return f.FromInt(n, 1024), f.ShiftLeft(f.SubInt(n, f.Bits(1)), 52)
}
