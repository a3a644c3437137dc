package sched

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/spawn"
)

// crew is the parent's side of the workers: it starts them, notices deaths, and replaces the dead.
type crew struct {
	p         *Pool
	furnished chan struct{} // closed when workers have all that they wait for
	mu        sync.Mutex
	members   []*hand
	leaving   bool             // no replacements any more
	mustered  bool             // await has seen all of them ready: from now on a worker that cannot start is tried again
	ready     sync.WaitGroup   // workers of the first muster that have not reported
	changed   chan struct{}    // has a token when inspect may have changed something
	refused   error            // why a worker that Resize wanted could not start
	failed    chan error       // why one of them could not
	doomed    map[uint32]Cause // tags to be killed of workers that have work, and whose report has not been read yet
	reaping   atomic.Bool      // a reap has not begun yet
	starts    sync.WaitGroup   // goroutines that start a process
	watchers  sync.WaitGroup   // goroutines that use the control block until their child has ended
}

// hand is one worker: a succession of processes in the same place.
type hand struct {
	index     int
	cpu       int
	child     *spawn.Child  // nil in-process, and while there is none
	stillborn error         // why there is none, until the monitor has seen it
	record    *record       // of child, or of the one before
	local     *worker       // nil for processes
	tag       atomic.Uint32 // 0 until its report has been read; written by the monitor
	life      futex.Word
	suspected int64 // clock when it was first seen to be dying, 0 while it is not
	misfires  int   // starts in a row that failed before they were ready
	killed    int   // and those that somebody killed, which says nothing about the program
	restarts  int
	mourning  bool // it seems to have died for want of memory
	reported  bool // the first one has been ready or has failed
	vacant    bool // nobody is to live there: see Pool.Resize
	trial     bool // the first to live there again has not been ready yet
}

const (
	misfiresMax = 3
	killedMax   = 1000
)

// muster starts the processes of all workers, side by side; await waits for them.
func (w *crew) muster(p *Pool) {
	w.p, w.furnished = p, make(chan struct{})
	w.failed, w.changed = make(chan error, len(p.cpus)), make(chan struct{}, 1)
	w.ready.Add(p.Workers())
	for i, cpu := range p.cpus {
		vacant := i >= p.Workers()
		w.members = append(w.members, &hand{index: i, cpu: cpu, vacant: vacant, reported: vacant})
		if p.opts.Backend == Processes {
			p.c.crew[i].where = p.plan.at[i] // of all, before the first begins
		}
	}
	if p.opts.Backend == Processes {
		for _, h := range w.members[:p.Workers()] {
			w.launch(h)
		}
		w.starts.Wait()
	}
}

// begin lets the processes that wait for the pool go on, and starts the workers that are goroutines, which do not wait.
func (w *crew) begin() {
	close(w.furnished)
	if w.p.opts.Backend == InProcess {
		for _, h := range w.members[:w.p.Workers()] {
			w.report(h, w.startLocal(h))
		}
	}
}

// abandon ends the processes of a pool that is not to be.
func (w *crew) abandon() {
	for _, h := range w.members {
		if h.child != nil {
			h.child.Signal(syscall.SIGKILL)
		}
	}
	w.watchers.Wait()
}

// launch has a worker started, unless nobody is to live there any more. It does not wait: while the kernel makes a process, the
// monitor has others to look after. The monitor is rung when there is a child, or an error.
func (w *crew) launch(h *hand) {
	slot := &w.p.c.crew[h.index]
	slot.retire.Store(0) // before Workers is asked: shrink sets it after it has changed that
	w.mu.Lock()
	defer w.mu.Unlock()
	h.child, h.stillborn = nil, nil
	if w.leaving || h.index >= w.p.Workers() {
		h.vacant = !w.leaving
		slot.state.Store(workerEmpty)
		return
	}
	slot.cpu = int32(h.cpu)
	slot.length = 0
	slot.state.Store(workerStarting)
	w.starts.Go(func() {
		if err := w.start(h, slot); err != nil {
			w.mu.Lock()
			h.stillborn = err
			w.mu.Unlock()
		}
		w.p.c.ring()
	})
}

