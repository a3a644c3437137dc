package sched

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// worker is the side that works: a process of its own, or a goroutine of the in-process backend, over the same
// control block.
type worker struct {
	c        *control
	slot     *workerSlot
	tally    *tally
	index    int
	victims  []int // other workers, the nearest first
	tag      uint32
	arena    *arena.Arena
	segments *segmentTable // names arrays in results
	memory   memoryTable   // finds arrays in arguments
	sweep    func()        // lets go of memory that the parent closed; runs before the worker sleeps
	parent   futex.Word    // its life word; Addr is nil when there is none
	orphaned func() bool   // the parent is dead
	local    bool          // a goroutine of the parent
	tasks    []taskBody    // of the table, as far as it has been needed
	room     [64]byte      // of the result of a call, while it is short
	ended    chan struct{} // closed when run returns for good
	faults   []Fault       // planned by a test; nil for everybody else
	states   states
	tenure   tenure
	nested   int           // bodies that wait for the one that runs; see help
	routine  atomic.Uint64 // of a local worker: its goroutine
}

// run works until the pool stops. Bodies that end their goroutine are survived: see guard.
func (w *worker) run() {
	if w.local {
		w.routine.Store(goroutineID())
	}
	debug.SetPanicOnFault(true) // a file that was truncated under its mapping fails the task, not the worker
	for {
		seen := w.c.news.Load() // SYNC(sched.news): what was published before is seen; pairs with control.publish.
		if w.c.stop.Load() != 0 || w.slot.retire.Load() != 0 || w.orphaned() {
			w.leave()
			return
		}
		if !w.work() {
			w.rest(seen)
		} else if w.spent() && w.retire() {
			return
		}
	}
}

// leave is the end of a worker in order.
func (w *worker) leave() {
	defer close(w.ended)
	w.states.closeAll()
}

// retire makes room for a fresh worker, and reports whether this one is to end: a goroutine becomes the fresh one itself. The
// parent finds an idle worker dead and replaces it; calls that it was woken for are seen by others then.
func (w *worker) retire() bool {
	if w.local && w.slot.retire.Load() == 0 {
		w.states.closeAll()
		w.tenure = tenure{begun: clock()}
		return false
	}
	w.leave()
	return true
}

// work does what there is to do and reports whether there was anything.
func (w *worker) work() bool {
	did := false
	for open := w.c.open.Load(); open != 0; open &= open - 1 {
		did = w.join(lowestBit(open)) || did
	}
	for w.take() {
		did = true
		if w.c.open.Load() != 0 {
			return true // loops and calls take turns
		}
		if w.spent() {
			return true
		}
	}
	return did
}

// rest looks for news for about as long as a wake-up costs, then sleeps until there are some or the parent dies.
func (w *worker) rest(seen uint32) {
	if w.spin(seen) {
		return
	}
	w.sweep()
	w.slot.sleeps.Add(1)
	// Counted before marked, unmarked before discounted: a death in between leaves the count too high, which costs a
	// wake-up call, never too low, which would lose one.
	w.c.sleepers.Add(1)
	w.slot.asleep.Store(1)
	defer func() {
		w.slot.asleep.Store(0)
		w.c.sleepers.Add(-1)
	}()
	words := []futex.Word{{Addr: &w.c.news, Val: seen}, w.parent}
	if w.parent.Addr == nil {
		words = words[:1]
	}
	if w.c.news.Load() == seen {
		if err := futex.WaitAny(0, words...); err != nil {
			time.Sleep(time.Millisecond) // a wait that the kernel refuses must not become a spin
		}
	}
}

// spin reports whether news came.
func (w *worker) spin(seen uint32) bool {
	if most := int(w.c.lookers); w.c.looking(most) >= most {
		return false
	}
	looks := &w.c.looks[w.index]
	asm.StoreRelease32(looks, 1)
	came := false
	for range w.c.controlHeader.spin {
		if came = w.c.news.Load() != seen; came {
			break
		}
		asm.Pause(1)
	}
	// No fence: the first that follows, of a claim or of sleepers, comes before the worker's next look.
	asm.StoreRelease32(looks, 0)
	return came
}

// join takes part in the loop in slot j, if this worker was invited, until no block is left that it could take.
func (w *worker) join(j int) bool {
	cells := w.c.cellsOf(j)
	mine := &cells[w.index]
	part := mine.part.Load() // SYNC(sched.invite): the loop's slot is whole; pairs with loopControl.deal.
	if !joinable(part) || !mine.part.CompareAndSwap(part, part&^partState|partWorking) {
		return false
	}
	invariants.Point("sched.loop.join")
	l := &w.c.loops[j]
	begin := clock()
	leave := func() {
		w.rested(&w.tally.loopRun, begin)
		// SYNC(sched.part): publishes the blocks' results; pairs with loopControl.settle.
		if !mine.part.CompareAndSwap(part&^partState|partWorking, part&^partState|partDone) {
			awaitExecution() // see loopControl.doom
		}
		if l.notify.Load() != 0 {
			w.c.ring()
		}
	}
	asm.StoreRelease64(&w.tally.since, uint64(begin))
	add(&w.tally.loopWait, uint64(max(begin-w.c.labels[j].dealt.Load(), 0)))
	add(&w.tally.joins, 1)
	if failure, at := w.blocks(l, cells, leave); failure != nil {
		w.report(l, mine, failure, at)
	}
	w.tenure.tasks++
	leave()
	return true
}

