package kernels

// AddScalar sets dst[i] = x[i] + a.
func AddScalar[T Number](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(addScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] + a
	}
}

// SubScalar sets dst[i] = x[i] - a.
func SubScalar[T Number](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(subScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] - a
	}
}

// RSubScalar sets dst[i] = a - x[i].
func RSubScalar[T Number](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(rsubScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = a - x[i]
	}
}

// MulScalar sets dst[i] = x[i] * a.
func MulScalar[T Number](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(mulScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] * a
	}
}

// Scale sets dst[i] = x[i] * a: MulScalar by its BLAS name.
func Scale[T Number](dst, x []T, a T) { MulScalar(dst, x, a) }

// DivScalar sets dst[i] = x[i] / a.
func DivScalar[T Float](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(divScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] / a
	}
}

// RDivScalar sets dst[i] = a / x[i].
func RDivScalar[T Float](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(rdivScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = a / x[i]
	}
}

// Clamp sets dst[i] = min(max(x[i], lo), hi). A NaN anywhere gives NaN.
func Clamp[T Number](dst, x []T, lo, hi T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorClamp(dst, x, lo, hi); i < len(dst); i++ {
		dst[i] = min(max(x[i], lo), hi)
	}
}

// Fill sets dst[i] = a.
func Fill[T Number](dst []T, a T) {
	dst = dst[vectorFill(dst, a):]
	const front = 512
	for i := range dst[:min(len(dst), front)] {
		dst[i] = a
	}
	for i := front; i < len(dst); { // the front, again and again out of the first cache
		i += copy(dst[i:], dst[:front])
	}
}

// ModScalar sets dst[i] = x[i] % a, as Mod.
func ModScalar[T Number](dst, x []T, a T) {
	elementwiseScalar(modScalarOp, dst, x, a, modOf[T])
}

// FloorDivScalar sets dst[i] = x[i] // a, as FloorDiv.
func FloorDivScalar[T Number](dst, x []T, a T) {
	elementwiseScalar(floorDivScalarOp, dst, x, a, floorDivOf[T])
}

// PowScalar sets dst[i] to x[i] to the power of a. As NumPy's ** operator does, the exponents -1, 0, 0.5, 1 and 2 are
// Reciprocal, 1, Sqrt (so that -Inf to the power of 0.5 is NaN, where Pow gives +Inf), a copy, and Square; every other
// exponent is Pow.
func PowScalar[T Float](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	switch a {
	case 2:
		Square(dst, x)
	case 0.5:
		Sqrt(dst, x)
	case -1:
		Reciprocal(dst, x)
	case 1:
		copy(dst, x)
	case 0:
		Fill(dst, 1)
	default:
		elementwiseScalar(powScalarOp, dst, x, a, func(x, a T) T { return T(pow(float64(x), float64(a))) })
	}
}

// Pow sets dst[i] to x[i] to the power of y[i], within 0.8 ULP for float64, with the special values of C99.
func Pow[T Float](dst, x, y []T) { elementwise2(powOp, dst, x, y, pow) }
