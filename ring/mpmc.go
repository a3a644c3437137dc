package ring

import (
	"context"
	"fmt"
	"iter"
	"math/bits"
	"sync/atomic"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/layout"
)

// MPMC: who writes what.
//
//	word     writer                      readers   published by      invariant
//	slot[i]  CAS by whoever moves it on  all       itself            see slot; a claim or a taking names its owner
//	item[i]  owner of the claim          consumer  slot[i] = ready   the producer's while claimed, a consumer's while taken
//	tail     CAS by anybody, Close       all       itself            every position below has been claimed; bit 63: closed
//	head     CAS by anybody              all       itself            every position below has been taken or is void
//	roster   members                     all       itself            see roster
//
// Positions count up for ever; position p lies in slot p mod capacity, in lap p / capacity. PROTOCOL.md, "MPMC", has
// the states, the argument and the crashes.

// mpmcShared is an MPMC ring in memory; the slots follow, each in cache lines of its own.
type mpmcShared struct {
	preamble
	tail index
	head index
	roster
}

// closedBit in tail ends the claims: what lies below is all that there will ever be.
const closedBit = 1 << 63

// MPMC is a bounded queue of any number of producers and consumers, in any processes. Operations of one handle may run
// in any number of goroutines at once. A message has one owner at each instant, named in its slot: when that process
// dies, whoever meets the slot mends it. A process that is only stopped is never robbed.
type MPMC[T any] struct {
	core
	shared   *mpmcShared
	slots    mpmcSlots[T]
	capacity uint64
	inverse  uint64 // floor(2^64-1 / capacity), for locate
	policy   DeathPolicy
	readable source
	writable source
	mend     atomic.Bool   // somebody may have died holding messages: look before the next Pop
	idle     atomic.Uint32 // tries that found nothing since somebody last looked for deaths
}

// SizeMPMC returns how many bytes an MPMC ring of capacity items of type T takes. It panics when the capacity is not
// between 1 and 1<<32.
func SizeMPMC[T any](capacity int) int {
	if capacity < 1 || capacity > capacityMax {
		panic(badCapacity)
	}
	var s mpmcSlots[T]
	return mpmcSize + capacity*s.stride()
}

// CreateMPMC lays out an empty ring at the beginning of mem, which nobody else uses yet. OnConsumerDeath of the options
// is written into it.
func CreateMPMC[T any](mem []byte, capacity int, o *Options) (*MPMC[T], error) {
	e, err := elementOf[T]()
	if err != nil {
		return nil, err
	}
	if capacity < 1 || capacity > capacityMax {
		return nil, fmt.Errorf("%w: capacity %d is not between 1 and %d", ErrOptions, capacity, uint64(capacityMax))
	}
	opts := o.withDefaults()
	f := facts{kind: kindMPMC, capacity: uint64(capacity), element: uint64(e.size), shape: e.shape,
		policy: uint32(opts.OnConsumerDeath)}
	c, err := create(mem, SizeMPMC[T](capacity), &opts, f)
	if err != nil {
		return nil, err
	}
	q, err := newMPMC[T](c, f)
	if err == nil {
		c.publish()
	}
	return q, err
}

// AttachMPMC opens the ring that CreateMPMC laid out at the beginning of mem, perhaps in another process.
func AttachMPMC[T any](mem []byte, o *Options) (*MPMC[T], error) {
	e, err := elementOf[T]()
	if err != nil {
		return nil, err
	}
	c, f, err := attach(mem, o, kindMPMC, e)
	if err != nil {
		return nil, err
	}
	if err := c.fits(SizeMPMC[T](int(f.capacity))); err != nil {
		return nil, err
	}
	return newMPMC[T](c, f)
}

func newMPMC[T any](c core, f facts) (*MPMC[T], error) {
	q := &MPMC[T]{core: c, capacity: f.capacity, inverse: ^uint64(0) / f.capacity, policy: DeathPolicy(f.policy),
		shared: layout.View[mpmcShared](c.mem, 0)}
	q.slots.over(c.mem[mpmcSize:], int(f.capacity))
	q.readable.set(&q.core, &q.pre.items, q.items, q.watch)
	q.writable.set(&q.core, &q.pre.room, q.room, q.watch)
	q.mend.Store(true)
	return q, q.enroll(&q.shared.roster, q.clearAway)
}

// locate returns the slot of a position and its lap, by a multiplication in place of a division.
func (q *MPMC[T]) locate(pos uint64) (index int, lap uint64) {
	lap, _ = bits.Mul64(pos, q.inverse)
	rest := pos - lap*q.capacity
	for rest >= q.capacity { // at most twice: the inverse is rounded down
		rest -= q.capacity
		lap++
	}
	return int(rest), lap
}

