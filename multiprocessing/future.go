package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/shmath/shmath/sched"
)

// Future is a call that may not have ended yet: see [Submit]. Its methods may be called by any goroutine.
type Future[R any] struct {
	f         *sched.Future[R]
	mu        sync.Mutex
	callbacks []func(*Future[R]) // that have not returned
}

// Result returns the result and waits for it as long as ctx lasts; the call goes on when ctx ends first.
func (f *Future[R]) Result(ctx context.Context) (r R, err error) {
	if f.f == nil {
		return r, ErrNotMade
	}
	return f.f.Wait(ctx)
}

// Exception returns the call's error, nil when there was none, and waits for the end as long as ctx lasts.
func (f *Future[R]) Exception(ctx context.Context) error {
	_, err := f.Result(ctx)
	return err
}

// Done reports whether the call has ended, in whatever way.
func (f *Future[R]) Done() bool { return f.f != nil && isClosed(f.f.Done()) }

// Running reports whether a worker is at it.
func (f *Future[R]) Running() bool { return f.f != nil && f.f.Running() }

// Cancel takes the call back if no worker has begun it, and reports whether it did. The context of a call that runs ends.
func (f *Future[R]) Cancel() bool { return f.f != nil && f.f.Cancel() }

// Cancelled reports whether Cancel took the call back.
func (f *Future[R]) Cancelled() bool {
	return f.Done() && errors.Is(f.Exception(context.Background()), sched.ErrCanceled)
}

// AddDoneCallback has g called when the call has ended, at once if it has. The callbacks of a future are called one after the
// other, in the order in which they were added, by a goroutine of their own. One that panics is logged, and the next follows.
func (f *Future[R]) AddDoneCallback(g func(*Future[R])) {
	if f.f == nil {
		panic(ErrNotMade)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.callbacks = append(f.callbacks, g)
	if len(f.callbacks) == 1 {
		go f.callBack()
	}
}

func (f *Future[R]) callBack() {
	<-f.f.Done()
	for more := true; more; {
		f.mu.Lock()
		g := f.callbacks[0]
		f.mu.Unlock()
		contained(func() { g(f) })
		f.mu.Lock()
		f.callbacks = f.callbacks[1:] // only now: while there is one, nobody starts another goroutine
		more = len(f.callbacks) > 0
		f.mu.Unlock()
	}
}

// contained runs a user's callback; a panic in it is logged.
func contained(f func()) {
	defer func() {
		if r := recover(); r != nil {
			slog.Error("multiprocessing: panic in a callback", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	f()
}

// distinct returns the futures without repetition, and the way back from the calls underneath.
func distinct[R any](futures []*Future[R]) (calls []*sched.Future[R], of map[*sched.Future[R]]*Future[R]) {
	of = make(map[*sched.Future[R]]*Future[R], len(futures))
	for _, f := range futures {
		if of[f.f] == nil {
			of[f.f] = f
			calls = append(calls, f.f)
		}
	}
	return calls, of
}

// AsCompleted yields the futures as they end, each once. When ctx ends first, the last pair has no future and an error that
// says how many are unfinished.
func AsCompleted[R any](ctx context.Context, futures ...*Future[R]) iter.Seq2[*Future[R], error] {
	return func(yield func(*Future[R], error) bool) {
		calls, of := distinct(futures)
		left := len(calls)
		for f := range sched.AsCompleted(ctx, calls...) {
			if !isClosed(f.Done()) {
				yield(nil, fmt.Errorf("multiprocessing: %d (of %d) futures unfinished: %w", left, len(calls), ctx.Err()))
				return
			}
			if !yield(of[f], nil) {
				return
			}
			left--
		}
	}
}

// ReturnWhen says what [WaitFutures] waits for.
type ReturnWhen uint8

const (
	AllCompleted   ReturnWhen = iota // all have ended
	FirstCompleted                   // one has ended
	FirstException                   // one has failed, or all have ended
)

// WaitFutures waits as long as ctx lasts and returns which futures have ended and which have not, each once. The end of ctx
// is no error.
func WaitFutures[R any](ctx context.Context, when ReturnWhen, futures ...*Future[R]) (done, notDone []*Future[R]) {
	for f, err := range AsCompleted(ctx, futures...) {
		if err != nil || when == FirstCompleted || when == FirstException && f.Exception(ctx) != nil {
			break
		}
	}
	calls, of := distinct(futures)
	for _, f := range calls {
		if isClosed(f.Done()) {
			done = append(done, of[f])
		} else {
			notDone = append(notDone, of[f])
		}
	}
	return done, notDone
}

// AsyncResult is work of a [Pool] that may not be done yet. Its methods may be called by any goroutine.
type AsyncResult[R any] struct {
	done  chan struct{}
	value R
	err   error
}

// newAsyncResult runs work in the background, and the callbacks behind it: one value, or one error.
func newAsyncResult[R any](work func(ctx context.Context) (R, error), callback func(R), errorCallback func(error)) *AsyncResult[R] {
	r := &AsyncResult[R]{done: make(chan struct{})}
	go func() {
		r.value, r.err = work(context.Background())
		close(r.done)
		switch {
		case r.err == nil && callback != nil:
			contained(func() { callback(r.value) })
		case r.err != nil && errorCallback != nil:
			contained(func() { errorCallback(r.err) })
		}
	}()
	return r
}

// Get returns the result and waits for it as long as ctx lasts; the work goes on when ctx ends first.
func (r *AsyncResult[R]) Get(ctx context.Context) (v R, err error) {
	if err := r.Wait(ctx); err != nil {
		return v, err
	}
	return r.value, r.err
}

// Wait waits until the work is done, or returns ctx's error.
func (r *AsyncResult[R]) Wait(ctx context.Context) error {
	if r.Ready() {
		return nil
	}
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ready reports whether the work is done.
func (r *AsyncResult[R]) Ready() bool { return isClosed(r.done) }

// Successful reports whether the work was done without an error. It returns [ErrValue] while it is not done.
func (r *AsyncResult[R]) Successful() (bool, error) {
	if !r.Ready() {
		return false, fmt.Errorf("%w: the result is not ready: Wait for it", ErrValue)
	}
	return r.err == nil, nil
}
