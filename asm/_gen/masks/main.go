// Command masks writes the loops over masks: slices of bool, one byte an element, 0 or 1.
package main

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/shmath/shmath/asm/_gen/vector"
)

type (
	f = vector.F
	v = vector.V
)

// ones is a byte 1 in each byte of a word.
const ones = 0x0101010101010101

// comparisons are the quiet ones, by their numbers in VCMPPD, and those of integers.
var comparisons = []struct {
	name, doc string
	pred      uint8
	integer   vector.Pred
}{
	{"Less", "x < ", 17, vector.LT}, {"LessEqual", "x <= ", 18, vector.LE}, {"Equal", "x == ", 0, vector.EQ},
	{"NotEqual", "x != ", 4, vector.NE}, {"Greater", "x > ", 30, vector.NLE}, {"GreaterEqual", "x >= ", 29, vector.NLT},
}

func main() {
	vector.Generate(func(file *vector.File) {
		for _, e := range []vector.Elem{vector.F64, vector.F32} {
			for _, s := range vector.Sets {
				for _, c := range comparisons {
					test := func(f *f, x, y v) vector.Mask { return f.Cmp(vector.Pred(c.pred), x, y) }
					compare(file, s, e, c.name, "sets dst = "+c.doc+"y.", false, test)
					compare(file, s, e, c.name+"Scalar", "sets dst = "+c.doc+"a.", true, test)
				}
				choose(file, s, e)
			}
			compress(file, e)
		}
		for _, e := range []vector.Elem{vector.I64, vector.I32} {
			for _, s := range vector.Sets {
				for _, c := range comparisons {
					test := func(f *f, x, y v) vector.Mask { return f.CmpInt(c.integer, x, y) }
					compare(file, s, e, c.name, "sets dst = "+c.doc+"y.", false, test)
					compare(file, s, e, c.name+"Scalar", "sets dst = "+c.doc+"a.", true, test)
				}
			}
		}
		for _, s := range vector.Sets {
			count(file, s)
		}
	})
}

// loop is a function that walks over n elements of several arrays and returns how many it has done.
type loop struct {
	base []vector.Base
	i    vector.Base
}

func (l *loop) at(k, disp, size int) operand.Mem {
	return operand.Mem{Base: l.base[k], Index: l.i, Scale: uint8(size), Disp: disp * size}
}

// walk writes the function; step does the elements from i+at on.
func walk(file *vector.File, s vector.Set, e vector.Elem, name, signature, doc string, arrays []string, scalar bool, step func(f *f, l *loop, a v, at int)) {
	l := &loop{}
	var n vector.Base
	var a v
	setup := func(f *f) {
		l.base = nil
		for _, name := range arrays {
			l.base = append(l.base, f.Param(name))
		}
		if scalar {
			a = f.Broadcast("a")
		}
		n, l.i = f.Param("n"), f.GP64()
		f.XORQ(l.i, l.i)
	}
	file.Func(s, e, name, signature, doc, setup, func(f *f) {
		lanes := f.Lanes()
		f.SUBQ(operand.U32(2*lanes), n)
		f.Label("loop")
		f.CMPQ(l.i, n)
		f.JGT(operand.LabelRef("done"))
		step(f, l, a, 0)
		step(f, l, a, lanes)
		f.ADDQ(operand.U32(2*lanes), l.i)
		f.JMP(operand.LabelRef("loop"))
		f.Label("done")
		f.Context.Store(l.i, f.ReturnIndex(0))
	})
}

// compare writes func(dst *bool, x, y *T, n int) int, or with a number in place of y.
func compare(file *vector.File, s vector.Set, e vector.Elem, name, doc string, scalar bool, test func(f *f, x, y v) vector.Mask) {
	signature, arrays := "func(dst *bool, x, y *"+e.Go+", n int) int", []string{"dst", "x", "y"}
	if scalar {
		signature, arrays = "func(dst *bool, x *"+e.Go+", a "+e.Go+", n int) int", arrays[:2]
	}
	walk(file, s, e, name, signature, doc, arrays, scalar, func(f *f, l *loop, a v, at int) {
		x := f.Load(l.at(1, at, e.Size))
		y := a
		if !scalar {
			y = f.Load(l.at(2, at, e.Size))
		}
		storeMask(f, test(f, x, y), l.at(0, at, 1))
	})
}

