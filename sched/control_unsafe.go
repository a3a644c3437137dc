package sched

import (
	"sync/atomic"
	"unsafe"

	"github.com/shmath/shmath/internal/layout"
)

// The control block is the memory through which a pool and its workers talk. Who writes what:
//
//	word             writer             published by   meaning
//	shape .. program parent             magic          fixed for the life of the pool
//	news             parent             itself         raised whenever there is something for workers to look at; they sleep on it
//	sleepers         workers, parent    itself         how many may be asleep on news: never too few; corrected after a death
//	bell             workers, reaper    itself         raised whenever there is something for the parent to look at
//	parentAsleep     parent             itself         the parent's monitor may be asleep on bell
//	stop             parent             itself         workers leave
//	open             parent             itself         bit j: loop slot j is in use
//	tail             parent             itself         ends of the queues of task slots, one for each priority
//	looks            its worker, parent itself         1: this worker is looking for news; put right by a burial
//	head             workers            itself         hints: every entry before them has been taken
//	workerSlot       its worker, parent state          see there
//	loopSlot         parent             cell.part      see there
//	cell             its worker, thieves               range word: owner takes from the front, thieves from the back
//	taskSlot         parent, taker      state          see there
//	segmentSlot      parent             generation     which file holds the arrays that are passed
//	journalSlot      its worker         ready          where its log records lie; see journalslot_unsafe.go
const (
	controlMagic   = 0x31646568_636d6873 // "shmched1"
	controlVersion = 5

	loopsMax       = 64  // loops that run at the same time in one pool: the bits of open
	segmentsMax    = 256 // mapped files whose arrays are passed to workers
	inlineMax      = 192 // bytes of arguments or result that travel inside a slot
	messageMax     = 512 // bytes of a worker's last words before it is ready
	cellMessageMax = 72  // bytes of an error that a worker keeps when the arena is full
)

type controlHeader struct {
	magic     atomic.Uint64
	version   uint32
	workers   uint32
	tasks     uint32
	spin      uint32 // PAUSE bursts before a worker sleeps
	build     uint64 // identity of the executable
	functions uint64 // hash of the table of registered functions
	parentTag atomic.Uint32
	parentPID uint32
	lookers   uint32 // how many workers may spin at a time
	tasksMax  uint32 // these three are Options.Recycle; 0 is no limit
	ageMax    int64
	memoryMax uint64
	seed      uint64
	states    uint64 // bit i: state number i is opened before a worker is ready
	stateArgs blob   // the arguments of states that have some
	_         [layout.Line - 112]byte

	news         atomic.Uint32
	stop         atomic.Uint32
	open         atomic.Uint64
	tail         [classes]atomic.Uint64
	newest       [classes]atomic.Uint64 // the entry before tail, or an older one: see worker.takeNewest
	_            [layout.Line - 16 - 16*classes]byte
	sleepers     atomic.Int32
	_            [layout.Line - 4]byte
	bell         atomic.Uint32
	_            [layout.Line - 4]byte
	parentAsleep atomic.Uint32
	_            [layout.Line - 4]byte
	head         [classes]atomic.Uint64
	_            [layout.Line - 8*classes]byte
}

// States of a worker slot.
const (
	workerEmpty    uint32 = iota // nobody
	workerStarting               // the parent has started a process
	workerReady                  // the worker takes work
	workerRefused                // the worker could not start; message says why
)

// workerSlot is what parent and worker know of each other.
type workerSlot struct {
	state   atomic.Uint32
	tag     atomic.Uint32 // the worker's tag in the control segment
	pid     atomic.Uint32
	cpu     int32 // where it was told to live, or -1
	message [messageMax]byte
	length  uint32
	asleep  atomic.Uint32 // counted in sleepers
	_       uint32
	steps   atomic.Uint32 // blocks and calls begun, in a pool with planned faults
	retire  atomic.Uint32 // 1: the parent wants the worker to leave
	where   where         // of its CPU; written by the parent before it starts the worker
	_       [82]byte

	sleeps atomic.Uint64 // how often it has slept
	_      [layout.Line - 8]byte
}

// blob is a run of bytes: inline in its slot when short, else an array of the pool's arena.
type blob struct {
	offset uint64 // of the arena handle
	gen    uint64
	length uint32
	inline uint32 // 1: the bytes are in the slot
}