// blocks runs blocks until there are none left, the loop is halted, or one fails.
func (w *worker) blocks(l *loopSlot, cells []cell, leave func()) (*wireError, uint32) {
	ledger, body, err := w.bind(l)
	var undo *undo
	if err == nil {
		undo, err = openUndo(w, l)
	}
	if err != nil {
		return &wireError{Type: fmt.Sprintf("%T", err), Message: err.Error()}, 0
	}
	mine := &cells[w.index]
	r := &blockRun{
		w: w, l: l, cells: cells, mine: mine, ledger: ledger, undo: undo, body: body,
		done:  mine.blocksDone(), // in earlier rounds, or by a worker that had this place before
		chunk: Chunk{Worker: w.index, blocks: 1, slot: l, worker: w, ctx: &taskContext{worker: w, cancel: &l.halt, shared: true}},
	}
	defer r.chunk.ctx.end()
	run := r.single
	if l.adaptive != 0 {
		run = r.adaptive
	}
	failure := guard(run, func(e *wireError) {
		r.settle()
		w.report(l, mine, e, r.at)
		leave()
		w.carryOn()
	})
	r.settle()
	return failure, r.at
}

// blockRun is one worker's way through the blocks of a loop.
type blockRun struct {
	w      *worker
	l      *loopSlot
	cells  []cell
	mine   *cell
	ledger []atomic.Uint32
	undo   *undo
	body   func(c *Chunk) error
	chunk  Chunk
	done   uint64
	at     uint32 // the block at work
}

// settle notes that no block is at work.
func (r *blockRun) settle() { r.mine.count.Store(r.done << blockBits) }

// single takes block by block. What it uses for each lies in variables of its own, which are faster than fields.
func (r *blockRun) single() error {
	c, l, w, ledger, mine, undo, body := &r.chunk, r.l, r.w, r.ledger, r.mine, r.undo, r.body
	for l.halt.Load() == 0 {
		at, ok := takeBlock(r.cells, w.index, w.victims)
		if !ok {
			break
		}
		invariants.Point("sched.loop.taken")
		if ledger[at].Load() != blockUntouched {
			continue // done in an earlier round
		}
		r.at = at
		asm.StoreRelease32(&ledger[at], w.tag) // nobody else has taken it
		mine.counting(r.done, at)
		c.Index, c.Lo = int(at), int(uint64(at)*l.block)
		c.Hi = int(min(uint64(c.Lo)+l.block, l.n))
		if undo != nil {
			undo.save(w.index, c.Index, c.Lo, c.Hi)
		}
		if err := body(c); err != nil {
			return err
		}
		invariants.Point("sched.loop.ran")
		asm.StoreRelease32(&ledger[at], blockDone) // SYNC(sched.block): publishes the block's results; pairs with loopControl.settle.
		r.done++
	}
	return nil
}

// rested adds the time since begin to a figure: the worker is not busy any more.
func (w *worker) rested(figure *atomic.Uint64, begin int64) (end int64) {
	end = clock()
	add(figure, uint64(end-begin))
	asm.StoreRelease64(&w.tally.since, 0)
	return end
}

func (w *worker) bind(l *loopSlot) ([]atomic.Uint32, func(c *Chunk) error, error) {
	raw, err := getBlob(w.arena, l.inline[:], l.args)
	if err != nil {
		return nil, nil, err
	}
	words, err := getBlob(w.arena, nil, l.ledger)
	if err != nil {
		return nil, nil, err
	}
	b, err := table.loop(l.fn)
	if err != nil {
		return nil, nil, err
	}
	body, err := b.bind(w, raw)
	if err != nil {
		return nil, nil, err
	}
	body, err = w.observed(l, b.name, w.withFaults(body))
	return layout.Slice[atomic.Uint32](words, 0, int(l.blocks)), body, err
}

// report leaves an error for the parent and stops the loop.
func (w *worker) report(l *loopSlot, mine *cell, e *wireError, at uint32) {
	mine.failedAt = at
	err := leaveBlob(w.arena, mine.short[:], e.bytes(), &mine.failure)
	if err != nil { // no room for all of it: the message alone, as much as fits
		short := wireError{Type: e.Type, Panic: e.Panic, Known: e.Known}
		short.Message = e.Message[:min(len(e.Message), max(0, len(mine.short)-len(short.bytes())-2))]
		if err = leaveBlob(w.arena, mine.short[:], short.bytes(), &mine.failure); err != nil {
			mine.failure = blob{inline: 1}
		}
	}
	mine.failed.Store(1)
	l.halt.Store(1)
}

// takeBlock takes the next block of the worker's own share or, when that is empty, half of what another has left.
func takeBlock(cells []cell, index int, victims []int) (uint32, bool) {
	mine := &cells[index].span
	for {
		w := mine.Load()
		lo, hi := unpackSpan(w)
		if lo < hi {
			if mine.CompareAndSwap(w, packSpan(lo+1, hi)) {
				return lo, true
			}
			continue
		}
		if !steal(cells, index, victims) {
			return 0, false
		}
	}
}

// steal moves the upper half of another worker's share, of the nearest that has one, to this one's, which is empty.
// Between the two stores the blocks are in nobody's share: if the thief dies there, the ledger still has them as
// untouched.
func steal(cells []cell, index int, victims []int) bool {
	for _, v := range victims {
		victim := &cells[v].span
		for {
			w := victim.Load()
			lo, hi := unpackSpan(w)
			if lo >= hi {
				break
			}
			mid := lo + (hi-lo)/2
			if victim.CompareAndSwap(w, packSpan(lo, mid)) {
				invariants.Point("sched.loop.stolen")
				cells[index].span.Store(packSpan(mid, hi))
				return true
			}
		}
	}
	return false
}
