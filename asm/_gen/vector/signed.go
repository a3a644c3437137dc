package vector

import "github.com/mmcloughlin/avo/operand"

// The arithmetic of signed integers, which wraps around.

// MulInt returns the lower half of a*b. AVX2 puts 64 bits together from products of 32.
func (f *F) MulInt(a V, b Op) V {
	switch {
	case f.Suffix == "PS":
		return f.three("VPMULLD", a, b)
	case f.Set == AVX512:
		return f.three("VPMULLQ", a, b)
	}
	y := f.Reg(b)
	cross := f.AddInt(f.three("VPMULUDQ", f.ShiftRight(a, 32), y), f.three("VPMULUDQ", f.ShiftRight(y, 32), a))
	return f.AddInt(f.three("VPMULUDQ", a, y), f.ShiftLeft(cross, 32))
}

// Negative is -1 in the lanes that are negative, else 0.
func (f *F) Negative(a V) V { return f.three("VPCMPGT"+f.letter(), f.Zero(), a) }

// Zero returns zeros.
func (f *F) Zero() V {
	r := f.New()
	f.VXORPD(r, r, r)
	return r
}

// LeastInt returns the lesser of a and b.
func (f *F) LeastInt(a, b V) V {
	if f.Suffix == "PD" && f.Set == AVX2 {
		return f.Blend(Mask{v: f.three("VPCMPGTQ", a, b)}, b, a)
	}
	return f.three("VPMINS"+f.letter(), a, b)
}

// GreatestInt returns the greater of a and b.
func (f *F) GreatestInt(a, b V) V {
	if f.Suffix == "PD" && f.Set == AVX2 {
		return f.Blend(Mask{v: f.three("VPCMPGTQ", a, b)}, a, b)
	}
	return f.three("VPMAXS"+f.letter(), a, b)
}

// AbsInt returns |a|: of the least integer, itself.
func (f *F) AbsInt(a V) V {
	if f.Suffix == "PD" && f.Set == AVX2 {
		m := f.Negative(a)
		return f.SubInt(f.Xor(a, m), m)
	}
	r := f.New()
	f.I("VPABS"+f.letter(), a, r)
	return r
}

// ShiftLeftBy returns a<<b, 0 where b is not below the bits of a lane.
func (f *F) ShiftLeftBy(a V, b Op) V { return f.three("VPSLLV"+f.letter(), a, b) }

// ShiftRightBy returns a>>b, the sign where b is not below the bits of a lane.
func (f *F) ShiftRightBy(a V, b Op) V {
	if f.Suffix == "PD" && f.Set == AVX2 {
		m := f.Negative(a)
		return f.Xor(f.three("VPSRLVQ", f.Xor(a, m), b), m)
	}
	return f.three("VPSRAV"+f.letter(), a, b)
}

// CmpInt compares a with b by EQ, LT, LE, NE, NLT or NLE.
func (f *F) CmpInt(p Pred, a, b V) Mask {
	if f.Set == AVX512 {
		k := f.K()
		f.I("VPCMP"+f.letter(), operand.U8(p), b, a, k)
		return Mask{k: k}
	}
	var r V
	switch p {
	case EQ, NE:
		r = f.three("VPCMPEQ"+f.letter(), a, b)
	case LT, NLT:
		r = f.three("VPCMPGT"+f.letter(), b, a)
	default:
		r = f.three("VPCMPGT"+f.letter(), a, b)
	}
	if p == NE || p == NLT || p == LE {
		ones := f.New()
		f.VPCMPEQD(ones, ones, ones)
		r = f.Xor(r, ones)
	}
	return Mask{v: r}
}

// OrMask holds where a or b does.
func (f *F) OrMask(a, b Mask) Mask { return f.either(a, b) }

// Halves returns the lower and the upper half of a register.
func (f *F) Halves(a V) (lo, hi Op) {
	if f.Set == AVX512 {
		h := f.YMM()
		f.VEXTRACTI64X4(operand.U8(1), a, h)
		return a.AsY(), h
	}
	h := f.XMM()
	f.VEXTRACTI128(operand.U8(1), a, h)
	return a.AsX(), h
}

// TotalInt adds the 64-bit lanes of a.
func (f *F) TotalInt(a V) Scalar {
	y := a.AsY()
	if f.Set == AVX512 {
		h := f.YMM()
		f.VEXTRACTI64X4(operand.U8(1), a, h)
		f.VPADDQ(h, y, y)
	}
	x, h := a.AsX(), f.XMM()
	f.VEXTRACTI128(operand.U8(1), y, h)
	f.VPADDQ(h, x, x)
	f.VPSHUFD(operand.U8(0x4e), x, h)
	f.VPADDQ(h, x, x)
	return x
}
