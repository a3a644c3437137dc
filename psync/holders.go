package psync

import (
	"math"
	"sync/atomic"

	"github.com/shmath/shmath/internal/invariants"
)

// holders is a table of who holds how much, one 64-bit entry per process, changed by one CAS: at every instruction
// the table says the truth, so a death leaves nothing to undo.
//
//	bits   meaning
//	0-31   tag of the process, 0 in an entry never used
//	32-63  how much it holds
//
// An entry belongs to the process it names while that lives and its count is not zero.
type holders []atomic.Uint64

const holdMax = math.MaxInt32

func entry(tag uint32, count int) uint64 { return uint64(tag) | uint64(count)<<32 }

func splitEntry(e uint64) (tag uint32, count int) { return uint32(e), int(e >> 32) }

// held is the sum of all counts, those of the dead included.
func (h holders) held() (sum int) {
	for i := range h {
		_, n := splitEntry(h[i].Load()) // SYNC(holders)
		sum += n
	}
	return sum
}

// add gives n more to tag, in its own entry or in one whose process holds nothing. It is false when there is none.
func (h holders) add(tag uint32, n int) bool {
	for {
		at, was := h.place(tag)
		if at < 0 {
			return false
		}
		_, count := splitEntry(was)
		if count > holdMax-n {
			return false
		}
		if h[at].CompareAndSwap(was, entry(tag, count+n)) { // SYNC(holders)
			invariants.Point("holders.added")
			return true
		}
	}
}

// place finds tag's own entry, else one that is free.
func (h holders) place(tag uint32) (at int, was uint64) {
	at = -1
	for i := range h {
		e := h[i].Load()
		switch t, n := splitEntry(e); {
		case t == tag:
			return i, e
		case n == 0 && at < 0:
			at, was = i, e
		}
	}
	return at, was
}

// sub takes n from tag; it is false, and changes nothing, when no entry of tag has that much.
func (h holders) sub(tag uint32, n int) bool {
	for i := range h {
		for {
			e := h[i].Load()
			t, count := splitEntry(e)
			if t != tag || count < n {
				break
			}
			if h[i].CompareAndSwap(e, entry(tag, count-n)) { // SYNC(holders)
				invariants.Point("holders.subtracted")
				return true
			}
		}
	}
	return false
}

// bury empties the entries of the dead and returns how much they held.
func (h holders) bury(alive func(tag uint32) bool) (freed int) {
	for i := range h {
		e := h[i].Load()
		tag, n := splitEntry(e)
		if n > 0 && !alive(tag) && h[i].CompareAndSwap(e, 0) { // SYNC(holders)
			freed += n
			invariants.Point("holders.buried")
		}
	}
	return freed
}

// scan returns who holds something, the sum of what they hold, and whether there is an entry that tag could use, all from
// one look at each entry: whoever stands in the way is named, so that a waiter watches the lives of all who do.
func (h holders) scan(tag uint32) (tags []uint32, sum int, room bool) {
	for i := range h {
		t, n := splitEntry(h[i].Load()) // SYNC(holders)
		if n > 0 {
			tags, sum = append(tags, t), sum+n
		}
		room = room || n == 0 || t == tag
	}
	return tags, sum, room
}
