// Command reductions writes the loops of sums, moments and extremes.
package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/operand"

	"github.com/shmath/shmath/asm/_gen/vector"
)

type (
	f = vector.F
	v = vector.V
)

func main() {
	vector.Generate(func(file *vector.File) {
		for _, e := range []vector.Elem{vector.F64, vector.Wide} {
			for _, s := range vector.Sets {
				sums(file, s, e, "Sum", "adds rows of 64 elements to 64 lanes", []string{"x"}, func(f *f, acc, x, _ v) {
					f.VADDPD(x, acc, acc)
				})
				sums(file, s, e, "SumAbs", "adds the magnitudes of rows of 64 elements to 64 lanes", []string{"x"}, func(f *f, acc, x, _ v) {
					f.VADDPD(f.Abs(x), acc, acc)
				})
				sums(file, s, e, "NanSum", "adds rows of 64 elements, 0 for a NaN, to 64 lanes", []string{"x"}, func(f *f, acc, x, _ v) {
					f.VADDPD(f.Blend(f.Cmp(vector.EQ, x, x), x, f.Const(0)), acc, acc)
				})
				sums(file, s, e, "Dot", "adds the products of rows of 64 elements to 64 lanes, each by one fused multiply-add",
					[]string{"x", "y"}, func(f *f, acc, x, y v) { f.FMATo(acc, x, y) })
				moments(file, s, e)
			}
		}
		for _, e := range []vector.Elem{vector.F64, vector.F32} {
			for _, s := range vector.Sets {
				extreme(file, s, e, "Least", "the least lanes of x: a NaN wins, and -0 is less than +0",
					func(f *f, x v) v { return x }, func(f *f, x v) v { return x })
				extreme(file, s, e, "Greatest", "the greatest lanes of x: a NaN wins, and +0 is greater than -0",
					func(f *f, x v) v { return f.Neg(x) }, func(f *f, x v) v { return f.Neg(x) })
				orInfinite := func(f *f, x v) v { return f.Blend(f.Cmp(vector.EQ, x, x), x, f.Const(math.Inf(1))) }
				extreme(file, s, e, "NanLeast", "the least lanes of x, where +Inf stands for a NaN: -0 is less than +0",
					orInfinite, func(f *f, x v) v { return x })
				extreme(file, s, e, "NanGreatest", "the greatest lanes of x, where -Inf stands for a NaN: +0 is greater than -0",
					func(f *f, x v) v { return orInfinite(f, f.Neg(x)) }, func(f *f, x v) v { return f.Neg(x) })
				extreme(file, s, e, "GreatestAbs", "the greatest magnitudes in the lanes of x: a NaN wins",
					func(f *f, x v) v { return f.Or(x, f.Bits(signOf(f))) }, func(f *f, x v) v { return f.Abs(x) })
			}
		}
	})
}

// sums writes func(lanes *float64, x... *T, rows int) float64. AVX2 has registers for half of the lanes at a time: a
// block is in the cache when the second half comes.
func sums(file *vector.File, s vector.Set, e vector.Elem, name, doc string, arrays []string, add func(f *f, acc, x, y v)) {
	signature := "func(lanes *float64"
	for _, a := range arrays {
		signature += ", " + a + " *" + e.Go
	}
	var lanes, rows vector.Base
	var base []vector.Base
	setup := func(f *f) {
		lanes, rows, base = f.Param("lanes"), f.Param("rows"), nil
		for _, a := range arrays {
			base = append(base, f.Param(a))
		}
	}
	doc += ", which start at 0, and returns their total in the tree of kernels.Sum; rows > 0."
	file.Func(s, e, name, signature+", rows int) float64", doc, setup, func(f *f) {
		passes := 64 / s.Bytes
		regs := vector.Row / f.Lanes() / passes
		for pass := range passes {
			first := pass * regs
			acc := zeros(f, regs)
			n, at := f.GP64(), make([]vector.Base, len(base))
			f.MOVQ(rows, n)
			for i, b := range base {
				p := f.GP64()
				f.MOVQ(b, p)
				at[i] = p
			}
			f.Rows(fmt.Sprintf("pass%d", pass), n, at, func() {
				for i, a := range acc {
					var args [2]v
					for j, p := range at {
						args[j] = f.Load(vector.At(p, (first+i)*f.Stride()))
					}
					add(f, a, args[0], args[1])
				}
			})
			for i, a := range acc {
				f.VMOVUPD(a, vector.At(lanes, (first+i)*s.Bytes))
			}
		}
		f.VMOVSD(f.Total(lanes), f.ReturnAddr(0))
	})
}

