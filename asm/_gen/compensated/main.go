// Command compensated writes the loops of sums in twice the precision.
package main

import (
	"fmt"

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
				sums(file, s, e, "Sum2", "x", []string{"x"}, func(f *f, args []v) (p, lost v) { return args[0], nil })
				sums(file, s, e, "Dot2", "the products of x and y", []string{"x", "y"}, func(f *f, args []v) (p, lost v) {
					p = f.Mul(args[0], args[1])
					return p, f.FMSub(args[0], args[1], p)
				})
			}
		}
	})
}

// sums writes func(lanes *float64, x... *T, rows int): lane j of 64 is element j of lanes, what its sum has lost element
// 64+j. AVX2 has registers for a quarter of the lanes at a time.
func sums(file *vector.File, s vector.Set, e vector.Elem, name, what string, arrays []string, term func(f *f, args []v) (p, lost v)) {
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
	doc := "adds " + what + ", rows of 64 elements, to 64 lanes, and what the additions lose to the 64 numbers behind them; rows > 0."
	file.Func(s, e, name, signature+", rows int)", doc, setup, func(f *f) {
		passes := 1
		if s == vector.AVX2 {
			passes = 4
		}
		regs := vector.Row / f.Lanes() / passes
		for pass := range passes {
			at := func(i int) operand.Mem { return vector.At(lanes, (pass*regs+i)*s.Bytes) }
			sum, lost := make([]v, regs), make([]v, regs)
			for i := range regs {
				sum[i], lost[i] = f.Copy(at(i)), f.Copy(at(i).Offset(8*vector.Row))
			}
			n, pointers := f.GP64(), make([]vector.Base, len(base))
			f.MOVQ(rows, n)
			for i, b := range base {
				p := f.GP64()
				f.MOVQ(b, p)
				pointers[i] = p
			}
			f.Rows(fmt.Sprintf("pass%d", pass), n, pointers, func() {
				for i := range regs {
					args := make([]v, len(pointers))
					for j, p := range pointers {
						args[j] = f.Load(vector.At(p, (pass*regs+i)*f.Stride()))
					}
					p, more := term(f, args)
					twoSum(f, sum[i], lost[i], p, more)
				}
			})
			for i := range regs {
				f.VMOVUPD(sum[i], at(i))
				f.VMOVUPD(lost[i], at(i).Offset(8*vector.Row))
			}
		}
	})
}

// twoSum sets s = s+p and lost = lost + (what that loses + more), by Knuth's six operations.
func twoSum(f *f, s, lost, p, more v) {
	t := f.Add(s, p)
	z := f.Sub(t, s)
	e := f.Add(f.Sub(s, f.Sub(t, z)), f.Sub(p, z))
	if more != nil {
		e = f.Add(e, more)
	}
	f.VADDPD(e, lost, lost)
	f.VMOVAPD(t, s)
}
