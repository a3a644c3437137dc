package expr

import "github.com/shmath/shmath/kernels"

// unaryFloat runs a unary kernel. dst may be x.
func unaryFloat[T kernels.Float](o op, dst, x []T) {
	switch o {
	case opNeg:
		kernels.Neg(dst, x)
	case opAbs:
		kernels.Abs(dst, x)
	case opSign:
		kernels.Sign(dst, x)
	case opSquare:
		kernels.Square(dst, x)
	case opReciprocal:
		kernels.Reciprocal(dst, x)
	case opFloor:
		kernels.Floor(dst, x)
	case opCeil:
		kernels.Ceil(dst, x)
	case opTrunc:
		kernels.Trunc(dst, x)
	case opRound:
		kernels.Round(dst, x)
	case opSqrt:
		kernels.Sqrt(dst, x)
	case opCbrt:
		kernels.Cbrt(dst, x)
	case opErf:
		kernels.Erf(dst, x)
	case opErfc:
		kernels.Erfc(dst, x)
	case opSigmoid:
		kernels.Sigmoid(dst, x)
	default:
		transcendental(o, dst, x)
	}
}

func transcendental[T kernels.Float](o op, dst, x []T) {
	switch o {
	case opExp:
		kernels.Exp(dst, x)
	case opExp2:
		kernels.Exp2(dst, x)
	case opExpm1:
		kernels.Expm1(dst, x)
	case opLog:
		kernels.Log(dst, x)
	case opLog2:
		kernels.Log2(dst, x)
	case opLog10:
		kernels.Log10(dst, x)
	case opLog1p:
		kernels.Log1p(dst, x)
	case opSin:
		kernels.Sin(dst, x)
	case opCos:
		kernels.Cos(dst, x)
	case opTan:
		kernels.Tan(dst, x)
	case opAsin:
		kernels.Asin(dst, x)
	case opAcos:
		kernels.Acos(dst, x)
	case opAtan:
		kernels.Atan(dst, x)
	case opSinh:
		kernels.Sinh(dst, x)
	case opCosh:
		kernels.Cosh(dst, x)
	case opTanh:
		kernels.Tanh(dst, x)
	case opAsinh:
		kernels.Asinh(dst, x)
	case opAcosh:
		kernels.Acosh(dst, x)
	case opAtanh:
		kernels.Atanh(dst, x)
	default:
		panic(panicOp)
	}
}

// binaryFloat runs a kernel of two arrays.
func binaryFloat[T kernels.Float](o op, dst, x, y []T) {
	switch o {
	case opAdd:
		kernels.Add(dst, x, y)
	case opSub:
		kernels.Sub(dst, x, y)
	case opMul:
		kernels.Mul(dst, x, y)
	case opDiv:
		kernels.Div(dst, x, y)
	case opMod:
		kernels.Mod(dst, x, y)
	case opFloorDiv:
		kernels.FloorDiv(dst, x, y)
	case opPow:
		kernels.Pow(dst, x, y)
	case opMinimum:
		kernels.Minimum(dst, x, y)
	case opMaximum:
		kernels.Maximum(dst, x, y)
	case opAtan2:
		kernels.Atan2(dst, x, y)
	case opHypot:
		kernels.Hypot(dst, x, y)
	case opCopysign:
		kernels.Copysign(dst, x, y)
	default:
		panic(panicOp)
	}
}

// hasScalarForm says whether an operation on floats has a kernel that takes a scalar on the given side.
func hasScalarForm(o op, left bool) bool {
	switch o {
	case opAdd, opSub, opMul, opDiv:
		return true
	case opPow, opMod, opFloorDiv:
		return !left
	}
	return o.isCompare()
}

// floatScalar runs a kernel of an array and a scalar on its right.
func floatScalar[T kernels.Float](o op, dst, x []T, a T) {
	switch o {
	case opAdd:
		kernels.AddScalar(dst, x, a)
	case opSub:
		kernels.SubScalar(dst, x, a)
	case opMul:
		kernels.MulScalar(dst, x, a)
	case opDiv:
		kernels.DivScalar(dst, x, a)
	case opPow:
		kernels.PowScalar(dst, x, a)
	case opMod:
		kernels.ModScalar(dst, x, a)
	case opFloorDiv:
		kernels.FloorDivScalar(dst, x, a)
	default:
		panic(panicOp)
	}
}

// scalarFloat runs a kernel of a scalar and an array on its right.
func scalarFloat[T kernels.Float](o op, dst []T, a T, x []T) {
	switch o {
	case opAdd:
		kernels.AddScalar(dst, x, a)
	case opSub:
		kernels.RSubScalar(dst, x, a)
	case opMul:
		kernels.MulScalar(dst, x, a)
	case opDiv:
		kernels.RDivScalar(dst, x, a)
	default:
		panic(panicOp)
	}
}

// predicate runs isnan and its like.
func predicate[T kernels.Float](o op, dst []bool, x []T) {
	switch o {
	case opIsNaN:
		kernels.IsNaN(dst, x)
	case opIsInf:
		kernels.IsInf(dst, x)
	default:
		kernels.IsFinite(dst, x)
	}
}

// compare runs a comparison of two arrays.
func compare[T kernels.Number](o op, dst []bool, x, y []T) {
	switch o {
	case opLess:
		kernels.Less(dst, x, y)
	case opLessEqual:
		kernels.LessEqual(dst, x, y)
	case opEqual:
		kernels.Equal(dst, x, y)
	case opNotEqual:
		kernels.NotEqual(dst, x, y)
	case opGreater:
		kernels.Greater(dst, x, y)
	default:
		kernels.GreaterEqual(dst, x, y)
	}
}

// compareScalar runs a comparison of an array with a scalar on its right.
func compareScalar[T kernels.Number](o op, dst []bool, x []T, a T) {
	switch o {
	case opLess:
		kernels.LessScalar(dst, x, a)
	case opLessEqual:
		kernels.LessEqualScalar(dst, x, a)
	case opEqual:
		kernels.EqualScalar(dst, x, a)
	case opNotEqual:
		kernels.NotEqualScalar(dst, x, a)
	case opGreater:
		kernels.GreaterScalar(dst, x, a)
	default:
		kernels.GreaterEqualScalar(dst, x, a)
	}
}

// mirrored is the comparison with its sides exchanged.
func mirrored(o op) op {
	switch o {
	case opLess:
		return opGreater
	case opLessEqual:
		return opGreaterEqual
	case opGreater:
		return opLess
	case opGreaterEqual:
		return opLessEqual
	}
	return o
}