func (w *crew) start(h *hand, slot *workerSlot) error {
	order := fmt.Sprintf("%s=/proc/%d/fd/%d;%d;%d", workerVariable, os.Getpid(), w.p.seg.Descriptor(), w.p.opts.Depth, h.index)
	out, err := openOutput(w.p.relay.tails[h.index], w.p.relay.sinks)
	if err != nil {
		return err
	}
	env := append(os.Environ(), order)
	if own := faultsOf(w.p.opts.Faults, h.index); own != nil {
		env = append(env, faultVariable+"="+encodeFaults(own))
	}
	child, err := spawn.Start(spawn.Spec{
		Args: []string{fmt.Sprintf("%s: worker %d", programName(), h.index)},
		Env:  env, CPU: h.cpu, Stdout: out.streams[0].write, Stderr: out.streams[1].write,
	})
	if err != nil {
		out.close()
		return err
	}
	out.follow(child)
	r := &record{child: child, output: out, ready: make(chan struct{}), oomBefore: w.p.oomKills.count()}
	w.mu.Lock()
	h.child, h.record = child, r
	w.mu.Unlock()
	w.watchers.Go(func() {
		w.watch(slot, r)
		out.finish()
	})
	return nil
}

// watch ends a worker that does not report in time, since its program may be busy before it reaches Main, and rings when the
// child has ended.
func (w *crew) watch(slot *workerSlot, r *record) {
	select {
	case <-w.furnished:
		w.awaitReport(slot, r)
	case <-r.child.Done():
	}
	<-r.child.Done()
	w.p.c.ring() // the monitor looks who it was
}

// awaitReport returns when the worker has reported or has been ended. What it waits for a CPU does not count: that others keep
// the machine busy is no fault of the program.
func (w *crew) awaitReport(slot *workerSlot, r *record) {
	begin := time.Now()
	late := time.NewTimer(w.p.opts.Start)
	defer late.Stop() // an idle pool makes no wake-ups
	for {
		select {
		case <-r.ready:
			return
		case <-r.child.Done():
			return
		case <-late.C:
		}
		limit, elapsed, child := w.p.opts.Start, time.Since(begin), r.child.Schedule()
		waited := max(0, min(child.Waited, elapsed-child.Ran)) // threads may have waited at the same time, or for each other
		left := limit - (elapsed - waited)
		switch {
		case slot.state.Load() != workerStarting:
			return
		case left <= 0 && (child.Ran >= limit || !child.Runnable):
			slot.length = uint32(copy(slot.message[:], errStartTimeout.Error()))
			r.child.Signal(syscall.SIGKILL)
			return
		}
		late.Reset(max(left, starvedLook))
	}
}

// starvedLook is how often a worker that waits for a CPU is looked at.
const starvedLook = 10 * time.Millisecond

// startLocal runs a worker as a goroutine over the same control block.
func (w *crew) startLocal(h *hand) error {
	slot := &w.p.c.crew[h.index]
	slot.cpu = -1
	slot.retire.Store(0)
	local := &worker{
		c: w.p.c, slot: slot, tally: &w.p.c.tallies[h.index], index: h.index, victims: nearest(w.p.c.crew, h.index), tag: uint32(h.index) + 1, arena: w.p.arena,
		segments: w.p.segments, memory: ownMemory{w.p.segments}, sweep: func() {},
		orphaned: func() bool { return false }, local: true, ended: make(chan struct{}),
		faults: faultsOf(w.p.opts.Faults, h.index),
	}
	w.mu.Lock()
	h.local = local
	w.mu.Unlock()
	h.local.tenure.begun = clock()
	if err := h.local.states.openAll(w.p.c.states, h.local); err != nil {
		h.local.leave()
		return err
	}
	h.tag.Store(h.local.tag)
	slot.pid.Store(uint32(os.Getpid()))
	slot.tag.Store(h.local.tag)
	slot.state.Store(workerReady)
	go h.local.run()
	return nil
}

