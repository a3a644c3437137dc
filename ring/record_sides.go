package ring

import (
	"context"
	"fmt"
	"iter"
	"math/bits"

	"github.com/shmath/shmath/internal/invariants"
)

// recordProducer is a producer's own knowledge of its lane.
type recordProducer struct {
	lane    int // -1 before the first claim
	tail    mark
	head    mark // as last seen
	claimed int  // bytes of the open claim
	open    bool
	wanted  int // bytes of the claim that did not fit
}

// recordConsumer is the consumer's own knowledge.
type recordConsumer struct {
	at    []mark // by lane: the next message to read
	dirty uint64 // lanes with messages that were read and are not released
	turn  int    // the lane to look at first
	burst int    // messages still to be taken from it before another lane has its turn
	owner bool

	orphans []uint32 // by lane: how many messages are still to come that the last consumer had in its hands when it died
	from    uint32   // its tag
}

// burstMax is how many messages the consumer takes from one producer while others have some too.
const burstMax = 32

const (
	badLength = "ring: a message's length is negative or longer than its claim"
	badOpen   = "ring: commit without a claim"
)

// Claim returns n bytes of the ring to be written in place and published by Commit, or forgotten by Abort. A producer
// that dies before Commit leaves no trace. Claim does not wait: it returns [ErrFull], [ErrClosed], [ErrTooLong],
// [ErrTaken] when every lane has a live producer, or [ErrCorrupt]. A claim replaces one that is open.
func (q *Record) Claim(n int) ([]byte, error) {
	p := &q.prod
	switch {
	case n < 0:
		panic(badLength)
	case n > q.longest:
		return nil, fmt.Errorf("%w: %d bytes, the longest may have %d", ErrTooLong, n, q.longest)
	case p.lane < 0:
		if err := q.enter(); err != nil {
			return nil, err
		}
	}
	if q.Closed() { // SYNC(ring.closed): pairs with Close.
		return nil, ErrClosed
	}
	if !q.fitsBehind(n, p.head) {
		head, err := q.headSeen()
		if err != nil {
			return nil, err
		}
		if p.head = head; !q.fitsBehind(n, head) {
			p.wanted = n
			return nil, ErrFull
		}
	}
	p.claimed, p.open = n, true
	invariants.Point("record.claimed")
	return q.body(p.lane, p.tail.place(), n), nil
}

