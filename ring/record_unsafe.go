package ring

import (
	"sync/atomic"
	"unsafe"
)

// frames is the memory of a lane's messages. Nothing here is checked: places come from a handle's own marks, which are
// below the lane's places, and lengths are at most the longest's.
type frames struct{ base unsafe.Pointer }

func framesOver(mem []byte) frames { return frames{unsafe.Pointer(unsafe.SliceData(mem))} }

// length is the word before the message at a place.
func (f frames) length(place uint32) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Add(f.base, uintptr(place)*unit))
}

// body is the message of n bytes at a place.
func (f frames) body(place uint32, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(f.base, uintptr(place)*unit+unit)), n)
}
