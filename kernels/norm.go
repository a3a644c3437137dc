package kernels

import "math"

// Norm1 returns the sum of |x[i]| in the order of Sum.
func Norm1[T Float](x []T) T {
	var t SumTree
	for ; len(x) > SumBlock; x = x[SumBlock:] {
		t.Push(blockSumAbs(x[:SumBlock]))
	}
	t.Push(blockSumAbs(x))
	return T(t.Total())
}

// blockSumAbs is BlockSum of the magnitudes.
func blockSumAbs[T Float](x []T) float64 {
	var l laneSums
	full := len(x) &^ (lanes - 1)
	total, ok := vectorSum(sumAbs, &l, x[:full])
	if ok && full == len(x) {
		return total
	}
	if ok {
		x = x[full:]
	}
	for ; len(x) >= lanes; x = x[lanes:] {
		r := x[:lanes]
		for j := range l {
			l[j] += math.Abs(float64(r[j]))
		}
	}
	for j, v := range x {
		l[j] += math.Abs(float64(v))
	}
	return l.total()
}

// Norm2 returns the square root of the sum of x[i]*x[i] in the order of Dot, without overflow or underflow on the way.
func Norm2[T Float](x []T) T {
	s := TreeDot(x, x)
	if s > 0x1p-900 && s <= math.MaxFloat64 {
		return T(math.Sqrt(s))
	}
	m := float64(NormInf(x))
	if m == 0 || m != m || m > math.MaxFloat64 {
		return T(m)
	}
	_, e := math.Frexp(m)
	// Two factors: 2^-e itself may be out of range.
	f, g := math.Ldexp(1, -e/2), math.Ldexp(1, -e-(-e/2))
	var t SumTree
	for len(x) > 0 {
		var l laneSums
		n := min(len(x), SumBlock)
		for j, v := range x[:n] {
			w := float64(v) * f * g
			l[j%lanes] = math.FMA(w, w, l[j%lanes])
		}
		t.Push(l.total())
		x = x[n:]
	}
	return T(math.Ldexp(math.Sqrt(t.Total()), e))
}

// NormInf returns the greatest |x[i]|: 0 for an empty slice, NaN when there is one.
func NormInf[T Float](x []T) T {
	a, i := extreme(greatestAbs, x, 0, func(a, b T) T { return max(a, b) })
	b := a
	for ; i+2 <= len(x); i += 2 {
		a = max(a, T(math.Abs(float64(x[i]))))
		b = max(b, T(math.Abs(float64(x[i+1]))))
	}
	if i < len(x) {
		a = max(a, T(math.Abs(float64(x[i]))))
	}
	return plainNaN(max(a, b))
}
