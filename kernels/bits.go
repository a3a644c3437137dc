package kernels

// BitAnd sets dst[i] = x[i] & y[i].
func BitAnd[T Integer](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(bitAndOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] & y[i]
	}
}

// BitOr sets dst[i] = x[i] | y[i].
func BitOr[T Integer](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(bitOrOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] | y[i]
	}
}

// BitXor sets dst[i] = x[i] ^ y[i].
func BitXor[T Integer](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(bitXorOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] ^ y[i]
	}
}

// BitNot sets dst[i] = ^x[i].
func BitNot[T Integer](dst, x []T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vector1(bitNotOp, dst, x); i < len(dst); i++ {
		dst[i] = ^x[i]
	}
}

// ShiftLeft sets dst[i] = x[i] << y[i]: 0 where y[i] is negative or not below the bits of T, as in NumPy.
func ShiftLeft[T Integer](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(shiftLeftOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] << uint64(y[i])
	}
}

// ShiftRight sets dst[i] = x[i] >> y[i], with the sign of x[i]: -1 or 0 by it where y[i] is negative or not below the bits of
// T, as in NumPy.
func ShiftRight[T Integer](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(shiftRightOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] >> uint64(y[i])
	}
}

// BitAndScalar sets dst[i] = x[i] & a.
func BitAndScalar[T Integer](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(bitAndScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] & a
	}
}

// BitOrScalar sets dst[i] = x[i] | a.
func BitOrScalar[T Integer](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(bitOrScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] | a
	}
}

// BitXorScalar sets dst[i] = x[i] ^ a.
func BitXorScalar[T Integer](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(bitXorScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] ^ a
	}
}

// ShiftLeftScalar sets dst[i] = x[i] << a, as ShiftLeft.
func ShiftLeftScalar[T Integer](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(shiftLeftScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] << uint64(a)
	}
}

// ShiftRightScalar sets dst[i] = x[i] >> a, as ShiftRight.
func ShiftRightScalar[T Integer](dst, x []T, a T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorScalar(shiftRightScalarOp, dst, x, a); i < len(dst); i++ {
		dst[i] = x[i] >> uint64(a)
	}
}
