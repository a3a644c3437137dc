package kernels

import "math"

// Quantile returns the q-quantile of x by NumPy's default method 'linear': between the elements of rank floor(q*(n-1))
// and the next, interpolated by NumPy's formula bit for bit for float64. For float32 the rank is computed in float64,
// where NumPy rounds it to float32. A NaN in x gives NaN. x is not changed: the work is done in a copy,
// of a short x whole, of a long one of the elements near the rank. It panics when
// x is empty or q is not in [0, 1].
func Quantile[T Float](x []T, q float64) T {
	if len(x) == 0 {
		panic(panicEmpty)
	}
	if !(q >= 0 && q <= 1) {
		panic(panicQuantile)
	}
	rank := float64(float64(len(x)-1) * q) // rounded: a fused rank-lo would be another number
	lo := int(rank)
	hi := min(lo+1, len(x)-1)
	a, b, ok := neighbours(x, lo, hi)
	if !ok {
		return T(math.NaN())
	}
	return Lerp(a, b, rank-float64(lo))
}

// Lerp returns the value at the fraction t from a to b as NumPy's quantile computes it: from the nearer end.
func Lerp[T Float](a, b T, t float64) T {
	d := b - a
	if t >= 0.5 {
		return b - T(d*T(1-t))
	}
	return a + T(d*T(t))
}

// Median returns the middle element of x, or the mean of the two in the middle as NumPy's median computes it. A NaN in
// x gives NaN. x is not changed: the work is done in a copy. It panics when x is empty.
func Median[T Float](x []T) T {
	if len(x) == 0 {
		panic(panicEmpty)
	}
	n := len(x)
	a, b, ok := neighbours(x, (n-1)/2, n/2)
	if !ok {
		return T(math.NaN())
	}
	if n%2 == 1 {
		return a
	}
	return (a + b) / 2
}

// neighbours returns the elements of ranks lo and hi <= lo+1; ok is false when x holds a NaN.
func neighbours[T Float](x []T, lo, hi int) (a, b T, ok bool) {
	near, below, ok := around(x, lo, hi)
	if !ok {
		return 0, 0, false
	}
	a = SelectKth(near, lo-below)
	if hi == lo {
		return a, a, true
	}
	return a, Min(near[lo+1-below:]), true
}
