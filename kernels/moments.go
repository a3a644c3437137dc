package kernels

import (
	"math"
	"math/bits"
)

// Moments are the count, the mean, and the sum of squared deviations from the mean of some elements.
type Moments struct {
	N    int64
	Mean float64
	M2   float64
}

// MomentsOf returns the moments of x. A block of SumBlock elements is read twice, for its mean and for the deviations;
// blocks are merged by Merge in the tree of Sum, so that the bits do not depend on the number of workers.
func MomentsOf[T Float](x []T) Moments {
	var t MomentsTree
	for len(x) > SumBlock {
		t.Push(blockMoments(x[:SumBlock]))
		x = x[SumBlock:]
	}
	if len(x) > 0 {
		t.Push(blockMoments(x))
	}
	return t.Total()
}

// blockMoments is the corrected two-pass algorithm: the sum of the deviations takes out what the mean was rounded by.
func blockMoments[T Float](x []T) Moments {
	n := float64(len(x))
	mean := BlockSum(x) / n
	var d, s laneSums
	full := len(x) &^ (lanes - 1)
	if !vectorMoments(&d, &s, x[:full], mean) {
		addDeviations(&d, &s, x[:full], mean)
	}
	for j, w := range x[full:] {
		u := float64(w) - mean
		d[j] += u
		s[j] = math.FMA(u, u, s[j])
	}
	e := d.total()
	return Moments{int64(len(x)), mean, max(0, s.total()-float64(e*e)/n)}
}

// addDeviations adds x-mean to the lanes of d and its square to those of s, over whole rows of 64 elements.
func addDeviations[T Float](d, s *laneSums, x []T, mean float64) {
	for g := 0; g < len(x) && g < lanes; g += 4 {
		p, q := d[g:g+4:g+4], s[g:g+4:g+4]
		d0, d1, d2, d3 := p[0], p[1], p[2], p[3]
		s0, s1, s2, s3 := q[0], q[1], q[2], q[3]
		for i := g; i+4 <= len(x); i += lanes {
			r := x[i : i+4 : i+4]
			u0, u1, u2, u3 := float64(r[0])-mean, float64(r[1])-mean, float64(r[2])-mean, float64(r[3])-mean
			d0, d1, d2, d3 = d0+u0, d1+u1, d2+u2, d3+u3
			s0 = math.FMA(u0, u0, s0)
			s1 = math.FMA(u1, u1, s1)
			s2 = math.FMA(u2, u2, s2)
			s3 = math.FMA(u3, u3, s3)
		}
		p[0], p[1], p[2], p[3] = d0, d1, d2, d3
		q[0], q[1], q[2], q[3] = s0, s1, s2, s3
	}
}

// Merge returns the moments of two disjoint sets together, by the formula of Chan, Golub and LeVeque (1979).
func Merge(a, b Moments) Moments {
	if a.N == 0 {
		return b
	}
	if b.N == 0 {
		return a
	}
	na, nb := float64(a.N), float64(b.N)
	n := na + nb
	d := b.Mean - a.Mean
	mean := a.Mean + float64(d*(nb/n))
	if a.N == b.N {
		mean = float64(a.Mean*0.5) + float64(b.Mean*0.5)
	}
	return Moments{a.N + b.N, mean, (a.M2 + b.M2) + float64(float64(d*d)*(na*nb/n))}
}

// Var returns M2/(N-ddof): NaN when N <= ddof, except that M2 = NaN stays.
func (m Moments) Var(ddof int) float64 {
	if m.N <= int64(ddof) {
		return math.NaN()
	}
	return m.M2 / float64(m.N-int64(ddof))
}

// Var returns the variance of x with the divisor len(x)-ddof: NaN when that is not positive.
func Var[T Float](x []T, ddof int) T { return T(MomentsOf(x).Var(ddof)) }

// Std returns the square root of Var.
func Std[T Float](x []T, ddof int) T { return T(math.Sqrt(MomentsOf(x).Var(ddof))) }

// MomentsTree merges the moments of consecutive blocks in the shape of SumTree. The zero value is an empty tree.
type MomentsTree struct {
	used   uint64
	totals [64]Moments
}

// Push adds the moments of the next block of SumBlock elements, or of what is left of them.
func (t *MomentsTree) Push(block Moments) { t.PushAt(0, block) }

// PushAt adds the moments of the next 1<<level blocks, under the conditions of SumTree.PushAt.
func (t *MomentsTree) PushAt(level int, m Moments) {
	if uint(level) >= 64 || t.used&(1<<level-1) != 0 {
		panic(panicLevel)
	}
	k := level
	for ; t.used>>k&1 != 0; k++ {
		m = Merge(t.totals[k&63], m)
		t.used &^= 1 << k
	}
	t.totals[k&63] = m
	t.used |= 1 << k
}

// Total returns the moments of everything pushed. The tree stays as it is.
func (t *MomentsTree) Total() Moments {
	var m Moments
	for u := t.used; u != 0; u &= u - 1 {
		m = Merge(t.totals[bits.TrailingZeros64(u)], m)
	}
	return m
}