// storeMask writes a byte for each lane.
func storeMask(f *f, m vector.Mask, to operand.Mem) {
	if f.Set == vector.AVX512 {
		bytes := f.XMM()
		f.VMOVDQU8_Z(f.Bytes16(ones), m.K(), bytes)
		if f.Lanes() == 8 {
			f.VMOVQ(bytes, to)
		} else {
			f.VMOVDQU(bytes, to)
		}
		return
	}
	bits := f.GP64()
	f.P("VMOVMSK", m.V(), bits.As32())
	f.PDEPQ(f.Bytes16(ones), bits, bits)
	if f.Lanes() == 8 {
		f.MOVQ(bits, to)
	} else {
		f.MOVL(bits.As32(), to)
	}
}

// choose writes func(dst *T, mask *bool, x, y *T, n int) int.
func choose(file *vector.File, s vector.Set, e vector.Elem) {
	walk(file, s, e, "Select", "func(dst *"+e.Go+", mask *bool, x, y *"+e.Go+", n int) int", "sets dst to x where mask, else to y.",
		[]string{"dst", "mask", "x", "y"}, false, func(f *f, l *loop, _ v, at int) {
			x, y := f.Load(l.at(2, at, e.Size)), f.Load(l.at(3, at, e.Size))
			f.Store(f.Blend(f.FromBools(l.at(1, at, 1)), x, y), l.at(0, at, e.Size))
		})
}

// count writes func(mask *bool, n int) int: n is a multiple of 64.
func count(file *vector.File, s vector.Set) {
	var mask, n vector.Base
	setup := func(f *f) { mask, n = f.Param("mask"), f.Param("n") }
	e := vector.Elem{Name: "", Go: "uint64", Size: 8, Suffix: "PD"}
	file.Func(s, e, "Count", "func(mask *bool, n int) int", "returns how many elements of mask are true; n is a positive multiple of 64.", setup, func(f *f) {
		sum, zero := f.New(), f.New()
		f.VXORPD(sum, sum, sum)
		f.VXORPD(zero, zero, zero)
		f.Label("loop")
		for at := 0; at < 64; at += s.Bytes {
			r := f.New()
			f.VPSADBW(vector.At(mask, at), zero, r)
			f.VPADDQ(r, sum, sum)
		}
		f.ADDQ(operand.Imm(64), mask)
		f.SUBQ(operand.Imm(64), n)
		f.JNZ(operand.LabelRef("loop"))
		f.VMOVQ(f.TotalInt(sum), f.ReturnAddr(0))
	})
}

// compress writes func(dst *T, mask *bool, x *T, n, room int) (read, written int): whole registers of the selected elements,
// as long as one fits into the room elements of dst. Zen stores a compressed register to memory by microcode, so it is
// compressed in a register and stored whole.
func compress(file *vector.File, e vector.Elem) {
	var dst, mask, x, n, room vector.Base
	setup := func(f *f) {
		dst, mask, x, n, room = f.Param("dst"), f.Param("mask"), f.Param("x"), f.Param("n"), f.Param("room")
	}
	signature := "func(dst *" + e.Go + ", mask *bool, x *" + e.Go + ", n, room int) (read, written int)"
	doc := "copies the elements of x where mask to the front of dst, in order, and may set the others of its room elements."
	file.Func(vector.AVX512, e, "Compress", signature, doc, setup, func(f *f) {
		lanes := f.Lanes()
		i, to := f.GP64(), f.GP64()
		f.XORQ(i, i)
		f.XORQ(to, to)
		f.SUBQ(operand.U32(lanes), n)
		f.SUBQ(operand.U32(lanes), room)
		f.Label("loop")
		f.CMPQ(i, n)
		f.JGT(operand.LabelRef("done"))
		f.CMPQ(to, room)
		f.JGT(operand.LabelRef("done"))
		m := f.FromBools(operand.Mem{Base: mask, Index: i, Scale: 1})
		packed, count := f.New(), f.GP64()
		f.I("VCOMPRESS"+e.Suffix+"_Z", f.Load(operand.Mem{Base: x, Index: i, Scale: uint8(e.Size)}), m.K(), packed)
		f.Store(packed, operand.Mem{Base: dst, Index: to, Scale: uint8(e.Size)})
		f.KMOVW(m.K(), count.As32())
		f.POPCNTL(count.As32(), count.As32())
		f.ADDQ(count, to)
		f.ADDQ(operand.U32(lanes), i)
		f.JMP(operand.LabelRef("loop"))
		f.Label("done")
		f.Context.Store(i, f.ReturnIndex(0))
		f.Context.Store(to, f.ReturnIndex(1))
	})
}
