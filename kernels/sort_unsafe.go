package kernels

import (
	"math/bits"
	"unsafe"
)

// asInt64s returns x as the int64 that it is, or where int is shorter, as many new ones.
func asInt64s(x []int) []int64 {
	if bits.UintSize < 64 || len(x) == 0 {
		return make([]int64, len(x))
	}
	return unsafe.Slice((*int64)(unsafe.Pointer(&x[0])), len(x))
}
