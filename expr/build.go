package expr

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// value is what an expression stands for while a plan is built: a node with its type and shape.
type value struct {
	id     nodeID
	dt     DType
	weak   bool // a Python number, which gives way to the type of what it meets
	scalar bool
	shape  []int  // of an array; one dimension when masked
	n      int    // elements of the domain
	mask   nodeID // of x[mask]: the elements that are there; else noNode
	src    *syntax
}

// builder turns the syntax of a program into a graph, reductions and outputs.
type builder struct {
	prog     *Program
	vars     map[string]Var
	opt      Options
	g        *graph
	arrays   []Array
	inputs   map[string]int
	reducers []reducer
	finals   []final
	outputs  []output
	faults   map[nodeID]*syntax
	ranges   map[int]*syntax
}

// output is an array written by a stage.
type output struct {
	node  nodeID
	mask  nodeID // noNode, or the elements to keep
	n     int
	array int
	level int
}

func (b *builder) fail(s *syntax, format string, args ...any) error {
	return &Error{Source: b.prog.src, Col: s.col, Msg: fmt.Sprintf(format, args...)}
}

// text is the source of an expression.
func (b *builder) text(s *syntax) string { return b.prog.src[s.start:s.end] }

// column is where the text of an expression begins; what an error is at may be an operator in it.
func (b *builder) column(s *syntax) int { return utf8.RuneCountInString(b.prog.src[:s.start]) + 1 }

func (b *builder) raw(array int64) DType { return b.arrays[array].DType }

func (b *builder) scalarOf(s *syntax, dt DType, bits uint64, weak bool) value {
	return value{id: b.g.constant(dt, bits), dt: dt, weak: weak, scalar: true, mask: noNode, src: s}
}

func (b *builder) expression(s *syntax) (value, error) {
	switch s.kind {
	case synInt:
		return b.scalarOf(s, Int64, uint64(s.i), true), nil
	case synFloat:
		return b.scalarOf(s, Float64, math.Float64bits(s.f), true), nil
	case synName:
		return b.name(s)
	case synUnary:
		return b.unary(s)
	case synBinary:
		x, err := b.expression(s.args[0])
		if err != nil {
			return x, err
		}
		y, err := b.expression(s.args[1])
		if err != nil {
			return y, err
		}
		return b.binary(s, operatorOps[s.text], x, y, true)
	case synIndex:
		return b.index(s)
	case synCall:
		return b.call(s)
	}
	return value{}, b.fail(s, "a tuple stands only as an argument, such as range=(lo, hi)")
}

func (b *builder) name(s *syntax) (value, error) {
	v, ok := b.vars[s.text]
	if !ok {
		return b.constantName(s)
	}
	if !v.Array {
		return b.scalarOf(s, v.DType.loaded(), v.Bits, v.Weak), nil
	}
	at, ok := b.inputs[s.text]
	n := elements(v.Shape)
	if !ok {
		at = len(b.arrays)
		b.inputs[s.text] = at
		b.arrays = append(b.arrays, Array{Name: s.text, Kind: Input, DType: v.DType, Shape: slices.Clone(v.Shape), N: n})
	}
	out := b.load(at, 0)
	out.src, out.shape = s, b.arrays[at].Shape
	if len(v.Shape) == 0 { // a 0-d array is a number that the run has to fetch
		return b.item(s, out)
	}
	return out, nil
}

// constantName resolves pi and its like, and explains names that nothing is known of.
func (b *builder) constantName(s *syntax) (value, error) {
	c, ok := constants[s.text]
	switch {
	case ok && (s.text == "True" || s.text == "False"):
		return b.scalarOf(s, Bool, uint64(c), false), nil
	case ok:
		return b.scalarOf(s, Float64, math.Float64bits(c), true), nil
	case functions[s.text] != nil:
		return value{}, b.fail(s, "%s is a function; call it as %s", s.text, functions[s.text].signature())
	}
	var known []string
	for name := range b.vars {
		known = append(known, name)
	}
	sort.Strings(known)
	hint := nearest(s.text, known)
	switch {
	case hint != "":
	case len(known) == 0:
		hint = fmt.Sprintf("; no variables are given, pass %s", s.text)
	case len(known) <= 8:
		hint = "; the variables are " + strings.Join(known, ", ")
	default:
		hint = fmt.Sprintf("; define it first or pass it as a variable")
	}
	return value{}, b.fail(s, "unknown variable %s%s", s.text, hint)
}

// load reads a whole array, as flat elements.
func (b *builder) load(array int, level int) value {
	a := &b.arrays[array]
	dt := a.DType.loaded()
	id := b.g.add(node{op: opLoad, dt: dt, args: noArgs, imm: [3]int64{int64(array), 0, 1}}, level)
	return value{id: id, dt: dt, shape: []int{a.N}, n: a.N, mask: noNode}
}

