package sched

import (
	"log/slog"
	"sync/atomic"
	"unsafe"

	"github.com/shmath/shmath/internal/layout"
)

// journalHeader is what all workers of a pool know about logging.
type journalHeader struct {
	level   atomic.Int64  // parent: records below it are not made
	entries atomic.Uint32 // workers: raised after each record, so that the parent knows that there are some
	_       [layout.Line - 12]byte
}

// journalSlot says where the records of the workers of one place lie: in a ring of the pool's arena, which the first of
// them that has something to log makes and its replacements go on with.
//
//	word         writer   published by  meaning
//	offset, gen  worker   ready         handle of the array that holds the ring
//	dropped      worker   itself        records that found no room: never falls
type journalSlot struct {
	ready   atomic.Uint32
	_       uint32
	offset  uint64
	gen     uint64
	dropped atomic.Uint64
	_       [layout.Line - 32]byte
}

var (
	_ = [1]struct{}{}[unsafe.Sizeof(journalHeader{})-layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(journalSlot{})-layout.Line]
)

// sectionJournal lays the journal's part of the control block at an offset and returns the one behind it.
func (c *control) sectionJournal(mem []byte, at, workers int) int {
	header, at := section[journalHeader](mem, at, 1)
	if mem != nil {
		c.journal = &header[0]
	}
	c.journals, at = section[journalSlot](mem, at, workers)
	return at
}

// logs reports whether a record of that level is wanted.
func (h *journalHeader) logs(l slog.Level) bool { return int64(l) >= h.level.Load() }
