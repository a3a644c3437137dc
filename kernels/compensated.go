package kernels

import "math"

// The sums of Ogita, Rump and Oishi (2005, "Accurate sum and dot product"): each addition keeps what it loses, and the
// losses are added apart.

// twiceSums holds the running sums of 64 lanes, and behind them what each has lost.
type twiceSums [2 * lanes]float64

// twoSum returns a+b, rounded, and what the rounding took away (Knuth).
func twoSum(a, b float64) (sum, lost float64) {
	sum = a + b
	z := sum - a
	return sum, (a - (sum - z)) + (b - z)
}

// add adds p and more to lane j.
func (l *twiceSums) add(j int, p, more float64) {
	s, lost := twoSum(l[j], p)
	l[j], l[lanes+j] = s, l[lanes+j]+(lost+more)
}

// total adds the lanes pairwise, as laneSums does.
func (l *twiceSums) total() float64 {
	for h := lanes / 2; h > 0; h /= 2 {
		for j := range h {
			l.add(j, l[j+h], l[lanes+j+h])
		}
	}
	return l[0] + l[lanes]
}

// Sum2 returns the sum of x as if it were computed in twice the precision of float64 and then rounded: the error is at
// most 2^-53 of the sum plus len(x)^2 * 2^-106 * sum(|x[i]|), and one rounding for float32. Beyond the caches it is as
// fast as Sum. Lane j of 64 adds elements j, j+64, ... of the whole of x; lanes are merged as in Sum.
func Sum2[T Float](x []T) T {
	var l twiceSums
	i := vectorSum2(&l, x)
	for ; i < len(x); i++ {
		l.add(i%lanes, float64(x[i]), 0)
	}
	if v := l.total(); v == v {
		return T(v)
	}
	return Sum(x) // an infinity or a NaN, of which nothing can be lost
}

// Dot2 returns the sum of x[i]*y[i] as if it were computed in twice the precision of float64 and then rounded: the error
// is at most 2^-53 of the result plus len(x)^2 * 2^-106 * sum(|x[i]*y[i]|), and one rounding for float32, where no product
// underflows.
func Dot2[T Float](x, y []T) T {
	sameLen(len(x), len(y))
	y = y[:len(x)]
	var l twiceSums
	i := vectorDot2(&l, x, y)
	for ; i < len(x); i++ {
		a, b := float64(x[i]), float64(y[i])
		p := float64(a * b)
		l.add(i%lanes, p, math.FMA(a, b, -p))
	}
	if v := l.total(); v == v {
		return T(v)
	}
	return Dot(x, y)
}