// Cap returns how many items the ring holds.
func (q *MPMC[T]) Cap() int { return int(q.capacity) }

// Len returns how many items are claimed or published and not taken: exact at some instant of the call.
func (q *MPMC[T]) Len() int {
	for {
		tail := q.shared.tail.Load() &^ closedBit
		head := q.shared.head.Load()
		if q.shared.tail.Load()&^closedBit != tail || head > tail {
			continue
		}
		n := min(tail-head, q.capacity)
		if n > 0 && q.pastHead(head) {
			q.advance(head) // its consumer died, or was stopped, between the slot and the head
			continue
		}
		if n > 0 && q.stalled(head) {
			return q.count(head, n)
		}
		return int(n)
	}
}

// pastHead tells whether the message at head has been taken although head has not moved.
func (q *MPMC[T]) pastHead(head uint64) bool {
	i, lap := q.locate(head)
	s := slot(q.slots.word(i).Load())
	return s.ahead(lap) > 0 || s.ahead(lap) == 0 && s.state() == taken
}

// stalled tells whether the message at head is being written: then messages behind it may have been taken before it.
func (q *MPMC[T]) stalled(head uint64) bool {
	i, lap := q.locate(head)
	s := slot(q.slots.word(i).Load())
	return s.ahead(lap) == 0 && (s.state() == claimed || s.state() == void)
}

func (q *MPMC[T]) count(head, n uint64) int {
	count := 0
	for pos := head; pos < head+n; pos++ {
		i, lap := q.locate(pos)
		s := slot(q.slots.word(i).Load())
		if s.ahead(lap) == 0 && (s.state() == claimed || s.state() == ready) {
			count++
		}
	}
	return count
}

// Close ends the stream, at once for producers: a claim that comes later fails. Consumers get [ErrClosed] once every
// message claimed before has been taken. Any process may call it, any number of times.
func (q *MPMC[T]) Close() {
	q.shared.tail.Or(closedBit) // SYNC(mpmc.tail): the last change of tail, ever.
	q.core.Close()
}

// Push appends v and waits for room as long as ctx lasts. It returns what TryPush returns except ErrFull, or ctx's
// error.
func (q *MPMC[T]) Push(ctx context.Context, v T) error {
	for {
		if err := q.push(&v); err != ErrFull {
			return err
		}
		if err := q.writable.wait(ctx); err != nil {
			return err
		}
	}
}

// Pop takes a message, the oldest that is published, and waits for one as long as ctx lasts. It returns what TryPop
// returns except ErrEmpty, or ctx's error.
func (q *MPMC[T]) Pop(ctx context.Context) (v T, err error) {
	for {
		if err := q.pop(&v); err != ErrEmpty {
			return v, err
		}
		if err := q.readable.wait(ctx); err != nil {
			return v, err
		}
	}
}

// All yields messages until the end of the stream. An [*OrphanError] comes with its message and the loop goes on; any
// other end comes as the last error, with no message.
func (q *MPMC[T]) All(ctx context.Context) iter.Seq2[T, error] { return all(ctx, q.Pop) }

// items is ready for consumers.
func (q *MPMC[T]) items() int {
	if q.mend.Load() && q.orphaned() {
		return 1
	}
	head := q.shared.head.Load()
	tail := q.shared.tail.Load()
	if tail == head|closedBit {
		return 1
	}
	if tail&^closedBit <= head {
		return 0
	}
	i, lap := q.locate(head)
	if s := slot(q.slots.word(i).Load()); s.ahead(lap) != 0 || s.state() != claimed {
		return int(min(tail&^closedBit-head, q.capacity))
	}
	for pos := head + 1; pos < tail&^closedBit && pos < head+q.capacity; pos++ {
		i, lap := q.locate(pos)
		if s := slot(q.slots.word(i).Load()); s.ahead(lap) == 0 && s.state() == ready {
			return 1
		}
	}
	return 0
}

// room is ready for producers.
func (q *MPMC[T]) room() int {
	tail := q.shared.tail.Load()
	if tail&closedBit != 0 {
		return 1
	}
	i, lap := q.locate(tail)
	if slot(q.slots.word(i).Load()).ahead(lap) >= 0 {
		return 1
	}
	return 0
}

// watch watches every member. A death is news for the next try.
func (q *MPMC[T]) watch(words []futex.Word) ([]futex.Word, bool, error) {
	words, poll, dead := q.watchRoster(&q.shared.roster, words)
	if dead {
		q.mend.Store(true)
	}
	return words, poll, nil
}
