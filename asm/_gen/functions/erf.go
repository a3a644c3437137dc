package main

import "github.com/shmath/shmath/asm/_gen/vector"

var (
	erfSmall = [12]float64{
		0x1.06eba8214db68p-03, -0x1.812746b0379c1p-02, 0x1.ce2f21a040f66p-04, -0x1.b82ce31203772p-06,
		0x1.565bccfa44156p-08, -0x1.c02db0665e52fp-11, 0x1.f9a2be4f73081p-14, -0x1.f4ca838ada7ccp-17,
		0x1.b981d78879083p-20, -0x1.5c131500a3a59p-23, 0x1.d76af6c914756p-27, -0x1.ac9585a0f4b03p-31,
	}
	erfLarge = [21]float64{
		0x1.3e0a99a0ee914p-01, -0x1.1ebd220ea5965p-04, -0x1.59e2c284b147ap-08, 0x1.8f702ec6b5b41p-05,
		-0x1.d76830c351e7ap-05, 0x1.6861060413dfdp-05, -0x1.8ff5ef770af61p-06, 0x1.38ec6688cb61dp-07,
		-0x1.143c4c91d86bdp-09, -0x1.3cf39fc4a5a2bp-13, 0x1.27e6604d051d1p-12, -0x1.fda45ed4a12fdp-15,
		-0x1.66e0f88ecb77ep-16, 0x1.96c855b27bb5p-17, 0x1.385176f446404p-20, -0x1.fb9f09d391d3p-20,
		-0x1.6a84ebc3771afp-26, 0x1.2afd6c75aa89ep-22, -0x1.4a7dfe138322ap-28, -0x1.04642bdb0d7e9p-25,
		0x1.412ee4b4f337p-31,
	}
)

// erfNear is erf(a) for 0 <= a <= 1.
func erfNear(f *f, a v) v { return f.FMA(a, evenOdd(f, f.Mul(a, a), erfSmall[:]), a) }

// erfcFar is erfc(a) for a >= 0.46.
func erfcFar(f *f, a v) v {
	a = f.Least(f.Reg(f.Const(30)), a)
	t := f.Div(f.Sub(a, f.Const(3.5)), f.Add(a, f.Const(3.5)))
	w := f.Mul(t, t)
	k := &erfLarge
	p, q := f.Reg(f.Const(k[19])), f.Reg(f.Const(k[20]))
	p, q = f.FMA(p, w, f.Reg(f.Const(k[17]))), f.FMA(q, w, f.Reg(f.Const(k[18])))
	for i := 16; i > 0; i -= 2 {
		f.HornerTo(p, w, f.Const(k[i-1]))
		f.HornerTo(q, w, f.Const(k[i]))
	}
	f.HornerTo(q, w, f.Const(k[0]))
	g := f.FMA(p, t, q)
	h := f.Mul(a, a)
	e := expTail(f, f.Neg(h), f.Neg(f.FMSub(a, a, h)), 64)
	d := f.Add(a, f.Const(0.5))
	r := f.Div(f.Reg(f.Const(1)), d)
	y := f.Mul(g, r)
	return f.Mul(f.FMA(e, y, f.Mul(e, f.Mul(f.NegFMA(y, d, g), r))), f.Const(0x1p-64))
}

func erf(f *f, x v) v {
	a := f.Abs(x)
	one := f.Const(1)
	far := f.Sub(f.Reg(one), erfcFar(f, a))
	return f.Copysign(f.Blend(f.Cmp(vector.LT, a, one), erfNear(f, a), far), x)
}

// erfc is a base, 0, 1 or 2, and erf or erfc of |x| added or taken away.
func erfc(f *f, x v) v {
	a := f.Abs(x)
	one := f.Const(1)
	far := erfcFar(f, a)
	near := f.Copysign(erfNear(f, a), x)
	left := f.Cmp(vector.LT, x, f.Const(-1))
	far = f.Blend(left, f.Sub(f.Reg(f.Const(2)), far), far)
	middle := f.Blend(left, f.Const(1), x)
	return f.Blend(f.Cmp(vector.LT, middle, f.Const(0.46875)), f.Sub(f.Reg(one), near), far)
}
