// Command integers writes the loops of signed integers of 64 and 32 bits: one operation for each element, sums, extremes and
// running sums. Arithmetic wraps around.
package main

import (
	"github.com/shmath/shmath/asm/_gen/vector"
)

type (
	f  = vector.F
	v  = vector.V
	vs = []vector.V
)

// operation is one elementwise kernel; long is written for 64 bits by AVX-512 only.
type operation struct {
	name, doc       string
	arrays, scalars []string
	long            bool
	one             func(f *f, a vs) v
}

var (
	x  = []string{"x"}
	xy = []string{"x", "y"}
	a  = []string{"a"}
)

// pair is an operation of two arrays, and of an array and a number.
func pair(name, symbol string, long bool, one func(f *f, a vs) v) []operation {
	return []operation{
		{name, "sets dst = x " + symbol + " y.", xy, nil, long, one},
		{name + "Scalar", "sets dst = x " + symbol + " a.", x, a, long, one},
	}
}

func operations() []operation {
	all := []operation{
		{"RSubScalar", "sets dst = a - x.", x, a, false, func(f *f, a vs) v { return f.SubInt(a[1], a[0]) }},
		{"Min", "sets dst = min(x, y).", xy, nil, false, func(f *f, a vs) v { return f.LeastInt(a[0], a[1]) }},
		{"Max", "sets dst = max(x, y).", xy, nil, false, func(f *f, a vs) v { return f.GreatestInt(a[0], a[1]) }},
		{"Clamp", "sets dst = min(max(x, lo), hi).", x, []string{"lo", "hi"}, false, func(f *f, a vs) v { return f.LeastInt(f.GreatestInt(a[0], a[1]), a[2]) }},
		{"Neg", "sets dst = -x.", x, nil, false, func(f *f, a vs) v { return f.SubInt(f.Zero(), a[0]) }},
		{"Abs", "sets dst = |x|.", x, nil, false, func(f *f, a vs) v { return f.AbsInt(a[0]) }},
		{"Square", "sets dst = x * x.", x, nil, false, func(f *f, a vs) v { return f.MulInt(a[0], a[0]) }},
		{"Sign", "sets dst to -1, 0 or 1 by the sign of x.", x, nil, false, func(f *f, a vs) v {
			return f.GreatestInt(f.LeastInt(a[0], f.Reg(f.Bits(1))), f.Reg(f.Bits(1<<64-1)))
		}},
		{"BitNot", "sets dst = ^x.", x, nil, false, func(f *f, a vs) v { return f.Xor(a[0], f.Bits(1<<64-1)) }},
	}
	for _, p := range [][]operation{
		pair("Add", "+", false, func(f *f, a vs) v { return f.AddInt(a[0], a[1]) }),
		pair("Sub", "-", false, func(f *f, a vs) v { return f.SubInt(a[0], a[1]) }),
		pair("Mul", "*", false, func(f *f, a vs) v { return f.MulInt(a[0], a[1]) }),
		pair("BitAnd", "&", false, func(f *f, a vs) v { return f.And(a[0], a[1]) }),
		pair("BitOr", "|", false, func(f *f, a vs) v { return f.Or(a[0], a[1]) }),
		pair("BitXor", "^", false, func(f *f, a vs) v { return f.Xor(a[0], a[1]) }),
		pair("ShiftLeft", "<<", false, func(f *f, a vs) v { return f.ShiftLeftBy(a[0], a[1]) }),
		pair("ShiftRight", ">>", false, func(f *f, a vs) v { return f.ShiftRightBy(a[0], a[1]) }),
		pair("FloorDiv", "//", true, func(f *f, a vs) v { q, _ := divide(f, a[0], a[1]); return q }),
		pair("Mod", "%", true, func(f *f, a vs) v { _, r := divide(f, a[0], a[1]); return r }),
	} {
		all = append(all, p...)
	}
	return all
}

func main() {
	vector.Generate(func(file *vector.File) {
		for _, e := range []vector.Elem{vector.I64, vector.I32} {
			for _, s := range vector.Sets {
				for _, o := range operations() {
					if o.long && e == vector.I64 && s == vector.AVX2 {
						continue
					}
					unroll := 4
					if o.long {
						unroll = 1
					}
					file.Elementwise(s, e, o.name, o.doc, o.arrays, o.scalars, unroll, o.one)
				}
				sum(file, s, e)
				dot(file, s, e)
				extreme(file, s, e, "Least", "least", (*f).LeastInt)
				extreme(file, s, e, "Greatest", "greatest", (*f).GreatestInt)
				cumSum(file, s, e)
			}
		}
	})
}
