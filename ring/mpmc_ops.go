package ring

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/invariants"
)

const (
	overtakeMax = 64   // messages being written that a consumer looks past
	idleTries   = 4096 // tries that find nothing between two looks for deaths
)

// errAgain says that the ring changed under a look at it.
var errAgain = errors.New("ring: look again")

// TryPush appends v. It returns [ErrFull], [ErrClosed] or [ErrCorrupt]. When it returns nil, v can be popped, whatever
// other producers are doing.
func (q *MPMC[T]) TryPush(v T) error { return q.push(&v) }

// push is TryPush of *v: large items are not copied once more for each call on the way.
func (q *MPMC[T]) push(v *T) error {
	i, lap, err := q.claim()
	if err != nil {
		return err
	}
	s := q.slots.at(i)
	s.item = *v
	invariants.Point("mpmc.written")
	publish(&s.word, uint64(makeSlot(ready, lap, 0))) // SYNC(mpmc.ready): publishes the item; pairs with take.
	invariants.Point("mpmc.ready")
	q.pre.items.ring()
	return nil
}

// TryPop takes the oldest message that is published. It returns [ErrEmpty], [ErrClosed] at the end of the stream,
// [ErrCorrupt], or, together with a valid message, an [*OrphanError].
func (q *MPMC[T]) TryPop() (v T, err error) {
	err = q.pop(&v)
	return v, err
}

// pop is TryPop to *v.
func (q *MPMC[T]) pop(v *T) error {
	l, err := q.TryTake()
	if l.q == nil {
		return err
	}
	*v = *l.Value()
	invariants.Point("mpmc.read")
	l.give()
	return err
}

// Lease is a message in the hands of its consumer, still in its slot. It is the consumer's until Done; should this
// process die before, another consumer gets the message. While it lasts the ring can go round to its slot and no
// further.
type Lease[T any] struct {
	q   *MPMC[T]
	i   int
	lap uint64
}

// Value returns the message, valid until Done.
func (l Lease[T]) Value() *T { return &l.q.slots.at(l.i).item }

// Done gives the slot back. It panics when the lease was done before.
func (l Lease[T]) Done() {
	if l.q == nil || slot(l.q.slots.word(l.i).Load()) != makeSlot(taken, l.lap, l.q.tag) {
		panic("ring: the lease is done already")
	}
	l.give()
}

func (l Lease[T]) give() {
	publish(l.q.slots.word(l.i), uint64(makeSlot(free, l.lap+1, 0))) // SYNC(mpmc.free): gives the slot back; pairs with claim.
	invariants.Point("mpmc.freed")
	l.q.pre.room.ring()
}

// TryTake is TryPop that leaves the message in its slot until it is done with. When the error is an [*OrphanError] the
// lease is valid.
func (q *MPMC[T]) TryTake() (Lease[T], error) {
	i, lap, from, err := q.take()
	if err != nil {
		return Lease[T]{}, err
	}
	if from != 0 && q.policy == Report {
		err = &OrphanError{from}
	}
	return Lease[T]{q, i, lap}, err
}

// Take is Pop that leaves the message in its slot until it is done with.
func (q *MPMC[T]) Take(ctx context.Context) (Lease[T], error) {
	for {
		l, err := q.TryTake()
		if err != ErrEmpty {
			return l, err
		}
		if err := q.readable.wait(ctx); err != nil {
			return l, err
		}
	}
}

// claim makes the slot at the tail this process's. The tail may lag by one position, and whoever notices moves it on.
func (q *MPMC[T]) claim() (int, uint64, error) {
	for {
		tail := q.shared.tail.Load()
		if tail&closedBit != 0 {
			return 0, 0, ErrClosed
		}
		i, lap := q.locate(tail)
		word := q.slots.word(i)
		s := slot(word.Load())
		switch d := s.ahead(lap); {
		case d == 0 && s.state() == free:
			// SYNC(mpmc.free): pairs with give.
			if !word.CompareAndSwap(uint64(s), uint64(makeSlot(claimed, lap, q.tag))) {
				continue
			}
			invariants.Point("mpmc.claimed")
			if q.passTail(tail) {
				invariants.Point("mpmc.counted")
				return i, lap, nil
			}
			publish(word, uint64(makeSlot(void, lap, 0)))
			return 0, 0, ErrClosed
		case d == 0 && s.state() < states:
			q.shared.tail.CompareAndSwap(tail, tail+1)
		case q.shared.tail.Load() != tail:
		case d == -1 && s.state() != free && s.state() < states:
			q.lookForDeaths()
			return 0, 0, ErrFull
		default:
			return 0, 0, corrupt("slot %d is %v at tail %d, lap %d", i, s, tail, lap)
		}
	}
}

