package batch

import (
	"math"
	"slices"

	"github.com/shmath/shmath/expr"
)

// known is what can be said of a name before the run.
type known struct {
	expr.Var
	open bool // the length of the array, or the value of the number, is not known before the run
}

// planner types the lines of a job in their order, without data. What only the data can tell is open: a line with
// open operands is at fault when it fits none of the lengths and values that are tried for them.
type planner struct {
	names  map[string]known
	seed   uint64
	stream uint64
}

// guesses stand for the value of an open number: at least one of them is a legal quantile, length or index in any
// line that is right, and two of them that give different shapes betray a length that depends on the value.
var guesses = []int64{1, 2, 0}

// result is what a line will give.
type result struct {
	name  string
	known known
}

// line types one line. Errors are *expr.Error.
func (p *planner) line(prog *expr.Program) ([]result, error) {
	opts := &expr.Options{Seed: p.seed, Stream: p.stream}
	p.stream += uint64(prog.RandomCalls())
	lengths, values := p.open(prog)
	var first *expr.Plan
	var fault error
	alike := true
	for _, n := range lengths {
		for _, v := range values {
			plan, err := prog.Plan(p.fill(prog, n, v), opts)
			switch {
			case err != nil && fault == nil:
				fault = err
			case err != nil:
			case first == nil:
				first = plan
			default:
				alike = alike && sameShapes(first, plan)
			}
		}
	}
	if first == nil {
		return nil, fault
	}
	certain := alike && len(lengths) == 1
	return describe(first, certain, len(lengths)*len(values) == 1), nil
}

// open returns the lengths to try for the open arrays of a line (-1 stands for the bound that each has) and the values to
// try for its open numbers.
func (p *planner) open(prog *expr.Program) (lengths []int, values []int64) {
	lengths, values = []int{-1}, guesses[:1]
	hasOpen := false
	for _, name := range prog.Names() {
		switch k := p.names[name]; {
		case k.open && k.Array:
			hasOpen = true
		case k.open:
			values = guesses
		}
	}
	if !hasOpen {
		return lengths, values
	}
	for _, name := range prog.Names() {
		if k := p.names[name]; k.Array && len(k.Shape) == 1 && !slices.Contains(lengths, k.Shape[0]) {
			lengths = append(lengths, k.Shape[0])
		}
	}
	return lengths, values
}

// fill describes the variables of a line with a length for the open arrays and a value for the open numbers.
func (p *planner) fill(prog *expr.Program, length int, value int64) map[string]expr.Var {
	vars := make(map[string]expr.Var, len(p.names))
	for name, k := range p.names {
		v := k.Var
		switch {
		case k.open && k.Array && length >= 0:
			v.Shape = []int{length}
		case k.open && !k.Array:
			v.Bits = bitsOf(v.DType, value)
		}
		vars[name] = v
	}
	return vars
}

// bitsOf is a small integer as a number of a type, in the form of Var.Bits.
func bitsOf(d expr.DType, v int64) uint64 {
	switch d {
	case expr.Bool:
		return uint64(min(v, 1))
	case expr.Float32:
		return uint64(math.Float32bits(float32(v)))
	case expr.Float64:
		return math.Float64bits(float64(v))
	}
	return uint64(v)
}

func sameShapes(a, b *expr.Plan) bool {
	x, y := a.Results(), b.Results()
	for i := range x {
		if !slices.Equal(x[i].Shape, y[i].Shape) {
			return false
		}
	}
	return true
}

// describe says what the results of a plan are. certain: their shapes are those of the plan; closed: so are the numbers
// that the plan computes without data.
func describe(plan *expr.Plan, certain, closed bool) []result {
	var frame *expr.Frame
	if closed && len(plan.Stages()) == 0 {
		frame, _ = plan.NewFrame(make([]expr.Operand, len(plan.Arrays()))) // nil when it needs data all the same
	}
	list := make([]result, len(plan.Results()))
	for i, r := range plan.Results() {
		list[i].name = r.Name
		switch {
		case !r.Scalar:
			list[i].known = known{expr.ArrayVar(r.DType, r.Shape...), r.Dynamic || !certain}
		case frame != nil:
			list[i].known = known{frame.Var(i), false}
		default:
			list[i].known = known{expr.Var{DType: r.DType, Weak: r.Weak}, true}
		}
	}
	return list
}
