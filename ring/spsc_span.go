package ring

import (
	"context"
	"iter"

	"github.com/shmath/shmath/internal/invariants"
)

// Span is a stretch of a ring's own memory: places to fill after Claim, items to read after Peek. It is valid until the
// Commit or Release that follows.
type Span[T any] struct {
	slots *slots[T]
	at    cursor
	n     uint64
}

// Len returns how many items the span holds.
func (s Span[T]) Len() int { return int(s.n) }

// Chunks yields the span in order, as slices that lie side by side in the ring: whole for items above 56 bytes unless
// the ring wraps, one cache line each for smaller ones.
func (s Span[T]) Chunks() iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		at := s.at
		for n := s.n; n > 0; {
			run := s.slots.run(&at, n)
			if !yield(run) {
				return
			}
			n -= uint64(len(run))
			s.slots.step(&at, uint64(len(run)))
		}
	}
}

// Claim returns up to n free places, at least one, to be filled in place and published by Commit. A claim costs
// nothing if it is not committed. It returns what TryPush returns.
//
// Preconditions:
//   - n is at least 1.
func (q *SPSC[T]) Claim(n int) (Span[T], error) {
	p := &q.prod
	if n < 1 {
		panic(badCount)
	}
	if p.limit-p.tail < uint64(n) {
		if err := q.findRoom(); err != nil && (err != ErrFull || p.limit == p.tail) {
			return Span[T]{}, err
		}
	}
	if q.Closed() {
		return Span[T]{}, ErrClosed
	}
	return Span[T]{&q.slots, p.at, min(uint64(n), p.limit-p.tail)}, nil
}

const (
	badCount  = "ring: a count must be at least 1"
	badCommit = "ring: commit of more than was claimed"
	badFree   = "ring: release of more than was peeked"
)

// Commit publishes the first n places of the last Claim, in order. A producer that dies inside has published a prefix.
func (q *SPSC[T]) Commit(n int) {
	p := &q.prod
	if n < 0 || uint64(n) > p.limit-p.tail {
		panic(badCommit)
	}
	for left := uint64(n); left > 0; {
		k := min(left, p.at.left)
		p.tail += k
		if q.slots.echoed {
			publish(q.slots.echo(&p.at), p.tail) // SYNC(spsc.echo): publishes the items; pairs with peekEcho.
		}
		q.slots.step(&p.at, k)
		left -= k
	}
	invariants.Point("spsc.span.echoed")
	publish(&q.shared.tail.Uint64, p.tail) // SYNC(spsc.tail): publishes the items; pairs with findItems, items and Len.
	q.pre.items.ring()
}

// Peek returns up to n of the oldest items, at least one, to be read in place and given back by Release. Items that are
// not released are there again for the next Peek, in this process or, should it die, in the next consumer. It
// returns what TryPop returns; together with an [*OrphanError] comes a span of orphans only.
//
// Preconditions:
//   - n is at least 1.
func (q *SPSC[T]) Peek(n int) (Span[T], error) {
	c := &q.cons
	if n < 1 {
		panic(badCount)
	}
	if c.known-c.head < uint64(n) {
		if err := q.findMore(); err != nil {
			return Span[T]{}, err
		}
	}
	count := min(uint64(n), c.known-c.head)
	var err error
	if q.report {
		count, err = q.hold(count)
	}
	return Span[T]{&q.slots, c.at, count}, err
}

// findMore is findItems for many: the tail knows of all, where an echo knows of one line.
func (q *SPSC[T]) findMore() error {
	c := &q.cons
	if c.known == c.head {
		if err := q.findItems(); err != nil {
			return err
		}
	}
	tail := q.shared.tail.Load() // SYNC(spsc.tail): pairs with TryPush.
	switch n := int64(tail - c.known); {
	case n <= 0: // an echo may be ahead of the tail for a moment
	case tail-c.head > q.capacity:
		return corrupt("tail %d, head %d, capacity %d", tail, c.head, q.capacity)
	default:
		c.known = tail
	}
	return nil
}

// Release gives back the first n items of the last Peek.
func (q *SPSC[T]) Release(n int) {
	c := &q.cons
	if n < 0 || uint64(n) > c.known-c.head {
		panic(badFree)
	}
	c.head += uint64(n)
	for left := uint64(n); left > 0; {
		k := min(left, c.at.left)
		q.slots.step(&c.at, k)
		left -= k
	}
	publish(&q.shared.head.Uint64, c.head) // SYNC(spsc.head): gives the places back; pairs with findRoom, room and Len.
	invariants.Point("spsc.released")
	q.pre.room.ring()
}

// TryPushBatch appends as many of items as there is room for, published together, and returns how many: at least one
// unless it returns what TryPush returns.
func (q *SPSC[T]) TryPushBatch(items []T) (int, error) {
	if len(items) == 0 {
		return 0, nil
	}
	s, err := q.Claim(len(items))
	if err != nil {
		return 0, err
	}
	at, done := s.at, 0
	for done < int(s.n) {
		k := copy(q.slots.run(&at, s.n-uint64(done)), items[done:])
		q.slots.step(&at, uint64(k))
		done += k
	}
	q.Commit(done)
	return done, nil
}

// TryPopBatch fills items from the ring and returns how many it took: at least one unless items is empty or it returns
// what TryPop returns.
func (q *SPSC[T]) TryPopBatch(items []T) (int, error) {
	if len(items) == 0 {
		return 0, nil
	}
	s, err := q.Peek(len(items))
	if s.n == 0 {
		return 0, err
	}
	at, done := s.at, 0
	for done < int(s.n) {
		k := copy(items[done:], q.slots.run(&at, s.n-uint64(done)))
		q.slots.step(&at, uint64(k))
		done += k
	}
	q.Release(done)
	return done, err
}

// PushBatch appends all items, waiting for room as Push does; it returns how many it appended.
func (q *SPSC[T]) PushBatch(ctx context.Context, items []T) (int, error) {
	done := 0
	for done < len(items) {
		n, err := q.TryPushBatch(items[done:])
		done += n
		if err == ErrFull {
			err = q.writable.wait(ctx)
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// PopBatch takes between one and len(items) items, waiting for the first as Pop does.
func (q *SPSC[T]) PopBatch(ctx context.Context, items []T) (int, error) {
	for {
		n, err := q.TryPopBatch(items)
		if err != ErrEmpty {
			return n, err
		}
		if err := q.readable.wait(ctx); err != nil {
			return 0, err
		}
	}
}
