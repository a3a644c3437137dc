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
	way     *lane
	frames  frames
	tail    mark
	room    uint32 // units from the tail on that are known to be free
	claimed int    // bytes of the open claim, -1 when there is none
	wanted  int    // bytes of the claim that did not fit
}

// recordConsumer is the consumer's own knowledge.
type recordConsumer struct {
	from  []laneReader
	dirty uint64 // lanes with messages that were read and are not released
	turn  int    // the lane to look at first
	burst int    // messages still to be taken from it before another lane has its turn
	known int    // messages that are known to be there
	size  int    // bytes of the last message
	step  uint32 // and units, with its length word
	owner bool
	dead  uint32 // tag of the last consumer, who died
}

// laneReader is what the consumer knows of a lane.
type laneReader struct {
	frames  frames
	at      mark   // the next message to read
	orphans uint32 // messages still to come that the last consumer had in its hands when it died
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
	if uint64(n) > uint64(q.longest) || units(n)+2 > p.room {
		if err := q.findRoom(n); err != nil {
			return nil, err
		}
	}
	if q.Closed() { // SYNC(ring.closed): pairs with Close.
		return nil, ErrClosed
	}
	p.claimed = n
	invariants.Point("record.claimed")
	return p.frames.body(p.tail.place(), n), nil
}

// findRoom finds room for a message of n bytes, after it made sure that this process has a lane.
func (q *Record) findRoom(n int) error {
	p := &q.prod
	switch {
	case n < 0:
		panic(badLength)
	case n > q.longest:
		return fmt.Errorf("%w: %d bytes, the longest may have %d", ErrTooLong, n, q.longest)
	case p.lane < 0:
		if err := q.enter(); err != nil {
			return err
		}
	}
	if q.Closed() {
		return ErrClosed
	}
	if err := q.moreRoom(); err != nil {
		return err
	}
	if p.wanted = n; !p.fits(n) {
		return ErrFull
	}
	return nil
}

// fits tells whether a message of n bytes, and the empty length word behind it, fit into the room.
func (p *recordProducer) fits(n int) bool { return units(n)+2 <= p.room }

