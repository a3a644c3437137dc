package kernels

import "math"

// The twins of the reductions that leave NaN out, as NumPy's nansum and its kin. They have the order of the ones that do
// not: of elements without a NaN they give the same bits.

// NanCount returns how many elements of x are numbers.
func NanCount[T Float](x []T) int {
	var mask [1024]bool
	n := 0
	for len(x) > 0 {
		part := x[:min(len(x), len(mask))]
		Equal(mask[:len(part)], part, part)
		n += Count(mask[:len(part)])
		x = x[len(part):]
	}
	return n
}

// NanSum returns the sum of the elements of x that are numbers, 0 when there are none: Sum with 0 for every NaN.
func NanSum[T Float](x []T) T { return T(nanTreeSum(x)) }

func nanTreeSum[T Float](x []T) float64 {
	var t SumTree
	for ; len(x) > SumBlock; x = x[SumBlock:] {
		t.Push(blockNanSum(x[:SumBlock]))
	}
	t.Push(blockNanSum(x))
	return t.Total()
}

// blockNanSum is BlockSum of the numbers.
func blockNanSum[T Float](x []T) float64 {
	var l laneSums
	full := len(x) &^ (lanes - 1)
	total, ok := vectorSum(nanSum, &l, x[:full])
	if ok && full == len(x) {
		return total
	}
	if !ok {
		full = 0
	}
	for i, v := range x[full:] {
		if v == v {
			l[i%lanes] += float64(v)
		}
	}
	return l.total()
}

// NanProd returns the product of the elements of x that are numbers, 1 when there are none: Prod with 1 for every NaN.
func NanProd[T Float](x []T) T { return T(treeProd(x, blockNanProd[T])) }

// blockNanProd is blockProd of the numbers.
func blockNanProd[T Float](x []T) float64 {
	var l laneSums
	for j := range l {
		l[j] = 1
	}
	for i, v := range x {
		if v == v {
			l[i%lanes] *= float64(v)
		}
	}
	return l.product()
}

// NanMean returns the mean of the elements of x that are numbers: NaN when there are none.
func NanMean[T Float](x []T) T { return T(nanTreeSum(x) / float64(NanCount(x))) }

// NanMomentsOf returns the moments of the elements of x that are numbers, block by block as MomentsOf.
func NanMomentsOf[T Float](x []T) Moments {
	var t MomentsTree
	for ; len(x) > SumBlock; x = x[SumBlock:] {
		t.Push(blockNanMoments(x[:SumBlock]))
	}
	if len(x) > 0 {
		t.Push(blockNanMoments(x))
	}
	return t.Total()
}

// blockNanMoments is blockMoments of the numbers, which keep their lanes.
func blockNanMoments[T Float](x []T) Moments {
	n := NanCount(x)
	switch n {
	case len(x):
		return blockMoments(x)
	case 0:
		return Moments{}
	}
	mean := blockNanSum(x) / float64(n)
	var d, s laneSums
	for i, v := range x {
		if v == v {
			u := float64(v) - mean
			d[i%lanes] += u
			s[i%lanes] = math.FMA(u, u, s[i%lanes])
		}
	}
	e := d.total()
	return Moments{int64(n), mean, max(0, s.total()-float64(e*e)/float64(n))}
}

// NanVar returns the variance of the elements of x that are numbers, with their count less ddof as the divisor: NaN when
// that is not positive.
func NanVar[T Float](x []T, ddof int) T { return T(NanMomentsOf(x).Var(ddof)) }

// NanStd returns the square root of NanVar.
func NanStd[T Float](x []T, ddof int) T { return T(math.Sqrt(NanMomentsOf(x).Var(ddof))) }

// NanMin returns the least number of x, -0 before +0: NaN when there is none.
func NanMin[T Float](x []T) T {
	least := func(a, b T) T { return min(a, b) }
	return nanExtreme(nanLeast, x, T(math.Inf(1)), least)
}

// NanMax returns the greatest number of x, +0 before -0: NaN when there is none.
func NanMax[T Float](x []T) T {
	greatest := func(a, b T) T { return max(a, b) }
	return nanExtreme(nanGreatest, x, T(math.Inf(-1)), greatest)
}

// nanExtreme starts at none, the infinity that every number is at least as good as.
func nanExtreme[T Float](op extremeOp, x []T, none T, better func(a, b T) T) T {
	best, i := extreme(op, x, none, better)
	for _, v := range x[i:] {
		if v == v {
			best = better(best, v)
		}
	}
	if best == none && NanCount(x) == 0 {
		return T(math.NaN())
	}
	return best
}

// NanArgMin returns the index of the first least number of x, and -1 when there is none.
func NanArgMin[T Float](x []T) int { return indexOf(x, NanMin(x)) }

// NanArgMax returns the index of the first greatest number of x, and -1 when there is none.
func NanArgMax[T Float](x []T) int { return indexOf(x, NanMax(x)) }

// indexOf returns the first index of v, and -1 when there is none.
func indexOf[T Float](x []T, v T) int {
	for i, w := range x {
		if w == v {
			return i
		}
	}
	return -1
}
