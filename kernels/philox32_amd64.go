//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// vectorPhilox32 sets whole groups of eight blocks of dst for the counters c, c+1, ..., and returns the number of words.
func vectorPhilox32(dst []uint32, key [2]uint32, c uint64) int {
	n := len(dst) &^ 31
	if active < avx512 || n == 0 {
		return 0
	}
	var keys [20]uint64
	for r := range 10 {
		keys[2*r], keys[2*r+1] = uint64(key[0]), uint64(key[1])
		key[0] += philox32W0
		key[1] += philox32W1
	}
	for i := 0; i < n; i += chunk {
		m := min(n-i, chunk)
		asm.PhiloxU32AVX512(&dst[i], &keys[0], c+uint64(i/4), m/4)
	}
	return n
}
