package ring

import (
	"context"
	"fmt"
	"iter"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
)

// Subscription is one subscriber of a Broadcast ring. It serves one goroutine. A process may have several.
type Subscription[T any] struct {
	b        *Broadcast[T]
	seat     *seat
	policy   Policy
	next     uint64
	at       int
	readable source
	buffer   []uint64
}

// Subscribe joins the ring: the subscription sees every item published from now on. It returns [ErrTaken] when every seat
// has a live subscriber.
func (b *Broadcast[T]) Subscribe(p Policy) (*Subscription[T], error) {
	if p > Overrun {
		return nil, fmt.Errorf("%w: the policy is %d; it is BackPressure or Overrun", ErrOptions, p)
	}
	member := b.tag
	if p == Overrun {
		member |= mayOverrun
	}
	for i := range b.seats {
		s := &b.seats[i]
		old := s.member.Load()
		if tag := old & tagMask; tag != 0 && (tag == b.tag || b.opts.Members.Alive(tag)) {
			continue
		}
		// Under a new name the dead one's cursor would mean something: only an empty seat is taken, and its cursor counts
		// from the moment that member says so.
		if old != 0 {
			s.member.CompareAndSwap(old, 0)
		}
		if !s.member.CompareAndSwap(0, settling|b.tag) {
			continue
		}
		invariants.Point("broadcast.settling")
		s.cursor.Store(joining)
		invariants.Point("broadcast.seated")
		s.member.Store(member) // SYNC(broadcast.join): pairs with findRoom.
		// A publisher that missed the seat had stored its tail before it looked, so this load sees that tail or a later
		// one; a publisher that sees the seat waits for the cursor.
		next := b.shared.tail.Load()
		s.cursor.Store(next)
		invariants.Point("broadcast.joined")
		b.pre.room.ringNow() // a publisher that sleeps has to watch another life from now on
		return newSubscription(b, s, p, next), nil
	}
	return nil, fmt.Errorf("%w: all %d seats have a live subscriber", ErrTaken, len(b.seats))
}

// settling marks a seat that is taken and does not count yet; with mayOverrun set the publisher passes it by.
const settling = mayOverrun

func newSubscription[T any](b *Broadcast[T], s *seat, p Policy, next uint64) *Subscription[T] {
	n := &Subscription[T]{b: b, seat: s, policy: p, next: next, buffer: make([]uint64, b.words)}
	n.at = int(next%b.capacity) * (b.words + 1)
	watch := func(words []futex.Word) ([]futex.Word, bool, error) {
		return b.watchPeer(words, b.pre.producer.Load(), n.anyItems)
	}
	n.readable.set(&b.core, &b.pre.items, n.items, watch)
	return n
}

// TryNext returns the next item. It returns [ErrEmpty], [ErrClosed] at the end of the stream, [ErrCorrupt], or, for the
// policy Overrun, an [*OverrunError] when the publisher has been there first: the call after it goes on with the oldest
// item left.
func (s *Subscription[T]) TryNext() (T, error) {
	var v T
	slot := s.b.slots[s.at : s.at+s.b.words+1]
	want := 2*s.next + 2
	seq := slot[0].Load() // SYNC(broadcast.seq): pairs with TryPublish.
	switch {
	case seq == want:
		for i := range s.buffer {
			s.buffer[i] = slot[1+i].Load()
		}
		if slot[0].Load() != want { // SYNC(broadcast.seq): the item was overrun while it was read.
			return v, s.overrun()
		}
	case int64(seq-want) > 0:
		return v, s.overrun()
	default:
		return v, s.end()
	}
	fromWords(&v, s.buffer)
	s.next++
	if s.at += s.b.words + 1; s.at == len(s.b.slots) {
		s.at = 0
	}
	publish(&s.seat.cursor, s.next) // SYNC(broadcast.cursor): gives the place back; pairs with used.
	invariants.Point("broadcast.read")
	if s.policy == BackPressure { // the publisher watches no others, so no others may lower its flag
		s.b.pre.room.ring()
	}
	return v, nil
}

// end says why there is no item: a Close may have come after the last one.
func (s *Subscription[T]) end() error {
	if !s.b.Closed() { // SYNC(ring.closed): pairs with Close.
		return ErrEmpty
	}
	if int64(s.b.shared.tail.Load()-s.next) > 0 {
		return ErrEmpty // published before Close: the next look finds it
	}
	return ErrClosed
}

// overrun moves to the oldest item that is left and says what was lost.
func (s *Subscription[T]) overrun() error {
	tail := s.b.shared.tail.Load() // SYNC(broadcast.tail): pairs with TryPublish.
	if s.policy == BackPressure || int64(tail-s.next) < 0 {
		return corrupt("subscriber at %d is overrun, the tail is %d", s.next, tail)
	}
	oldest := max(s.next+1, tail+1-min(tail, s.b.capacity)) // one more than fits: the publisher may be at it
	lost := oldest - s.next
	s.next = oldest
	s.at = int(s.next%s.b.capacity) * (s.b.words + 1)
	publish(&s.seat.cursor, s.next)
	return &OverrunError{lost}
}

// Next is TryNext that waits for an item as long as ctx lasts. It returns ctx's error, or [ErrPeerDead] when nothing is
// left and the publisher is dead.
func (s *Subscription[T]) Next(ctx context.Context) (T, error) {
	for {
		v, err := s.TryNext()
		if err != ErrEmpty {
			return v, err
		}
		if err := s.readable.wait(ctx); err != nil {
			return v, err
		}
	}
}

// All yields the items until the end of the stream. An [*OverrunError] comes with no item and the loop goes on; any other
// end comes as the last error.
func (s *Subscription[T]) All(ctx context.Context) iter.Seq2[T, error] { return all(ctx, s.Next) }

// Len returns how many items this subscription has still to read.
func (s *Subscription[T]) Len() int {
	return max(0, int(s.b.shared.tail.Load()-s.seat.cursor.Load()))
}

// Readable is ready when a TryNext would not return ErrEmpty.
func (s *Subscription[T]) Readable() Source { return s.b.outside(&s.readable, s.anyItems) }

// Leave gives the seat up. The subscription may not be used any more.
func (s *Subscription[T]) Leave() {
	s.seat.member.Store(0)
	s.b.pre.room.ringNow() // without the flag: nobody watches a life without a seat
}

func (s *Subscription[T]) items() int {
	if s.b.Closed() {
		return 1
	}
	if int64(s.b.slots[s.at].Load()-2*s.next-2) >= 0 {
		return 1 + int(min(1, s.b.slots[s.at].Load()-2*s.next-2))
	}
	return 0
}

func (s *Subscription[T]) anyItems() int {
	if s.b.Closed() {
		return 1
	}
	return s.Len()
}
