// Command sell writes the product of a sparse matrix by slices of eight rows and a vector.
package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

type f = vector.F

func main() { vector.Generate(sell) }

// sell writes func(y, data *float64, columns *int32, lengths, starts *int, x *float64, slices int).
func sell(file *vector.File) {
	var y, data, columns, lengths, starts, x, slices reg.GPVirtual
	setup := func(f *f) {
		y, data, columns = f.Param("y").(reg.GPVirtual), f.Param("data").(reg.GPVirtual), f.Param("columns").(reg.GPVirtual)
		lengths, starts = f.Param("lengths").(reg.GPVirtual), f.Param("starts").(reg.GPVirtual)
		x, slices = f.Param("x").(reg.GPVirtual), f.Param("slices").(reg.GPVirtual)
	}
	doc := "sets y to the sums of eight rows for each of slices > 0 slices: slice s has elements starts[s] to starts[s+1], eight side by " +
		"side, of which row r has lengths[8*s+r]. Products are rounded, and added to the sum in turn, from zero."
	signature := "func(y, data *float64, columns *int32, lengths, starts *int, x *float64, slices int)"
	file.Func(vector.AVX512, vector.F64, "Sell", signature, doc, setup, func(f *f) {
		f.Label("slice")
		at, end := f.GP64(), f.GP64()
		f.MOVQ(operand.Mem{Base: starts}, at)
		f.MOVQ(operand.Mem{Base: starts, Disp: 8}, end)
		left, sum, one := f.New(), f.New(), f.New()
		f.VMOVDQU64(operand.Mem{Base: lengths}, left)
		f.VPXORQ(sum, sum, sum)
		f.VPTERNLOGD(operand.U8(0xff), one, one, one)
		zero := f.New()
		f.VPXORQ(zero, zero, zero)
		f.CMPQ(at, end)
		f.JGE(operand.LabelRef("next"))
		f.Label("column")
		has, reads := f.K(), f.K()
		f.VPCMPQ(operand.U8(6), zero, left, has) // left > 0
		f.KMOVW(has, reads)
		index, v := f.YMM(), f.New()
		f.VMOVDQU(operand.Mem{Base: columns, Index: at, Scale: 4}, index)
		f.VPXORQ(v, v, v)
		f.VGATHERDPD(operand.Mem{Base: x, Index: index, Scale: 8}, reads, v)
		f.VMULPD(operand.Mem{Base: data, Index: at, Scale: 8}, v, v)
		f.VADDPD(v, sum, has, sum)
		f.VPADDQ(one, left, left)
		f.ADDQ(operand.Imm(8), at)
		f.CMPQ(at, end)
		f.JLT(operand.LabelRef("column"))
		f.Label("next")
		f.VMOVUPD(sum, operand.Mem{Base: y})
		for _, p := range []reg.GPVirtual{y, lengths} {
			f.ADDQ(operand.Imm(64), p)
		}
		f.ADDQ(operand.Imm(8), starts)
		f.DECQ(slices)
		f.JNZ(operand.LabelRef("slice"))
	})
}
