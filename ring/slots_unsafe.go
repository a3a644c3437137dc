package ring

import (
	"sync/atomic"
	"unsafe"

	"github.com/shmath/shmath/internal/layout"
)

const (
	echoSize  = 8
	echoedMax = layout.CacheLine - echoSize // items up to this size lie behind an echo
	movedMax  = 256                         // items up to this size are copied without a call
)

// slots is the memory of the items of an SPSC ring. Small items share each cache line with an echo: the position behind
// the last item published in that line. A consumer that looks at the echo gets flag and payload in one transfer. Larger
// items lie densely, in one block, and need no echo: their own transfer dominates.
type slots[T any] struct {
	base   unsafe.Pointer
	per    uint64 // items in a block
	blocks uint64
}

// place is where one side is in the slots: the offset of its next item, or of the end of a block.
type place uintptr

// What follows of T's size alone is a constant where T is known.

// size is from one item to the next.
func (s *slots[T]) size() place {
	var t T
	return max(place(unsafe.Sizeof(t)), 1)
}

func (s *slots[T]) echoed() bool { return s.size() <= echoedMax }

// geometry returns where the items of a ring lie, and how many bytes they take.
func geometry[T any](capacity uint64) (slots[T], uint64) {
	var s slots[T]
	if !s.echoed() {
		s.per, s.blocks = capacity, 1
		return s, capacity * uint64(s.size())
	}
	s.per = echoedMax / uint64(s.size())
	s.blocks = (capacity + s.per - 1) / s.per
	return s, s.blocks * layout.CacheLine
}

// over sets the geometry onto memory: bytes are those of the slots alone.
func (s *slots[T]) over(bytes []byte) { s.base = unsafe.Pointer(unsafe.SliceData(bytes)) }

// at returns the place of a position.
func (s *slots[T]) at(pos uint64) place {
	pos %= s.per * s.blocks // there is memory for the capacity rounded up to whole blocks
	if !s.echoed() {
		return place(pos) * s.size()
	}
	return place(pos/s.per)*layout.CacheLine + echoSize + place(pos%s.per)*s.size()
}

// settle returns how many items lie side by side from p to the end of p's block, and p itself, moved to the next block if it
// was at an end.
func (s *slots[T]) settle(p place) (place, uint64) {
	if !s.echoed() {
		if p == place(s.per)*s.size() {
			p = 0
		}
		return p, s.per - uint64(p/s.size())
	}
	per := echoedMax / s.size()
	block := (p - 1) &^ (layout.CacheLine - 1) // no item begins a block, and the end of a block may be the begin of the next
	done := (p - block - echoSize) / s.size()
	if done < per {
		return p, uint64(per - done)
	}
	if block += layout.CacheLine; block == place(s.blocks)*layout.CacheLine {
		block = 0
	}
	return block + echoSize, uint64(per)
}

func (s *slots[T]) item(p place) *T { return (*T)(unsafe.Add(s.base, p)) }

// run returns n items from p on that lie side by side.
func (s *slots[T]) run(p place, n uint64) []T { return unsafe.Slice(s.item(p), n) }

// echo is the echo of the block where p is.
func (s *slots[T]) echo(p place) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Add(s.base, p&^(layout.CacheLine-1)))
}
