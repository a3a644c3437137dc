package main

import "github.com/shmath/shmath/asm/_gen/vector"

var powQ = [9]float64{
	0x1.999999999999ap-3, 0x1.2492492492491p-3, 0x1.c71c71c71cfd9p-4, 0x1.745d174513593p-4, 0x1.3b13b1bc75cd4p-4,
	0x1.1110dfad0f8eap-4, 0x1.e1f7fa7547177p-5, 0x1.ac4a89c964b82p-5, 0x1.b8d433113b7fap-5,
}

const (
	thirdHi = 0x1.5555555555555p-2
	thirdLo = 0x1.5555555555555p-56
)

// logTwo is the logarithm in two words.
func logTwo(f *f, x v) (h, l v) {
	k, frac := split(f, x)
	two := f.Const(2)
	d := f.Add(frac, two)
	dl := f.Sub(frac, f.Sub(d, two))
	r := f.Div(f.Reg(f.Const(1)), d)
	s := f.Mul(frac, r)
	sl := f.Mul(f.Sub(f.NegFMA(s, d, frac), f.Mul(s, dl)), r)
	z := f.Mul(s, s)
	zl := f.Add(f.FMSub(s, s, z), f.Mul(f.Add(s, s), sl))
	w := f.Mul(z, z)
	c := func(i int) vector.Op { return f.Const(powQ[i]) }
	q := f.FMA(w, c(8), f.Reg(c(6)))
	f.HornerTo(q, w, c(4))
	f.HornerTo(q, w, c(2))
	f.HornerTo(q, w, c(0))
	o := f.FMA(w, c(7), f.Reg(c(5)))
	f.HornerTo(o, w, c(3))
	f.HornerTo(o, w, c(1))
	f.FMATo(q, z, o)
	third := f.Const(thirdHi)
	u := f.Mul(z, q)
	t := f.Add(u, third)
	tl := f.FMA(zl, q, f.Reg(f.Const(thirdLo)))
	tl = f.Add(f.Add(f.Sub(f.Reg(third), t), u), f.Add(f.FMSub(z, q, u), tl))
	m := f.Mul(z, t)
	ml := f.Mul(zl, t)
	f.FMATo(ml, z, tl)
	ml = f.Add(f.FMSub(z, t, m), ml)
	p := f.Mul(s, m)
	pl := f.Mul(sl, m)
	f.FMATo(pl, s, ml)
	pl = f.Add(f.FMSub(s, m, p), pl)
	g := f.Add(s, p)
	gl := f.Add(f.Add(f.Sub(s, g), p), f.Add(sl, pl))
	g, gl = f.Add(g, g), f.Add(gl, gl)
	a := f.Mul(k, f.Const(log2Hi))
	h = f.Add(a, g)
	f.FMATo(gl, k, f.Const(log2Lo))
	return h, f.Add(f.Add(f.Sub(a, h), g), gl)
}

// pow handles positive normal x and finite y: the sign and the limits are the twin's.
func pow(f *f, x, y v) v {
	f.StopIf(f.Cmp(vector.NLE, x, f.Const(maxFloat)), f.Cmp(vector.NLE, f.Reg(f.Const(minNormal)), x),
		f.Cmp(vector.NLE, f.Abs(y), f.Const(maxFloat)))
	h, l := logTwo(f, x)
	e := f.Mul(h, y)
	tail := f.Add(f.FMSub(y, h, e), f.Mul(y, l))
	tail = f.Blend(f.Cmp(vector.NLE, f.Abs(e), f.Const(1000)), f.Const(0), tail)
	return expTail(f, e, tail, 0)
}
