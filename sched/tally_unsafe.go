package sched

import (
	"sync/atomic"
	"unsafe"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/layout"
)

// tallyHeader describes a pool to whoever looks at its control block. The parent writes it before the magic.
type tallyHeader struct {
	started int64 // clock
	arena   text64
	places  atomic.Uint32 // how many places for workers have been in use
	_       [layout.Line - 76]byte
}

// tally is what the workers of one place have done since the pool was started. Who writes what:
//
//	word              writer                     meaning
//	calls             its worker                 [done:47 | slot+1:17] calls finished; the one that is running
//	callRun, loopRun  its worker                 nanoseconds in bodies, and between the blocks of a loop
//	callWait          its worker                 nanoseconds that its calls had been queued
//	loopWait, joins   its worker                 nanoseconds from the invitation to a loop until it came; how often
//	since             its worker                 clock at which it became busy, 0 while it is not
//	blocks            parent                     blocks of loops that are over; those of running ones are in the cells
//	restarts          parent                     how often a dead worker was replaced
//
// After a death, bury puts calls and since right. Nobody else adds, so that a plain store does.
type tally struct {
	calls    atomic.Uint64
	callRun  atomic.Uint64
	callWait atomic.Uint64
	loopRun  atomic.Uint64
	loopWait atomic.Uint64
	joins    atomic.Uint64
	since    atomic.Uint64
	_        [layout.Line - 56]byte

	blocks   atomic.Uint64
	restarts atomic.Uint64
	_        [layout.Line - 16]byte
}

// loopLabel is what others than the workers want to know of a loop that runs. The parent writes it.
type loopLabel struct {
	begun atomic.Int64 // clock, 0 when no loop runs in this slot
	dealt atomic.Int64 // clock of the last round
	name  text64
	_     [layout.Line - 80]byte
}

// text64 is a short text in shared memory.
type text64 struct {
	length uint32
	bytes  [60]byte
}

func (t *text64) set(s string) { t.length = uint32(copy(t.bytes[:], s)) }

func (t *text64) get() string { return string(t.bytes[:min(int(t.length), len(t.bytes))]) }

var (
	_ = [1]struct{}{}[unsafe.Sizeof(tallyHeader{})-layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(tally{})-2*layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(loopLabel{})-layout.Line]
)

// sectionTally lays the figures' part of the control block at an offset and returns the one behind it.
func (c *control) sectionTally(mem []byte, at, workers int) int {
	header, at := section[tallyHeader](mem, at, 1)
	if mem != nil {
		c.about = &header[0]
	}
	c.tallies, at = section[tally](mem, at, workers)
	c.labels, at = section[loopLabel](mem, at, loopsMax)
	return at
}

// add adds to a word that nobody else writes.
func add(word *atomic.Uint64, n uint64) { asm.StoreRelease64(word, word.Load()+n) }

// Counts that a death must not falsify are packed with what is in the making: [done | item+1].
const (
	callBits  = 17 // of tally.calls: slot+1
	blockBits = 32 // of cell.count: block+1
)

// callBegun notes that the worker begins the call in a slot; callDone that its result is published. Killed in between, it has
// finished the call exactly when the slot is not claimed by it any more.
func (t *tally) callBegun(slot uint32) {
	asm.StoreRelease64(&t.calls, t.calls.Load()&^(1<<callBits-1)|uint64(slot+1))
}

func (t *tally) callDone() {
	asm.StoreRelease64(&t.calls, (t.calls.Load()>>callBits+1)<<callBits)
}

// callsDone is how many calls the workers of a place have finished; tag is the one that is there, or was the last.
func (c *control) callsDone(index int, tag uint32) uint64 {
	v := c.tallies[index].calls.Load()
	n, slot := v>>callBits, int(v&(1<<callBits-1))-1
	if slot < 0 || slot >= len(c.calls) {
		return n
	}
	if _, holder, state := unpackTask(c.calls[slot].state.Load()); holder != tag || state == taskDone { // it keeps the tag, too, of a call whose time is over
		n++
	}
	return n
}

// blocksDone is how many blocks of the loop the workers of this place have finished.
func (c *cell) blocksDone() uint64 { return c.count.Load() >> blockBits }

// counting notes that so many blocks are done, and which is at work: the only thing that figures cost for each block.
func (c *cell) counting(done uint64, at uint32) {
	asm.StoreRelease64(&c.count, done<<blockBits|uint64(at)+1)
}

// settleBlocks counts the block that a dead worker had finished without counting it: the ledger tells.
func (c *cell) settleBlocks(ledger []atomic.Uint32) {
	v := c.count.Load()
	n := v >> blockBits
	if at := int(uint32(v)) - 1; at >= 0 && at < len(ledger) && ledger[at].Load() == blockDone {
		n++
	}
	c.count.Store(n << blockBits)
}
