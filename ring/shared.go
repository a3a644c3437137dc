package ring

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"

	"github.com/shmath/shmath/internal/futex"
)

// span is tail - head at one instant, whatever others do: head is read between two readings of tail that agree.
func span(tail, head *atomic.Uint64, capacity uint64) int {
	t := tail.Load()
	for {
		h := head.Load()
		again := tail.Load()
		if again == t {
			if int64(t-h) < 0 {
				return 0 // the producer died between an echo and the tail, and the item has been taken
			}
			return int(min(t-h, capacity))
		}
		t = again
	}
}

// all turns a Pop into a sequence.
func all[T any](ctx context.Context, pop func(context.Context) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			v, err := pop(ctx)
			if errors.Is(err, ErrClosed) {
				return
			}
			if !yield(v, err) || err != nil && !passing(err) {
				return
			}
		}
	}
}

// passing tells whether a stream goes on after err.
func passing(err error) bool {
	var orphan *OrphanError
	var overrun *OverrunError
	return errors.As(err, &orphan) || errors.As(err, &overrun)
}

// watchPeer is watchOne for the side whose readiness is ready: what a peer did before it died still counts.
func (c *core) watchPeer(words []futex.Word, tag uint32, ready func() int) ([]futex.Word, bool, error) {
	words, poll, err := c.watchOne(words, tag)
	if err != nil && ready() > 0 {
		err = nil
	}
	return words, poll, err
}
