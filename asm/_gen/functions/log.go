package main

import "github.com/shmath/shmath/asm/_gen/vector"

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

// split returns k and f with x = 2^k*(1+f), for positive normal x.
func split(f *f, x v) (k, frac v) {
	t := f.SubInt(x, f.Bits(sqrtHalfBits))
	k = f.FromInt(f.ShiftRight(f.AddInt(t, f.Bits(1024<<52)), 52), 1024)
	high := f.And(t, f.Bits(0xfff<<52))
	return k, f.Sub(f.SubInt(x, high), f.Const(1))
}

func logParts(f *f, x v) (hi, lo v) {
	s := f.Div(x, f.Add(x, f.Const(2)))
	z := f.Mul(s, s)
	w := f.Mul(z, z)
	a := f.FMA(w, f.Const(logR6), f.Reg(f.Const(logR4)))
	f.HornerTo(a, w, f.Const(logR2))
	b := f.FMA(w, f.Const(logR7), f.Reg(f.Const(logR5)))
	f.HornerTo(b, w, f.Const(logR3))
	f.HornerTo(b, w, f.Const(logR1))
	r := f.Mul(z, b)
	f.FMATo(r, w, a)
	g := f.Mul(x, f.Const(0.5))
	hi = f.NegFMA(g, x, x)
	f.FMATo(r, g, x)
	lo = f.NegFMA(g, x, f.Sub(x, hi))
	f.FMATo(lo, s, r)
	return hi, lo
}

// notNormal stops unless x is positive, normal and finite.
func notNormal(f *f, x v) {
	f.StopIf(f.Cmp(vector.NLE, x, f.Const(maxFloat)), f.Cmp(vector.NLE, f.Reg(f.Const(minNormal)), x))
}

func log(f *f, x v) v {
	notNormal(f, x)
	return logNormal(f, x)
}

// logNormal is the logarithm of a positive normal number.
func logNormal(f *f, x v) v {
	k, frac := split(f, x)
	hi, lo := logParts(f, frac)
	a := f.Mul(k, f.Const(log2Hi))
	t := f.Add(a, hi)
	rest := f.Add(f.Add(f.Sub(a, t), hi), lo)
	f.FMATo(rest, k, f.Const(log2Lo))
	return f.Add(t, rest)
}

// based multiplies a logarithm in two words by one over that of the base, in two words too.
func based(f *f, hi, lo v, by, byLo float64) (v1, l v) {
	v1 = f.Mul(hi, f.Const(by))
	rest := f.Mul(f.Add(hi, lo), f.Const(byLo))
	f.FMATo(rest, lo, f.Const(by))
	return v1, f.Add(f.FMSub(hi, f.Const(by), v1), rest)
}

func log2(f *f, x v) v {
	notNormal(f, x)
	k, frac := split(f, x)
	hi, lo := logParts(f, frac)
	p, l := based(f, hi, lo, log2eHi, log2eLo)
	t := f.Add(k, p)
	return f.Add(t, f.Add(f.Add(f.Sub(k, t), p), l))
}

func log10(f *f, x v) v {
	notNormal(f, x)
	k, frac := split(f, x)
	hi, lo := logParts(f, frac)
	p, l := based(f, hi, lo, log10eHi, log10eLo)
	a := f.Mul(k, f.Const(log10of2Hi))
	t := f.Add(a, p)
	rest := f.Add(f.Add(f.Sub(a, t), p), l)
	f.FMATo(rest, k, f.Const(log10of2Lo))
	return f.Add(t, rest)
}

func log1p(f *f, x v) v {
	one := f.Const(1)
	f.StopIf(f.Cmp(vector.NLE, x, f.Const(maxFloat)), f.Cmp(vector.NLT, f.Reg(f.Const(-1)), x))
	u := f.Add(x, one)
	c := f.Blend(f.Cmp(vector.GT, x, one), f.Sub(f.Reg(one), f.Sub(u, x)), f.Sub(x, f.Sub(u, one)))
	c = f.Div(c, u)
	k, frac := split(f, u)
	zero := f.Const(0)
	near := f.Cmp(vector.EQ, k, zero)
	frac, c = f.Blend(near, x, frac), f.Blend(near, zero, c)
	hi, lo := logParts(f, frac)
	a := f.Mul(k, f.Const(log2Hi))
	t := f.Add(a, hi)
	rest := f.Add(f.Add(f.Sub(a, t), hi), f.Add(lo, c))
	f.FMATo(rest, k, f.Const(log2Lo))
	return f.Blend(f.Cmp(vector.LT, f.Abs(x), f.Const(0x1p-54)), x, f.Add(t, rest))
}
