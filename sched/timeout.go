package sched

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrTimeout is returned, as a *[TimeoutError], for calls and blocks that ran longer than FuncOptions.Timeout or
// LoopOptions.Timeout.
var ErrTimeout = errors.New("sched: timeout")

// TimeoutError says that a call or a block ran longer than it may. It is [ErrTimeout] and context.DeadlineExceeded.
type TimeoutError struct {
	Function string
	Limit    time.Duration
	Worker   int // of a block; -1 of a call, whose worker Err names
	Lo, Hi   int // the indices of the block; 0, 0 of a call, and of a loop's setup
	// Err is how the call or block ended: the *[RemoteError] of a body that saw its context end, or the *[DeathError] of the
	// worker that was killed because its body did not. It is nil in-process, where the result of such a call is dropped.
	Err error
}

func (e *TimeoutError) Error() string {
	s := "sched: " + e.Function
	if e.Hi > e.Lo {
		s += fmt.Sprintf(" [%d, %d)", e.Lo, e.Hi)
	}
	s += fmt.Sprintf(" took longer than %v", e.Limit)
	if e.Worker >= 0 {
		s += fmt.Sprintf(" in worker %d", e.Worker)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Is makes errors.Is(err, ErrTimeout) and errors.Is(err, context.DeadlineExceeded) true.
func (e *TimeoutError) Is(target error) bool {
	return target == ErrTimeout || target == context.DeadlineExceeded
}

// Timeout is true, as for net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// Unwrap returns Err.
func (e *TimeoutError) Unwrap() error { return e.Err }

// timeoutGrace is how long a body may take to notice that its context has ended.
const timeoutGrace = 100 * time.Millisecond

// watchLimit has the time of a call watched that is about to be queued. The lock is held.
func (t *callTable) watchLimit(c *call) {
	if c.limit == 0 {
		return
	}
	c.where.began.Store(0)
	if c.timer == nil {
		c.timer = time.AfterFunc(c.limit, func() { t.expire(c) })
	}
}

// expire looks whether a call has run for longer than it may: first its context ends, then its worker. The timer does not
// know when the call was taken, so it may have to come again.
func (t *callTable) expire(c *call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.over.Load() || c.verdict != nil {
		return
	}
	_, tag, state := unpackTask(c.where.state.Load())
	began := c.where.began.Load()
	left := time.Duration(began) + c.limit - time.Duration(clock())
	switch {
	case state != taskClaimed || began == 0:
		c.timer.Reset(c.limit)
	case left > 0:
		c.timer.Reset(left)
	case !c.expired:
		c.expired = true
		if c.where.cancel.CompareAndSwap(cancelNo, cancelLate) {
			wake(&c.where.cancel, everybody)
		}
		c.timer.Reset(timeoutGrace)
	default:
		t.condemn(c, tag, func(death *DeathError) error {
			e := &TimeoutError{Function: c.name, Limit: c.limit, Worker: -1}
			if death != nil {
				e.Err = death
			}
			return e
		})
	}
}

// condemn takes a running call from its worker and kills the worker. The step that takes it decides: a worker that has
// finished before keeps its life, one that finishes after publishes nothing and begins nothing else. The call ends when
// the worker is dead, with what verdict makes of the death. The lock is held. It reports whether the call was taken.
func (t *callTable) condemn(c *call, tag uint32, verdict func(*DeathError) error) bool {
	if t.p.opts.Backend == InProcess {
		t.disown(c, verdict(nil))
		return true
	}
	if !c.where.state.CompareAndSwap(packTask(c.seq, tag, taskClaimed), packTask(c.seq, tag, taskFree)) {
		return false
	}
	c.verdict = verdict
	t.p.crew.condemn(tag, CauseTimeout)
	return true
}

// disown ends a call whose worker is a goroutine, which cannot be killed. Somebody without a caller takes its place until the
// body returns.
func (t *callTable) disown(c *call, err error) {
	t.bySlot[c.slot] = &call{name: c.name, slot: c.slot, seq: c.seq, where: c.where, sent: c.sent}
	c.where.notify.Store(1)
	c.where = nil
	c.finish(nil, err)
}

// pronounce ends a call whose worker was killed for it, when all is known of the death. The lock is held.
func (t *callTable) pronounce(c *call, d death) {
	go func() {
		e := d.inquest()
		e.Function, e.Task, e.Kills = c.name, c.seq, c.kills+1
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.bySlot[c.slot] == c {
			t.settle(c, nil, c.verdict(e))
		}
	}()
}
