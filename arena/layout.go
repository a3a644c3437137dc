package arena

import (
	"sync/atomic"

	"github.com/shmath/shmath/internal/layout"
)

// The words of the memory: who writes what.
//
//	word            writer             readers        published by       invariant
//	magic           creator            all            itself, last       0 until the header is whole
//	version..first  creator            all            magic              never change
//	lock            all                all            itself             0, or the tag of the one who changes things
//	gen             lock holder        lock holder    lock               never decreases, raised before it is used
//	fresh           lock holder        lock holder    lock               bytes above are zero, never used
//	reserved        lock holder        lock holder    lock               bytes below are backed
//	counters        lock holder        lock holder    lock               derived, rebuilt by repair
//	lists           lock holder        lock holder    lock               derived, rebuilt by repair
//	block.state     lock holder, or    all            itself             THE TRUTH: the blocks tile [first, capacity)
//	                the maker, while
//	                it is kindMaking
//	block.left,     lock holder        lock holder    lock               derived, rebuilt by repair
//	 next, prev
//	block.gen ..    lock holder        all            block.state        fixed while the block is used
//	 slot
//	block.flags     lock holder        lock holder    lock               bits are only set while the block is used
//	slot.word       lock holder        all            itself             0, a tombstone, or a block
//	slot.name       lock holder        all            slot.word          fixed while slot.word holds a block

const (
	magic         = 0x414e4552414d4853 // "SHMARENA"
	layoutVersion = 1

	granule      = layout.CacheLine // every block is a multiple of it
	headerSize   = 6144
	blockHeader  = 64
	slotSize     = 64
	nameMax      = 55
	splitMin     = 256 // a remainder smaller than this stays with the block that it was cut from
	sizeMax      = 1 << 47
	reserveStep  = 2 << 20 // memory is reserved in steps that double from the first to this
	reserveFirst = 64 << 10

	levels  = 40 // first-level classes: powers of two of granules
	splits  = 16 // second-level classes in each
	linear  = 4  // log2(splits)
	listEnd = 0  // no block lies at offset 0
)

// header lies at offset 0 of the memory.
type header struct {
	magic    atomic.Uint64
	version  uint32
	names    uint32 // slots in the catalogue
	capacity uint64 // bytes that the arena uses, the header included
	first    uint64 // offset of the first block
	_        [96]byte

	lock atomic.Uint32 // see lock.go
	_    [124]byte

	gen      uint64 // the last generation given out
	fresh    uint64 // bytes at and above were zero at Create and have not been used since
	reserved uint64 // bytes below have been announced to Options.Reserve
	mallocs  uint64
	frees    uint64
	used     uint64 // bytes in blocks that are not free
	live     uint64 // blocks that are not free
	named    uint64 // live slots
	_        [64]byte

	first2 uint64         // bit f: class f of the first level has a non-empty list
	second [levels]uint16 // bit s: list f*splits+s is not empty
	_      [40]byte
	lists  [levels * splits]uint64
	_      [512]byte
}

// block heads each block.
type block struct {
	state atomic.Uint64 // marker | size | kind
	left  uint64        // offset of the left neighbour, 0 for the first block
	next  uint64        // free list
	prev  uint64
	gen   atomic.Uint64
	owner atomic.Uint32 // who allocated it
	flags atomic.Uint32
	bytes uint64 // of the elements
	npy   uint32 // bytes of the .npy header that follows
	slot  uint32 // number of the catalogue slot that names it, plus one
}

// slot is one entry of the catalogue.
type slot struct {
	word   atomic.Uint64 // 0, slotGone, or the block's offset with slotLive
	length uint8
	name   [nameMax]byte
}

const (
	slotLive = 1
	slotGone = 2
)

const (
	flagShared = 1 << iota // a handle or descriptor has been taken: others may know it
	flagNamed
)

// A state word packs everything that one store must change at once.
type stateWord uint64

const (
	marker     = 0xa7ea << 48
	markerMask = 0xffff << 48
	kindMask   = granule - 1

	kindFree   = 1
	kindUsed   = 2
	kindMaking = 3 // allocated, being cleared: freed again when its owner is dead
	kindEnding = 4 // being freed: whoever repairs completes it
)

func stateOf(size, kind uint64) uint64 { return marker | size | kind }

func (w stateWord) size() uint64 { return uint64(w) &^ (markerMask | kindMask) }
func (w stateWord) kind() uint64 { return uint64(w) & kindMask }
func (w stateWord) valid() bool {
	return uint64(w)&markerMask == marker && w.kind() >= kindFree && w.kind() <= kindEnding && w.size() >= blockHeader
}
