package expr

import (
	"math"

	"github.com/shmath/shmath/kernels"
)

// The scalars of a plan are computed by the kernels that the arrays are computed by, on slices of one element, so that
// an expression has the same value whether its operands are constants or not.

func toFloat(dt DType, bits uint64) float64 {
	switch dt {
	case Float64:
		return math.Float64frombits(bits)
	case Float32:
		return float64(math.Float32frombits(uint32(bits)))
	}
	return float64(int64(bits))
}

// floatBits is the inverse of toFloat for the two float types.
func floatBits(dt DType, v float64) uint64 {
	if dt == Float32 {
		return uint64(math.Float32bits(float32(v)))
	}
	return math.Float64bits(v)
}

func boolBits(v bool) uint64 {
	if v {
		return 1
	}
	return 0
}

// castScalar converts as kernels.Convert does.
func castScalar(from, to DType, bits uint64) uint64 {
	switch {
	case from == to:
		return bits
	case to == Bool:
		return boolBits(toFloat(from, bits) != 0)
	case to.isFloat() && from.isFloat():
		return floatBits(to, toFloat(from, bits))
	case to == Float32: // rounded once
		return uint64(math.Float32bits(float32(int64(bits))))
	case to == Float64:
		return math.Float64bits(float64(int64(bits)))
	case from == Bool:
		return bits
	}
	return uint64(int64(toFloat(from, bits)))
}

// evalScalar computes a scalar node from the bits of its arguments.
func evalScalar(g *graph, n *node, get func(nodeID) uint64) (uint64, error) {
	var in [3]uint64
	for i, a := range n.args {
		if a != noNode {
			in[i] = get(a)
		}
	}
	from := g.nodes[n.args[0]].dt
	switch {
	case n.op == opCast || n.op == opToBool:
		return castScalar(from, n.dt, in[0]), nil
	case n.op == opSelect:
		if in[0] != 0 {
			return in[1], nil
		}
		return in[2], nil
	case from == Float64:
		return evalFloat[float64](n.op, Float64, in), nil
	case from == Float32:
		return evalFloat[float32](n.op, Float32, in), nil
	case from == Int64:
		return evalInt(n.op, in)
	}
	return evalBool(n.op, in), nil
}

func evalFloat[T kernels.Float](o op, dt DType, in [3]uint64) uint64 {
	var dst, x, y [1]T
	var mask [1]bool
	x[0], y[0] = T(toFloat(dt, in[0])), T(toFloat(dt, in[1]))
	switch {
	case o.isCompare():
		compare(o, mask[:], x[:], y[:])
		return boolBits(mask[0])
	case o.isPredicate():
		predicate(o, mask[:], x[:])
		return boolBits(mask[0])
	case o == opPow:
		floatScalar(o, dst[:], x[:], y[0])
	case o >= opAdd && o <= opCopysign:
		binaryFloat(o, dst[:], x[:], y[:])
	default:
		unaryFloat(o, dst[:], x[:])
	}
	return floatBits(dt, float64(dst[0]))
}

func evalInt(o op, in [3]uint64) (uint64, error) {
	var dst [1]int64
	x, y := [1]int64{int64(in[0])}, [1]int64{int64(in[1])}
	if o.isCompare() {
		var mask [1]bool
		compare(o, mask[:], x[:], y[:])
		return boolBits(mask[0]), nil
	}
	if o >= opAdd && o <= opCopysign || o == opAnd || o == opOr || o == opXor {
		err := binaryInt(o, dst[:], x[:], y[:])
		return uint64(dst[0]), err
	}
	unaryInt(o, dst[:], x[:])
	return uint64(dst[0]), nil
}

func evalBool(o op, in [3]uint64) uint64 {
	switch o {
	case opAnd:
		return in[0] & in[1]
	case opOr:
		return in[0] | in[1]
	case opXor:
		return in[0] ^ in[1]
	case opNot:
		return in[0] ^ 1
	}
	panic(panicOp)
}
