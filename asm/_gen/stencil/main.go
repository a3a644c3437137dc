// Command stencil writes the loops over one row of a grid.
package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

type (
	f = vector.F
	v = vector.V
	g = reg.GPVirtual
)

func main() {
	vector.Generate(func(file *vector.File) {
		for _, e := range []vector.Elem{vector.F64, vector.F32} {
			for _, s := range vector.Sets {
				row(file, s, e)
			}
		}
	})
}

// row writes func(dst, src *T, offsets *int, weights *T, points, n int) int. The points of four registers are added up
// side by side, so that the loads of one hide the additions of another.
func row(file *vector.File, s vector.Set, e vector.Elem) {
	var dst, src, offsets, weights, points, n g
	setup := func(f *f) {
		dst, src, offsets = f.Param("dst").(g), f.Param("src").(g), f.Param("offsets").(g)
		weights, points, n = f.Param("weights").(g), f.Param("points").(g), f.Param("n").(g)
	}
	doc := "sets dst[j] to the sum over the points p of weights[p]*src[j+offsets[p]], each product rounded and added in turn. It returns " +
		"how many elements it has set: n rounded down to the lanes of a register. There are two points or more."
	signature := "func(dst, src *" + e.Go + ", offsets *int, weights *" + e.Go + ", points, n int) int"
	file.Func(s, e, "Stencil", signature, doc, setup, func(f *f) {
		j, end := f.GP64(), f.GP64()
		f.XORQ(j, j)
		for _, u := range []int{4, 1} {
			wide := fmt.Sprintf("by%d", u)
			f.MOVQ(n, end)
			f.SUBQ(operand.U32(u*f.Lanes()), end)
			f.Label(wide)
			f.CMPQ(j, end)
			f.JGT(operand.LabelRef(wide + "done"))
			sums := make([]v, u)
			add := func(p g, first bool) {
				at, w := f.GP64(), f.New()
				f.MOVQ(operand.Mem{Base: offsets, Index: p, Scale: 8}, at)
				f.ADDQ(j, at)
				f.I("VBROADCASTS"+e.Suffix[1:], operand.Mem{Base: weights, Index: p, Scale: uint8(e.Size)}, w)
				for i := range sums {
					x := operand.Mem{Base: src, Index: at, Scale: uint8(e.Size), Disp: i * f.Bytes}
					if first {
						sums[i] = f.Mul(w, x)
					} else {
						f.P("VADD", f.Mul(w, x), sums[i], sums[i])
					}
				}
			}
			p := f.GP64()
			f.XORQ(p, p)
			add(p, true)
			f.Label(wide + "points")
			f.INCQ(p)
			add(p, false)
			f.LEAQ(operand.Mem{Base: p, Disp: 1}, end)
			f.CMPQ(end, points)
			f.JLT(operand.LabelRef(wide + "points"))
			for i, sum := range sums {
				f.Store(sum, operand.Mem{Base: dst, Index: j, Scale: uint8(e.Size), Disp: i * f.Bytes})
			}
			f.ADDQ(operand.U32(u*f.Lanes()), j)
			f.MOVQ(n, end)
			f.SUBQ(operand.U32(u*f.Lanes()), end)
			f.JMP(operand.LabelRef(wide))
			f.Label(wide + "done")
		}
		f.Context.Store(j, f.ReturnIndex(0))
	})
}
