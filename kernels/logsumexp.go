package kernels

import "math"

// part is how many elements the kernels below take at a time: their float64 values stay in the first cache.
const part = 1024

// LogSumExp returns log(sum(exp(x[i]))) without overflow or underflow on the way: -Inf for an empty slice, NaN when there
// is one. It is Max(x) plus the logarithm of a sum between 1 and len(x), whose terms are added in the tree of Sum, by
// leaves of 1024.
func LogSumExp[T Float](x []T) T {
	if len(x) == 0 {
		return T(math.Inf(-1))
	}
	most := float64(Max(x))
	if !(math.Abs(most) <= math.MaxFloat64) {
		return T(most)
	}
	var t SumTree
	var room [part]float64
	for len(x) > 0 {
		e := room[:min(len(x), part)]
		Convert(e, x[:len(e)])
		SubScalar(e, e, most)
		Exp(e, e)
		t.Push(BlockSum(e))
		x = x[len(e):]
	}
	return T(most + log(t.Total()))
}

// Skewness returns the third standardized moment of x, m3/m2^1.5 with m the means of the powers of the deviations:
// SciPy's skew. It is NaN for an empty slice and where the elements are all equal.
func Skewness[T Float](x []T) T {
	if allEqual(x) {
		return T(math.NaN())
	}
	m := MomentsOf(x)
	m2, m3, _ := deviations(x, m.Mean)
	n := float64(len(x))
	return T((m3 / n) / (m2 / n * math.Sqrt(m2/n)))
}

// Kurtosis returns the fourth standardized moment of x less 3, m4/m2^2 - 3: SciPy's kurtosis, 0 for the normal
// distribution. It is NaN for an empty slice and where the elements are all equal.
func Kurtosis[T Float](x []T) T {
	if allEqual(x) {
		return T(math.NaN())
	}
	m := MomentsOf(x)
	m2, _, m4 := deviations(x, m.Mean)
	n := float64(len(x))
	return T((m4/n)/(m2/n*(m2/n)) - 3)
}

// allEqual tells slices whose deviations are rounding and nothing else.
func allEqual[T Float](x []T) bool {
	for _, v := range x {
		if v != x[0] {
			return false
		}
	}
	return true
}

// deviations returns the sums of the powers of x[i]-mean, in the tree of Sum by leaves of 1024.
func deviations[T Float](x []T, mean float64) (m2, m3, m4 float64) {
	var t [3]SumTree
	var room, squares [part]float64
	for len(x) > 0 {
		d := room[:min(len(x), part)]
		q := squares[:len(d)]
		Convert(d, x[:len(d)])
		SubScalar(d, d, mean)
		Square(q, d)
		t[0].Push(BlockSum(q))
		t[1].Push(BlockDot(q, d))
		t[2].Push(BlockDot(q, q))
		x = x[len(d):]
	}
	return t[0].Total(), t[1].Total(), t[2].Total()
}