// loopSlot is one loop that runs. The parent fills it before it invites anybody.
type loopSlot struct {
	seq    atomic.Uint64
	fn     uint32
	_      uint32
	n      uint64 // indices
	block  uint64 // indices per block
	blocks uint32
	_      uint32
	ledger blob // one uint32 per block
	args   blob
	inline [inlineMax]byte
	undo   blob // copies of blocks before they run, and of how many arrays; see undo.go

	undoArrays uint32
	adaptive   uint32 // 1: workers take as many blocks at a time as they choose; see pace
	_          [2*layout.Line + 64 - 312]byte

	halt   atomic.Uint32 // workers stop at their next block
	notify atomic.Uint32 // somebody sleeps until the workers are through
	trace  blob          // one traceEntry per block, or nothing
	_      [layout.Line - 32 - 64]byte
}

// Values of cell.part below its round number.
const (
	partNone    uint32 = iota // not asked
	partInvited               // asked to take part
	partWorking               // inside: may hold a block
	partDone                  // has left, will not come back in this round
	partDoomed                // inside, and about to be killed: it may not leave
	partVacant                // who was inside has died; the replacement may come in, but is not waited for

	partBits  = 3
	partState = 1<<partBits - 1
)

// inside reports whether a part is that of a worker that may still write for the loop.
func inside(part uint32) bool { return part&partState == partWorking || part&partState == partDoomed }

// joinable reports whether a worker may come in.
func joinable(part uint32) bool { return part&partState == partInvited || part&partState == partVacant }

// cell is one worker's place in one loop.
type cell struct {
	span     atomic.Uint64 // [lo:32|hi:32] blocks that are left of its share
	part     atomic.Uint32
	_        uint32
	failure  blob          // the error with which it stopped
	failed   atomic.Uint32 // 1: failure is valid
	failedAt uint32        // block
	short    [cellMessageMax]byte
	count    atomic.Uint64 // [done:32|block+1:32] blocks finished in this loop; the one at work, or 0. See settleBlocks
}

// Ledger words. Any other value is the tag of the worker that has the block.
const (
	blockUntouched = 0
	blockDone      = ^uint32(0)
)

// States of a task slot: the low bits of its state word [seq:32|tag:30|state:2].
const (
	taskFree uint64 = iota
	taskQueued
	taskClaimed
	taskDone

	taskState = 3
)

// taskSlot is one call of a function. What the parent writes and what the worker writes lie in lines of their own, each with
// room for a plain value beside its words, so that a call of such moves one line there and one back. The parent looks at
// finished, not at state, while it waits: the worker then has the line of state to itself.
type taskSlot struct {
	state  atomic.Uint64
	fn     uint32
	notify atomic.Uint32 // somebody sleeps until it is done
	cancel atomic.Uint32 // see taskContext
	traced uint32        // 1: ended is wanted
	args   blob
	queued int64 // clock of the call
	in     [inlineMax]byte
	_      [8]byte

	finished atomic.Uint32 // seq, after state has become done
	status   uint32        // of the result
	began    atomic.Uint64 // clock when the worker took it; 0 until then
	ended    int64         // clock at which the call ended, if it is traced
	result   blob
	out      [inlineMax]byte
	_        [16]byte
}

// segmentSlot tells workers which open file of the parent holds some arrays.
type segmentSlot struct {
	generation atomic.Uint32 // odd while it is being written
	readOnly   uint32
	fd         int32
	_          uint32
	size       uint64
	device     uint64
	inode      uint64
	_          [24]byte
}

var (
	_ = [1]struct{}{}[unsafe.Sizeof(controlHeader{})-6*layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(workerSlot{})-6*layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(undoRows{})-undoRowsSize]
	_ = [1]struct{}{}[unsafe.Sizeof(loopSlot{})-3*layout.Line]
	_ = [1]struct{}{}[unsafe.Offsetof(loopSlot{}.halt)-(2*layout.Line+64)]
	_ = [1]struct{}{}[unsafe.Sizeof(cell{})-layout.Line]
	_ = [1]struct{}{}[unsafe.Sizeof(taskSlot{})-4*layout.Line]
	_ = [1]struct{}{}[unsafe.Offsetof(taskSlot{}.in)-(layout.CacheLine-8)]
	_ = [1]struct{}{}[unsafe.Offsetof(taskSlot{}.finished)-2*layout.Line]
	_ = [1]struct{}{}[unsafe.Offsetof(taskSlot{}.out)-(2*layout.Line+layout.CacheLine-16)]
	_ = [1]struct{}{}[unsafe.Sizeof(segmentSlot{})-64]
)

