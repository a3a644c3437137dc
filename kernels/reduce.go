package kernels

import "math"

// Prod returns the product of x: 1 for an empty slice. The factors are multiplied in the order in which Sum adds.
func Prod[T Float](x []T) T { return T(treeProd(x, blockProd[T])) }

// treeProd multiplies the products of blocks in the shape of SumTree.
func treeProd[T Float](x []T, of func(block []T) float64) float64 {
	if len(x) <= SumBlock {
		return of(x)
	}
	var level [64]float64
	var used uint64
	for len(x) > 0 {
		n := min(len(x), SumBlock)
		p := of(x[:n])
		k := 0
		for ; used>>k&1 != 0; k++ {
			p = level[k&63] * p
			used &^= 1 << k
		}
		level[k&63], used = p, used|1<<k
		x = x[n:]
	}
	p := 1.0
	for k := range level {
		if used>>k&1 != 0 {
			p = level[k] * p
		}
	}
	return p
}

// blockProd multiplies the elements of a block in 64 lanes.
func blockProd[T Float](x []T) float64 {
	var l laneSums
	for j := range l {
		l[j] = 1
	}
	for ; len(x) >= lanes; x = x[lanes:] {
		r := x[:lanes]
		for j := range l {
			l[j] *= float64(r[j])
		}
	}
	for j, v := range x {
		l[j] *= float64(v)
	}
	return l.product()
}

// Min returns the least element of x: NaN when there is one, -0 before +0. It panics when x is empty.
func Min[T Number](x []T) T {
	if len(x) == 0 {
		panic(panicEmpty)
	}
	a, i := extreme(least, x, x[0], func(a, b T) T { return min(a, b) })
	b, c, d := a, a, a
	for ; i+4 <= len(x); i += 4 {
		p := x[i : i+4 : i+4]
		a, b, c, d = min(a, p[0]), min(b, p[1]), min(c, p[2]), min(d, p[3])
	}
	for ; i < len(x); i++ {
		a = min(a, x[i])
	}
	return plainNaN(min(min(a, b), min(c, d)))
}

// Max returns the greatest element of x: NaN when there is one, +0 before -0. It panics when x is empty.
func Max[T Number](x []T) T {
	if len(x) == 0 {
		panic(panicEmpty)
	}
	a, i := extreme(greatest, x, x[0], func(a, b T) T { return max(a, b) })
	b, c, d := a, a, a
	for ; i+4 <= len(x); i += 4 {
		p := x[i : i+4 : i+4]
		a, b, c, d = max(a, p[0]), max(b, p[1]), max(c, p[2]), max(d, p[3])
	}
	for ; i < len(x); i++ {
		a = max(a, x[i])
	}
	return plainNaN(max(max(a, b), max(c, d)))
}

// extreme returns the best of best and of the first n elements of x, as far as assembly takes it.
func extreme[T Number](op extremeOp, x []T, best T, better func(a, b T) T) (_ T, n int) {
	var l [16]T
	for n+lanes <= len(x) {
		part := x[n : n+min(len(x)-n, chunk)&^(lanes-1)]
		k := vectorExtreme(op, &l, part)
		if k == 0 {
			break
		}
		for _, v := range l[:k] {
			best = better(best, v)
		}
		n += len(part)
	}
	return best, n
}

// plainNaN replaces a NaN by the one of package math: which payload survives a reduction would depend on the order.
func plainNaN[T Number](v T) T {
	if v != v {
		return T(math.NaN())
	}
	return v
}

// ArgMin returns the index of the first least element of x, or of the first NaN. It panics when x is empty.
func ArgMin[T Number](x []T) int {
	return argExtreme(x, Min[T], func(a, b T) bool { return a < b })
}

// ArgMax returns the index of the first greatest element of x, or of the first NaN. It panics when x is empty.
func ArgMax[T Number](x []T) int {
	return argExtreme(x, Max[T], func(a, b T) bool { return a > b })
}

// argExtreme finds the first block whose extreme is the best, or a NaN, then the place in it.
func argExtreme[T Number](x []T, of func([]T) T, before func(a, b T) bool) int {
	const block = 1024
	at, best := 0, of(x[:min(block, len(x))])
	for lo := block; lo < len(x) && best == best; lo += block {
		if v := of(x[lo:min(lo+block, len(x))]); before(v, best) || v != v {
			at, best = lo, v
		}
	}
	for x[at] != best && x[at] == x[at] {
		at++
	}
	return at
}

// Mean returns Sum(x)/len(x), divided before the rounding to T: NaN for an empty slice.
func Mean[T Float](x []T) T { return T(TreeSum(x) / float64(len(x))) }
