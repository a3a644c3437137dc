package kernels

import "math"

// HistogramEdges sets dst to the len(dst)-1 bins of equal width that Histogram uses from lo to hi, as NumPy's
// linspace: dst[i] = i*step + lo computed in float64, and the last is hi. Where lo equals hi, both move by one half.
// It panics unless dst has two elements or more and [HistogramTakes] the range.
func HistogramEdges[T Float](dst []T, lo, hi T) {
	if len(dst) < 2 {
		panic(panicBins)
	}
	lo, hi = outerEdges(lo, hi)
	n := len(dst) - 1
	e := newEdges(n, float64(lo), float64(hi))
	for i := range dst {
		dst[i] = T(e.at(i))
	}
}

// Histogram adds to counts[k] the number of elements of x in bin k of len(counts) equal bins from lo to hi, by the
// rules of NumPy's histogram: a bin holds its left edge, the last one both, and an element whose computed bin disagrees
// with the edges of HistogramEdges moves to its neighbour. NaN and what lies outside is ignored. It panics unless there
// is a bin and [HistogramTakes] the range. The counts are not cleared first, so that a caller may go block by block.
func Histogram[T Float](counts []int64, x []T, lo, hi T) {
	if len(counts) == 0 {
		panic(panicBins)
	}
	lo, hi = outerEdges(lo, hi)
	n := len(counts)
	e := newEdges(n, float64(lo), float64(hi))
	width, bins := hi-lo, T(n)
	for _, v := range x[vectorHistogram(counts, x, &e):] {
		if !(v >= lo && v <= hi) {
			continue
		}
		k := int(T((v-lo)/width) * bins)
		if k >= n {
			k = n - 1
		}
		if v < T(e.at(k)) {
			k--
		} else if k != n-1 && v >= T(e.at(k+1)) {
			k++
		}
		counts[k]++
	}
}

// HistogramTakes reports whether [Histogram] has bins from lo to hi: lo <= hi are finite, and so is their distance, which
// is not zero after equal ends have moved apart.
func HistogramTakes[T Float](lo, hi T) bool {
	lo, hi = apart(lo, hi)
	return lo < hi && float64(hi-lo) <= math.MaxFloat64
}

// apart widens an empty range.
func apart[T Float](lo, hi T) (T, T) {
	if lo == hi {
		return lo - 0.5, hi + 0.5
	}
	return lo, hi
}

// outerEdges checks a range and widens an empty one.
func outerEdges[T Float](lo, hi T) (T, T) {
	if !HistogramTakes(lo, hi) {
		panic(panicRange)
	}
	return apart(lo, hi)
}

// edges computes single edges of a histogram.
type edges struct {
	n         int
	lo, hi    float64
	width     float64
	step, div float64 // the edge is i/div*width where step is zero
}

// newEdges prepares the edges of n bins.
func newEdges(n int, lo, hi float64) edges {
	return edges{n, lo, hi, hi - lo, (hi - lo) / float64(n), float64(n)}
}

// at returns edge i.
func (e *edges) at(i int) float64 {
	if i == e.n {
		return e.hi
	}
	if e.step == 0 {
		return float64(float64(i)/e.div*e.width) + e.lo
	}
	return float64(float64(i)*e.step) + e.lo
}
