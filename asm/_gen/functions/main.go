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
	{"Exp", 20, exp}, {"Exp2", 20, exp2}, {"Exp10", 16, exp10}, {"Expm1", 20, expm1}, {"Sigmoid", 20, sigmoid}, {"Log", 20, log}, {"Log2", 20, log2}, {"Log10", 20, log10},
	{"Log1p", 20, log1p}, {"Sin", 12, sin}, {"Cos", 12, cos}, {"Tan", 0, tan}, {"Sinh", 12, sinh}, {"Cosh", 20, cosh}, {"Tanh", 12, tanh},
	{"Asin", 12, asin}, {"Acos", 12, acos}, {"Atan", 10, atan}, {"Asinh", 12, asinh}, {"Acosh", 12, acosh}, {"Atanh", 12, atanh},
	{"Erf", 8, erf}, {"Erfc", 8, erfc}, {"Cbrt", 16, cbrt},
}

// binary is one kernel of two arguments; those that are marked have a body for an array and a number too.
var binaries = []struct {
	name   string
	scalar bool
	hoist  int
	one    func(f *f, x, y v) v
}{
	{"Pow", true, 6, pow}, {"Atan2", false, 8, atan2}, {"Hypot", false, 16, hypot}, {"Mod", true, 16, mod},
	{"FloorDiv", true, 16, floorDiv},
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
		for _, o := range binaries {
			file.Hoist = o.hoist
			for _, e := range []vector.Elem{vector.F64, vector.Wide} {
				for _, s := range vector.Sets {
					one := func(f *f, a []v) v { return o.one(f, a[0], a[1]) }
					doc := "is the loop of kernels." + o.name + ". It stops as those of one argument."
					file.Elementwise(s, e, o.name, doc, []string{"x", "y"}, nil, 1, one)
					if o.scalar {
						file.Elementwise(s, e, o.name+"Scalar", doc, []string{"x"}, []string{"a"}, 1, one)
					}
				}
			}
		}
		file.Hoist = 12
		for _, s := range vector.Sets {
			file.Elementwise(s, vector.F64, "NormalQuantile", "is the loop of the normal deviates of kernels.Normal.",
				[]string{"x"}, nil, 1, func(f *f, a []v) v { return normalQuantile(f, a[0]) })
		}
	})
}
