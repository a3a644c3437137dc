package vector

import "github.com/mmcloughlin/avo/operand"

// The operations. Each returns a fresh register, unless its name ends in To; at most one argument may be memory, the
// first of those that are not named V.

// Reg returns o in a register.
func (f *F) Reg(o Op) V {
	if v, ok := o.(V); ok {
		return v
	}
	return f.Copy(o)
}

// Copy returns a copy of o.
func (f *F) Copy(o Op) V {
	r := f.New()
	if v, ok := o.(V); ok {
		f.P("VMOVA", v, r)
	} else {
		f.P("VMOVU", o, r)
	}
	return r
}

func (f *F) two(name string, a V, b Op) V {
	r := f.New()
	f.P(name, b, a, r)
	return r
}

// Add returns a+b.
func (f *F) Add(a V, b Op) V { return f.two("VADD", a, b) }

// Sub returns a-b.
func (f *F) Sub(a V, b Op) V { return f.two("VSUB", a, b) }

// Mul returns a*b.
func (f *F) Mul(a V, b Op) V { return f.two("VMUL", a, b) }

// Div returns a/b.
func (f *F) Div(a V, b Op) V { return f.two("VDIV", a, b) }

// And returns the common bits of a and b.
func (f *F) And(a V, b Op) V { return f.two("VAND", a, b) }

// Or returns the bits of a and of b.
func (f *F) Or(a V, b Op) V { return f.two("VOR", a, b) }

// Xor returns the bits in which a and b differ.
func (f *F) Xor(a V, b Op) V { return f.two("VXOR", a, b) }

// AndNot returns the bits of b that a has not.
func (f *F) AndNot(a V, b Op) V { return f.two("VANDN", a, b) }

// Sqrt returns the square root.
func (f *F) Sqrt(a Op) V {
	r := f.New()
	f.P("VSQRT", a, r)
	return r
}

// FMA returns a*b + c, rounded once.
func (f *F) FMA(a V, b, c Op) V {
	if v, ok := c.(V); ok {
		r := f.Copy(v)
		f.P("VFMADD231", b, a, r)
		return r
	}
	r := f.Copy(a)
	f.P("VFMADD213", c, f.Reg(b), r)
	return r
}

// FMATo sets c = a*b + c.
func (f *F) FMATo(c, a V, b Op) { f.P("VFMADD231", b, a, c) }

// HornerTo sets p = p*x + c.
func (f *F) HornerTo(p, x V, c Op) { f.P("VFMADD213", c, x, p) }

// NegFMA returns c - a*b, rounded once.
func (f *F) NegFMA(a V, b, c Op) V {
	r := f.Copy(c)
	f.P("VFNMADD231", b, a, r)
	return r
}

// FMSub returns a*b - c, rounded once.
func (f *F) FMSub(a V, b Op, c V) V {
	r := f.Copy(c)
	f.P("VFMSUB231", b, a, r)
	return r
}

// Least returns the lesser of a and b, and b where one is NaN.
func (f *F) Least(a V, b Op) V { return f.two("VMIN", a, b) }

// Greatest returns the greater of a and b, and b where one is NaN.
func (f *F) Greatest(a V, b Op) V { return f.two("VMAX", a, b) }

const (
	signBit = 1 << 63
	sign32  = 1 << 31
)

func (f *F) sign() uint64 {
	if f.Suffix == "PS" {
		return sign32
	}
	return signBit
}

// Abs clears the sign.
func (f *F) Abs(a V) V { return f.And(a, f.Bits(f.sign()-1)) }

// Neg turns the sign.
func (f *F) Neg(a V) V { return f.Xor(a, f.Bits(f.sign())) }

// Copysign returns the magnitude of a with the sign of b.
func (f *F) Copysign(a, b V) V {
	return f.Or(f.Abs(a), f.And(b, f.Bits(f.sign())))
}

// Min is Go's min: a NaN wins and -0 is less than +0. MINPD returns its second source for a NaN or for two zeros,
// so the two orders together hold every sign and every NaN.
func (f *F) Min(a, b V) V { return f.Or(f.two("VMIN", a, b), f.two("VMIN", b, a)) }

// Max is Go's max: -min(-a, -b).
func (f *F) Max(a, b V) V { return f.Neg(f.Min(f.Neg(a), f.Neg(b))) }

// Round rounds to an integer: mode 0 to even, 1 down, 2 up, 3 toward zero.
func (f *F) Round(a V, mode uint8) V {
	r := f.New()
	if f.Set == AVX512 {
		f.P("VRNDSCALE", operand.U8(8|mode), a, r)
	} else {
		f.P("VROUND", operand.U8(8|mode), a, r)
	}
	return r
}

// Narrow rounds wide lanes to the type of the elements.
func (f *F) Narrow(a V) V {
	if !f.isWide() {
		return a
	}
	r := f.New()
	if f.Set == AVX512 {
		y := f.YMM()
		f.VCVTPD2PS(a, y)
		f.VCVTPS2PD(y, r)
		return r
	}
	h := f.XMM()
	f.VCVTPD2PSY(a, h)
	f.VCVTPS2PD(h, r)
	return r
}
