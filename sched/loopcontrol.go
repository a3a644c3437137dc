package sched

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/spawn"
)

// loopTable is the parent's side of all loops that run.
type loopTable struct {
	p       *Pool
	free    chan int // loop slots
	seq     atomic.Uint64
	mu      sync.Mutex
	running map[int]*loopControl
}

func (t *loopTable) init(p *Pool) {
	t.p, t.free, t.running = p, make(chan int, loopsMax), make(map[int]*loopControl)
	for j := range loopsMax {
		t.free <- j
	}
}

// loopRun is one run of a loop as its caller asked for it.
type loopRun struct {
	name  string
	index uint32
	n     int
	args  []byte
	opts  LoopOptions

	adaptive bool             // opts.Block is the least that a worker takes at a time
	arrays   []arena.AnyArray // those in args
}

// loopControl is the parent's side of one run. Its fields belong to the goroutine that called Run; mourn and wakeAll
// touch only cells, deaths and wake.
type loopControl struct {
	p      *Pool
	run    loopRun
	j      int
	slot   *loopSlot
	cells  []cell
	memory *arena.Array[uint8]
	spans  *arena.Array[uint8] // nil without a trace
	ledger []atomic.Uint32
	args   blob
	copies *arena.Array[uint8]
	undo   *undo // of Snapshot loops, over copies
	round  uint32
	kills  map[int]int
	wake   chan struct{}
	watch  blockWatch // of loops with a Timeout

	mu     sync.Mutex
	deaths map[uint32]death // by tag
}

