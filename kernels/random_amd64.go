//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// vectorPhilox sets whole groups of eight blocks of dst, for the counters c, c+1, ..., and returns the number of words.
func vectorPhilox(k *philoxKeys, dst []uint64, c uint64) int {
	n := len(dst) &^ 31
	if active < avx512 || n == 0 {
		return 0
	}
	for i := 0; i < n; i += chunk {
		m := min(n-i, chunk)
		asm.PhiloxU64AVX512(&dst[i], &k.round[0][0], c+uint64(i/4), m/4)
	}
	return n
}

// vectorUniform sets dst[i] to the upper 53 bits of words[i] times 2^-53 from the front, and returns how many.
func vectorUniform(dst []float64, words []uint64) int {
	n := len(dst) &^ 7
	if active < avx512 || n == 0 {
		return 0
	}
	asm.UniformU64AVX512(&dst[0], &words[0], n)
	return n
}

// vectorPlaces replaces words[i] by the integer below its upper 53 bits times scale from the front, and returns how many.
func vectorPlaces(words []uint64, scale float64) int {
	n := len(words) &^ 7
	if active < avx512 || n == 0 {
		return 0
	}
	asm.PlacesU64AVX512(&words[0], scale, n)
	return n
}
