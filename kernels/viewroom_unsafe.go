package kernels

import (
	"sync"
	"unsafe"
)

// viewRoom is room for a block of numbers of up to 64 bits.
type viewRoom [SumBlock]uint64

var viewRooms = sync.Pool{New: func() any { return new(viewRoom) }}

// roomOf is room as SumBlock elements: of numbers and truth values. Other types may hold pointers, which words may not: theirs
// is new.
func roomOf[T any](room *viewRoom) []T {
	var v T
	switch any(v).(type) {
	case bool, int8, int16, int32, int64, int, uint8, uint16, uint32, uint64, uint, float32, float64:
		return unsafe.Slice((*T)(unsafe.Pointer(room)), SumBlock)
	}
	return make([]T, SumBlock)
}
