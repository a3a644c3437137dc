package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/shmath/shmath/cmd/bench/result"
)

// Functions as exp are bound by arithmetic, not by how fast their numbers come and go. Their limit is that of the roofline
// model: as many multiplications, divisions and roots as their bodies have, one after the other without waiting for
// anything.

// instructionsText counts the vector instructions of bodies. TestInstructions holds it against the assembly, and writes it.
//
//go:embed instructions.txt
var instructionsText string

// instructions are vector instructions of arithmetic for each element: 2 for a body of 16 that does 8 elements at once.
type instructions struct {
	multiplications float64 // alone or fused, of integers too
	additions       float64 // and comparisons
	divisions       float64
	roots           float64
	flops           float64 // not instructions: operations on one element, of which a fused multiply-add is two
}

// bodies are the routines of assembly, without the instruction set, that work on each element. Kernels that are not here
// do as much arithmetic as their cases say.
var bodies = map[string][]string{
	"sqrt": {"SqrtF64"}, "exp": {"ExpF64"}, "log": {"LogF64"}, "sin": {"SinF64"}, "tanh": {"TanhF64"}, "pow": {"PowScalarF64"},
	"asin": {"AsinF64"}, "atan": {"AtanF64"}, "asinh": {"AsinhF64"}, "cbrt": {"CbrtF64"}, "erf": {"ErfF64"},
	"hypot": {"HypotF64"}, "mod": {"ModF64"}, "var": {"MomentsF64"}, "sum2": {"Sum2F64"}, "dot2": {"Dot2F64"},
	"uniform": {"PhiloxU64", "UniformU64"}, "normal": {"PhiloxU64", "UniformU64", "NormalQuantileF64"}, "fill": {},
}

// instructionsOf sums up the bodies of a kernel for an instruction set, as avx2. It does not know those without assembly.
func instructionsOf(kernel, isa string) (sum instructions, known bool) {
	list, known := bodies[kernel]
	for _, name := range list {
		o, ok := countOf(name + strings.ToUpper(isa))
		if !ok {
			return instructions{}, false
		}
		sum.multiplications += o.multiplications
		sum.additions += o.additions
		sum.divisions += o.divisions
		sum.roots += o.roots
		sum.flops += o.flops
	}
	return sum, known
}

// countOf looks a routine up.
func countOf(routine string) (instructions, bool) {
	for line := range strings.Lines(instructionsText) {
		var name string
		var elements, multiplications, additions, divisions, roots, flops float64
		n, _ := fmt.Sscan(line, &name, &elements, &multiplications, &additions, &divisions, &roots, &flops)
		if n == 7 && name == routine {
			return instructions{multiplications / elements, additions / elements, divisions / elements, roots / elements, flops}, true
		}
	}
	return instructions{}, false
}

// units are loops that keep a unit of the processor busy. A round is a number of vector instructions on so many elements
// each. Without assembly there are none.
type units struct {
	fused, divide, root func(rounds int)
	round, lanes        int
}

// unitCall is the most rounds of one call: the runtime cannot stop assembly.
const unitCall = 512

// busy keeps a unit busy for a number of vector instructions.
func (u *units) busy(loop func(rounds int), instructions float64) {
	for rounds := int(instructions) / u.round; rounds > 0; rounds -= unitCall {
		loop(min(rounds, unitCall))
	}
}

// roof is a limit that arithmetic sets.
type roof struct {
	name, bound string
	run         func()
}

// roofs are the limits that its operations set to a kernel on n elements. Multiplications and additions have units of their
// own on some processors and share them on others: the more numerous count.
func (o *instructions) roofs(n int) (all []roof) {
	u := vectorUnits()
	if u.fused == nil {
		return nil
	}
	size := float64(n)
	if fused := size * max(o.multiplications, o.additions); fused >= float64(u.round) {
		all = append(all, roof{"impl=limit-multiply-add", result.Arithmetic, func() { u.busy(u.fused, fused) }})
	}
	if divisions, roots := size*o.divisions, size*o.roots; divisions+roots >= float64(u.round) {
		all = append(all, roof{"impl=limit-divide", result.Division, func() {
			u.busy(u.divide, divisions)
			u.busy(u.root, roots)
		}})
	}
	return all
}
