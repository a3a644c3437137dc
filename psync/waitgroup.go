package psync

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/shmath/shmath/internal/invariants"
)

// WaitGroupSize is the size of a [WaitGroupWord].
const WaitGroupSize = 8

// WaitGroupWord is a counter of what is still to be done. Zero is a counter at 0.
type WaitGroupWord struct {
	count atomic.Uint32
	bell  bell
}

// WaitGroup is this process's handle of a counter that processes wait for. All its methods may be called by any
// goroutine of any process. It belongs to nobody: what a process that died had still to do stays undone. Where
// workers may die, let each hold a permit of a [Semaphore] with ReturnOnDeath, or meet at a [Barrier].
type WaitGroup struct {
	*member
	w *WaitGroupWord
}

// CreateWaitGroup makes the first [WaitGroupSize] bytes of mem, a multiple of 8 in address, a counter at 0.
func CreateWaitGroup(mem []byte, o *Options) (*WaitGroup, error) {
	w, err := view[WaitGroupWord](mem, WaitGroupSize, true)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// AttachWaitGroup returns a handle of the wait group at the front of mem.
func AttachWaitGroup(mem []byte, o *Options) (*WaitGroup, error) {
	w, err := view[WaitGroupWord](mem, WaitGroupSize, false)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// Attach returns a handle of the wait group.
func (w *WaitGroupWord) Attach(o *Options) *WaitGroup { return &WaitGroup{o.member(), w} }

// Add adds delta, which may be negative, and wakes those who wait when the counter reaches 0. It returns
// [ErrNegative], and changes nothing, when the counter would fall below 0 or rise above 2147483647.
func (g *WaitGroup) Add(delta int) error {
	for {
		v := g.w.count.Load()
		next := int64(v) + int64(delta)
		if next < 0 || next > math.MaxInt32 || delta > math.MaxInt32 {
			return fmt.Errorf("%w: %d and %d", ErrNegative, v, delta)
		}
		if !g.w.count.CompareAndSwap(v, uint32(next)) { // SYNC(waitgroup)
			continue
		}
		if next == 0 && v != 0 {
			invariants.Point("waitgroup.zero")
			g.w.bell.ring(everyone)
		}
		return nil
	}
}

// Done takes 1 from the counter.
func (g *WaitGroup) Done() error { return g.Add(-1) }

// Count returns the counter.
func (g *WaitGroup) Count() int { return int(g.w.count.Load()) }

// Wait returns nil when the counter is 0; ctx's error when ctx ended first.
func (g *WaitGroup) Wait(ctx context.Context) error {
	wait := g.wait()
	defer wait.end()
	for {
		if g.w.count.Load() == 0 { // SYNC(waitgroup)
			return nil
		}
		if wait.pause() {
			continue
		}
		word := g.w.bell.arm(false)
		if g.w.count.Load() == 0 { // SYNC(waitgroup)
			return nil
		}
		if err := wait.sleep(ctx, word, lookAgain); err != nil {
			return err
		}
	}
}
