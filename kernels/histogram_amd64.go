//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// vectorHistogram counts x from the front, as Histogram does, and returns how many elements it has looked at.
func vectorHistogram[T Float](counts []int64, x []T, e *edges) int {
	v, ok := any(x).([]float64)
	if !ok || active < avx512 || e.step == 0 {
		return 0
	}
	var bins [256]int64
	n := len(v) &^ 7
	for i := 0; i < n; i += len(bins) {
		m := min(n-i, len(bins))
		asm.BinsF64AVX512(&bins[0], &v[i], e.lo, e.hi, e.width, e.step, e.div, m)
		for _, k := range bins[:m] {
			if uint64(k) < uint64(len(counts)) {
				counts[k]++
			}
		}
	}
	return n
}
