package kernels

import (
	"math/bits"
	"unsafe"
)

// elementSize is the number of bytes of an element.
func elementSize[T any](x []T) int {
	var v T
	return int(unsafe.Sizeof(v))
}

// asFloat64s is x, of elements of eight bytes, as bits of float64.
func asFloat64s[T any](x []T) []float64 {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*float64)(unsafe.Pointer(&x[0])), len(x))
}

// asFloat32s is x, of elements of four bytes, as bits of float32.
func asFloat32s[T any](x []T) []float32 {
	if len(x) == 0 {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(&x[0])), len(x))
}

// asInt64s returns x as the int64 that it is, or where int is shorter, as many new ones.
func asInt64s(x []int) []int64 {
	if bits.UintSize < 64 || len(x) == 0 {
		return make([]int64, len(x))
	}
	return unsafe.Slice((*int64)(unsafe.Pointer(&x[0])), len(x))
}