// ClaimWait is Claim that waits for room as long as ctx lasts. It returns ctx's error, or [ErrPeerDead] when there is no
// room and the consumer is dead.
func (q *Record) ClaimWait(ctx context.Context, n int) ([]byte, error) {
	for {
		b, err := q.Claim(n)
		if err != ErrFull {
			return b, err
		}
		q.writable.back.batches(uint64(q.places)*unit/uint64(n+unit), uint64(n))
		if err := q.writable.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// Commit publishes the first n bytes of the open claim as one message.
func (q *Record) Commit(n int) {
	p := &q.prod
	if uint64(n) > uint64(p.claimed) || p.claimed < 0 {
		q.misuse()
	}
	place := p.tail.place()
	next := q.next(place, n)
	// The consumer looks at the word behind this message next: it must say "nothing" before the message appears.
	publish(p.frames.length(next), 0)
	invariants.Point("record.cleared")
	publish(p.frames.length(place), uint64(n)+1) // SYNC(record.length): publishes the message; pairs with TryNext and peek.
	invariants.Point("record.published")
	p.tail = marked(next, p.tail.count()+1)
	publish(&p.way.tail.Uint64, uint64(p.tail)) // SYNC(record.tail): pairs with laneLen.
	p.room -= 1 + units(n)
	p.claimed = -1
	q.pre.items.ring()
}

// misuse says what is wrong with a Commit.
func (q *Record) misuse() {
	if q.prod.claimed < 0 {
		panic(badOpen)
	}
	panic(badLength)
}

// Abort forgets the open claim, if there is one.
func (q *Record) Abort() { q.prod.claimed = -1 }

// moreRoom looks at the head again.
func (q *Record) moreRoom() error {
	p := &q.prod
	head := mark(p.way.head.Load()) // SYNC(record.head): pairs with Release.
	if head.place() >= q.places || (head.count() == p.tail.count()) != (head.place() == p.tail.place()) {
		return corrupt("head %d:%d, tail %d:%d of %d", head.place(), head.count(), p.tail.place(), p.tail.count(), q.places)
	}
	used := p.tail.place() + q.places - head.place()
	if used >= q.places {
		used -= q.places
	}
	p.room = q.places - used
	return nil
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
	q.prod = recordProducer{lane: i, way: &q.lanes[i], frames: q.frames[i], tail: tail, claimed: -1}
	if err = q.moreRoom(); err != nil {
		q.prod.lane = -1
		q.prod.room = 0
		q.resign(&q.lanes[i].owner)
	}
	return err
}

// room is ready for producers: how many more messages of the length that was wanted there is room for.
func (q *Record) room() int {
	if q.prod.lane < 0 || q.Closed() {
		return 1
	}
	if err := q.moreRoom(); err != nil {
		return 1
	}
	return int((q.prod.room - 1) / (1 + units(q.prod.wanted)))
}

// TryNext returns the next message, to be read in place until Release. It returns [ErrEmpty], [ErrClosed] at the end of
// the stream, [ErrTaken] when another live process is the consumer, [ErrCorrupt], or, together with a valid message, an
// [*OrphanError]. What is read and not released is there again for the next consumer, should this one die.
func (q *Record) TryNext() ([]byte, error) {
	c := &q.cons
	if c.burst > 0 && !q.report { // so it is not before the part is taken
		lane := &c.from[c.turn]
		at := lane.at
		if n := lane.frames.length(at.place()).Load() - 1; n <= uint64(q.longest) { // SYNC(record.length): pairs with Commit.
			if int(n) != c.size {
				c.size, c.step = int(n), 1+units(int(n))
			}
			// Of messages of one length, the processor need not wait for one to know where the next begins.
			lane.at = marked(q.step(at.place(), c.step), at.count()+1)
			c.dirty |= 1 << c.turn
			c.burst--
			invariants.Point("record.read")
			return lane.frames.body(at.place(), int(n)), nil
		}
	}
	return q.tryNext()
}

// tryNext is TryNext where the next message is not one more of the same producer.
func (q *Record) tryNext() ([]byte, error) {
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
		fresh := q.gather()
		b, err := q.TryNext()
		if err == nil && fresh {
			q.readable.back.found(0)
		}
		if err != ErrEmpty {
			return b, err
		}
		if err := q.readable.await(ctx); err != nil {
			return nil, err
		}
	}
}

// gather backs off, if that has become a habit, when the consumer has used up the messages that it knew of, and reports
// whether it has.
func (q *Record) gather() bool {
	c, back := &q.cons, &q.readable.back
	switch {
	case !c.owner:
		return false
	case c.known > 0:
		c.known--
		return false
	case back.gathers():
		n := 0
		for i := range q.lanes {
			tail := mark(q.lanes[i].tail.Load()) // SYNC(record.tail): pairs with Commit.
			n += int(max(0, int32(tail.count()-c.from[i].at.count())))
		}
		back.batches(uint64(q.places)*unit/uint64(c.size+unit), uint64(c.size))
		back.waited(uint64(n))
		c.known = max(0, n-1) // without the one that Next takes
	}
	return true
}

// Release gives back the room of every message read so far. Slices that Next returned are invalid from then on.
func (q *Record) Release() {
	c := &q.cons
	for ; c.dirty != 0; c.dirty &= c.dirty - 1 {
		i := bits.TrailingZeros64(c.dirty)
		publish(&q.lanes[i].head.Uint64, uint64(c.from[i].at)) // SYNC(record.head): gives room back; pairs with moreRoom.
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
		lane := &c.from[i]
		n, err := q.peek(i, lane.at.place())
		if err != nil {
			return nil, err
		}
		if n >= 0 && c.burst > 0 {
			at := lane.at
			c.size, c.step = n, 1+units(n)
			lane.at = marked(q.step(at.place(), c.step), at.count()+1)
			c.dirty |= 1 << i
			c.burst--
			err = q.hold(i)
			invariants.Point("record.read")
			return lane.frames.body(at.place(), n), err
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
	case c.from[lane].orphans > 0:
		c.from[lane].orphans--
		return &OrphanError{c.dead}
	}
	publish(&q.lanes[lane].head.taken, uint64(c.from[lane].at))
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
		c.from[i] = laneReader{q.frames[i], head, uint32(max(held, 0))}
	}
	q.cons = recordConsumer{from: c.from, owner: true, step: 1, dead: dead}
	return nil
}

// items is ready for the consumer: 2 or more says that there is a stream.
func (q *Record) items() int {
	if !q.cons.owner || q.Closed() {
		return 1
	}
	ready := 0
	for i := range q.lanes {
		place := q.cons.from[i].at.place()
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
