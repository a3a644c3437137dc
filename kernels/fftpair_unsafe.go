package kernels

import (
	"math"
	"unsafe"
)

// pair is a complex number of either precision, laid out as complex64 and complex128 are.
type pair[T Float] struct{ re, im T }

// pairs64 is x itself.
func pairs64(x []complex128) []pair[float64] {
	return unsafe.Slice((*pair[float64])(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// pairs32 is x itself.
func pairs32(x []complex64) []pair[float32] {
	return unsafe.Slice((*pair[float32])(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}

// pairsOf is x itself, two elements a pair; the last one of an odd number is left out.
func pairsOf[T Float](x []T) []pair[T] {
	return unsafe.Slice((*pair[T])(unsafe.Pointer(unsafe.SliceData(x))), len(x)/2)
}

// fused returns x*y + z, rounded once.
func fused[T Float](x, y, z T) T {
	if unsafe.Sizeof(x) == 4 {
		return T(fma32(float32(x), float32(y), float32(z)))
	}
	return T(math.FMA(float64(x), float64(y), float64(z)))
}
