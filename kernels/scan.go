package kernels

// CumSum sets dst[i] = start + x[0] + ... + x[i], added from the left in T, and returns the last: start for an empty x.
// Integers wrap around; where NumPy adds int32 up in int64, Convert does that first.
func CumSum[T Number](dst, x []T, start T) T {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := vectorCumSum(dst, x, &start); i < len(dst); i++ {
		start += x[i]
		dst[i] = start
	}
	return start
}

// CumProd sets dst[i] = start * x[0] * ... * x[i], multiplied from the left in T, and returns the last.
func CumProd[T Number](dst, x []T, start T) T {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := range dst {
		start *= x[i]
		dst[i] = start
	}
	return start
}

// Diff sets dst[i] = x[i+1] - x[i]. dst has one element fewer than x, which must not be empty; dst may be x[:len(x)-1].
func Diff[T Number](dst, x []T) {
	sameLen(len(dst)+1, len(x))
	last := x[0]
	x = x[1 : len(dst)+1]
	for i := range dst {
		v := x[i]
		dst[i] = v - last
		last = v
	}
}
