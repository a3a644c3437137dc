package vector

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Mask says yes or no for each lane: an opmask register of AVX-512, the sign bits of an AVX2 register.
type Mask struct {
	k reg.OpmaskVirtual
	v V
}

// Pred is a comparison; the negated ones are true for NaN.
type Pred uint8

// The comparisons, by their numbers in VCMPPD.
const (
	EQ  Pred = 0
	LT  Pred = 1
	LE  Pred = 2
	NE  Pred = 4
	NLT Pred = 5
	NLE Pred = 6
	GE  Pred = 13
	GT  Pred = 14
)

// Cmp compares a with b.
func (f *F) Cmp(p Pred, a V, b Op) Mask {
	if f.Set == AVX512 {
		k := f.K()
		f.P("VCMP", operand.U8(p), b, a, k)
		return Mask{k: k}
	}
	r := f.New()
	f.P("VCMP", operand.U8(p), b, a, r)
	return Mask{v: r}
}

// Odd tells lanes whose integer is odd.
func (f *F) Odd(a V) Mask {
	if f.Set == AVX512 {
		k := f.K()
		f.VPTESTMQ(f.Reg(f.Bits(1)), a, k)
		return Mask{k: k}
	}
	return Mask{v: f.ShiftLeft(a, 63)}
}

// Blend returns yes where m holds, else no.
func (f *F) Blend(m Mask, yes, no Op) V {
	r := f.New()
	if f.Set == AVX512 {
		f.P("VBLENDM", yes, f.Reg(no), m.k, r)
	} else {
		f.P("VBLENDV", m.v, yes, f.Reg(no), r)
	}
	return r
}

// StopIf leaves the loop before this register is done where a lane of any mask says yes: the caller's twin does it.
func (f *F) StopIf(masks ...Mask) {
	all := masks[0]
	for _, m := range masks[1:] {
		all = f.either(all, m)
	}
	if f.Set == AVX512 {
		f.KORTESTW(all.k, all.k)
	} else {
		bits := f.GP32()
		f.P("VMOVMSK", all.v, bits)
		f.TESTL(bits, bits)
	}
	f.JNE(operand.LabelRef("done"))
}

func (f *F) either(a, b Mask) Mask {
	if f.Set == AVX512 {
		k := f.K()
		f.KORW(a.k, b.k, k)
		return Mask{k: k}
	}
	return Mask{v: f.Or(a.v, b.v)}
}

// K is the opmask register of an AVX-512 mask, V the register of an AVX2 one.
func (m Mask) K() reg.OpmaskVirtual { return m.k }

// V is the register of an AVX2 mask.
func (m Mask) V() V { return m.v }

// FromBools reads a mask of bytes, 0 or 1, one for each lane.
func (f *F) FromBools(at operand.Mem) Mask {
	letter := "Q"
	if f.Suffix == "PS" {
		letter = "D"
	}
	r := f.New()
	f.I("VPMOVZXB"+letter, at, r)
	if f.Set == AVX512 {
		k := f.K()
		f.I("VPTESTM"+letter, r, r, k)
		return Mask{k: k}
	}
	f.I("VPSLL"+letter, operand.U8(8*f.Size-1), r, r)
	return Mask{v: r}
}

// Bytes16 is a constant of 16 bytes in memory, a word twice.
func (f *F) Bytes16(word uint64) operand.Mem {
	name := fmt.Sprintf("w%x", word)
	if m, ok := f.static.names[name]; ok {
		return m
	}
	m := f.StaticGlobal(name)
	f.DataAttributes(attr.RODATA | attr.NOPTR)
	f.AddDatum(0, operand.U64(word))
	f.AddDatum(8, operand.U64(word))
	f.static.names[name] = m
	return m
}
