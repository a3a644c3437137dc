package expr

import "fmt"

// broadcastShape is NumPy's rule: axes are compared from the last on, and must be equal or 1; missing ones are 1.
func broadcastShape(a, b []int) (shape []int, ok bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	shape = append([]int(nil), a...)
	for i, d := range b {
		at := len(a) - len(b) + i
		switch {
		case d == shape[at]:
		case shape[at] == 1:
			shape[at] = d
		case d != 1:
			return nil, false
		}
	}
	return shape, true
}

// tiling says how an array of a shape lies in a larger one: element i of the larger is element i/inner%period of it.
// That is so when the axes along which it is repeated come before or after all others; else ok is false.
func tiling(shape, larger []int) (inner, period int, ok bool) {
	inner, period = 1, 1
	before := false // an axis along which it is repeated has been met before the others
	for i := len(larger) - 1; i >= 0; i-- {
		at := i - len(larger) + len(shape)
		switch {
		case larger[i] == 1:
		case at >= 0 && shape[at] == larger[i]:
			if before {
				return 0, 0, false
			}
			period *= larger[i]
		case period == 1:
			inner *= larger[i]
		default:
			before = true
		}
	}
	return inner, period, true
}

// broadcast repeats a value so that it has a shape, and returns the node.
func (b *builder) broadcast(s *syntax, v value, shape []int) (nodeID, error) {
	inner, period, ok := tiling(v.shape, shape)
	if !ok {
		return noNode, b.fail(s, "%s at column %d has shape %s, and %s would repeat it along an axis between others, which is not supported; give %s the full shape",
			b.text(v.src), b.column(v.src), shapeString(v.shape), shapeString(shape), b.text(v.src))
	}
	return b.repeat(v, v.id, int64(inner), int64(period), map[nodeID]nodeID{}), nil
}

// asColumn is the remedy where one value has an element for each row of the other.
func (b *builder) asColumn(x, y *value) string {
	if len(x.shape) == 1 {
		x, y = y, x
	}
	if len(x.shape) != 2 || len(y.shape) != 1 || x.shape[0] != y.n {
		return ""
	}
	return fmt.Sprintf("; give %s the shape %s", b.text(y.src), shapeString([]int{y.n, 1}))
}

// repeat returns the node whose element i is element i/inner%period of id, a part of v: the arrays are read again and again,
// and what is computed from them is computed again. What cannot be computed at any place is written out once.
func (b *builder) repeat(v value, id nodeID, inner, period int64, memo map[nodeID]nodeID) nodeID {
	if out, ok := memo[id]; ok {
		return out
	}
	n := b.g.nodes[id]
	out := id
	switch {
	case n.scalar || n.op == opSplat:
	case n.op == opLoad && n.imm[1] == 0 && n.imm[2] == 1:
		n.op, n.imm[1], n.imm[2] = opRepeat, inner, period
		out = b.g.add(n, b.g.level[id])
	case n.args == noArgs || n.op == opNormal || n.op == opArange || n.op == opLinspace || n.op == opDiff || n.op.isScan():
		array, level := b.materialise(value{id: id, dt: n.dt, n: v.n, mask: noNode})
		nd := node{op: opRepeat, dt: n.dt, args: noArgs, imm: [3]int64{int64(array), inner, period}}
		out = b.g.add(nd, level)
	default:
		for i, a := range n.args {
			if a != noNode {
				n.args[i] = b.repeat(v, a, inner, period, memo)
			}
		}
		out = b.g.add(n, 0)
		if call := b.faults[id]; call != nil {
			b.faults[out] = call
		}
	}
	memo[id] = out
	return out
}