// passTail moves the tail past a claim, unless Close came first: the tail decides which of the two it was.
func (q *MPMC[T]) passTail(tail uint64) bool {
	return q.shared.tail.CompareAndSwap(tail, tail+1) || // SYNC(mpmc.tail): pairs with Close.
		q.shared.tail.Load()&^closedBit > tail
}

// counted helps the tail past a claim at pos and reports whether it is past.
func (q *MPMC[T]) counted(pos uint64) bool {
	return q.shared.tail.Load()&^closedBit > pos || q.passTail(pos)
}

// advance moves the head past a position that nobody will take any more.
func (q *MPMC[T]) advance(head uint64) { q.shared.head.CompareAndSwap(head, head+1) }

// take makes the oldest published message this process's. from is the dead member that had it, 0 for a fresh one.
func (q *MPMC[T]) take() (i int, lap uint64, from uint32, err error) {
	if q.mend.Load() {
		if i, lap, from, ok := q.adopt(); ok {
			return i, lap, from, nil
		}
	}
	for {
		head := q.shared.head.Load()
		i, lap := q.locate(head)
		word := q.slots.word(i)
		s := slot(word.Load()) // SYNC(mpmc.ready): pairs with TryPush.
		switch d := s.ahead(lap); {
		case d == 0 && s.state() == ready:
			if word.CompareAndSwap(uint64(s), uint64(makeSlot(taken, lap, q.tag))) {
				invariants.Point("mpmc.taken")
				q.advance(head)
				invariants.Point("mpmc.passed")
				return i, lap, 0, nil
			}
		case d == 0 && (s.state() == claimed || s.state() == void) && !q.counted(head):
			if q.shared.tail.Load() == head|closedBit {
				return 0, 0, 0, ErrClosed
			}
		case d == 0 && s.state() == claimed:
			i, lap, err := q.overtake(head)
			if err != errAgain {
				return i, lap, 0, err
			}
		case d == 0 && s.state() == void:
			if word.CompareAndSwap(uint64(s), uint64(makeSlot(free, lap+1, 0))) {
				q.pre.room.ring()
			}
			q.advance(head)
		case d > 0 || d == 0 && s.state() == taken:
			if n := q.shared.tail.Load()&^closedBit - head; (n == 0 || n > 2*q.capacity) && q.shared.head.Load() == head {
				return 0, 0, 0, corrupt("slot %d is %v at head %d, %d before the tail", i, s, head, n)
			}
			q.advance(head)
		default:
			if err := q.end(head, word, s); err != errAgain {
				return 0, 0, 0, err
			}
		}
	}
}

// end says why there is nothing at head, where the slot s does not belong to a message of this lap.
func (q *MPMC[T]) end(head uint64, word *atomic.Uint64, s slot) error {
	switch tail := q.shared.tail.Load(); {
	case tail == head|closedBit:
		return ErrClosed
	case tail == head:
		q.lookForDeaths()
		return ErrEmpty
	case q.shared.head.Load() == head && slot(word.Load()) == s:
		return corrupt("slot is %v between head %d and tail %d", s, head, tail&^closedBit)
	}
	return errAgain
}

