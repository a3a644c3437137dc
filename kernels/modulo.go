package kernels

import "math"

// Mod sets dst[i] = x[i] - y[i]*floor(x[i]/y[i]), Python's % operator: the result has the sign of y[i] and is exact
// but for one rounding where the signs differ. A zero y[i] or an infinite x[i] gives NaN.
func Mod[T Float](dst, x, y []T) {
	elementwiseOf2(modOp, dst, x, y, pyMod[T])
}

// FloorDiv sets dst[i] = floor(x[i]/y[i]), Python's // operator, corrected as NumPy does so that it goes with Mod. A
// zero y[i] gives x[i]/y[i].
func FloorDiv[T Float](dst, x, y []T) {
	elementwiseOf2(floorDivOp, dst, x, y, pyFloorDiv[T])
}

// pyMod is NumPy's npy_remainder.
func pyMod[T Float](x, y T) T {
	m := T(fmod(float64(x), float64(y)))
	if y == 0 {
		return m
	}
	if m == 0 {
		return T(math.Copysign(0, float64(y)))
	}
	if (y < 0) != (m < 0) {
		m += y
	}
	return m
}

// pyFloorDiv is NumPy's npy_floor_divide.
func pyFloorDiv[T Float](x, y T) T {
	if y == 0 {
		return x / y
	}
	m := T(fmod(float64(x), float64(y)))
	q := (x - m) / y
	if m != 0 && (y < 0) != (m < 0) {
		q -= 1
	}
	if q == 0 {
		return T(math.Copysign(0, float64(x/y)))
	}
	f := T(math.Floor(float64(q)))
	if q-f > 0.5 {
		f += 1
	}
	return f
}

// fmod is C's fmod, exact: the remainder of a division with the quotient truncated. Below a quotient of 2^52 the
// truncated quotient is right or one too big, and the fused remainder is exact either way.
func fmod(x, y float64) float64 {
	ax, ay := math.Abs(x), math.Abs(y)
	q := math.Trunc(ax / ay)
	if !(q < 0x1p52) || ay < 0x1p-960 {
		return math.Mod(x, y)
	}
	if ay > math.MaxFloat64 {
		return x
	}
	r := math.FMA(-q, ay, ax)
	if r < 0 {
		r = math.FMA(1-q, ay, ax)
	}
	return math.Copysign(r, x)
}
