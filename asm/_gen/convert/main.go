// Command convert writes the loops that change the type of elements.
package main

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/shmath/shmath/asm/_gen/vector"
)

type (
	f = vector.F
	v = vector.V
)

// kind is a type of elements.
type kind struct {
	name, goType string
	size         int
}

var (
	f64    = kind{"F64", "float64", 8}
	f32    = kind{"F32", "float32", 4}
	i64    = kind{"I64", "int64", 8}
	i32    = kind{"I32", "int32", 4}
	i16    = kind{"I16", "int16", 2}
	i8     = kind{"I8", "int8", 1}
	u32    = kind{"U32", "uint32", 4}
	u16    = kind{"U16", "uint16", 2}
	u8     = kind{"U8", "uint8", 1}
	truths = kind{"Bool", "bool", 1}
)

// conversion is a pair of types and the instructions, one after the other, that turn a register of one into the other. The
// registers are those of the wider type. wide marks those that AVX-512 alone has.
type conversion struct {
	from, to kind
	wide     bool
	steps    []string
}

var conversions = []conversion{
	{i64, f64, true, []string{"VCVTQQ2PD"}},
	{f64, i64, true, []string{"VCVTTPD2QQ"}},
	{i32, f64, false, []string{"VCVTDQ2PD"}},
	{f32, f64, false, []string{"VCVTPS2PD"}},
	{f64, f32, false, []string{"VCVTPD2PS"}},
	{i32, f32, false, []string{"VCVTDQ2PS"}},
	{i64, f32, true, []string{"VCVTQQ2PS"}},
	{f32, i64, true, []string{"VCVTTPS2QQ"}},
	{i64, i32, true, []string{"VPMOVQD"}},
	{i32, i64, false, []string{"VPMOVSXDQ"}},
	{u32, i64, false, []string{"VPMOVZXDQ"}},
	{i16, i64, false, []string{"VPMOVSXWQ"}},
	{u16, i64, false, []string{"VPMOVZXWQ"}},
	{i8, i64, false, []string{"VPMOVSXBQ"}},
	{u8, i64, false, []string{"VPMOVZXBQ"}},
	{u8, f64, false, []string{"VPMOVZXBD", "VCVTDQ2PD"}},
	{u8, f32, false, []string{"VPMOVZXBD", "VCVTDQ2PS"}},
	{truths, i64, false, []string{"VPMOVZXBQ"}},
	{truths, f64, false, []string{"VPMOVZXBD", "VCVTDQ2PD"}},
	{truths, f32, false, []string{"VPMOVZXBD", "VCVTDQ2PS"}},
}

func main() {
	vector.Generate(func(file *vector.File) {
		for _, c := range conversions {
			for _, s := range vector.Sets {
				if !c.wide || s == vector.AVX512 {
					c.write(file, s)
				}
			}
		}
	})
}

// write writes func(dst *To, x *From, n int) int: whole registers from the front; it returns how many elements.
func (c *conversion) write(file *vector.File, s vector.Set) {
	e := vector.Elem{Name: c.from.name + "To" + c.to.name, Go: c.to.goType, Size: 8, Suffix: "PD"}
	lanes := s.Bytes / max(c.from.size, c.to.size)
	var dst, x, n, i vector.Base
	setup := func(f *f) {
		dst, x, n, i = f.Param("dst"), f.Param("x"), f.Param("n"), f.GP64()
		f.XORQ(i, i)
	}
	signature := "func(dst *" + c.to.goType + ", x *" + c.from.goType + ", n int) int"
	doc := "sets dst to x in its type, whole registers from the front, and returns how many."
	file.Func(s, e, "Convert", signature, doc, setup, func(f *f) {
		const unroll = 4
		for _, u := range []int{unroll, 1} {
			label, done := "wide", "rest"
			if u == 1 {
				label, done = "narrow", "done"
			}
			end := f.GP64()
			f.MOVQ(n, end)
			f.SUBQ(operand.U32(u*lanes), end)
			f.Label(label)
			f.CMPQ(i, end)
			f.JGT(operand.LabelRef(done))
			for k := range u {
				c.step(f, c.from.at(x, i, k*lanes), c.to.at(dst, i, k*lanes), lanes)
			}
			f.ADDQ(operand.U32(u*lanes), i)
			f.JMP(operand.LabelRef(label))
			f.Label(done)
		}
		f.Context.Store(i, f.ReturnIndex(0))
	})
}

func (k kind) at(base, index vector.Base, disp int) operand.Mem {
	return operand.Mem{Base: base, Index: index, Scale: uint8(k.size), Disp: disp * k.size}
}

// step converts one register from memory to memory.
func (c *conversion) step(f *f, from, to operand.Mem, lanes int) {
	var at operand.Op = from
	for i, name := range c.steps {
		bytes := lanes * c.to.size
		if i+1 < len(c.steps) {
			bytes = lanes * 4 // by way of 32 bits
		}
		if name == "VPMOVQD" { // it takes a register
			r := f.New()
			f.VMOVUPD(at, r)
			at = r
		}
		if name == "VCVTPD2PS" && f.Set == vector.AVX2 {
			name = "VCVTPD2PSY"
		}
		r := f.New()
		switch bytes {
		case 64:
			f.I(name, at, r)
			at = r
		case 32:
			f.I(name, at, r.AsY())
			at = r.AsY()
		default:
			f.I(name, at, r.AsX())
			at = r.AsX()
		}
	}
	f.VMOVUPD(at, to)
}
