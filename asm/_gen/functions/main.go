// Command functions writes the loops of elementary functions: the operations of their twins in package kernels, in the
// same order. A loop stops before a register that holds an argument which only the twin knows to handle.
package main

import "github.com/shmath/shmath/asm/_gen/vector"

type (
	f = vector.F
	v = vector.V
)

// function is one kernel of one argument.
type function struct {
	name  string
	hoist int // as many constants as leave enough registers
	one   func(f *f, x v) v
}

var functions = []function{
	{"Exp", 20, exp}, {"Exp2", 20, exp2}, {"Expm1", 20, expm1}, {"Sigmoid", 20, sigmoid}, {"Log", 20, log}, {"Log2", 20, log2}, {"Log10", 20, log10},
	{"Log1p", 20, log1p}, {"Sin", 12, sin}, {"Cos", 12, cos}, {"Tan", 0, tan}, {"Sinh", 12, sinh}, {"Cosh", 20, cosh}, {"Tanh", 12, tanh},
}

func main() {
	vector.Generate(func(file *vector.File) {
		for _, o := range functions {
			file.Hoist = o.hoist
			for _, e := range []vector.Elem{vector.F64, vector.Wide} {
				for _, s := range vector.Sets {
					file.Elementwise(s, e, o.name, "is the loop of kernels."+o.name+
						". It stops before a register with an argument that is left to the twin.",
						[]string{"x"}, nil, 1, func(f *f, a []v) v { return o.one(f, a[0]) })
				}
			}
		}
		file.Hoist = 16
		for _, e := range []vector.Elem{vector.F64, vector.Wide} {
			for _, s := range vector.Sets {
				file.Elementwise(s, e, "Pow", "is the loop of kernels.Pow. It stops as those of one argument.",
					[]string{"x", "y"}, nil, 1, func(f *f, a []v) v { return pow(f, a[0], a[1]) })
				file.Elementwise(s, e, "PowScalar", "is the loop of kernels.PowScalar. It stops as those of one argument.",
					[]string{"x"}, []string{"a"}, 1, func(f *f, a []v) v { return pow(f, a[0], a[1]) })
			}
		}
	})
}
