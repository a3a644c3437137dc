package kernels

import "math"

// Neg sets dst[i] = -x[i], also for zeros and NaNs. The least integer stays as it is.
func Neg[T Number](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(negOp, dst, x); i < len(dst); i++ {
		dst[i] = -x[i]
	}
}

// Abs sets dst[i] = |x[i]|. The least integer stays as it is.
func Abs[T Number](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	i := vector1(absOp, dst, x)
	if isInteger[T]() {
		for ; i < len(dst); i++ {
			v := x[i]
			if v < 0 {
				v = -v
			}
			dst[i] = v
		}
		return
	}
	for ; i < len(dst); i++ {
		dst[i] = T(math.Abs(float64(x[i])))
	}
}

// Sqrt sets dst[i] to the square root of x[i], correctly rounded.
func Sqrt[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(sqrtOp, dst, x); i < len(dst); i++ {
		dst[i] = T(math.Sqrt(float64(x[i])))
	}
}

// Rsqrt sets dst[i] = 1/sqrt(x[i]), within 1.5 ULP.
func Rsqrt[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(rsqrtOp, dst, x); i < len(dst); i++ {
		dst[i] = T(1 / math.Sqrt(float64(x[i])))
	}
}

// Square sets dst[i] = x[i] * x[i].
func Square[T Number](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(squareOp, dst, x); i < len(dst); i++ {
		dst[i] = x[i] * x[i]
	}
}

// Reciprocal sets dst[i] = 1 / x[i].
func Reciprocal[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(reciprocalOp, dst, x); i < len(dst); i++ {
		dst[i] = 1 / x[i]
	}
}

// Sign sets dst[i] to -1, +0 or 1 by the sign of x[i], NaN for NaN.
func Sign[T Number](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(signOp, dst, x); i < len(dst); i++ {
		v := x[i]
		switch {
		case v > 0:
			v = 1
		case v < 0:
			v = -T(1)
		case v == 0:
			v = 0
		}
		dst[i] = v
	}
}

// Floor sets dst[i] to the greatest integer not above x[i].
func Floor[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(floorOp, dst, x); i < len(dst); i++ {
		dst[i] = T(math.Floor(float64(x[i])))
	}
}

// Ceil sets dst[i] to the least integer not below x[i].
func Ceil[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(ceilOp, dst, x); i < len(dst); i++ {
		dst[i] = T(math.Ceil(float64(x[i])))
	}
}

// Trunc sets dst[i] to x[i] without its fraction.
func Trunc[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(truncOp, dst, x); i < len(dst); i++ {
		dst[i] = T(math.Trunc(float64(x[i])))
	}
}

// Round sets dst[i] to the integer nearest to x[i], halves to even, as NumPy and Python round.
func Round[T Float](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(roundOp, dst, x); i < len(dst); i++ {
		dst[i] = T(math.RoundToEven(float64(x[i])))
	}
}
