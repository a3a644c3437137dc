package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"

	"github.com/shmath/shmath/asm/_gen/vector"
)

// reduce writes a function of rows of 64 elements that returns the sum of 64-bit lanes to which add has added register i of
// each row. A register of 32-bit elements is read as 64-bit ones.
func reduce(file *vector.File, s vector.Set, e vector.Elem, name, doc string, arrays []string, add func(f *f, acc v, args []v)) {
	signature := "func("
	for _, a := range arrays {
		signature += a + " *" + e.Go + ", "
	}
	var rows vector.Base
	var base []vector.Base
	setup := func(f *f) {
		rows, base = f.Param("rows"), nil
		for _, a := range arrays {
			base = append(base, f.Param(a))
		}
	}
	wide := vector.Elem{Name: e.Name, Go: e.Go, Size: e.Size, Suffix: "PD"}
	file.Func(s, wide, name, signature+"rows int) int64", doc+" over rows of 64 elements; rows > 0.", setup, func(f *f) {
		acc := make([]v, 4)
		for i := range acc {
			acc[i] = f.Zero()
		}
		f.Rows("row", rows, base, func() {
			for i := range vector.Row / f.Lanes() {
				var args []v
				for _, p := range base {
					args = append(args, widen(f, vector.At(p, i*f.Stride())))
				}
				add(f, acc[i%4], args)
			}
		})
		for _, a := range acc[1:] {
			f.VPADDQ(a, acc[0], acc[0])
		}
		f.VMOVQ(f.TotalInt(acc[0]), f.ReturnAddr(0))
	})
}

// widen loads a register of 64-bit integers.
func widen(f *f, m operand.Mem) v {
	r := f.New()
	if f.Size == 4 {
		f.VPMOVSXDQ(m, r)
	} else {
		f.VMOVUPD(m, r)
	}
	return r
}

func sum(file *vector.File, s vector.Set, e vector.Elem) {
	reduce(file, s, e, "Sum", "returns the sum of x in 64 bits,", x, func(f *f, acc v, args []v) { f.VPADDQ(args[0], acc, acc) })
}

func dot(file *vector.File, s vector.Set, e vector.Elem) {
	reduce(file, s, e, "Dot", "returns the sum of x*y in 64 bits,", xy, func(f *f, acc v, args []v) {
		product := f.New()
		if e.Size == 4 {
			f.VPMULDQ(args[1], args[0], product)
		} else {
			product = f.MulInt(args[0], args[1])
		}
		f.VPADDQ(product, acc, acc)
	})
}

// extreme writes func(lanes, x *T, rows int): the best of each lane of 64 bytes.
func extreme(file *vector.File, s vector.Set, e vector.Elem, name, doc string, best func(f *f, a, b v) v) {
	var lanes, rows, x vector.Base
	setup := func(f *f) { lanes, rows, x = f.Param("lanes"), f.Param("rows"), f.Param("x") }
	doc = fmt.Sprintf("sets %d lanes to the %s lanes of x over rows of 64 elements; rows > 0.", 64/e.Size, doc)
	file.Func(s, e, name, "func(lanes, x *"+e.Go+", rows int)", doc, setup, func(f *f) {
		acc := make([]v, 4)
		for i := range acc {
			acc[i] = f.Load(vector.At(x, i*f.Stride()))
		}
		f.Rows("row", rows, []vector.Base{x}, func() {
			for i := range vector.Row / f.Lanes() {
				f.P("VMOVA", best(f, acc[i%4], f.Load(vector.At(x, i*f.Stride()))), acc[i%4])
			}
		})
		// Two registers of AVX2 hold what one of AVX-512 does.
		for n := 2; n*s.Bytes >= 64; n /= 2 {
			for i := range n {
				acc[i] = best(f, acc[i], acc[i+n])
			}
		}
		for i := range 64 / s.Bytes {
			f.P("VMOVU", acc[i], operand.Mem{Base: lanes, Disp: i * s.Bytes})
		}
	})
}

// cumSum writes func(dst, x, carry *T, n int) int: running sums of whole registers from the front, on from carry, which is
// set to the last.
func cumSum(file *vector.File, s vector.Set, e vector.Elem) {
	var dst, x, carry, n, i vector.Base
	setup := func(f *f) {
		dst, x, carry, n, i = f.Param("dst"), f.Param("x"), f.Param("carry"), f.Param("n"), f.GP64()
		f.SHLQ(operand.U8(e.Size/4+1), n)
		f.XORQ(i, i)
	}
	doc := "sets dst to the running sums of x, whole registers from the front, on from carry, which it sets to the last; it returns how many."
	file.Func(s, e, "CumSum", "func(dst, x, carry *"+e.Go+", n int) int", doc, setup, func(f *f) {
		total, zero := f.New(), f.Zero()
		f.I("VBROADCASTS"+e.Suffix[1:], vector.At(carry, 0), total)
		last := lastLane(f)
		f.Walk(i, n, 2, func(at int) {
			r := prefix(f, f.Load(operand.Mem{Base: x, Index: i, Scale: 1, Disp: at}), zero)
			f.Store(f.AddInt(r, total), operand.Mem{Base: dst, Index: i, Scale: 1, Disp: at})
			f.P("VMOVA", f.AddInt(total, last(r)), total)
		})
		low := total.AsX()
		if e.Size == 8 {
			f.VMOVQ(low, vector.At(carry, 0))
		} else {
			f.VMOVD(low, vector.At(carry, 0))
		}
		f.SHRQ(operand.U8(e.Size/4+1), i)
		f.Context.Store(i, f.ReturnIndex(0))
	})
}
