package sched

import (
	"unsafe"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
)

// traceEntry is when and by whom a block of a traced loop was run. The worker writes it before the ledger says that the
// block is done, so that it is whole whenever the ledger says so.
type traceEntry struct {
	begin, end int64 // clock
	worker     uint32
	_          uint32
}

const traceEntrySize = int(unsafe.Sizeof(traceEntry{}))

// newTrace makes room for the entries of a loop in the pool's arena.
func newTrace(a *arena.Arena, blocks int) (*arena.Array[uint8], blob, error) {
	x, err := arena.New[uint8](a, blocks*traceEntrySize)
	if err != nil {
		return nil, blob{}, err
	}
	h := x.Handle()
	return x, blob{offset: h.Offset, gen: h.Gen, length: uint32(x.Len())}, nil
}

// traceEntries returns the entries that lie in some bytes, none when a loop is not traced.
func traceEntries(raw []byte) []traceEntry {
	return layout.Slice[traceEntry](raw, 0, len(raw)/traceEntrySize)
}
