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

// countMin is the length from which counting keys beats copying everything.
const countMin = 1 << 13

// neighbours returns the elements of ranks lo and hi <= lo+1; ok is false when x holds a NaN.
func neighbours[T Float](x []T, lo, hi int) (a, b T, ok bool) {
	if v := Max(x); v != v {
		return 0, 0, false
	}
	one := hi == lo
	var c []T
	var above T
	isAbove := false
	if len(x) < countMin {
		c = append(c, x...)
	} else {
		c, lo, above, isAbove = bucketOf(x, lo)
	}
	a = SelectKth(c, lo)
	switch {
	case one:
		return a, a, true
	case lo+1 < len(c):
		return a, Min(c[lo+1:]), true
	case isAbove:
		return a, above, true
	}
	return a, a, true
}

// bucketOf counts keys to find a small set of elements of x that holds rank k: it returns the set, the rank in it, and
// the least element above the set.
func bucketOf[T Float](x []T, k int) (set []T, rank int, above T, isAbove bool) {
	prefix, rest, size := uint64(0), uint64(k), uint64(0)
	for bits := 0; bits < 22; bits += 11 {
		var counts [2048]uint64
		RadixCount(&counts, x, prefix, bits)
		d := 0
		for ; rest >= counts[d]; d++ {
			rest -= counts[d]
		}
		prefix, size = prefix<<11|uint64(d), counts[d]
	}
	set = make([]T, size)
	switch x := any(x).(type) {
	case []float64:
		v, ok := gather64(any(set).([]float64), x, prefix)
		above, isAbove = T(v), ok
	case []float32:
		v, ok := gather32(any(set).([]float32), x, prefix)
		above, isAbove = T(v), ok
	}
	return set, int(rest), above, isAbove
}

// gather64 sets set to the elements of x whose keys start with the 22 bits of prefix, and returns the least element
// of a greater key, if there is one.
func gather64(set, x []float64, prefix uint64) (above float64, isAbove bool) {
	n, least := 0, uint64(math.MaxUint64)
	for _, v := range x {
		k := Key64(v)
		if k>>42 == prefix {
			set[n] = v
			n++
		} else if k>>42 > prefix {
			least = min(least, k)
		}
	}
	return FromKey64(least), least != math.MaxUint64
}

// gather32 is gather64 for float32.
func gather32(set, x []float32, prefix uint64) (above float32, isAbove bool) {
	n, least := 0, uint32(math.MaxUint32)
	for _, v := range x {
		k := Key32(v)
		if uint64(k>>10) == prefix {
			set[n] = v
			n++
		} else if uint64(k>>10) > prefix {
			least = min(least, k)
		}
	}
	return FromKey32(least), least != math.MaxUint32
}

// SelectKth reorders x so that x[k] is what it would be in sorted order, nothing before it is greater and nothing
// behind it is less, NaN last, and returns x[k]. It panics unless 0 <= k < len(x).
//
// It is a quickselect whose pivot is the middle of three; when the pivots are bad the rest is sorted by radix, so that
// the time is linear for every input.
func SelectKth[T Float](x []T, k int) T {
	if k < 0 || k >= len(x) {
		panic(panicRank)
	}
	n := nansLast(x)
	if k >= n {
		return x[k]
	}
	lo, hi := 0, n
	budget := 4 * n // elements that may be looked at before the fall-back
	for hi-lo > 24 {
		if budget -= hi - lo; budget < 0 {
			Sort(x[lo:hi])
			return x[k]
		}
		i, j := partition(x[lo:hi])
		switch i, j = lo+i, lo+j; {
		case k < i:
			hi = i
		case k >= j:
			lo = j
		default:
			return x[k]
		}
	}
	insertionSort(x[lo:hi])
	return x[k]
}

// partition splits x, of at least three elements, into those below [:i], equal to [i:j], and above [j:] a pivot.
// Equal elements may also stand on either side, but never all on one.
func partition[T Float](x []T) (i, j int) {
	n := len(x)
	p := middle(middle(x[0], x[n/8], x[n/4]), middle(x[n*3/8], x[n/2], x[n*5/8]), middle(x[n*3/4], x[n*7/8], x[n-1]))
	i, j = 0, n-1
	for i <= j {
		for x[i] < p {
			i++
		}
		for x[j] > p {
			j--
		}
		if i <= j {
			x[i], x[j] = x[j], x[i]
			i++
			j--
		}
	}
	return j + 1, i
}

// middle returns the middle one of three.
func middle[T Float](a, b, c T) T { return max(min(a, b), min(max(a, b), c)) }

// insertionSort sorts a few elements without NaN.
func insertionSort[T Float](x []T) {
	for i := 1; i < len(x); i++ {
		v := x[i]
		j := i
		for ; j > 0 && x[j-1] > v; j-- {
			x[j] = x[j-1]
		}
		x[j] = v
	}
}
