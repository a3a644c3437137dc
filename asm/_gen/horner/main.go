// Command horner writes polynomials by Horner's rule, each product and each sum rounded.
package main

import (
	"math/bits"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

func main() {
	vector.Generate(func(file *vector.File) {
		for _, e := range []vector.Elem{vector.F64, vector.F32} {
			for _, s := range vector.Sets {
				horner(file, s, e)
			}
		}
	})
}

// horner keeps as many registers of x, and of results, as there are in the set less some.
func horner(file *vector.File, s vector.Set, e vector.Elem) {
	unroll := 6
	if s == vector.AVX512 {
		unroll = 8
	}
	shift := operand.U8(bits.TrailingZeros(uint(e.Size)))
	var dst, x, c, degree, n, i reg.Register
	setup := func(f *vector.F) {
		dst, x, c, degree, n = f.Param("dst"), f.Param("x"), f.Param("c"), f.Param("degree"), f.Param("n")
		f.SHLQ(shift, n)
		i = f.GP64()
		f.XORQ(i, i)
	}
	file.Func(s, e, "Horner", "func(dst *"+e.Go+", x *"+e.Go+", c *"+e.Go+", degree int, n int) int",
		"sets whole registers of dst to (c[0]*x + c[1])*x + ... + c[degree], degree > 0, and returns the elements set.", setup,
		func(f *vector.F) {
			end, next, left := f.GP64(), f.GP64(), f.GP64()
			k := f.New()
			for _, u := range []int{unroll, 1} {
				label, done := "wide", "rest"
				if u == 1 {
					label, done = "narrow", "done"
				}
				f.MOVQ(n, end)
				f.SUBQ(operand.U32(u*f.Stride()), end)
				f.Label(label)
				f.CMPQ(i, end)
				f.JGT(operand.LabelRef(done))
				xs, sums := make([]vector.V, u), make([]vector.V, u)
				f.I("VBROADCASTS"+e.Suffix[1:], operand.Mem{Base: c}, k)
				for r := range u {
					xs[r] = f.Load(operand.Mem{Base: x, Index: i, Scale: 1, Disp: r * f.Stride()})
					sums[r] = f.New()
					f.P("VMUL", k, xs[r], sums[r])
				}
				f.LEAQ(operand.Mem{Base: c, Disp: e.Size}, next)
				f.MOVQ(degree, left)
				f.JMP(operand.LabelRef(label + "sum"))
				f.Label(label + "product")
				for r := range u {
					f.P("VMUL", xs[r], sums[r], sums[r])
				}
				f.Label(label + "sum")
				f.I("VBROADCASTS"+e.Suffix[1:], operand.Mem{Base: next}, k)
				for r := range u {
					f.P("VADD", k, sums[r], sums[r])
				}
				f.ADDQ(operand.Imm(uint64(e.Size)), next)
				f.DECQ(left)
				f.JNZ(operand.LabelRef(label + "product"))
				for r := range u {
					f.Store(sums[r], operand.Mem{Base: dst, Index: i, Scale: 1, Disp: r * f.Stride()})
				}
				f.ADDQ(operand.U32(u*f.Stride()), i)
				f.JMP(operand.LabelRef(label))
				f.Label(done)
			}
			f.SHRQ(shift, i)
			f.Context.Store(i, f.ReturnIndex(0))
		})
}
