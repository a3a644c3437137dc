package multiprocessing

import (
	"context"
	"fmt"
	"slices"

	"github.com/shmath/shmath/ring"
)

// Waitable is what [Wait] waits for: connections and queues that can be read, processes that end.
type Waitable interface {
	// await returns nil when it is ready, ctx's error when ctx ended first.
	await(ctx context.Context) error
}

// Wait returns those of the list that are ready: a connection with a message or without a peer, a queue with an item or
// closed, a process that has ended. It waits for the first as long as ctx lasts, and returns none when ctx ends. Each
// element takes a goroutine meanwhile.
func Wait(ctx context.Context, list ...Waitable) ([]Waitable, error) {
	if i := slices.Index(list, nil); i >= 0 {
		return nil, fmt.Errorf("%w: element %d of what is waited for is nil", ErrValue, i)
	}
	if ready := readyOf(list); len(ready) > 0 || len(list) == 0 {
		return ready, nil
	}
	waiting, stop := context.WithCancel(ctx)
	first := make(chan error, len(list))
	for _, w := range list {
		go func() { first <- w.await(waiting) }()
	}
	err := <-first
	stop()
	for range len(list) - 1 { // nobody still waits when the caller goes on
		<-first
	}
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	return readyOf(list), nil
}

func readyOf(list []Waitable) (ready []Waitable) {
	for _, w := range list {
		if w.await(expired) == nil {
			ready = append(ready, w)
		}
	}
	return ready
}

func (p *Process) await(ctx context.Context) error { return p.Join(ctx) }

func (q *Queue[T]) await(ctx context.Context) error {
	if q.h == nil {
		return ErrNotMade
	}
	for {
		if _, err := q.refresh(); err != nil {
			return err
		}
		if q.Len() > 0 || q.h.closed.Load() != 0 {
			return nil
		}
		if _, err := ring.Select(ctx, q.last().Readable()); err != nil {
			return err
		}
	}
}

func (c *Connection[T]) await(ctx context.Context) error {
	ready, err := c.Poll(ctx)
	if !ready && err == nil {
		return ctx.Err()
	}
	return nil // an end that cannot be read is ready: Recv says why
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
