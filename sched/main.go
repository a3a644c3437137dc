package sched

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/topology"
	"github.com/shmath/shmath/shm"
)

// workerVariable tells a process that it is a worker: PATH;TASKS;INDEX: the control segment, its task slots, its
// number. Main takes it out of the
// environment, so that programs started by a worker are none.
const workerVariable = "SHMATH_WORKER"

// Values of guarded.
const (
	unguarded int32 = iota
	isParent
	isWorker
)

var guarded atomic.Int32

// Main is the first statement of main, and of TestMain, in every program that starts pools. In a worker process it does
// the work and never returns, and so it does in what [Command] starts; elsewhere it returns at once.
func Main() {
	guardMain()
	order, isWorkerProcess := os.LookupEnv(workerVariable)
	if !isWorkerProcess {
		guarded.Store(isParent)
		return
	}
	guarded.Store(isWorker)
	os.Unsetenv(workerVariable)
	// The terminal sends these to the whole process group: the parent decides what becomes of its workers.
	signal.Ignore(syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP)
	if err := serve(order); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve is the life of a worker process.
func serve(order string) error {
	parts := strings.Split(order, ";")
	if len(parts) != 3 {
		return fmt.Errorf("sched: %s=%q is not a worker's order", workerVariable, order)
	}
	tasks, err1 := strconv.Atoi(parts[1])
	index, err2 := strconv.Atoi(parts[2])
	seg, err := shm.OpenPath(parts[0], nil)
	if err1 != nil || err2 != nil || err != nil {
		return fmt.Errorf("sched: joining the pool of %q: %w", order, err)
	}
	h, size := viewControl(seg.Bytes(), 0, 0)
	if len(seg.Bytes()) < size {
		return fmt.Errorf("sched: %s is too short for a control block", parts[0])
	}
	if err := awaitHeader(h, seg); err != nil {
		return err
	}
	if h.magic.Load() != controlMagic || h.version != controlVersion ||
		controlSize(int(h.workers), tasks) > len(seg.Bytes()) || index >= int(h.workers) || int(h.tasks) != tasks {
		return fmt.Errorf("sched: %s is not the control block of this version", parts[0])
	}
	c, _ := viewControl(seg.Bytes(), int(h.workers), tasks)
	slot := &c.crew[index]
	w, err := enlist(c, seg, index)
	if err != nil {
		slot.length = uint32(copy(slot.message[:], err.Error()))
		slot.state.Store(workerRefused)
		c.ring()
		return err
	}
	slot.tag.Store(w.tag)
	slot.state.Store(workerReady) // SYNC(sched.ready): publishes tag and pid; pairs with crew.inspectStarting.
	c.ring()
	go volunteer() // when there is time
	go w.run()
	<-w.ended
	return nil
}

// awaitHeader waits until the parent has laid the pool out: it starts processes before that, since they take longer.
func awaitHeader(h *control, seg *shm.Segment) error {
	for {
		seen := h.news.Load()
		if h.magic.Load() != 0 { // SYNC(sched.magic): the header is whole; pairs with Pool.fillHeader.
			return nil
		}
		if !seg.Alive(h.parentTag.Load()) {
			return errOrphan
		}
		err := futex.WaitAny(futex.After(orphanCheck), futex.Word{Addr: &h.news, Val: seen})
		if err != nil && err != futex.ErrTimeout {
			return fmt.Errorf("sched: waiting for the pool to be laid out: %w", err)
		}
	}
}

// orphanCheck is how often a worker that waits for its parent asks whether that lives.
const orphanCheck = 100 * time.Millisecond

var errOrphan = errors.New("sched: the parent is gone")

// enlist checks that parent and worker understand each other, and finds the pool's arena.
func enlist(c *control, seg *shm.Segment, index int) (*worker, error) {
	slot := &c.crew[index]
	slot.pid.Store(uint32(os.Getpid()))
	switch {
	case c.build != executableIdentity():
		return nil, fmt.Errorf("sched: worker runs another build than its parent")
	case c.functions != table.hash():
		return nil, fmt.Errorf("sched: worker has other functions than its parent; register them in package variables or init, unconditionally")
	}
	if slot.cpu >= 0 {
		got, err := topology.Affinity()
		if err != nil {
			return nil, err
		}
		if got.Len() != 1 || got.First() != int(slot.cpu) {
			return nil, fmt.Errorf("%w: %d; the worker got %s", ErrCPU, slot.cpu, got)
		}
	}
	mem, err := openArena(c)
	if err != nil {
		return nil, err
	}
	a, err := arena.Attach(mem.Bytes(), &arena.Options{Members: mem, Reserve: mem.Reserve})
	if err != nil {
		return nil, err
	}
	segments := newSegmentTable(c, false)
	cache := newMemoryCache(c, segments)
	cache.seed(mem.Bytes())
	slog.SetDefault(slog.New(&relayHandler{j: newJournal(c, index, a, seg)}))
	w := &worker{
		c: c, slot: slot, victims: nearest(c.crew, index), tally: &c.tallies[index], index: index, tag: seg.Tag(), arena: a,
		segments: segments, memory: cache, sweep: cache.sweep, ended: make(chan struct{}), faults: decodeFaults(),
	}
	parent := c.parentTag.Load()
	w.orphaned = func() bool { return w.parent.Addr != nil && w.parent.Addr.Load() != w.parent.Val }
	if word, val := seg.Life(parent); word != nil {
		w.parent = futex.Word{Addr: word, Val: val}
	}
	if !seg.Alive(parent) {
		return nil, errOrphan
	}
	w.tenure.begun = clock()
	return w, w.states.openAll(c.states, w)
}

// openArena joins the segment of the pool's arena, which always has slot 0.
func openArena(c *control) (*shm.Segment, error) {
	return shm.OpenPath(fmt.Sprintf("/proc/%d/fd/%d", c.parentPID, c.segments[0].fd), nil)
}
