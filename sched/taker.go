package sched

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
)

// Values of taskSlot.status.
const (
	statusOK uint32 = iota
	statusError
)

// take runs the first queued call of the highest priority that this worker can claim, and reports whether there was one.
func (w *worker) take() bool {
	for class := range classes {
		if w.takeFrom(class) {
			return true
		}
	}
	return false
}

func (w *worker) takeFrom(class int) bool {
	head, tail := &w.c.head[class], &w.c.tail[class]
	newest := w.c.newest[class].Load()  // before tail, so that it is not of an entry behind end
	at, end := head.Load(), tail.Load() // SYNC(sched.tail): entries before tail are whole; pairs with calls.push.
	if at >= end {
		return false
	}
	queue := w.c.queue(class)
	q := uint64(len(queue))
	if at+1 == end && w.claim(newest) {
		w.execute(newest, at+1 < tail.Load())
		if queue[at%q].Load() == newest { // else the next look at the queue does it
			advance(head, at+1)
		}
		return true
	}
	for ; at < end; at++ {
		entry := queue[at%q].Load()
		mine := w.claim(entry)
		advance(head, at+1)
		if mine {
			w.execute(entry, at+1 < tail.Load())
			return true
		}
	}
	return false
}

// claim takes a queued call, if it is queued still.
func (w *worker) claim(entry uint64) bool {
	slot, seq := unpackEntry(entry)
	s, queued := &w.c.calls[slot], packTask(seq, 0, taskQueued)
	return s.state.Load() == queued && s.state.CompareAndSwap(queued, packTask(seq, w.tag, taskClaimed))
}

// execute runs a call that was claimed. more says that there is another behind it.
func (w *worker) execute(entry uint64, more bool) {
	if more && w.c.looking(1) == 0 {
		w.c.wakeOne() // who published it may have seen this worker look, and woken nobody
	}
	invariants.Point("sched.task.claimed")
	slot, seq := unpackEntry(entry)
	w.call(&w.c.calls[slot], slot, seq)
}

// advance raises a hint that never falls.
func advance(word *atomic.Uint64, to uint64) {
	for at := word.Load(); at < to; at = word.Load() {
		if word.CompareAndSwap(at, to) {
			return
		}
	}
}

// call runs one claimed call and publishes its result.
func (w *worker) call(s *taskSlot, slot, seq uint32) {
	w.tally.callBegun(slot)
	begin := clock()
	asm.StoreRelease64(&w.tally.since, uint64(begin))
	add(&w.tally.callWait, uint64(max(begin-s.queued, 0)))
	asm.StoreRelease64(&s.began, uint64(begin))
	ctx := &taskContext{worker: w, cancel: &s.cancel}
	finish := func(result []byte, failure *wireError) {
		ctx.end()
		s.status = statusOK
		if failure != nil {
			s.status, result = statusError, failure.bytes()
		}
		if err := leaveBlob(w.arena, s.out[:], result, &s.result); err != nil {
			s.status = statusError
			e := wireError{Type: "sched", Message: clip(err.Error(), inlineMax-16)}
			leaveBlob(w.arena, s.out[:], e.bytes(), &s.result) // it fits by construction
		}
		if s.traced != 0 {
			s.ended = clock()
		}
		asm.StoreRelease64(&w.tally.since, 0)
		invariants.Point("sched.task.ran")
		// SYNC(sched.task): publishes the result; pairs with calls.collect.
		if !s.state.CompareAndSwap(packTask(seq, w.tag, taskClaimed), packTask(seq, w.tag, taskDone)) {
			if s.state.Load() == packTask(seq, w.tag, taskFree) {
				awaitExecution()
			}
			return // nobody waits for it any more: the pool is ending
		}
		asm.StoreRelease32(&s.finished, seq)
		w.tally.callDone()
		if s.notify.Load() != 0 {
			w.c.completed[slot/64].Or(1 << (slot % 64))
			w.c.ring()
		}
		add(&w.tally.callRun, uint64(clock()-begin)) // who waits need not wait for this
	}
	var result []byte
	w.tenure.tasks++
	failure := guard(func() error {
		raw, err := getBlob(w.arena, s.in[:], s.args)
		if err != nil {
			return err
		}
		b, err := w.task(s.fn)
		if err != nil {
			return err
		}
		if w.faults != nil {
			if err := w.strike(); err != nil {
				return err
			}
		}
		defer observeCall(ctx, b.name)()
		result, err = b.run(ctx, w, raw)
		return err
	}, func(e *wireError) {
		finish(nil, e)
		w.carryOn()
	})
	finish(result, failure)
}

// awaitExecution is the end of a worker whose parent has taken its work from it and is about to kill it: it must not begin
// other work.
func awaitExecution() {
	for {
		time.Sleep(time.Hour)
	}
}

func clip(s string, n int) string { return s[:min(len(s), max(n, 0))] }

// Values of taskSlot.cancel.
const (
	cancelNo uint32 = iota
	cancelYes
	cancelOver // the call has ended: whoever watches the word stops
	cancelLate // the call has taken longer than it may
)

// taskContext is the context of one call in a worker: it ends when the caller asks for it. Asking is one store into the
// call's slot; only a body that waits on Done pays for a goroutine that sleeps on that word.
type taskContext struct {
	worker *worker // who runs the body
	cancel *atomic.Uint32
	shared bool // others use the word, too: its end is not written there but seen within watchPeriod
	over   atomic.Bool

	watched atomic.Bool // done is there
	mu      sync.Mutex
	done    chan struct{}
}

const watchPeriod = 50 * time.Millisecond

func (c *taskContext) Deadline() (time.Time, bool) { return time.Time{}, false }

func (c *taskContext) Value(key any) any {
	if key == (workerKey{}) {
		return c.worker
	}
	return nil
}

func (c *taskContext) Err() error {
	switch asked := c.cancel.Load(); {
	case asked == cancelLate:
		return context.DeadlineExceeded
	case asked == cancelYes, c.over.Load():
		return context.Canceled
	}
	return nil
}

func (c *taskContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		c.watched.Store(true)
		go c.watch()
	}
	return c.done
}

// watch closes done when the body is asked to stop, or is over.
func (c *taskContext) watch() {
	defer close(c.done)
	for !c.over.Load() && c.cancel.Load() == cancelNo {
		if err := futex.Wait(c.cancel, cancelNo, futex.After(watchPeriod)); err != nil && err != futex.ErrTimeout {
			return
		}
	}
}

// end is called when the body has returned. Either it sees that somebody watches, or that one sees that it is over.
func (c *taskContext) end() {
	c.over.Store(true)
	if c.watched.Load() && !c.shared {
		c.cancel.CompareAndSwap(cancelNo, cancelOver)
		wake(c.cancel, everybody)
	}
}
