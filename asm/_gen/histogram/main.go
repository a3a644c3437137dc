// Command histogram writes the loop that finds the bins of numbers.
package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

type f = vector.F

func main() { vector.Generate(bins) }

// bins writes func(dst *int64, x *float64, lo, hi, width, step, bins float64, n int).
func bins(file *vector.File) {
	var dst, x, n reg.GPVirtual
	var lo, hi, width, step, count vector.V
	setup := func(f *f) {
		dst, x, n = f.Param("dst").(reg.GPVirtual), f.Param("x").(reg.GPVirtual), f.Param("n").(reg.GPVirtual)
		lo, hi, width, step, count = f.Broadcast("lo"), f.Broadcast("hi"), f.Broadcast("width"), f.Broadcast("step"), f.Broadcast("bins")
	}
	doc := "sets dst to the bins of x as kernels.Histogram defines them, for edges i*step + lo, and to -1 for what is in none; n is a " +
		"positive multiple of 8."
	file.Func(vector.AVX512, vector.F64, "Bins", "func(dst *int64, x *float64, lo, hi, width, step, bins float64, n int)", doc, setup, func(f *f) {
		one := f.Reg(f.Const(1))
		last := f.Sub(count, one)
		none := f.New()
		f.VPTERNLOGD(operand.U8(0xff), none, none, none)
		f.Label("loop")
		v := f.Load(operand.Mem{Base: x})
		k := f.Round(f.Mul(f.Div(f.Sub(v, lo), width), count), 3)
		k = f.Least(k, last)
		edge := f.Add(f.Mul(k, step), lo)
		next := f.Add(f.Mul(f.Add(k, one), step), lo)
		// A number at or behind the next edge belongs to the next bin, unless this is the last.
		more := f.K()
		f.VCMPPD(operand.U8(uint8(vector.GE)), next, v, more)
		f.VCMPPD(operand.U8(uint8(vector.NE)), last, k, more, more)
		less := f.K()
		f.VCMPPD(operand.U8(uint8(vector.LT)), edge, v, less)
		f.VADDPD(one, k, more, k)
		f.VSUBPD(one, k, less, k)
		inside := f.K()
		f.VCMPPD(operand.U8(uint8(vector.GE)), lo, v, inside)
		f.VCMPPD(operand.U8(uint8(vector.LE)), hi, v, inside, inside)
		bin := f.Copy(none)
		f.VCVTTPD2QQ(k, inside, bin)
		f.VMOVDQU64(bin, operand.Mem{Base: dst})
		f.ADDQ(operand.Imm(64), x)
		f.ADDQ(operand.Imm(64), dst)
		f.SUBQ(operand.Imm(8), n)
		f.JNZ(operand.LabelRef("loop"))
	})
}
