package ring

import (
	"context"
	"sync/atomic"
	"unsafe"

	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// The operations on one item. What they do in most calls is inlined here, with the size of T a constant.

// TryPush appends v. It returns [ErrFull], [ErrClosed], [ErrTaken] when another live process is the producer, or
// [ErrCorrupt]. When it returns nil, v can be popped.
func (q *SPSC[T]) TryPush(v T) error {
	p := &q.prod
	if p.tail == p.edge {
		if err := q.findRoom(); err != nil {
			return err
		}
	} else if q.shared.closed.Load() != 0 { // SYNC(ring.closed): pairs with Close.
		return ErrClosed
	}
	*(*T)(unsafe.Add(q.slots.base, p.at)) = v
	p.written(q.shared, q.slots.base, unsafe.Sizeof(v))
	q.shared.items.ring()
	return nil
}

// Push appends v and waits for room as long as ctx lasts. It returns what TryPush returns except ErrFull, ctx's
// error, or [ErrPeerDead] when the ring is full and the consumer dead.
func (q *SPSC[T]) Push(ctx context.Context, v T) error {
	p := &q.prod
	if p.tail == p.edge {
		if err := q.awaitRoom(ctx); err != nil {
			return err
		}
	} else if q.shared.closed.Load() != 0 { // SYNC(ring.closed): pairs with Close.
		return ErrClosed
	}
	*(*T)(unsafe.Add(q.slots.base, p.at)) = v
	p.written(q.shared, q.slots.base, unsafe.Sizeof(v))
	q.shared.items.ring()
	return nil
}

// written publishes the item at the tail, of that size.
func (p *spscProducer) written(s *spscShared, slots unsafe.Pointer, size uintptr) {
	invariants.Point("spsc.written")
	p.tail++
	if size <= echoedMax {
		echo := unsafe.Add(slots, p.at&^(layout.CacheLine-1))
		publish((*atomic.Uint64)(echo), p.tail) // SYNC(spsc.echo): publishes the item; pairs with published.
		invariants.Point("spsc.echoed")
	}
	p.at += place(max(size, 1))
	publish(&s.tail.Uint64, p.tail) // SYNC(spsc.tail): publishes the item; pairs with published, findMore and Len.
	invariants.Point("spsc.published")
}

// TryPop takes the oldest item. It returns [ErrEmpty], [ErrClosed] at the end of the stream, [ErrTaken] when another
// live process is the consumer, [ErrCorrupt], or, together with a valid item, an [*OrphanError].
func (q *SPSC[T]) TryPop() (v T, err error) {
	c := &q.cons
	if c.head == c.edge {
		if err = q.findItems(); err != nil {
			return v, err
		}
	}
	if q.report {
		_, err = q.hold(1)
	}
	v = *(*T)(unsafe.Add(q.slots.base, c.at))
	c.read(q.shared, unsafe.Sizeof(v))
	q.shared.room.ring()
	return v, err
}

// Pop takes the oldest item and waits for one as long as ctx lasts. It returns what TryPop returns except ErrEmpty,
// ctx's error, or [ErrPeerDead] when the ring is empty and the producer dead.
func (q *SPSC[T]) Pop(ctx context.Context) (v T, err error) {
	c := &q.cons
	if c.head == c.edge {
		if err = q.awaitItems(ctx); err != nil {
			return v, err
		}
	}
	if q.report {
		_, err = q.hold(1)
	}
	v = *(*T)(unsafe.Add(q.slots.base, c.at))
	c.read(q.shared, unsafe.Sizeof(v))
	q.shared.room.ring()
	return v, err
}

// read gives back the place of the item at the head, which has that size.
func (c *spscConsumer) read(s *spscShared, size uintptr) {
	invariants.Point("spsc.read")
	c.head++
	c.at += place(max(size, 1))
	publish(&s.head.Uint64, c.head) // SYNC(spsc.head): gives the place back; pairs with moreRoom, room and Len.
	invariants.Point("spsc.released")
}