// runLoop publishes a loop, waits for it and cleans up behind it.
func (p *Pool) runLoop(ctx context.Context, run loopRun) error {
	blocks := (run.n + run.opts.Block - 1) / run.opts.Block
	switch {
	case blocks >= math.MaxUint32:
		return fmt.Errorf("sched: loop %s has %d blocks of %d, at most %d; choose larger blocks", run.name, blocks, run.opts.Block, math.MaxUint32-1)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.users.Done()
	if blocks == 0 {
		return nil
	}
	j, err := p.loops.slot(ctx)
	if err != nil {
		return err
	}
	defer func() { p.loops.free <- j }()
	lc, err := p.loops.prepare(j, run, blocks)
	if err != nil {
		return fmt.Errorf("loop %s: %w", run.name, err)
	}
	defer lc.clear()
	p.relay.tellLevel()
	lc.deal([]Range{{0, blocks}})
	return lc.wait(ctx)
}

// prepare fills the loop's slot. Nobody is invited yet, so nobody reads it.
func (t *loopTable) prepare(j int, run loopRun, blocks int) (*loopControl, error) {
	lc := &loopControl{
		p: t.p, run: run, j: j, slot: &t.p.c.loops[j], cells: t.p.c.cellsOf(j), round: lcRound(t.p.c.cellsOf(j)),
		kills: make(map[int]int), wake: make(chan struct{}, 1), deaths: make(map[uint32]death),
	}
	var err error
	if lc.memory, err = arena.New[uint8](t.p.arena, 4*blocks); err != nil {
		return nil, err
	}
	lc.ledger = layout.Slice[atomic.Uint32](lc.memory.Slice(), 0, blocks)
	l := lc.slot
	if lc.args, err = putBlob(t.p.arena, l.inline[:], run.args); err != nil {
		lc.memory.Free()
		return nil, err
	}
	l.undo, l.undoArrays = blob{}, 0
	if run.opts.Snapshot {
		lc.copies, lc.undo, err = makeUndo(t.p, run.arrays, run.n, run.opts.Block, len(lc.cells))
		if err != nil {
			lc.memory.Free()
			dropBlob(t.p.arena, lc.args)
			return nil, err
		}
		h := lc.copies.Handle()
		l.undo = blob{offset: h.Offset, gen: h.Gen, length: uint32(lc.copies.Len())}
		l.undoArrays = uint32(len(lc.undo.rows))
	}
	h := lc.memory.Handle()
	l.seq.Store(t.seq.Add(1))
	l.fn, l.n, l.block, l.blocks = run.index, uint64(run.n), uint64(run.opts.Block), uint32(blocks)
	l.adaptive = 0
	if run.adaptive {
		l.adaptive = 1
	}
	l.ledger, l.args = blob{offset: h.Offset, gen: h.Gen, length: uint32(4 * blocks)}, lc.args
	lc.traceLoop(blocks)
	l.halt.Store(0)
	l.notify.Store(0)
	for i := range lc.cells {
		lc.cells[i].failed.Store(0)
		lc.cells[i].failure = blob{}
		lc.cells[i].count.Store(0)
	}
	t.mu.Lock()
	t.running[j] = lc
	lc.label()
	t.mu.Unlock()
	return lc, nil
}

// lcRound continues the round numbers of the slot's last loop, so that no invitation looks like an earlier one.
func lcRound(cells []cell) uint32 {
	round := uint32(0)
	for i := range cells {
		round = max(round, cells[i].part.Load()>>partBits)
	}
	return round
}

func (lc *loopControl) clear() {
	lc.keepTrace()
	lc.p.loops.mu.Lock()
	delete(lc.p.loops.running, lc.j)
	lc.fold()
	lc.p.loops.mu.Unlock()
	lc.p.c.open.And(^(uint64(1) << lc.j))
	lc.memory.Free()
	if lc.copies != nil {
		lc.copies.Free()
	}
	dropBlob(lc.p.arena, lc.args)
}

// deal gives each worker a share of the blocks that are left, and invites all of them. Nobody is inside the loop.
func (lc *loopControl) deal(left []Range) {
	w := min(lc.p.Workers(), len(lc.cells))
	shares := make([]Range, w)
	if len(left) == 1 {
		n := left[0].Hi - left[0].Lo
		for i := range shares {
			shares[i] = Range{left[0].Lo + i*n/w, left[0].Lo + (i+1)*n/w}
		}
	} else {
		copy(shares, left) // those beyond one per worker come in the next round
	}
	lc.round = (lc.round + 1) & (math.MaxUint32 >> partBits)
	lc.p.c.labels[lc.j].dealt.Store(clock())
	for i, s := range shares {
		lc.cells[i].span.Store(packSpan(uint32(s.Lo), uint32(s.Hi)))
	}
	for i := w; i < len(lc.cells); i++ { // nobody is to live there
		lc.cells[i].span.Store(0)
		lc.cells[i].part.Store(lc.round<<partBits | partNone)
	}
	for i := range shares {
		lc.cells[i].part.Store(lc.round<<partBits | partInvited) // SYNC(sched.invite): publishes the slot; pairs with worker.join.
	}
	lc.p.c.open.Or(uint64(1) << lc.j)
	lc.p.c.publish()
}

// wait returns when the loop is over. It looks for itself while workers are likely to be about to finish, then asks to be
// woken.
func (lc *loopControl) wait(ctx context.Context) error {
	done := ctx.Done()
	var tick <-chan time.Time
	if lc.run.opts.Progress != nil {
		ticker := time.NewTicker(progressPeriod)
		defer ticker.Stop()
		tick = ticker.C
	}
	look, stop := lc.watch.begin(lc)
	defer stop()
	for {
		for range lc.p.spin {
			if over, err := lc.settle(ctx); over {
				return err
			}
			asm.Pause(asm.PauseMax)
		}
		if me := lc.p.self(); me != nil && me.help(func() bool { return me.join(lc.j) }) {
			continue
		}
		lc.slot.notify.Store(1)
		if over, err := lc.settle(ctx); over {
			return err
		}
		select {
		case <-lc.wake:
		case <-tick:
			lc.run.opts.Progress(blocksDone(lc.cells), len(lc.ledger))
		case <-look:
			lc.watch.look(lc)
		case <-done:
			done = nil
			lc.slot.halt.Store(cancelYes)
		}
	}
}

// settle decides whether the loop is over. While a worker is inside, or blocks are left that somebody may still come
// for, it is not. Then the ledger is the truth, whatever died between two of its words.
func (lc *loopControl) settle(ctx context.Context) (over bool, err error) {
	if broken := lc.p.broken.Load(); broken != nil {
		return lc.abandon(*broken)
	}
	if !lc.quiet() || !lc.withdraw() {
		return false, nil
	}
	// SYNC(sched.part), SYNC(sched.block): every store of a worker that has left is seen; pairs with worker.join, worker.blocks.
	if err := lc.failure(); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = ctx.Err() // the body saw its context end and said so
		}
		lc.rollBack()
		return true, lc.watch.verdict(err)
	}
	left, dirty := lc.sweep()
	if len(left) > 0 && lc.watch.late != nil {
		lc.rollBack()
		return true, errors.Join(ctx.Err(), lc.watch.verdict(lc.watch.death(lc, dirty)))
	}
	if len(dirty) > 0 {
		if err := lc.retry(dirty); err != nil {
			return true, err
		}
	}
	if len(left) == 0 {
		return true, nil
	}
	if lc.slot.halt.Load() != 0 {
		return true, ctx.Err()
	}
	lc.deal(left)
	return false, nil
}

// quiet reports whether nobody works and nobody has work to come for.
func (lc *loopControl) quiet() bool {
	halted := lc.slot.halt.Load() != 0
	for i := range lc.cells {
		c := &lc.cells[i]
		if inside(c.part.Load()) {
			return false
		}
		if lo, hi := unpackSpan(c.span.Load()); lo < hi && !halted && lc.expected() {
			return false
		}
	}
	return true
}

// expected reports whether an invited worker has not come yet.
func (lc *loopControl) expected() bool {
	for i := range lc.cells {
		if part := lc.cells[i].part.Load(); part&partState == partInvited || inside(part) {
			return true
		}
	}
	return false
}

// withdraw takes back invitations that nobody followed. It fails when somebody just did.
func (lc *loopControl) withdraw() bool {
	for i := range lc.cells {
		part := &lc.cells[i].part
		v := part.Load()
		switch {
		case joinable(v):
			if !part.CompareAndSwap(v, v&^partState|partNone) {
				return false
			}
		case inside(v):
			return false
		}
	}
	return true
}

