//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// vectorSELL sets sums to those of n slices from number lo on, if there is a body for it.
func vectorSELL[T Float](s *SELL[T], sums []float64, x []T, lo, n int) bool {
	m, ok := any(s).(*SELL[float64])
	if !ok || active < avx512 || len(m.data) == 0 || len(x) == 0 {
		return false
	}
	asm.SellF64AVX512(&sums[0], &m.data[0], &m.columns[0], &m.lengths[lo*sellRows], &m.starts[lo], first(any(x).([]float64)), n)
	return true
}
