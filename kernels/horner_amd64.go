//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

type hornerBody[T Float] func(dst, x, c *T, degree, n int) int

var (
	hornerBodies64 = [isaCount]hornerBody[float64]{avx2: asm.HornerF64AVX2, avx512: asm.HornerF64AVX512}
	hornerBodies32 = [isaCount]hornerBody[float32]{avx2: asm.HornerF32AVX2, avx512: asm.HornerF32AVX512}
)

// vectorHorner sets whole registers of dst from the front and returns how many elements.
func vectorHorner[T Float](dst, x, c []T) int {
	switch d := any(dst).(type) {
	case []float64:
		return runHorner(hornerBodies64[active], d, any(x).([]float64), any(c).([]float64))
	case []float32:
		return runHorner(hornerBodies32[active], d, any(x).([]float32), any(c).([]float32))
	}
	return 0
}

// runHorner gives the assembly as many elements at a time as it does in the time of a chunk.
func runHorner[T Float](body hornerBody[T], dst, x, c []T) int {
	if body == nil || len(c) > chunk {
		return 0
	}
	most := max(1, chunk/len(c)) * 64 // a multiple of the lanes of all registers of a step, or of one
	i := 0
	for i < len(dst) {
		n := min(len(dst)-i, most)
		done := body(first(dst[i:]), first(x[i:]), first(c), len(c)-1, n)
		i += done
		if done < n {
			break
		}
	}
	return i
}
