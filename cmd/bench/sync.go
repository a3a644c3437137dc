package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/psync"
)

// syncs is the suite "sync". Each contest's first contender is the bare word or cache line that sets the limit. An op of
// two processes is one by each.
func syncs(c *config) error { return compete(c, "sync", append(syncDuels(), pthreads(c)...)) }

const (
	wordsSize = 4096 // the shared memory of a duel of words
	guardedAt = 2048 // what a lock in the front of it guards
)

func syncDuels() []duel {
	list := []duel{
		{name: "Mutex/case=uncontended/impl=two-cas", limit: true, solo: true, open: locking(spinLock)},
		{name: "Mutex/case=uncontended/impl=mutex", solo: true, open: locking(mutexLock)},
		{name: "Mutex/case=uncontended/impl=sync.Mutex", peer: runtime.Version(), solo: true, open: locking(goLock)},
		{name: "Mutex/case=two-processes/impl=cas-spin", limit: true, open: locking(spinLock)},
		{name: "Mutex/case=two-processes/impl=mutex", open: locking(mutexLock)},
		{name: "Mutex/case=two-processes/impl=sync.Mutex-of-two-goroutines", peer: runtime.Version(), solo: true, open: twoGoroutines},
		{name: "Semaphore/case=uncontended/impl=two-cas", limit: true, solo: true, open: locking(spinLock)},
		{name: "Semaphore/case=uncontended/impl=semaphore", solo: true, open: locking(semaphoreLock)},
		{name: "Semaphore/case=uncontended/impl=semaphore-return-on-death", solo: true, open: locking(returningLock)},
		{name: "Semaphore/case=two-processes/impl=cas-spin", limit: true, open: locking(spinLock)},
		{name: "Semaphore/case=two-processes/impl=semaphore", open: locking(semaphoreLock)},
		{name: "Semaphore/case=two-processes/impl=semaphore-return-on-death", open: locking(returningLock)},
		{name: "Add/case=two-processes/impl=raw-add", limit: true, open: counting(rawCell)},
		{name: "Add/case=two-processes/impl=Int64", open: counting(intCell)},
		{name: "Add/case=two-processes/impl=Float64", open: counting(floatCell)},
		{name: "Event/op=ping-pong/impl=two-lines", limit: true, timed: true, open: trip(openBare[[1]uint64])},
		{name: "Event/op=ping-pong/impl=event", timed: true, open: trip(openEvents)},
		{name: "Event/op=ping-pong/impl=futex", peer: "Linux futex", timed: true, open: trip(openFutex[[1]uint64])},
		{name: "Event/op=ping-pong/impl=go-channel", peer: runtime.Version(), solo: true, timed: true, open: channelTrip[[1]uint64]},
		{name: "Barrier/parties=2/impl=two-lines", limit: true, open: bareBarrier},
		{name: "Barrier/parties=2/impl=barrier", open: barriers},
	}
	for i := range list {
		d := &list[i]
		d.ops, d.size = 200_000, wordsSize
		switch {
		case d.timed:
			d.ops = 10_000
		case d.solo:
			d.ops = 1_000_000
		}
	}
	return list
}

// lock is one side's way into what the other side is kept out of.
type lock struct{ enter, leave func() error }

// locking takes a lock and frees it, n times on each side. Each side counts under the lock, and who is last of the two
// holds the count against the number of ops.
func locking(open func(s side) (lock, error)) func(side) (part, error) {
	return func(s side) (part, error) {
		l, err := open(s)
		guarded := layout.View[uint64](s.mem, guardedAt)
		tally := newTally(s)
		return func(n int, _ *hdrhistogram.Histogram) error {
			for range n {
				if err := l.enter(); err != nil {
					return err
				}
				*guarded++
				if err := l.leave(); err != nil {
					return err
				}
			}
			return tally.check(n, func() uint64 { return *guarded })
		}, err
	}
}

// tally finds out which side ends a turn last.
type tally struct {
	all  *atomic.Uint64 // ops of both sides since the match began
	mine uint64
}

func newTally(s side) *tally {
	return &tally{all: layout.View[atomic.Uint64](s.mem, guardedAt+layout.Line)}
}

func (t *tally) check(n int, count func() uint64) error {
	t.mine += uint64(n)
	all := t.all.Add(uint64(n))
	if all != 2*t.mine { // also in a solo duel, which keeps nobody out
		return nil
	}
	if got := count(); got != all {
		return fmt.Errorf("%d ops were counted as %d", all, got)
	}
	return nil
}

func mutexLock(s side) (lock, error) {
	m, err := psync.AttachMutex(s.mem, &psync.Options{Members: s.members})
	return lock{func() error { return m.Lock(background) }, func() error { return m.Unlock() }}, err
}

func semaphoreLock(s side) (lock, error) { return permits(s, &psync.SemaphoreOptions{}) }

func returningLock(s side) (lock, error) {
	return permits(s, &psync.SemaphoreOptions{ReturnOnDeath: true, Holders: 2})
}

func permits(s side, o *psync.SemaphoreOptions) (lock, error) {
	o.Members = s.members
	var sem *psync.Semaphore
	var err error
	if s.home {
		sem, err = psync.CreateSemaphore(s.mem, 1, o)
	} else {
		sem, err = psync.AttachSemaphore(s.mem, o)
	}
	return lock{func() error { return sem.Acquire(background, 1) }, func() error { return sem.Release(1) }}, err
}

// spinLock is two compare-and-swaps, the least that a lock with an owner can be; nothing frees it after a death.
func spinLock(s side) (lock, error) {
	w := layout.View[atomic.Uint32](s.mem, 0)
	return lock{func() error {
		for !w.CompareAndSwap(0, 1) {
			asm.Pause(1)
		}
		return nil
	}, func() error {
		w.CompareAndSwap(1, 0)
		return nil
	}}, nil
}

func goLock(side) (lock, error) {
	var mu sync.Mutex
	return lock{func() error { mu.Lock(); return nil }, func() error { mu.Unlock(); return nil }}, nil
}

func twoGoroutines(side) (part, error) {
	return func(n int, _ *hdrhistogram.Histogram) error {
		var mu sync.Mutex
		var both sync.WaitGroup
		count := 0
		for range 2 {
			both.Go(func() {
				for range n {
					mu.Lock()
					count++
					mu.Unlock()
				}
			})
		}
		both.Wait()
		if count != 2*n {
			return fmt.Errorf("%d ops were counted as %d", 2*n, count)
		}
		return nil
	}, nil
}

// cell is a number that both sides add to.
type cell struct {
	add   func()
	value func() uint64
}

func counting(at func(mem []byte) cell) func(side) (part, error) {
	return func(s side) (part, error) {
		c, tally := at(s.mem), newTally(s)
		return func(n int, _ *hdrhistogram.Histogram) error {
			for range n {
				c.add()
			}
			return tally.check(n, c.value)
		}, nil
	}
}

func rawCell(mem []byte) cell {
	w := layout.View[atomic.Uint64](mem, 0)
	return cell{func() { w.Add(1) }, w.Load}
}

func intCell(mem []byte) cell {
	w := layout.View[psync.Int64](mem, 0)
	return cell{func() { w.Add(1) }, func() uint64 { return uint64(w.Load()) }}
}

func floatCell(mem []byte) cell {
	w := layout.View[psync.Float64](mem, 0)
	return cell{func() { w.Add(1) }, func() uint64 { return uint64(w.Load()) }}
}
