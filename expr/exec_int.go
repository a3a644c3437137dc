package expr

import (
	"errors"

	"github.com/shmath/shmath/kernels"
)

// errNegativePower is what NumPy, too, refuses.
var errNegativePower = errors.New("an integer is raised to a negative power; convert the base with float64()")

// unaryInt runs a unary operation on integers.
func unaryInt(o op, dst, x []int64) {
	switch o {
	case opNeg:
		kernels.Neg(dst, x)
	case opNot:
		kernels.BitNot(dst, x)
	case opAbs:
		kernels.Abs(dst, x)
	case opSign:
		kernels.Sign(dst, x)
	case opSquare:
		kernels.Square(dst, x)
	default:
		panic(panicOp)
	}
}

// binaryInt runs an operation on integers that wraps around as NumPy's int64 does.
func binaryInt(o op, dst, x, y []int64) error {
	switch o {
	case opAdd:
		kernels.Add(dst, x, y)
	case opSub:
		kernels.Sub(dst, x, y)
	case opMul:
		kernels.Mul(dst, x, y)
	case opAnd:
		kernels.BitAnd(dst, x, y)
	case opOr:
		kernels.BitOr(dst, x, y)
	case opXor:
		kernels.BitXor(dst, x, y)
	case opMinimum:
		kernels.Minimum(dst, x, y)
	case opMaximum:
		kernels.Maximum(dst, x, y)
	case opFloorDiv:
		kernels.FloorDiv(dst, x, y)
	case opMod:
		kernels.Mod(dst, x, y)
	case opPow:
		for i := range dst {
			if y[i] < 0 {
				return errNegativePower
			}
			dst[i] = powInt(x[i], y[i])
		}
	default:
		panic(panicOp)
	}
	return nil
}

// powInt multiplies by squaring and wraps around.
func powInt(x, e int64) int64 {
	p := int64(1)
	for ; e > 0; e >>= 1 {
		if e&1 != 0 {
			p *= x
		}
		x *= x
	}
	return p
}

// fillInt sets dst to an arithmetic sequence.
func fillInt(dst []int64, start, step int64) {
	for i := range dst {
		dst[i] = start
		start += step
	}
}