// materialise has a stage write a value to a temporary array, and returns its number.
func (b *builder) materialise(v value) (array, level int) {
	for _, o := range b.outputs {
		if o.node == v.id && o.mask == v.mask && o.n == v.n {
			return o.array, o.level + 1
		}
	}
	array = len(b.arrays)
	level = b.g.level[v.id]
	if v.mask != noNode {
		level = max(level, b.g.level[v.mask])
	}
	b.arrays = append(b.arrays, Array{Kind: Temp, DType: v.dt, Shape: []int{v.n}, N: v.n, Dynamic: v.mask != noNode})
	b.outputs = append(b.outputs, output{node: v.id, mask: v.mask, n: v.n, array: array, level: level})
	return array, level + 1
}

// common is the type in which two values meet; weak only when both are.
func common(x, y value) (dt DType, weak bool) {
	switch {
	case x.weak && y.weak:
		return max(x.dt, y.dt, Int64), true // Int64 < Float64, and Float32 is never weak
	case x.weak:
		return promoteWeak(y.dt, x.dt), false
	case y.weak:
		return promoteWeak(x.dt, y.dt), false
	}
	return promote(x.dt, y.dt), false
}

// unify makes values combine element by element, by repeating those of smaller shapes, and returns the frame of the result.
func (b *builder) unify(s *syntax, vals ...*value) (value, error) {
	out := value{scalar: true, mask: noNode, src: s}
	var first *value
	for _, v := range vals {
		if v.scalar {
			continue
		}
		if out.scalar {
			first = v
			out.scalar, out.shape, out.n, out.mask = false, v.shape, v.n, v.mask
			continue
		}
		if v.mask != out.mask {
			plain, masked := first, v
			if v.mask == noNode {
				plain, masked = v, first
			}
			if plain.mask == noNode {
				return out, b.fail(s, "%s at column %d is a masked selection and %s at column %d is not; index both with the same mask",
					b.text(masked.src), b.column(masked.src), b.text(plain.src), b.column(plain.src))
			}
			return out, b.fail(s, "%s at column %d and %s at column %d are selected by different masks; use one mask for both",
				b.text(first.src), b.column(first.src), b.text(v.src), b.column(v.src))
		}
		shape, ok := broadcastShape(out.shape, v.shape)
		if !ok {
			return out, b.fail(s, "shapes do not match: %s at column %d has %s, %s at column %d has %s; counted from the last, axes must be equal or 1%s",
				b.text(first.src), b.column(first.src), shapeString(first.shape), b.text(v.src), b.column(v.src), shapeString(v.shape),
				b.asColumn(first, v))
		}
		if !sameShape(shape, out.shape) {
			out.shape, out.n = shape, elements(shape)
			first = v
		}
	}
	for _, v := range vals {
		if v.scalar || sameShape(v.shape, out.shape) {
			continue
		}
		if elements(v.shape) != out.n { // else they are the same, in the same order, with more axes of length 1
			var err error
			if v.id, err = b.broadcast(s, *v, out.shape); err != nil {
				return out, err
			}
		}
		v.shape, v.n = out.shape, out.n
	}
	return out, nil
}

// elementwise applies an operation to values cast to one type.
func (b *builder) elementwise(s *syntax, o op, in, result DType, vals ...value) (value, error) {
	framed := make([]*value, len(vals))
	for i := range vals {
		framed[i] = &vals[i]
	}
	out, err := b.unify(s, framed...)
	if err != nil {
		return out, err
	}
	var ids [3]nodeID
	for i, v := range vals {
		ids[i] = b.g.cast(v.id, in, b.raw)
	}
	out.dt = result
	if out.id, err = b.g.apply(o, result, ids[:len(vals)]...); err != nil {
		return out, b.fail(s, "%s", err)
	}
	if o == opPow && in == Int64 {
		b.faults[out.id] = s
	}
	return out, nil
}

// cast converts a value; the result is no longer weak.
func (b *builder) cast(v value, dt DType) value {
	v.id, v.dt, v.weak = b.g.cast(v.id, dt, b.raw), dt, false
	return v
}

// asFloat converts integers and masks to float64 and leaves floats as they are.
func (b *builder) asFloat(v value) value {
	if v.dt.isFloat() {
		v.weak = false
		return v
	}
	return b.cast(v, Float64)
}

// whole evaluates an argument that sizes or places something, so must be an integer known before the run.
func (b *builder) whole(s *syntax, what string) (int, error) {
	v, err := b.expression(s)
	if err != nil {
		return 0, err
	}
	bits, known := b.g.constantBits(v.id)
	if !v.scalar || !known {
		return 0, b.fail(s, "%s must be an integer known before the run, %s is not; compute it in a line of its own", what, b.text(s))
	}
	switch v.dt {
	case Int64:
		return int(int64(bits)), nil
	case Float64:
		if f := math.Float64frombits(bits); f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return int(f), nil
		}
	}
	return 0, b.fail(s, "%s must be an integer, %s is %s", what, b.text(s), scalarText(v.dt, bits))
}

// number evaluates an argument that must be a scalar, in float64.
func (b *builder) number(s *syntax, what string) (value, error) {
	v, err := b.expression(s)
	if err != nil {
		return v, err
	}
	if !v.scalar {
		return v, b.fail(s, "%s must be a number, %s is an array of shape %s", what, b.text(s), shapeString(v.shape))
	}
	return b.cast(v, Float64), nil
}
