package kernels

import "math"

// Norm1 returns the sum of |x[i]| in the order of Sum.
func Norm1[T Float](x []T) T {
	var t SumTree
	var l laneSums
	for first := true; first || len(x) > 0; first = false {
		n := min(len(x), SumBlock)
		b := x[:n]
		x = x[n:]
		l = laneSums{}
		for ; len(b) >= lanes; b = b[lanes:] {
			r := b[:lanes]
			for j := range l {
				l[j] += math.Abs(float64(r[j]))
			}
		}
		for j, v := range b {
			l[j] += math.Abs(float64(v))
		}
		t.Push(l.total())
	}
	return T(t.Total())
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
	var a, b T
	i := 0
	for ; i+2 <= len(x); i += 2 {
		a = max(a, T(math.Abs(float64(x[i]))))
		b = max(b, T(math.Abs(float64(x[i+1]))))
	}
	if i < len(x) {
		a = max(a, T(math.Abs(float64(x[i]))))
	}
	return plainNaN(max(a, b))
}
