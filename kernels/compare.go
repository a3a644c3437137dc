package kernels

import "math"

// Less sets dst[i] to whether x[i] is less than y[i]. A NaN gives false.
func Less[T Number](dst []bool, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vectorCompare(lessOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] < y[i]
	}
}

// LessScalar sets dst[i] to whether x[i] is less than a. A NaN gives false.
func LessScalar[T Number](dst []bool, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorCompareScalar(lessOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] < a
	}
}

// LessEqual sets dst[i] to whether x[i] is less than or equal to y[i]. A NaN gives false.
func LessEqual[T Number](dst []bool, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vectorCompare(lessEqualOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] <= y[i]
	}
}

// LessEqualScalar sets dst[i] to whether x[i] is less than or equal to a. A NaN gives false.
func LessEqualScalar[T Number](dst []bool, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorCompareScalar(lessEqualOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] <= a
	}
}

// Equal sets dst[i] to whether x[i] equals y[i]. A NaN gives false.
func Equal[T Number](dst []bool, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vectorCompare(equalOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] == y[i]
	}
}

// EqualScalar sets dst[i] to whether x[i] equals a. A NaN gives false.
func EqualScalar[T Number](dst []bool, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorCompareScalar(equalOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] == a
	}
}

// NotEqual sets dst[i] to whether x[i] differs from y[i]. A NaN differs from everything.
func NotEqual[T Number](dst []bool, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vectorCompare(notEqualOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] != y[i]
	}
}

// NotEqualScalar sets dst[i] to whether x[i] differs from a. A NaN differs from everything.
func NotEqualScalar[T Number](dst []bool, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorCompareScalar(notEqualOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] != a
	}
}

// Greater sets dst[i] to whether x[i] is greater than y[i]. A NaN gives false.
func Greater[T Number](dst []bool, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vectorCompare(greaterOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] > y[i]
	}
}

// GreaterScalar sets dst[i] to whether x[i] is greater than a. A NaN gives false.
func GreaterScalar[T Number](dst []bool, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorCompareScalar(greaterOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] > a
	}
}

// GreaterEqual sets dst[i] to whether x[i] is greater than or equal to y[i]. A NaN gives false.
func GreaterEqual[T Number](dst []bool, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vectorCompare(greaterEqualOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] >= y[i]
	}
}

// GreaterEqualScalar sets dst[i] to whether x[i] is greater than or equal to a. A NaN gives false.
func GreaterEqualScalar[T Number](dst []bool, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorCompareScalar(greaterEqualOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] >= a
	}
}

// IsNaN sets dst[i] to whether x[i] is not a number.
func IsNaN[T Float](dst []bool, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorCompare(notEqualOp, dst, x, x); i < len(dst); i++ {
		dst[i] = x[i] != x[i]
	}
}

// IsInf sets dst[i] to whether x[i] is an infinity of either sign.
func IsInf[T Float](dst []bool, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = math.Abs(float64(x[i])) > math.MaxFloat64
	}
}

// IsFinite sets dst[i] to whether x[i] is neither NaN nor an infinity.
func IsFinite[T Float](dst []bool, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = math.Abs(float64(x[i])) <= math.MaxFloat64
	}
}
