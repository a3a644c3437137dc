package expr

import "errors"

// errNegativePower is what NumPy, too, refuses.
var errNegativePower = errors.New("an integer is raised to a negative power; convert the base with float64()")

// unaryInt runs a unary operation on integers.
func unaryInt(o op, dst, x []int64) {
	x = x[:len(dst)]
	switch o {
	case opNeg:
		for i, v := range x {
			dst[i] = -v
		}
	case opNot:
		for i, v := range x {
			dst[i] = ^v
		}
	case opAbs:
		for i, v := range x {
			dst[i] = max(v, -v)
		}
	case opSign:
		for i, v := range x {
			dst[i] = v>>63 | int64(uint64(-v)>>63)
		}
	case opSquare:
		for i, v := range x {
			dst[i] = v * v
		}
	default:
		panic(panicOp)
	}
}

// binaryInt runs an operation on integers that wraps around as NumPy's int64 does.
func binaryInt(o op, dst, x, y []int64) error {
	x, y = x[:len(dst)], y[:len(dst)]
	switch o {
	case opAdd:
		for i := range dst {
			dst[i] = x[i] + y[i]
		}
	case opSub:
		for i := range dst {
			dst[i] = x[i] - y[i]
		}
	case opMul:
		for i := range dst {
			dst[i] = x[i] * y[i]
		}
	case opAnd:
		for i := range dst {
			dst[i] = x[i] & y[i]
		}
	case opOr:
		for i := range dst {
			dst[i] = x[i] | y[i]
		}
	case opXor:
		for i := range dst {
			dst[i] = x[i] ^ y[i]
		}
	case opMinimum:
		for i := range dst {
			dst[i] = min(x[i], y[i])
		}
	case opMaximum:
		for i := range dst {
			dst[i] = max(x[i], y[i])
		}
	default:
		return divideInt(o, dst, x, y)
	}
	return nil
}

// divideInt is the part of binaryInt with a branch per element. Division by zero gives 0, as in NumPy.
func divideInt(o op, dst, x, y []int64) error {
	switch o {
	case opFloorDiv:
		for i := range dst {
			dst[i] = floorDivInt(x[i], y[i])
		}
	case opMod:
		for i := range dst {
			dst[i] = modInt(x[i], y[i])
		}
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

// floorDivInt rounds the quotient down.
func floorDivInt(x, y int64) int64 {
	if y == 0 {
		return 0
	}
	q := x / y // the least integer by -1 wraps around, in Go as in NumPy
	if x%y != 0 && (x < 0) != (y < 0) {
		q--
	}
	return q
}

// modInt has the sign of y.
func modInt(x, y int64) int64 {
	if y == 0 {
		return 0
	}
	m := x % y
	if m != 0 && (m < 0) != (y < 0) {
		m += y
	}
	return m
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