// report ends the wait of await for this worker.
func (w *crew) report(h *hand, err error) {
	if h.reported {
		return
	}
	h.reported = true
	if err != nil {
		w.failed <- err
	}
	w.ready.Done()
}

// await returns when every worker is ready, or one cannot be.
func (w *crew) await(ctx context.Context) error {
	all := make(chan struct{})
	go func() {
		w.ready.Wait()
		close(all)
	}()
	select {
	case <-all:
	case err := <-w.failed:
		return err
	case <-ctx.Done():
		return fmt.Errorf("sched: starting workers: %w", ctx.Err())
	}
	select {
	case err := <-w.failed:
		return err
	default:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mustered = true
	return nil
}

// inspect looks at every worker: who has become ready, who is dead. The monitor calls it whenever the bell rings or a life
// word changes.
func (w *crew) inspect() {
	if w.p.opts.Backend == InProcess {
		return
	}
	for _, h := range w.members {
		switch {
		case h.vacant:
			w.moveIn(h)
		case h.mourning:
			// Its memory is still being torn down. If memory is short, one more process would be one more reason to kill,
			// and the next victim might be this one. So the place stays empty until the dead one has been reaped.
			if ended(h.child) {
				h.mourning = false
				w.launch(h)
			}
		case h.tag.Load() == 0:
			w.inspectStarting(h)
		}
		// One that has just become ready may have died since, and rung for the last time.
		if tag := h.tag.Load(); tag != 0 && h.suspect() && w.dead(h, tag) {
			w.bury(h)
		}
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// suspect reports whether there is a sign that the worker has died: asking the kernel costs more than looking.
func (h *hand) suspect() bool {
	return h.life.Addr == nil || h.life.Addr.Load() != h.life.Val || ended(h.child)
}

// deathPatience is how long a worker that seems to have died is given to leave by itself. One with little memory has left by
// then; another is looked at in /proc, which costs the kernel a lot when the child is reaped: see shm.Segment.Left.
const deathPatience = 100 * time.Microsecond

// dead reports whether a suspect will never store again. When all are to go, nobody is in a hurry to know.
func (w *crew) dead(h *hand, tag uint32) bool {
	now := clock()
	if h.suspected == 0 {
		h.suspected = now
	}
	if w.p.seg.Left(tag) {
		return true
	}
	return now-h.suspected >= int64(deathPatience) && w.p.c.stop.Load() == 0 && !w.p.seg.Alive(tag)
}

func (w *crew) inspectStarting(h *hand) {
	slot := &w.p.c.crew[h.index]
	w.mu.Lock()
	child, stillborn := h.child, h.stillborn
	w.mu.Unlock()
	switch {
	case stillborn != nil:
		w.misfire(h, stillborn)
	case child == nil: // not yet, or not any more
	case slot.state.Load() == workerReady: // SYNC(sched.ready): tag and pid are there; pairs with serve.
		w.mu.Lock()
		tag := slot.tag.Load()
		h.tag.Store(tag)
		h.misfires, h.killed, h.trial = 0, 0, false
		if cause, is := w.doomed[tag]; is {
			h.record.condemn(cause)
		}
		w.mu.Unlock()
		close(h.record.ready)
		if word, val := w.p.seg.Life(tag); word != nil {
			h.life = futex.Word{Addr: word, Val: val}
		}
		w.report(h, nil)
	case ended(child):
		exit := child.Exit()
		err := fmt.Errorf("sched: worker %d (pid %d) %v before it was ready", h.index, child.PID, exit)
		if n := min(int(slot.length), len(slot.message)); n > 0 {
			err = errors.New(string(slot.message[:n]))
		} else if exit.Signal == syscall.SIGKILL {
			h.killed++
			h.misfires-- // it says nothing about the program
		}
		w.misfire(h, err)
	}
}

// condemn kills the worker with that tag: at once, or when its report is read, since a worker may take work before the
// monitor has looked at it. One that is dead is about to be mourned.
func (w *crew) condemn(tag uint32, cause Cause) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.members {
		if h.tag.Load() == tag && h.record != nil {
			h.record.condemn(cause)
			return
		}
	}
	if w.doomed == nil {
		w.doomed = make(map[uint32]Cause)
	}
	w.doomed[tag] = cause
}

// misfire counts a start that failed. The first start of a pool must not fail, later ones not several times in a row.
func (w *crew) misfire(h *hand, err error) {
	h.misfires++
	w.mu.Lock()
	limit := 1
	if w.mustered {
		limit = misfiresMax
	}
	w.mu.Unlock()
	if h.misfires < limit && h.killed < killedMax {
		w.launch(h)
		return
	}
	if h.trial {
		w.giveUp(h, err)
		return
	}
	w.report(h, err)
	w.p.breakDown(fmt.Errorf("%w: worker %d did not start, %d times in a row: %w", ErrBroken, h.index, h.misfires+h.killed, err))
	w.discharge(h)
}

// bury takes the dead worker's work from it and puts another in its place.
func (w *crew) bury(h *hand) {
	dead := death{index: h.index, cpu: h.cpu, tag: h.tag.Load(), record: h.record, p: w.p}
	w.p.c.crew[h.index].state.Store(workerEmpty)
	w.mu.Lock()
	h.tag.Store(0)
	h.life, h.suspected = futex.Word{}, 0
	w.mu.Unlock()
	h.restarts++
	if w.p.c.crew[h.index].asleep.Swap(0) != 0 {
		w.p.c.sleepers.Add(-1)
	}
	w.p.c.looks[h.index].Store(0)
	w.p.c.settleFigures(dead) // before a call that it had finished is collected, and its slot used again
	w.p.loops.mourn(dead)
	w.p.calls.mourn(dead)
	w.mu.Lock()
	delete(w.doomed, dead.tag)
	w.mu.Unlock()
	w.p.relay.wake() // its last record may have come without the bell
	if w.p.oomKills.count() > h.record.oomBefore {
		h.mourning = true // see inspect
	} else {
		w.launch(h)
	}
	w.p.c.publish()
	w.reap(dead.record.child)
}

// reap frees what the dead had in the pool's arena and had told nobody of. Their work has been settled before: what they
// left for the parent is written down, and is not theirs any more. The walk through the arena may take a while, so that it is
// not the monitor's.
func (w *crew) reap(child *spawn.Child) {
	if w.reaping.Swap(true) {
		return
	}
	w.watchers.Go(func() {
		<-child.Done()         // until then the kernel would have to be asked in the hard way whether it is dead
		w.reaping.Store(false) // deaths from now on are for the next one
		if _, err := w.p.arena.Reap(); err != nil {
			w.p.relay.warn("memory of dead workers is not freed", "error", err)
		}
	})
}

// discharge ends a place: nobody lives there any more.
func (w *crew) discharge(h *hand) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h.child, h.stillborn = nil, nil
}

// lives returns the words that the monitor sleeps on besides the bell.
func (w *crew) lives() []futex.Word {
	if !futex.HasWaitAny() {
		return nil // the bell rings when a child has been reaped
	}
	var words []futex.Word
	for _, h := range w.members {
		if h.life.Addr != nil && len(words) < 126 {
			words = append(words, h.life)
		}
	}
	return words
}

func ended(c *spawn.Child) bool {
	select {
	case <-c.Done():
		return true
	default:
		return false
	}
}

// byTag returns the number of the worker with that tag, -1 if it has been replaced.
func (w *crew) byTag(tag uint32) int {
	for i := range w.p.c.crew {
		if w.p.c.crew[i].tag.Load() == tag {
			return i
		}
	}
	return -1
}
