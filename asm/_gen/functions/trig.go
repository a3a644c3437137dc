package main

import "github.com/shmath/shmath/asm/_gen/vector"

const (
	trigMax   = 0x1p28 // above, the reduction by 2/pi takes over
	twoByPi   = 0x1.45f306dc9c883p-1
	halfPiHi  = 0x1.921fb54442d18p+0
	halfPiMid = 0x1.1a62633145c07p-54
	halfPiLo  = -0x1.f1976b7ed8fbcp-110
)

// trigCoef are the polynomials of sine and cosine.
var trigCoef = [2][6]float64{
	{
		-0x1.5555555555555p-3, 0x1.1111111110bb2p-7, -0x1.a01a019e83a29p-13,
		0x1.71de37967f49ep-19, -0x1.ae600af77bf94p-26, 0x1.5e0b15ed56699p-33,
	},
	{
		0x1.5555555555555p-5, -0x1.6c16c16c16967p-10, 0x1.a01a019f4eabep-16,
		-0x1.27e4fa17d4a58p-22, 0x1.1eeb68e39cf4dp-29, -0x1.907d9f5b4de2bp-37,
	},
}

// quarter is x = q*pi/2 + hi + lo, and what both polynomials need.
type quarter struct {
	q, hi, lo v
	odd       vector.Mask
	z, y      v // hi^2, hi^4
	half, w   v // hi/2, 1-hi^2/2
	one       vector.Op
}

func reduce(f *f, x v) (r quarter) {
	a := f.Abs(x)
	f.StopIf(f.Cmp(vector.NLE, a, f.Const(trigMax)))
	r.q = f.FMA(a, f.Const(twoByPi), f.Const(roundShift))
	n := f.Sub(f.Reg(f.Const(roundShift)), r.q)
	t := f.FMA(n, f.Const(halfPiHi), a)
	p := f.Mul(n, f.Const(halfPiMid))
	r.hi = f.Add(t, p)
	r.lo = f.Add(f.Add(f.Sub(t, r.hi), p), f.FMSub(n, f.Const(halfPiMid), p))
	f.FMATo(r.lo, n, f.Const(halfPiLo))
	r.odd = f.Odd(r.q)
	r.z = f.Mul(r.hi, r.hi)
	r.y = f.Mul(r.z, r.z)
	r.half = f.Mul(r.hi, f.Const(0.5))
	r.one = f.Const(1)
	r.w = f.NegFMA(r.half, r.hi, r.one)
	return r
}

// part evaluates the polynomial of the sine in the lanes where q is even, of the cosine where it is odd; with flip the
// other way round.
func (r *quarter) part(f *f, flip bool) v {
	pick := func(even, odd vector.Op) v {
		if flip {
			even, odd = odd, even
		}
		return f.Blend(r.odd, odd, even)
	}
	c := func(i int) v { return pick(f.Const(trigCoef[0][i]), f.Const(trigCoef[1][i])) }
	base := pick(r.hi, r.w)
	mult := pick(f.Mul(r.hi, r.z), r.y)
	one := f.Reg(r.one)
	tail := pick(f.Mul(r.lo, r.w), f.Sub(f.NegFMA(r.half, r.hi, f.Sub(one, r.w)), f.Mul(r.hi, r.lo)))
	p := f.FMA(r.z, c(5), c(4))
	q := f.FMA(r.z, c(3), c(2))
	f.FMATo(q, r.y, p)
	s := f.FMA(r.z, c(1), c(0))
	f.FMATo(s, r.y, q)
	f.FMATo(tail, mult, s)
	return f.Add(base, tail)
}

// signed turns the sign of part by the top bit of turn.
func signed(f *f, part, turn v) v { return f.Xor(part, f.And(turn, f.Bits(1<<63))) }

func (r *quarter) sin(f *f, x v) v {
	return signed(f, r.part(f, false), f.Xor(x, f.ShiftLeft(r.q, 62)))
}

func (r *quarter) cos(f *f) v {
	return signed(f, r.part(f, true), f.ShiftLeft(f.AddInt(r.q, f.Bits(1)), 62))
}

func sin(f *f, x v) v {
	r := reduce(f, x)
	return r.sin(f, x)
}

func cos(f *f, x v) v {
	r := reduce(f, x)
	return r.cos(f)
}

func tan(f *f, x v) v {
	r := reduce(f, x)
	return f.Div(r.sin(f, x), r.cos(f))
}
