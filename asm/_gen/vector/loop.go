package vector

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Elementwise writes func(dst, x... *T, scalars... T, n int) int, which sets whole registers of dst from the front and
// returns the number of elements it has set: n rounded down to the lanes of a register.
func (file *File) Elementwise(s Set, e Elem, name, doc string, arrays, scalars []string, unroll int, one func(f *F, a []V) V) {
	signature := "func(dst *" + e.Go
	for _, a := range arrays {
		signature += ", " + a + " *" + e.Go
	}
	for _, a := range scalars {
		signature += ", " + a + " " + e.Go
	}
	signature += ", n int) int"
	var n, i reg.Register
	var base []reg.Register
	var fixed []V
	setup := func(f *F) {
		base, fixed = []reg.Register{f.Param("dst")}, nil
		for _, a := range arrays {
			base = append(base, f.Param(a))
		}
		for _, a := range scalars {
			fixed = append(fixed, f.Broadcast(a))
		}
		n = f.Param("n")
		f.SHLQ(operand.U8(shift(e.Size)), n)
		i = f.GP64()
		f.XORQ(i, i)
	}
	file.Func(s, e, name, signature, doc, setup, func(f *F) {
		step := func(at int) {
			args := make([]V, 0, 4)
			for _, b := range base[1:] {
				args = append(args, f.Load(operand.Mem{Base: b, Index: i, Scale: 1, Disp: at}))
			}
			f.Store(one(f, append(args, fixed...)), operand.Mem{Base: base[0], Index: i, Scale: 1, Disp: at})
		}
		f.Walk(i, n, unroll, step)
		f.SHRQ(operand.U8(shift(e.Size)), i)
		f.Context.Store(i, f.ReturnIndex(0))
	})
}

// Walk runs step for each whole register of n bytes, unrolled, and leaves in i the bytes done.
func (f *F) Walk(i, n reg.Register, unroll int, step func(at int)) {
	end := f.GP64()
	for _, u := range []int{unroll, 1} {
		label, done := "wide", "rest"
		if u == 1 {
			label, done = "narrow", "done"
		}
		// end is n less u registers: the last i at which the step fits.
		f.MOVQ(n, end)
		f.SUBQ(operand.U32(u*f.Stride()), end)
		f.Label(label)
		f.CMPQ(i, end)
		f.JGT(operand.LabelRef(done))
		for k := range u {
			step(k * f.Stride())
		}
		f.ADDQ(operand.U32(u*f.Stride()), i)
		f.JMP(operand.LabelRef(label))
		f.Label(done)
		if unroll == 1 {
			break
		}
	}
}

func shift(size int) uint8 {
	s := uint8(0)
	for 1<<s < size {
		s++
	}
	return s
}
