package kernels

import "math"

// Mod sets dst[i] to what FloorDiv leaves, Python's % operator: the result has the sign of y[i]. Of floats it is
// x[i] - y[i]*floor(x[i]/y[i]), exact but for one rounding where the signs differ; a zero y[i] or an infinite x[i] gives NaN.
// Of integers a zero y[i] gives 0, as in NumPy.
func Mod[T Number](dst, x, y []T) {
	elementwiseOf2(modOp, dst, x, y, modOf[T])
}

// FloorDiv sets dst[i] = floor(x[i]/y[i]), Python's // operator. Of floats it is corrected as NumPy does, so that it goes with
// Mod, and a zero y[i] gives x[i]/y[i]. Of integers a zero y[i] gives 0, as in NumPy, and the least one by -1 itself.
func FloorDiv[T Number](dst, x, y []T) {
	elementwiseOf2(floorDivOp, dst, x, y, floorDivOf[T])
}

// modOf is the meaning of Mod.
func modOf[T Number](x, y T) T {
	switch x := any(x).(type) {
	case float64:
		return T(pyMod(x, float64(y)))
	case float32:
		return T(pyMod(x, float32(y)))
	}
	if isSigned[T]() {
		return T(modInt(int64(x), int64(y)))
	}
	if y == 0 {
		return 0
	}
	return T(uint64(x) % uint64(y))
}

// floorDivOf is the meaning of FloorDiv.
func floorDivOf[T Number](x, y T) T {
	switch x := any(x).(type) {
	case float64:
		return T(pyFloorDiv(x, float64(y)))
	case float32:
		return T(pyFloorDiv(x, float32(y)))
	}
	if isSigned[T]() {
		return T(floorDivInt(int64(x), int64(y)))
	}
	if y == 0 {
		return 0
	}
	return T(uint64(x) / uint64(y))
}

// floorDivInt is the quotient rounded down.
func floorDivInt(x, y int64) int64 {
	if y == 0 {
		return 0
	}
	q := x / y // of the least integer by -1, Go says the least integer
	if r := x - q*y; r != 0 && r^y < 0 {
		q--
	}
	return q
}

// modInt has the sign of y.
func modInt(x, y int64) int64 {
	if y == 0 {
		return 0
	}
	r := x % y
	if r != 0 && r^y < 0 {
		r += y
	}
	return r
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
