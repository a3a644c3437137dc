// Command elementwise writes the loops of arithmetic: one operation for each element.
package main

import (
	"github.com/shmath/shmath/asm/_gen/vector"
)

type (
	f  = vector.F
	vs = []vector.V
	v  = vector.V
)

// operation is one kernel; wide marks those that compute float32 in float64.
type operation struct {
	name, doc       string
	arrays, scalars []string
	wide            bool
	one             func(f *f, a vs) v
}

var (
	x   = []string{"x"}
	xy  = []string{"x", "y"}
	xyz = []string{"x", "y", "z"}
	a   = []string{"a"}
)

var operations = []operation{
	{"Add", "sets dst = x + y.", xy, nil, false, func(f *f, a vs) v { return f.Add(a[0], a[1]) }},
	{"Sub", "sets dst = x - y.", xy, nil, false, func(f *f, a vs) v { return f.Sub(a[0], a[1]) }},
	{"Mul", "sets dst = x * y.", xy, nil, false, func(f *f, a vs) v { return f.Mul(a[0], a[1]) }},
	{"Div", "sets dst = x / y.", xy, nil, false, func(f *f, a vs) v { return f.Div(a[0], a[1]) }},
	{"Min", "sets dst = min(x, y).", xy, nil, false, func(f *f, a vs) v { return f.Min(a[0], a[1]) }},
	{"Max", "sets dst = max(x, y).", xy, nil, false, func(f *f, a vs) v { return f.Max(a[0], a[1]) }},
	{"Copysign", "sets dst = |x| with the sign of y.", xy, nil, false, func(f *f, a vs) v { return f.Copysign(a[0], a[1]) }},
	{"Fma", "sets dst = x*y + z, rounded once to float64.", xyz, nil, true, func(f *f, a vs) v { return f.FMA(a[0], a[1], a[2]) }},
	{"Axpy", "sets dst = x + a*y, the product rounded.", xy, a, false, func(f *f, a vs) v { return f.Add(a[0], f.Mul(a[1], a[2])) }},
	{"AddScalar", "sets dst = x + a.", x, a, false, func(f *f, a vs) v { return f.Add(a[0], a[1]) }},
	{"SubScalar", "sets dst = x - a.", x, a, false, func(f *f, a vs) v { return f.Sub(a[0], a[1]) }},
	{"RSubScalar", "sets dst = a - x.", x, a, false, func(f *f, a vs) v { return f.Sub(a[1], a[0]) }},
	{"MulScalar", "sets dst = x * a.", x, a, false, func(f *f, a vs) v { return f.Mul(a[0], a[1]) }},
	{"DivScalar", "sets dst = x / a.", x, a, false, func(f *f, a vs) v { return f.Div(a[0], a[1]) }},
	{"RDivScalar", "sets dst = a / x.", x, a, false, func(f *f, a vs) v { return f.Div(a[1], a[0]) }},
	{"Clamp", "sets dst = min(max(x, lo), hi).", x, []string{"lo", "hi"}, false, func(f *f, a vs) v { return f.Min(f.Max(a[0], a[1]), a[2]) }},
	{"Neg", "sets dst = -x.", x, nil, false, func(f *f, a vs) v { return f.Neg(a[0]) }},
	{"Abs", "sets dst = |x|.", x, nil, false, func(f *f, a vs) v { return f.Abs(a[0]) }},
	{"Square", "sets dst = x * x.", x, nil, false, func(f *f, a vs) v { return f.Mul(a[0], a[0]) }},
	{"Reciprocal", "sets dst = 1 / x.", x, nil, false, func(f *f, a vs) v { return f.Div(f.Reg(f.Const(1)), a[0]) }},
	{"Sqrt", "sets dst to the square root of x.", x, nil, false, func(f *f, a vs) v { return f.Sqrt(a[0]) }},
	{"Rsqrt", "sets dst = 1 / sqrt(x), in float64.", x, nil, true, func(f *f, a vs) v { return f.Div(f.Reg(f.Const(1)), f.Sqrt(a[0])) }},
	{"Sign", "sets dst to -1, +0 or 1 by the sign of x, to NaN for NaN.", x, nil, false, sign},
	{"Floor", "sets dst to the greatest integer not above x.", x, nil, false, func(f *f, a vs) v { return f.Round(a[0], 1) }},
	{"Ceil", "sets dst to the least integer not below x.", x, nil, false, func(f *f, a vs) v { return f.Round(a[0], 2) }},
	{"Trunc", "sets dst to x without its fraction.", x, nil, false, func(f *f, a vs) v { return f.Round(a[0], 3) }},
	{"Round", "sets dst to the nearest integer, halves to even.", x, nil, false, func(f *f, a vs) v { return f.Round(a[0], 0) }},
}

func sign(f *f, a vs) v {
	zero := f.Const(0)
	r := f.Blend(f.Cmp(vector.LT, a[0], zero), f.Const(-1), f.Blend(f.Cmp(vector.EQ, a[0], zero), zero, a[0]))
	return f.Blend(f.Cmp(vector.GT, a[0], zero), f.Const(1), r)
}

func main() {
	vector.Generate(func(file *vector.File) {
		for _, o := range operations {
			for _, e := range []vector.Elem{vector.F64, vector.F32} {
				if o.wide && e == vector.F32 {
					e = vector.Wide
				}
				for _, s := range vector.Sets {
					unroll := 4
					if len(o.arrays)+len(o.scalars) > 2 {
						unroll = 2
					}
					file.Elementwise(s, e, o.name, o.doc, o.arrays, o.scalars, unroll, o.one)
				}
			}
		}
	})
}
