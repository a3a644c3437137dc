package futex

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// ErrUnsupported is returned by the waits on systems that have no futex.
var ErrUnsupported = errors.New("futex: waiting between processes needs Linux")

// ErrTimeout is returned by the waits when the deadline has passed.
var ErrTimeout = errors.New("futex: deadline passed")

// Word is a 32-bit word and the value that keeps a waiter asleep on it.
type Word struct {
	Addr *atomic.Uint32
	Val  uint32
}

// Deadline is a point of the monotonic clock in nanoseconds; 0 means never.
type Deadline int64

// After returns the deadline d from now; d <= 0 means one that has passed.
func After(d time.Duration) Deadline { return max(Deadline(now())+Deadline(d), 1) }

// WaitContext is WaitUntil without a deadline.
func WaitContext(ctx context.Context, words ...Word) error { return WaitUntil(ctx, 0, words...) }

// WaitUntil sleeps until one of the words no longer holds its value or is woken, the deadline passes ([ErrTimeout]), or ctx
// ends: then it returns ctx's error, whatever else has come to pass.
func WaitUntil(ctx context.Context, deadline Deadline, words ...Word) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if ctx.Done() == nil {
		return WaitAny(deadline, words...)
	}
	// A word of this call alone carries the end of ctx, so that it can be waited for together with the others and
	// never disturbs their other sleepers.
	ended := new(atomic.Uint32)
	stop := context.AfterFunc(ctx, func() {
		ended.Store(1)
		Wake(ended, 1)
	})
	defer stop()
	err := WaitAny(deadline, append(words, Word{ended, 0})...)
	if ctxErr := ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	return err
}
