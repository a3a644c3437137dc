package ring

import (
	"sync/atomic"
	"unsafe"

	"github.com/shmath/shmath/internal/layout"
)

// mpmcSlots is the memory of an MPMC ring's slots. Each has cache lines of its own: producers that work on neighbours
// would otherwise take the lines from each other.
type mpmcSlots[T any] struct {
	base unsafe.Pointer
	step uintptr
	n    int
}

// mpmcSlot is one slot.
type mpmcSlot[T any] struct {
	word atomic.Uint64
	item T
}

func (s *mpmcSlots[T]) stride() int {
	return layout.RoundUp(int(unsafe.Sizeof(mpmcSlot[T]{})), layout.CacheLine)
}

// over sets the slots onto memory, which must hold n of them.
func (s *mpmcSlots[T]) over(bytes []byte, n int) {
	s.step, s.n = uintptr(s.stride()), n
	s.base = unsafe.Pointer(unsafe.SliceData(bytes[:n*s.stride()]))
}

func (s *mpmcSlots[T]) at(i int) *mpmcSlot[T] {
	if uint(i) >= uint(s.n) {
		panic("ring: slot out of range")
	}
	return (*mpmcSlot[T])(unsafe.Add(s.base, uintptr(i)*s.step))
}

func (s *mpmcSlots[T]) word(i int) *atomic.Uint64 { return &s.at(i).word }