func zeros(f *f, n int) []v {
	acc := make([]v, n)
	for i := range acc {
		acc[i] = f.New()
		f.VXORPD(acc[i], acc[i], acc[i])
	}
	return acc
}

// moments writes func(d, s *float64, x *T, mean float64, rows int).
func moments(file *vector.File, s vector.Set, e vector.Elem) {
	var d, q, rows, x vector.Base
	var mean v
	setup := func(f *f) {
		d, q, rows, x = f.Param("d"), f.Param("s"), f.Param("rows"), f.Param("x")
		c, _ := f.Context.Param("mean").Resolve()
		mean = f.New()
		f.VBROADCASTSD(c.Addr, mean)
	}
	file.Func(s, e, "Moments", "func(d, s *float64, x *"+e.Go+", mean float64, rows int)",
		"sets 64 lanes of d to the sums of x-mean, of s to the sums of squares, over rows of 64 elements; rows > 0.",
		setup, func(f *f) {
			passes := 128 / s.Bytes
			regs := vector.Row / f.Lanes() / passes
			for pass := range passes {
				first := pass * regs
				sum, squares := zeros(f, regs), zeros(f, regs)
				n, p := f.GP64(), f.GP64()
				f.MOVQ(rows, n)
				f.MOVQ(x, p)
				f.Rows(fmt.Sprintf("pass%d", pass), n, []vector.Base{p}, func() {
					for i := range regs {
						u := f.Sub(f.Load(vector.At(p, (first+i)*f.Stride())), mean)
						f.VADDPD(u, sum[i], sum[i])
						f.FMATo(squares[i], u, u)
					}
				})
				for i := range regs {
					f.VMOVUPD(sum[i], vector.At(d, (first+i)*s.Bytes))
					f.VMOVUPD(squares[i], vector.At(q, (first+i)*s.Bytes))
				}
			}
		})
}

// extreme writes func(lanes, x *T, rows int): the least of in(x) in each lane of 64 bytes, as out shows it.
func extreme(file *vector.File, s vector.Set, e vector.Elem, name, doc string, in, out func(f *f, x v) v) {
	var lanes, rows, x vector.Base
	setup := func(f *f) { lanes, rows, x = f.Param("lanes"), f.Param("rows"), f.Param("x") }
	doc = fmt.Sprintf("sets %d lanes to %s, over rows of 64 elements; rows > 0.", 64/e.Size, doc)
	file.Func(s, e, name, "func(lanes, x *"+e.Go+", rows int)", doc, setup, func(f *f) {
		acc := make([]v, 4)
		for i := range acc {
			acc[i] = in(f, f.Load(vector.At(x, i*f.Stride())))
		}
		f.Rows("row", rows, []vector.Base{x}, func() {
			for i := range vector.Row / f.Lanes() {
				a, b := acc[i%4], in(f, f.Load(vector.At(x, i*f.Stride())))
				other := f.New()
				f.P("VMIN", b, a, other)
				f.P("VMIN", a, b, a)
				f.P("VOR", other, a, a)
			}
		})
		// Two registers of AVX2 hold what one of AVX-512 does.
		for n := 2; n*s.Bytes >= 64; n /= 2 {
			for i := range n {
				acc[i] = f.Min(acc[i], acc[i+n])
			}
		}
		for i := range 64 / s.Bytes {
			f.P("VMOVU", out(f, acc[i]), operand.Mem{Base: lanes, Disp: i * s.Bytes})
		}
	})
}

func signOf(f *f) uint64 { return 1 << (8*f.Size - 1) }