// control is this process's view of a control block.
type control struct {
	*controlHeader
	crew      []workerSlot
	looks     []atomic.Uint32 // one per worker, side by side: who publishes a call reads all of them
	loops     []loopSlot
	cells     []cell // loopsMax rows of one cell per worker
	calls     []taskSlot
	queues    []atomic.Uint64 // one for each priority: entries [slot:32|seq:32], twice as many as slots
	completed []atomic.Uint64 // bit s: task slot s is done and somebody sleeps on it
	segments  []segmentSlot
	journal   *journalHeader
	journals  []journalSlot
	about     *tallyHeader
	tallies   []tally
	labels    []loopLabel // one per loop slot
}

// controlSize returns the bytes of a control block for that many workers and task slots (a multiple of 64).
func controlSize(workers, tasks int) int {
	_, size := viewControl(nil, workers, tasks)
	return size
}

// viewControl lays the sections one behind the other; with nil memory it only measures.
func viewControl(mem []byte, workers, tasks int) (*control, int) {
	c, at := &control{}, 0
	if mem != nil {
		c.controlHeader = layout.View[controlHeader](mem, 0)
	}
	at = int(unsafe.Sizeof(controlHeader{}))
	c.crew, at = section[workerSlot](mem, at, workers)
	c.looks, at = section[atomic.Uint32](mem, at, workers)
	c.loops, at = section[loopSlot](mem, at, loopsMax)
	c.cells, at = section[cell](mem, at, loopsMax*workers)
	c.calls, at = section[taskSlot](mem, at, tasks)
	c.queues, at = section[atomic.Uint64](mem, at, classes*2*tasks)
	c.completed, at = section[atomic.Uint64](mem, at, tasks/64)
	c.segments, at = section[segmentSlot](mem, at, segmentsMax)
	at = c.sectionJournal(mem, at, workers)
	at = c.sectionTally(mem, at, workers)
	return c, at
}

func section[T any](mem []byte, at, n int) ([]T, int) {
	var t T
	next := layout.RoundUp(at+n*int(unsafe.Sizeof(t)), layout.Line)
	if mem == nil {
		return nil, next
	}
	return layout.Slice[T](mem, at, n), next
}

// cellsOf returns the cells of loop slot j, one per worker.
func (c *control) cellsOf(j int) []cell {
	n := int(c.workers)
	return c.cells[j*n : (j+1)*n]
}

// queue returns the queue of a class of priority.
func (c *control) queue(class int) []atomic.Uint64 {
	n := len(c.queues) / classes
	return c.queues[class*n : (class+1)*n]
}

// publish tells all workers that there is something to look at, and wakes those that sleep.
func (c *control) publish() {
	c.news.Add(1) // SYNC(sched.news): publishes what was written before; pairs with worker.run.
	if c.sleepers.Load() > 0 {
		wake(&c.news, everybody)
	}
}

// publishCall is publish for something that one worker can do. While a worker is looking nobody needs to be woken, which
// costs as much as many calls: whoever takes a call and sees more behind it wakes the next (see worker.take).
func (c *control) publishCall() {
	c.news.Add(1) // SYNC(sched.news): as publish.
	if c.looking(1) == 0 {
		c.wakeOne()
	}
}

// looking counts workers that look for news, up to most.
func (c *control) looking(most int) (n int) {
	for i := range c.looks {
		if c.looks[i].Load() != 0 {
			if n++; n == most {
				break
			}
		}
	}
	return n
}

func (c *control) wakeOne() {
	if c.sleepers.Load() > 0 {
		wake(&c.news, 1)
	}
}

// ring tells the parent that there is something to look at.
func (c *control) ring() {
	c.bell.Add(1) // SYNC(sched.bell): publishes what was written before; pairs with monitor.run.
	if c.parentAsleep.Load() != 0 {
		wake(&c.bell, everybody)
	}
}

func packTask(seq uint32, tag uint32, state uint64) uint64 {
	return uint64(seq)<<32 | uint64(tag)<<2 | state
}

func unpackTask(w uint64) (seq, tag uint32, state uint64) {
	return uint32(w >> 32), uint32(w) >> 2, w & 3
}

func packSpan(lo, hi uint32) uint64 { return uint64(lo)<<32 | uint64(hi) }

func unpackSpan(w uint64) (lo, hi uint32) { return uint32(w >> 32), uint32(w) }

func packEntry(slot, seq uint32) uint64 { return uint64(slot)<<32 | uint64(seq) }

func unpackEntry(w uint64) (slot, seq uint32) { return uint32(w >> 32), uint32(w) }
