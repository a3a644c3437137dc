package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

// divide returns x/y rounded down and x - y*(x/y), both 0 where y is.
func divide(f *f, x, y v) (q, r v) {
	if f.Elem == vector.I32 {
		q = divide32(f, x, y)
		r = f.SubInt(x, f.MulInt(q, y))
	} else {
		q, r = divide64(f, x, y)
	}
	zero := f.Zero()
	none := f.CmpInt(vector.EQ, y, zero)
	return f.Blend(none, zero, q), f.Blend(none, zero, r)
}

// divide32 divides in float64: a quotient of two integers of 32 bits that is no integer is further from the next one than
// float64 rounds. The least integer by -1 becomes itself, as what does not fit is converted to the least integer.
func divide32(f *f, x, y v) v {
	xs, ys := [2]vector.Op{}, [2]vector.Op{}
	xs[0], xs[1] = f.Halves(x)
	ys[0], ys[1] = f.Halves(y)
	var half [2]reg.Register
	for i := range half {
		dx, dy := f.New(), f.New()
		f.VCVTDQ2PD(xs[i], dx)
		f.VCVTDQ2PD(ys[i], dy)
		f.VDIVPD(dy, dx, dx)
		if f.Set == vector.AVX512 {
			f.VRNDSCALEPD(operand.U8(8|1), dx, dx)
			h := f.YMM()
			f.VCVTTPD2DQ(dx, h)
			half[i] = h
		} else {
			f.VROUNDPD(operand.U8(8|1), dx, dx)
			h := f.XMM()
			f.VCVTTPD2DQY(dx, h)
			half[i] = h
		}
	}
	q := f.New()
	if f.Set == vector.AVX512 {
		f.VINSERTI64X4(operand.U8(1), half[1], half[0].(reg.VecVirtual).AsZ(), q)
	} else {
		f.VINSERTI128(operand.U8(1), half[1], half[0].(reg.VecVirtual).AsY(), q)
	}
	return q
}

// divide64 divides in float64, which may be wrong by some thousands, divides what is left again, and corrects by one. What
// does not fit wraps around on the way, and back.
func divide64(f *f, x, y v) (q, r v) {
	dy := f.New()
	f.VCVTQQ2PD(y, dy)
	step := func(x v) (q, r v) {
		d, q := f.New(), f.New()
		f.VCVTQQ2PD(x, d)
		d = f.Round(f.Div(d, dy), 1)
		f.VCVTTPD2QQ(d, q)
		return q, f.SubInt(x, f.MulInt(q, y))
	}
	q, r = step(x)
	more, r := step(r)
	q = f.AddInt(q, more)
	zero, one := f.Zero(), f.Reg(f.Bits(1))
	// r has not the sign of y: one y more.
	under := f.K()
	f.VPCMPQ(operand.U8(vector.LT), zero, f.Xor(r, y), under)
	not := f.K()
	f.VPTESTMQ(r, r, not)
	f.KANDW(not, under, under)
	f.VPADDQ(y, r, under, r)
	f.VPSUBQ(one, q, under, q)
	// r is not nearer to 0 than y: one y less. Nothing left is (y less may not fit).
	t := f.SubInt(r, y)
	over, same := f.K(), f.K()
	f.VPCMPQ(operand.U8(vector.NLT), zero, f.Xor(t, y), over)
	f.VPTESTNMQ(t, t, same)
	f.KORW(same, over, over)
	f.KANDW(not, over, over)
	f.VPSUBQ(y, r, over, r)
	f.VPADDQ(one, q, over, q)
	return q, r
}
