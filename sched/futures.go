package sched

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"runtime/debug"
	"slices"
)

// OnDone has f called with the result, by a goroutine of its own, when the call has ended, in whatever way. A panic in f is
// logged and ends nothing else.
func (f *Future[R]) OnDone(callback func(R, error)) {
	f.c.onEnd(func() {
		go func() {
			defer func() {
				if v := recover(); v != nil {
					slog.Error("sched: panic in a callback", "function", f.c.name, "panic", v, "stack", string(debug.Stack()))
				}
			}()
			callback(f.Wait(context.Background()))
		}()
	})
}

// Kill cancels the call whether it has begun or not: if a worker runs it, the worker is killed and replaced. It reports whether
// the call was stopped: Wait then returns [ErrCanceled]. In-process a body that has begun cannot be stopped; its context
// ends, and its result is dropped.
func (f *Future[R]) Kill() bool { return f.p.calls.cancel(f.c) || f.p.calls.kill(f.c) }

// Running reports whether a worker has begun the call, and it has not ended.
func (f *Future[R]) Running() bool { return f.p.calls.begun(f.c) }

func (t *callTable) begun(c *call) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.over.Load() || c.where == nil {
		return false
	}
	_, _, state := unpackTask(c.where.state.Load())
	return state == taskClaimed
}

// CancelQueued takes back all calls that no worker has begun: they end with [ErrCanceled]. Those that run go on.
func (p *Pool) CancelQueued() {
	t := &p.calls
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := t.pending.pop(); c != nil; c = t.pending.pop() {
		t.settle(c, nil, ErrCanceled)
	}
	for _, c := range t.bySlot {
		if c != nil {
			t.takeBack(c)
		}
	}
}

// takeBack ends a call that is in its slot and has not begun, and reports whether it did. The lock is held.
func (t *callTable) takeBack(c *call) bool {
	if !c.where.state.CompareAndSwap(packTask(c.seq, 0, taskQueued), packTask(c.seq, 0, taskFree)) {
		return false
	}
	t.settle(c, nil, ErrCanceled)
	return true
}

// kill takes the call from the worker that runs it.
func (t *callTable) kill(c *call) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.over.Load() || c.where == nil || c.verdict != nil {
		return false
	}
	_, tag, state := unpackTask(c.where.state.Load())
	return state == taskClaimed && t.condemn(c, tag, func(*DeathError) error { return ErrCanceled })
}

// AsCompleted yields the futures in the order in which they end, each with the error that its Wait returns. When ctx ends,
// those that have not ended follow, with ctx's error.
func AsCompleted[R any](ctx context.Context, futures ...*Future[R]) iter.Seq2[*Future[R], error] {
	return func(yield func(*Future[R], error) bool) {
		box, left := gather(futures)
		for len(left) > 0 {
			c, err := box.await(ctx, &futures[0].p.calls)
			if err != nil {
				for _, same := range left {
					for _, f := range same {
						if !yield(f, err) {
							return
						}
					}
				}
				return
			}
			same := left[c]
			delete(left, c)
			for _, f := range same {
				_, err := f.Wait(ctx)
				if !yield(f, err) {
					return
				}
			}
		}
	}
}

// gather has the futures' calls come to an inbox. A future may be there several times.
func gather[R any](futures []*Future[R]) (*inbox, map[*call][]*Future[R]) {
	box, left := newInbox(), make(map[*call][]*Future[R], len(futures))
	for _, f := range futures {
		if left[f.c] == nil {
			box.follow(f.c)
		}
		left[f.c] = append(left[f.c], f)
	}
	return box, left
}

// WaitAll waits until all of the futures have ended and returns their results in order, those of failed ones being zero, and
// their errors joined. When ctx ends first, its error stands for those that have not ended.
func WaitAll[R any](ctx context.Context, futures ...*Future[R]) ([]R, error) {
	results, errs := make([]R, len(futures)), make([]error, len(futures))
	for i, f := range futures {
		results[i], errs[i] = f.Wait(ctx)
	}
	return results, errors.Join(errs...)
}

// WaitAny waits until one of the futures has ended, well or not, and returns its index; -1 and ctx's error when ctx ends
// first, or when there are no futures.
func WaitAny[R any](ctx context.Context, futures ...*Future[R]) (int, error) {
	for f := range AsCompleted(ctx, futures...) {
		if f.c.over.Load() {
			return slices.Index(futures, f), nil
		}
	}
	if err := ctx.Err(); err != nil {
		return -1, err
	}
	return -1, errNoFutures
}

var errNoFutures = errors.New("sched: waiting for one of no futures")

// WaitError waits until one of the futures has failed, and returns its error at once, or until all have ended well, and
// returns nil. The others go on: Cancel them if they are not wanted. When ctx ends first, its error is returned.
func WaitError[R any](ctx context.Context, futures ...*Future[R]) error {
	for _, err := range AsCompleted(ctx, futures...) {
		if err != nil {
			return err
		}
	}
	return nil
}