// failure returns the error of the block with the lowest index among those that failed.
func (lc *loopControl) failure() error {
	var first *RemoteError
	lowest := uint32(math.MaxUint32)
	for i := range lc.cells {
		c := &lc.cells[i]
		if c.failed.Load() == 0 {
			continue
		}
		raw, err := getBlob(lc.p.arena, c.short[:], c.failure)
		if err == nil && (first == nil || c.failedAt < lowest) {
			lowest = c.failedAt
			first = remoteError(lc.run.name, i, raw)
			first.CPU = lc.p.cpuOf(i)
			r := lc.chunkAt(int(c.failedAt))
			first.Lo, first.Hi = r.Lo, r.Hi
		}
		dropBlob(lc.p.arena, c.failure)
	}
	if first == nil {
		return nil
	}
	return first
}

// sweep reads the ledger: which runs of blocks nobody has done, and which blocks a dead worker had.
func (lc *loopControl) sweep() (left []Range, dirty []int) {
	for b := range lc.ledger {
		v := lc.ledger[b].Load()
		if v == blockDone {
			continue
		}
		if v != blockUntouched {
			dirty = append(dirty, b)
		}
		if n := len(left); n > 0 && left[n-1].Hi == b {
			left[n-1].Hi++
		} else {
			left = append(left, Range{b, b + 1})
		}
	}
	return left, dirty
}

// retry makes the blocks of dead workers fit to be run again, or says why they are not.
func (lc *loopControl) retry(dirty []int) error {
	lc.rollBack()
	for _, b := range dirty {
		lc.kills[b]++
		again := lc.run.opts.Idempotent || lc.undo != nil
		if !again || poisonous(lc.kills[b], func() spawn.Exit { return lc.death(b).exit() }) {
			return lc.deathOf(b)
		}
		lc.ledger[b].Store(blockUntouched)
	}
	return nil
}

// poisonous decides whether work that was running when so many workers died is to blame. The cause of the last death
// is asked for only when it matters: it comes after the notice.
func poisonous(kills int, exit func() spawn.Exit) bool {
	return kills >= sigkillMax || kills >= crashesMax && exit().Signal != syscall.SIGKILL
}

// death returns what is known of the worker that had block b.
func (lc *loopControl) death(b int) death {
	lc.mu.Lock()
	defer lc.mu.Unlock()
	return lc.deaths[lc.ledger[b].Load()]
}

// deathOf makes an error of the death of the worker that had block b.
func (lc *loopControl) deathOf(b int) error {
	e := lc.death(b).inquest()
	e.Function, e.Kills = lc.run.name, lc.kills[b]
	for b := range lc.ledger {
		list := &e.Dirty
		switch lc.ledger[b].Load() {
		case blockDone:
			list = &e.Done
		case blockUntouched:
			list = &e.Untouched
		default:
			if lc.undo != nil {
				list = &e.Untouched // it has been put back
			}
		}
		r := lc.indices(b, b+1)
		if n := len(*list); n > 0 && (*list)[n-1].Hi == r.Lo {
			(*list)[n-1].Hi = r.Hi
		} else {
			*list = append(*list, r)
		}
	}
	return e
}

// indices turns a run of blocks into the indices that they hold.
func (lc *loopControl) indices(lo, hi int) Range {
	return Range{lo * lc.run.opts.Block, min(hi*lc.run.opts.Block, lc.run.n)}
}

// abandon ends a loop of a broken pool, when the workers that may still be inside have been told to leave.
func (lc *loopControl) abandon(cause error) (bool, error) {
	lc.slot.halt.Store(cancelYes)
	if lc.p.crew.alive() && !lc.withdraw() {
		return false, nil
	}
	lc.rollBack()
	return true, cause
}

// rollBack puts back the blocks of a Snapshot loop that were begun and are not done. Nobody is inside.
func (lc *loopControl) rollBack() {
	if lc.undo == nil {
		return
	}
	for b := range lc.ledger {
		if v := lc.ledger[b].Load(); v != blockDone && v != blockUntouched {
			r := lc.indices(b, b+1)
			lc.undo.restore(b, r.Lo, r.Hi)
		}
	}
}

// mourn takes a dead worker out of every loop.
func (t *loopTable) mourn(d death) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, lc := range t.running {
		lc.mu.Lock()
		lc.deaths[d.tag] = d
		lc.mu.Unlock()
		part := &lc.cells[d.index].part
		if v := part.Load(); inside(v) {
			c, next := &lc.cells[d.index], partVacant
			c.settleBlocks(lc.ledger)
			if c.failed.Load() == 0 { // left, but the worker did not come to say so
				dropBlob(t.p.arena, c.failure)
				c.failure = blob{}
			}
			if c.failed.Load() != 0 || lc.undo != nil { // its error, and its row of copies, are read when the round is over
				next = partDone
			}
			part.Store(v&^partState | next) // SYNC(sched.invite): as deal.
		}
	}
}

// wakeAll lets every waiting Run look at its loop.
func (t *loopTable) wakeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, lc := range t.running {
		select {
		case lc.wake <- struct{}{}:
		default:
		}
	}
}
