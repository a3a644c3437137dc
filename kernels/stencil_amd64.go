//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// stencilBody is a row of a stencil by instruction set.
type stencilBody[T Float] [isaCount]func(dst, src *T, offsets *int, weights *T, points, n int) int

var (
	stencilBody64 = stencilBody[float64]{avx2: asm.StencilF64AVX2, avx512: asm.StencilF64AVX512}
	stencilBody32 = stencilBody[float32]{avx2: asm.StencilF32AVX2, avx512: asm.StencilF32AVX512}
)

// vectorStencil sets the front of dst to elements from src[0] on, and returns how many.
func vectorStencil[T Float](s *stencil[T], dst, src []T) int {
	if active == portable || len(dst) == 0 {
		return 0
	}
	switch s := any(s).(type) {
	case *stencil[float64]:
		return stencilBody64[active](first(any(dst).([]float64)), first(any(src).([]float64)), first(s.offsets[:]), first(s.weights[:]), s.points, len(dst))
	case *stencil[float32]:
		return stencilBody32[active](first(any(dst).([]float32)), first(any(src).([]float32)), first(s.offsets[:]), first(s.weights[:]), s.points, len(dst))
	}
	return 0
}