// ClaimWait is Claim that waits for room as long as ctx lasts. It returns ctx's error, or [ErrPeerDead] when there is no
// room and the consumer is dead.
func (q *Record) ClaimWait(ctx context.Context, n int) ([]byte, error) {
	for {
		b, err := q.Claim(n)
		if err != ErrFull {
			return b, err
		}
		if err := q.writable.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// Commit publishes the first n bytes of the open claim as one message.
func (q *Record) Commit(n int) {
	p := &q.prod
	if !p.open {
		panic(badOpen)
	}
	if n < 0 || n > p.claimed {
		panic(badLength)
	}
	place := p.tail.place()
	next := q.next(place, n)
	// The consumer looks at the word behind this message next: it must say "nothing" before the message appears.
	publish(q.length(p.lane, next), 0)
	invariants.Point("record.cleared")
	publish(q.length(p.lane, place), uint64(n)+1) // SYNC(record.length): publishes the message; pairs with peek.
	invariants.Point("record.published")
	p.tail = marked(next, p.tail.count()+1)
	publish(&q.lanes[p.lane].tail.Uint64, uint64(p.tail)) // SYNC(record.tail): pairs with laneLen.
	p.open = false
	q.pre.items.ring()
}

// Abort forgets the open claim, if there is one.
func (q *Record) Abort() { q.prod.open = false }

// fitsBehind tells whether a message of n bytes, and the empty length word behind it, fit before head.
func (q *Record) fitsBehind(n int, head mark) bool {
	used := q.prod.tail.place() + q.places - head.place()
	if used >= q.places {
		used -= q.places
	}
	return uint64(used)+uint64((n+unit-1)/unit)+2 <= uint64(q.places)
}

func (q *Record) headSeen() (mark, error) {
	p := &q.prod
	head := mark(q.lanes[p.lane].head.Load()) // SYNC(record.head): pairs with Release.
	if head.place() >= q.places || (head.count() == p.tail.count()) != (head.place() == p.tail.place()) {
		return 0, corrupt("head %d:%d, tail %d:%d of %d", head.place(), head.count(), p.tail.place(), p.tail.count(), q.places)
	}
	return head, nil
}

// enter takes a lane that is free or whose producer is dead, and finds out where that one was.
func (q *Record) enter() error {
	for i := range q.lanes {
		owner := &q.lanes[i].owner
		old := owner.Load()
		if old == q.tag || old != 0 && q.opts.Members.Alive(old&tagMask) || !owner.CompareAndSwap(old, q.tag) {
			continue
		}
		q.ringAll() // sleepers have to watch another life from now on
		return q.recover(i)
	}
	return fmt.Errorf("%w: all %d lanes have a live producer", ErrTaken, len(q.lanes))
}

// recover finds the end of a lane. Its last producer may have died between publishing a message and moving the tail.
func (q *Record) recover(i int) error {
	tail := mark(q.lanes[i].tail.Load())
	if tail.place() >= q.places {
		return corrupt("tail at %d of %d", tail.place(), q.places)
	}
	n, err := q.peek(i, tail.place())
	if err != nil {
		return err
	}
	if n >= 0 {
		tail = marked(q.next(tail.place(), n), tail.count()+1)
		publish(&q.lanes[i].tail.Uint64, uint64(tail))
	}
	q.prod = recordProducer{lane: i, tail: tail}
	q.prod.head, err = q.headSeen()
	if err != nil {
		q.prod.lane = -1
		q.resign(&q.lanes[i].owner)
	}
	return err
}

// room is ready for producers.
func (q *Record) room() int {
	if q.prod.lane < 0 || q.Closed() {
		return 1
	}
	head, err := q.headSeen()
	if err != nil || q.fitsBehind(q.prod.wanted, head) {
		return 2
	}
	return 0
}

// TryNext returns the next message, to be read in place until Release. It returns [ErrEmpty], [ErrClosed] at the end of
// the stream, [ErrTaken] when another live process is the consumer, [ErrCorrupt], or, together with a valid message, an
// [*OrphanError]. What is read and not released is there again for the next consumer, should this one die.
func (q *Record) TryNext() ([]byte, error) {
	if !q.cons.owner {
		if err := q.becomeConsumer(); err != nil {
			return nil, err
		}
	}
	b, err := q.find()
	if err != ErrEmpty || !q.Closed() { // SYNC(ring.closed): pairs with Close.
		return b, err
	}
	b, err = q.find() // what was published between the first look and Close
	if err == ErrEmpty {
		err = ErrClosed
	}
	return b, err
}

// Next is TryNext that waits for a message as long as ctx lasts. It returns ctx's error, or [ErrPeerDead] when nothing is
// left and every producer is dead.
func (q *Record) Next(ctx context.Context) ([]byte, error) {
	for {
		b, err := q.TryNext()
		if err != ErrEmpty {
			return b, err
		}
		if err := q.readable.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// Release gives back the room of every message read so far. Slices that Next returned are invalid from then on.
func (q *Record) Release() {
	c := &q.cons
	for ; c.dirty != 0; c.dirty &= c.dirty - 1 {
		i := bits.TrailingZeros64(c.dirty)
		publish(&q.lanes[i].head.Uint64, uint64(c.at[i])) // SYNC(record.head): gives room back; pairs with headSeen.
		invariants.Point("record.released")
	}
	q.pre.room.ring()
}

// All yields the messages until the end of the stream, each valid during its turn of the loop. Any other end comes as
// the last error.
func (q *Record) All(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for b, err := range all(ctx, q.Next) {
			more := yield(b, err)
			if err == nil || passing(err) {
				q.Release()
			}
			if !more {
				return
			}
		}
	}
}

// find looks for a message, in the lane that has its turn first.
func (q *Record) find() ([]byte, error) {
	c := &q.cons
	for range len(q.lanes) + 1 { // once more for the lane whose burst has ended
		i := c.turn
		n, err := q.peek(i, c.at[i].place())
		if err != nil {
			return nil, err
		}
		if n >= 0 && c.burst > 0 {
			at := c.at[i]
			c.at[i] = marked(q.next(at.place(), n), at.count()+1)
			c.dirty |= 1 << i
			c.burst--
			err := q.hold(i)
			invariants.Point("record.read")
			return q.body(i, at.place(), n), err
		}
		if c.turn++; c.turn == len(q.lanes) {
			c.turn = 0
		}
		c.burst = burstMax
	}
	return nil, ErrEmpty
}

// hold writes down, with the policy Report, that the next message of a lane is in this process's hands. It returns an
// [*OrphanError] when the last consumer had it in its hands.
func (q *Record) hold(lane int) error {
	c := &q.cons
	switch {
	case !q.report:
		return nil
	case c.orphans[lane] > 0:
		c.orphans[lane]--
		return &OrphanError{c.from}
	}
	publish(&q.lanes[lane].head.taken, uint64(c.at[lane]))
	invariants.Point("record.taken")
	return nil
}

// becomeConsumer begins where the last consumer ended. What that one had in its hands when it died is an orphan.
func (q *Record) becomeConsumer() error {
	dead, err := q.assume(&q.pre.consumer, "consumer")
	if err != nil {
		return err
	}
	c := &q.cons
	for i := range q.lanes {
		head := mark(q.lanes[i].head.Load())
		taken := mark(q.lanes[i].head.taken.Load())
		held := int32(taken.count() - head.count())
		if head.place() >= q.places || q.report && held > int32(q.places) {
			return corrupt("head %d:%d, taken up to %d, of %d", head.place(), head.count(), taken.count(), q.places)
		}
		if dead == 0 || !q.report {
			held = 0
		}
		c.at[i], c.orphans[i] = head, uint32(max(held, 0))
	}
	c.owner, c.dirty, c.from = true, 0, dead
	return nil
}

// items is ready for the consumer: 2 or more says that there is a stream.
func (q *Record) items() int {
	if !q.cons.owner || q.Closed() {
		return 1
	}
	ready := 0
	for i := range q.lanes {
		place := q.cons.at[i].place()
		n, err := q.peek(i, place)
		if err != nil {
			return 1
		}
		if n < 0 {
			continue
		}
		ready++
		if n, err = q.peek(i, q.next(place, n)); n >= 0 || err != nil {
			ready++
		}
	}
	return ready
}
