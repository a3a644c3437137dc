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
	at    place
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
			settled, k := s.slots.settle(at)
			k = min(k, n)
			if !yield(s.slots.run(settled, k)) {
				return
			}
			at = settled + place(k)*s.slots.size()
			n -= k
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
		if err := q.becomeProducer(); err != nil {
			return Span[T]{}, err
		}
		if err := q.moreRoom(); err != nil && (err != ErrFull || p.limit == p.tail) {
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
	for end := p.tail + uint64(n); p.tail != end; {
		at, k := q.slots.settle(p.at)
		p.block = p.tail + k
		p.tail += min(k, end-p.tail)
		if q.slots.echoed() {
			publish(q.slots.echo(at), p.tail) // SYNC(spsc.echo): publishes the items; pairs with published.
		}
		p.at = at + place(k-(p.block-p.tail))*q.slots.size()
	}
	p.edge = p.tail
	invariants.Point("spsc.span.echoed")
	publish(&q.shared.tail.Uint64, p.tail) // SYNC(spsc.tail): publishes the items; pairs with published, findMore and Len.
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
	if err := q.becomeConsumer(); err != nil {
		return err
	}
	tail := q.shared.tail.Load() // SYNC(spsc.tail): pairs with written and Commit.
	switch n := tail - c.known; {
	case n-1 < q.capacity && tail-c.head <= q.capacity:
		c.known = tail
	case int64(n) > 0:
		return corrupt("tail %d, head %d, capacity %d", tail, c.head, q.capacity)
	case c.known == c.head: // the end of the stream; or the producer is between an echo and the tail
		return q.findItems()
	}
	return nil
}

// Release gives back the first n items of the last Peek.
func (q *SPSC[T]) Release(n int) {
	c := &q.cons
	if n < 0 || uint64(n) > c.known-c.head {
		panic(badFree)
	}
	for end := c.head + uint64(n); c.head != end; {
		at, k := q.slots.settle(c.at)
		c.block = c.head + k
		c.head += min(k, end-c.head)
		c.at = at + place(k-(c.block-c.head))*q.slots.size()
	}
	c.edge = c.head
	publish(&q.shared.head.Uint64, c.head) // SYNC(spsc.head): gives the places back; pairs with moreRoom, room and Len.
	invariants.Point("spsc.released")
	q.pre.room.ring()
}

// ClaimWait is Claim that waits for room as long as ctx lasts, as Push does.
//
// Preconditions:
//   - n is at least 1.
func (q *SPSC[T]) ClaimWait(ctx context.Context, n int) (Span[T], error) {
	for {
		fresh := q.gatherRoom()
		s, err := q.Claim(n)
		if err == nil && fresh {
			q.writable.back.found(0)
		}
		if err != ErrFull {
			return s, err
		}
		if err := q.writable.await(ctx); err != nil {
			return Span[T]{}, err
		}
	}
}

// PeekWait is Peek that waits for the first item as long as ctx lasts, as Pop does.
//
// Preconditions:
//   - n is at least 1.
func (q *SPSC[T]) PeekWait(ctx context.Context, n int) (Span[T], error) {
	for {
		fresh := q.gatherItems()
		s, err := q.Peek(n)
		if err == nil && fresh {
			q.readable.back.found(0)
		}
		if err != ErrEmpty {
			return s, err
		}
		if err := q.readable.await(ctx); err != nil {
			return Span[T]{}, err
		}
	}
}

// TryPushBatch appends as many of items as there is room for, published together, and returns how many: at least one
// unless it returns what TryPush returns.
func (q *SPSC[T]) TryPushBatch(items []T) (int, error) {
	if len(items) == 0 {
		return 0, nil
	}
	s, err := q.Claim(len(items))
	return q.fill(s, items), err
}

// fill publishes items in the places of a claim and returns how many.
func (q *SPSC[T]) fill(s Span[T], items []T) int {
	done := 0
	for chunk := range s.Chunks() {
		done += copy(chunk, items[done:])
	}
	if done > 0 {
		q.Commit(done)
	}
	return done
}

// TryPopBatch fills items from the ring and returns how many it took: at least one unless items is empty or it returns
// what TryPop returns.
func (q *SPSC[T]) TryPopBatch(items []T) (int, error) {
	if len(items) == 0 {
		return 0, nil
	}
	s, err := q.Peek(len(items))
	return q.drain(s, items), err
}

// drain takes the items of a span and returns how many.
func (q *SPSC[T]) drain(s Span[T], items []T) int {
	done := 0
	for chunk := range s.Chunks() {
		done += copy(items[done:], chunk)
	}
	if done > 0 {
		q.Release(done)
	}
	return done
}

// PushBatch appends all items, waiting for room as Push does; it returns how many it appended.
func (q *SPSC[T]) PushBatch(ctx context.Context, items []T) (int, error) {
	done := 0
	for done < len(items) {
		s, err := q.ClaimWait(ctx, len(items)-done)
		if err != nil {
			return done, err
		}
		done += q.fill(s, items[done:])
	}
	return done, nil
}

// PopBatch takes between one and len(items) items, waiting for the first as Pop does.
func (q *SPSC[T]) PopBatch(ctx context.Context, items []T) (int, error) {
	if len(items) == 0 {
		return 0, nil
	}
	s, err := q.PeekWait(ctx, len(items))
	return q.drain(s, items), err
}
