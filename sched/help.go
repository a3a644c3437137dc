package sched

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strconv"
	"sync/atomic"

	"github.com/shmath/shmath/asm"
)

// Bodies of an in-process pool see the pool that runs them, and may run loops and calls on it. Whoever waits in a body is a
// worker that others may be waiting for, so it takes part in what it waits for, on top of the body that waits. What it waits
// for is then either queued, and it runs it itself, or runs in a worker that does the same. It takes nothing else: bodies of
// others on top of it would have to end first, and their number has no bound.
//
// Bodies in worker processes do not see the pool: see ErrNoPool.

// self returns the in-process worker whose body calls, nil in all other goroutines.
func (p *Pool) self() *worker {
	if p.opts.Backend != InProcess {
		return nil
	}
	id := goroutineID()
	p.crew.mu.Lock()
	defer p.crew.mu.Unlock()
	for _, h := range p.crew.members {
		if h.local != nil && h.local.routine.Load() == id {
			return h.local
		}
	}
	return nil
}

// goroutineID returns the number of the calling goroutine, which only its stack trace tells. It takes a microsecond or two.
func goroutineID() uint64 {
	var buf [64]byte
	fields := bytes.Fields(buf[:runtime.Stack(buf[:], false)])
	id, err := strconv.ParseUint(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// help does some work on top of a body that waits. The body's own time covers it: the figures are put back.
func (w *worker) help(work func() bool) bool {
	loops, calls, since := w.tally.loopRun.Load(), w.tally.callRun.Load(), w.tally.since.Load()
	w.nested++
	defer func() {
		w.nested--
		w.tally.loopRun.Store(loops)
		w.tally.callRun.Store(calls)
		asm.StoreRelease64(&w.tally.since, since)
	}()
	return work()
}

// help runs one of the calls that a body of this worker waits for, if one has not begun, and reports whether it did.
func (t *callTable) help(me *worker, calls ...*call) bool {
	for _, c := range calls {
		if t.runQueued(me, c) || t.runPending(me, c) {
			return true
		}
	}
	return false
}

// runQueued claims a call that waits in its slot, as a worker that finds it in the queue would.
func (t *callTable) runQueued(w *worker, c *call) bool {
	t.mu.Lock()
	s, slot, seq := c.where, c.slot, c.seq
	t.mu.Unlock()
	if s == nil || !s.state.CompareAndSwap(packTask(seq, 0, taskQueued), packTask(seq, w.tag, taskClaimed)) {
		return false
	}
	w.help(func() bool { w.call(s, slot, seq); return true })
	t.collect(c)
	return true
}

// runPending runs a call for which no slot is free: those that hold them may be waiting for it. Nobody watches its time.
func (t *callTable) runPending(w *worker, c *call) bool {
	t.mu.Lock()
	mine := c.where == nil && t.pending.remove(c)
	t.mu.Unlock()
	if !mine {
		return false
	}
	var raw []byte
	end := func(failure *wireError) {
		var err error
		if failure != nil {
			err, raw = remoteError(c.name, w.index, failure.bytes()), nil
		}
		w.tally.callDone()
		t.mu.Lock()
		defer t.mu.Unlock()
		t.settle(c, raw, err)
	}
	w.help(func() bool {
		ctx := &taskContext{worker: w, cancel: new(atomic.Uint32)}
		defer ctx.end()
		end(guard(func() error {
			b, err := w.task(c.fn)
			if err == nil {
				raw, err = b.run(ctx, w, c.args)
			}
			return err
		}, end))
		return true
	})
	return true
}

// carryOn has a fresh goroutine take over from one that a body has ended. Bodies beneath that one end with it, and the
// lowest is the last.
func (w *worker) carryOn() {
	if w.nested == 0 {
		go w.run()
	}
}

// slot waits for a loop slot. A body does not wait: all slots may belong to loops that wait for bodies like it.
func (t *loopTable) slot(ctx context.Context) (int, error) {
	select {
	case j := <-t.free:
		return j, nil
	default:
	}
	if t.p.self() != nil {
		return 0, fmt.Errorf("%w: another loop, beside the %d that run; begin fewer loops in bodies", ErrInBody, loopsMax)
	}
	select {
	case j := <-t.free:
		return j, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
