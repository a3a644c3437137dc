package kernels

import "math"

// Add sets dst[i] = x[i] + y[i]. Integers wrap around, here and in all arithmetic.
func Add[T Number](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(addOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] + y[i]
	}
}

// Sub sets dst[i] = x[i] - y[i].
func Sub[T Number](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(subOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] - y[i]
	}
}

// Mul sets dst[i] = x[i] * y[i].
func Mul[T Number](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(mulOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] * y[i]
	}
}

// Div sets dst[i] = x[i] / y[i].
func Div[T Float](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(divOp, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] / y[i]
	}
}

// Minimum sets dst[i] to the lesser of x[i] and y[i]. Of floats, a NaN wins, and -0 is less than +0.
func Minimum[T Number](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(minOp, dst, x, y); i < len(dst); i++ {
		dst[i] = min(x[i], y[i])
	}
}

// Maximum sets dst[i] to the greater of x[i] and y[i]. Of floats, a NaN wins, and +0 is greater than -0.
func Maximum[T Number](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(maxOp, dst, x, y); i < len(dst); i++ {
		dst[i] = max(x[i], y[i])
	}
}

// Fma sets dst[i] = x[i]*y[i] + z[i] with a single rounding for float64; for float32 the product is exact and the sum
// is rounded to float64, then to float32.
func Fma[T Float](dst, x, y, z []T) {
	sameLen3(len(dst), len(x), len(y))
	sameLen(len(dst), len(z))
	x, y, z = x[:len(dst)], y[:len(dst)], z[:len(dst)]
	for i := vectorFma(dst, x, y, z); i < len(dst); i++ {
		dst[i] = T(math.FMA(float64(x[i]), float64(y[i]), float64(z[i])))
	}
}

// Axpy sets y[i] = y[i] + alpha*x[i], the product rounded before the sum.
func Axpy[T Float](alpha T, x, y []T) {
	sameLen(len(x), len(y))
	x = x[:len(y)]
	i := vectorAxpy(y, y, x, alpha)
	for ; i+4 <= len(y); i += 4 {
		a, b := x[i:i+4:i+4], y[i:i+4:i+4]
		b[0] += T(alpha * a[0])
		b[1] += T(alpha * a[1])
		b[2] += T(alpha * a[2])
		b[3] += T(alpha * a[3])
	}
	for ; i < len(y); i++ {
		y[i] += T(alpha * x[i])
	}
}

// Copysign sets dst[i] to the magnitude of x[i] with the sign of y[i].
func Copysign[T Float](dst, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := vector2(copysignOp, dst, x, y); i < len(dst); i++ {
		dst[i] = T(math.Copysign(float64(x[i]), float64(y[i])))
	}
}

// Hypot sets dst[i] = sqrt(x[i]*x[i] + y[i]*y[i]) without overflow or underflow on the way, within 1 ULP for float64. An
// infinite argument wins over a NaN.
func Hypot[T Float](dst, x, y []T) { elementwise2(hypotOp, dst, x, y, hypot) }

// The greater argument between these is squared as it is.
const (
	hypotMin = 0x1p-400
	hypotMax = 0x1p+511
)

// hypot is the meaning of Hypot. Beyond hypotMin and hypotMax it scales by a power of two.
func hypot(x, y float64) float64 {
	x, y = math.Abs(x), math.Abs(y)
	if x > math.MaxFloat64 || y > math.MaxFloat64 {
		return math.Inf(1)
	}
	hi, lo := max(x, y), min(x, y)
	switch {
	case hi > hypotMax:
		hi, lo = hi*0x1p-600, lo*0x1p-600
		return math.Sqrt(math.FMA(hi, hi, float64(lo*lo))) * 0x1p600
	case hi < hypotMin:
		hi, lo = hi*0x1p600, lo*0x1p600
		return math.Sqrt(math.FMA(hi, hi, float64(lo*lo))) * 0x1p-600
	}
	return math.Sqrt(math.FMA(hi, hi, float64(lo*lo)))
}
