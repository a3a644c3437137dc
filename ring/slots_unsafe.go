package ring

import (
	"sync/atomic"
	"unsafe"

	"github.com/shmath/shmath/internal/layout"
)

const (
	echoSize  = 8
	echoedMax = layout.CacheLine - echoSize // items up to this size lie behind an echo
)

// slots is the memory of the items of an SPSC ring. Small items share each cache line with an echo: the position behind
// the last item published in that line. A consumer that looks at the echo gets flag and payload in one transfer. Larger
// items lie densely and need no echo: their own transfer dominates.
type slots[T any] struct {
	base   unsafe.Pointer
	size   uintptr // from one item to the next
	first  uintptr // from a block's begin to its first item: echoSize or 0
	block  uintptr // from one block to the next
	blocks uintptr
	per    uint64 // items in a block
	echoed bool
}

// cursor is one side's place in the slots.
type cursor struct {
	block uintptr // offset of the block
	item  uintptr // offset of the item
	left  uint64  // items left in the block, this one included
}

func (s *slots[T]) itemSize() int {
	var t T
	return int(unsafe.Sizeof(t))
}

// geometry returns where the items of a ring lie, and how many bytes they take.
func geometry[T any](capacity uint64, size int) (slots[T], uint64) {
	s := slots[T]{size: uintptr(max(size, 1))}
	if s.size > echoedMax {
		s.per, s.block, s.blocks = capacity, uintptr(capacity)*s.size, 1
		return s, uint64(s.block)
	}
	s.echoed, s.first, s.block = true, echoSize, layout.CacheLine
	s.per = uint64(echoedMax / s.size)
	s.blocks = uintptr((capacity + s.per - 1) / s.per)
	return s, uint64(s.blocks * s.block)
}

// over sets the geometry onto memory: bytes are those of the slots alone.
func (s *slots[T]) over(bytes []byte) { s.base = unsafe.Pointer(unsafe.SliceData(bytes)) }

// total is how many items there is memory for: the capacity rounded up to whole blocks.
func (s *slots[T]) total() uint64 { return s.per * uint64(s.blocks) }

// at returns the cursor of a position.
func (s *slots[T]) at(pos uint64) cursor {
	pos %= s.total()
	block, item := uintptr(pos/s.per)*s.block, uintptr(pos%s.per)
	return cursor{block, block + s.first + item*s.size, s.per - uint64(item)}
}

func (s *slots[T]) item(c *cursor) *T { return (*T)(unsafe.Add(s.base, c.item)) }

// run returns the items from c on that lie side by side, n at most.
func (s *slots[T]) run(c *cursor, n uint64) []T { return unsafe.Slice(s.item(c), min(n, c.left)) }

func (s *slots[T]) echo(c *cursor) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Add(s.base, c.block))
}

// step moves c by n items, n at most c.left.
func (s *slots[T]) step(c *cursor, n uint64) {
	c.item += uintptr(n) * s.size
	c.left -= n
	if c.left == 0 {
		c.block += s.block
		if c.block == s.block*s.blocks {
			c.block = 0
		}
		c.item, c.left = c.block+s.first, s.per
	}
}