// overtake takes a published message from behind one that is still being written, so that a producer that was stopped
// half-way hides nobody else's message. It does so only when all that it passes was still being written after the
// message it takes was published: then their pushes overlap, and either order is right.
func (q *MPMC[T]) overtake(head uint64) (int, uint64, error) {
	type passed struct {
		word *atomic.Uint64
		s    slot
	}
	var room [overtakeMax]passed
	writing := room[:0]
	for pos := head; pos < head+q.capacity && len(writing) < overtakeMax; pos++ {
		i, lap := q.locate(pos)
		word := q.slots.word(i)
		s := slot(word.Load()) // SYNC(mpmc.ready): pairs with TryPush.
		d := s.ahead(lap)
		if d < 0 || d == 0 && s.state() == free {
			break
		}
		switch {
		case d == 0 && s.state() == claimed:
			writing = append(writing, passed{word, s})
		case d == 0 && s.state() == ready:
			for _, w := range writing {
				if slot(w.word.Load()) != w.s {
					return 0, 0, errAgain
				}
			}
			if !word.CompareAndSwap(uint64(s), uint64(makeSlot(taken, lap, q.tag))) {
				return 0, 0, errAgain
			}
			invariants.Point("mpmc.overtaken")
			return i, lap, nil
		}
	}
	for _, w := range writing {
		if q.unstuck(w.word, w.s) {
			return 0, 0, errAgain
		}
	}
	return 0, 0, ErrEmpty
}

// unstuck waits a moment for a message that is being written, then asks whether its producer is dead and its claim void.
// It reports whether the slot changed.
func (q *MPMC[T]) unstuck(word *atomic.Uint64, s slot) bool {
	for range 4 {
		asm.Pause(16)
		if slot(word.Load()) != s {
			return true
		}
	}
	return q.bury(word, s)
}

// bury makes a dead producer's claim void.
func (q *MPMC[T]) bury(word *atomic.Uint64, s slot) bool {
	if s.tag() == q.tag || q.opts.Members.Alive(s.tag()) {
		return false
	}
	invariants.Point("mpmc.bury")
	buried := s&^(7|tagMask<<tagShift) | slot(void)
	word.CompareAndSwap(uint64(s), uint64(buried))
	return true
}

// lookForDeaths looks for dead members now and then, for those who never sleep.
func (q *MPMC[T]) lookForDeaths() {
	if q.idle.Add(1)%idleTries == 0 && len(q.dead(&q.shared.roster)) > 0 {
		q.mend.Store(true)
	}
}

// adopt makes the first message that a dead member took and did not release this process's.
func (q *MPMC[T]) adopt() (index int, lap uint64, from uint32, ok bool) {
	q.mend.Store(false)
	dead := q.dead(&q.shared.roster)
	if len(dead) == 0 {
		return 0, 0, 0, false
	}
	for i := range q.slots.n {
		word := q.slots.word(i)
		s := slot(word.Load())
		if !orphan(s, dead) {
			continue
		}
		mine := s&^(tagMask<<tagShift) | slot(q.tag)<<tagShift
		if word.CompareAndSwap(uint64(s), uint64(mine)) {
			invariants.Point("mpmc.adopted")
			q.mend.Store(true)
			return i, uint64(s >> lapShift), s.tag(), true
		}
	}
	q.clearAway()
	return 0, 0, 0, false
}

// orphaned reports whether adopt would find something, and clears away when it would not.
func (q *MPMC[T]) orphaned() bool {
	q.mend.Store(false)
	dead := q.dead(&q.shared.roster)
	if len(dead) == 0 {
		return false
	}
	for i := range q.slots.n {
		if orphan(slot(q.slots.word(i).Load()), dead) {
			q.mend.Store(true)
			return true
		}
	}
	q.clearAway()
	return false
}

func orphan(s slot, dead []uint32) bool { return s.state() == taken && slices.Contains(dead, s.tag()) }

// clearAway makes the claims of dead members void, and takes those who own nothing more out of the roster.
func (q *MPMC[T]) clearAway() {
	for _, tag := range q.dead(&q.shared.roster) {
		owns := false
		for i := range q.slots.n {
			word := q.slots.word(i)
			switch s := slot(word.Load()); {
			case s.tag() != tag:
			case s.state() == claimed:
				q.bury(word, s)
			case s.state() == taken:
				owns = true // a consumer's to adopt
			}
		}
		if !owns {
			invariants.Point("mpmc.strike")
			q.strike(&q.shared.roster, tag)
		}
	}
}
