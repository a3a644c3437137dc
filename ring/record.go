package ring

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/layout"
)

// Record: who writes what. Each producer has a lane of its own; "producer" is the owner of the lane.
//
//	word       writer         readers   published by      invariant
//	owner[l]   producers      all       itself (CAS)      tag of the lane's producer; a dead one's is replaced
//	frame      producer       consumer  its length word   a length word, then the bytes of the message
//	length     producer       consumer  itself            0, or length+1 of a message; 0 behind the last message
//	tail[l]    producer       all       itself            place and number of the next message
//	head[l]    consumer       all       itself            place and number of the oldest message not released
//	taken[l]   consumer       consumer  itself            with Report: what lies before it may be in the consumer's hands
//	consumer   the consumer   all       itself (CAS)      tag of the consumer; a dead one's is replaced
//	closed     anybody        all       itself            0 then 1
//
// Places are offsets in a lane's memory, in units of 8 bytes. A message that begins before the lane's end lies in one
// piece, whatever its length: behind the end there is room for the longest message. Nothing is padded.

const (
	unit       = 8
	recordMax  = 1 << 31
	laneFrames = 2 * unit // a length word for the message that fills the lane, and one behind it
)

// mark is the content of tail and head: a place in the high half, a count of messages in the low half. One word holds
// both, so that a crash cannot part them.
type mark uint64

func marked(place, count uint32) mark { return mark(place)<<32 | mark(count) }
func (m mark) place() uint32          { return uint32(m >> 32) }
func (m mark) count() uint32          { return uint32(m) }

// lane is the part of one producer; the frames follow after the last lane.
type lane struct {
	owner atomic.Uint32
	_     [layout.Line - 4]byte
	tail  index
	head  hands
}

// Record is a queue of messages of any length, written and read in place. It has one consumer and as many producers at
// a time as it was created for. Messages of one producer stay in order; those of different producers are taken in turn.
// A handle serves one producing goroutine and one consuming goroutine.
type Record struct {
	core
	lanes    []lane
	frames   []frames // by lane
	places   uint32   // units in a lane, without the room behind its end
	longest  int
	readable source
	writable source
	report   bool // the policy is Report
	_        [layout.Line]byte
	prod     recordProducer
	_        [layout.Line]byte
	cons     recordConsumer
}

// SizeRecord returns how many bytes a Record takes whose producers can each have capacity bytes under way (short
// messages less: each takes 8 bytes more, rounded up to 8). It panics when the capacity or an option is out of range.
func SizeRecord(capacity int, o *Options) int {
	opts := o.withDefaults()
	if err := opts.checkRecord(capacity); err != nil {
		panic(badRecord)
	}
	return recordSize(capacity, opts.Producers, opts.LongestMessage)
}

const badRecord = "ring: a Record's capacity, Producers or LongestMessage is out of range"

func (o *Options) checkRecord(capacity int) error {
	if o.LongestMessage == 0 {
		o.LongestMessage = capacity
	}
	switch {
	case capacity < 1 || capacity > recordMax:
		return fmt.Errorf("%w: capacity %d is not between 1 and %d", ErrOptions, capacity, int64(recordMax))
	case o.Producers < 1 || o.Producers > producersMax:
		return fmt.Errorf("%w: Producers is %d, not between 1 and %d", ErrOptions, o.Producers, producersMax)
	case o.LongestMessage < 0 || o.LongestMessage > capacity:
		return fmt.Errorf("%w: LongestMessage is %d, not between 0 and the capacity %d", ErrOptions, o.LongestMessage, capacity)
	}
	return nil
}

func recordSize(capacity, producers, longest int) int {
	return preambleSize + producers*(laneSize+laneBytes(capacity, longest))
}

// laneBytes is the memory of a lane's frames: the lane proper, and the room behind its end.
func laneBytes(capacity, longest int) int {
	return layout.RoundUp(layout.RoundUp(capacity, unit)+laneFrames+layout.RoundUp(longest, unit)+unit, layout.Line)
}

// CreateRecord lays out an empty ring at the beginning of mem, which nobody else uses yet. Producers, LongestMessage and
// OnConsumerDeath of the options are written into it.
func CreateRecord(mem []byte, capacity int, o *Options) (*Record, error) {
	opts := o.withDefaults()
	if err := opts.checkRecord(capacity); err != nil {
		return nil, err
	}
	f := facts{kind: kindRecord, capacity: uint64(capacity), element: 1, parts: uint32(opts.Producers),
		longest: uint64(opts.LongestMessage), policy: uint32(opts.OnConsumerDeath)}
	c, err := create(mem, SizeRecord(capacity, &opts), &opts, f)
	if err != nil {
		return nil, err
	}
	q := newRecord(c, f)
	c.publish()
	return q, nil
}

// AttachRecord opens the ring that CreateRecord laid out at the beginning of mem, perhaps in another process.
func AttachRecord(mem []byte, o *Options) (*Record, error) {
	c, f, err := attach(mem, o, kindRecord, element{size: 1})
	if err != nil {
		return nil, err
	}
	if f.capacity > recordMax || f.longest > f.capacity || f.parts < 1 || f.parts > producersMax {
		return nil, corrupt("capacity %d, longest message %d, producers %d", f.capacity, f.longest, f.parts)
	}
	if err := c.fits(recordSize(int(f.capacity), int(f.parts), int(f.longest))); err != nil {
		return nil, err
	}
	return newRecord(c, f), nil
}

func newRecord(c core, f facts) *Record {
	q := &Record{core: c, longest: int(f.longest), report: DeathPolicy(f.policy) == Report,
		lanes: layout.Slice[lane](c.mem, preambleSize, int(f.parts))}
	q.places = uint32((layout.RoundUp(int(f.capacity), unit) + laneFrames) / unit)
	q.prod = recordProducer{lane: -1, claimed: -1}
	q.cons.from = make([]laneReader, f.parts)
	q.frames = make([]frames, f.parts)
	n := laneBytes(int(f.capacity), q.longest)
	base := preambleSize + int(f.parts)*laneSize
	for i := range q.frames {
		q.frames[i] = framesOver(c.mem[base+i*n : base+(i+1)*n])
	}
	q.readable.set(&q.core, &q.pre.items, q.items, q.watchProducers)
	q.writable.set(&q.core, &q.pre.room, q.room, q.watchConsumer)
	return q
}

// Longest returns how many bytes the longest message may have.
func (q *Record) Longest() int { return q.longest }

// Len returns how many messages are published and not released, exact at some instant of the call for each producer.
func (q *Record) Len() int {
	n := 0
	for i := range q.lanes {
		n += q.laneLen(i)
	}
	return n
}

func (q *Record) laneLen(i int) int {
	l := &q.lanes[i]
	t := l.tail.Load()
	for {
		h := l.head.Load()
		again := l.tail.Load() // SYNC(record.tail): pairs with Commit.
		if again == t {
			return max(0, int(int32(mark(t).count()-mark(h).count())))
		}
		t = again
	}
}

// units is how many units n bytes take.
func units(n int) uint32 { return uint32((uint64(n) + unit - 1) / unit) }

// next is the place behind a message of n bytes.
func (q *Record) next(place uint32, n int) uint32 { return q.step(place, 1+units(n)) }

// step is the place so many units behind another.
func (q *Record) step(place, units uint32) uint32 {
	place += units
	if place >= q.places {
		place -= q.places
	}
	return place
}

// peek returns the length of the message at a place, -1 when none is published there.
func (q *Record) peek(lane int, place uint32) (int, error) {
	n := q.frames[lane].length(place).Load() // SYNC(record.length): pairs with Commit.
	if n == 0 {
		return -1, nil
	}
	if n-1 > uint64(q.longest) {
		return 0, corrupt("a message of %d bytes, the longest may have %d", n-1, q.longest)
	}
	return int(n - 1), nil
}

// TryPush appends a copy of message; see Claim for what it returns.
func (q *Record) TryPush(message []byte) error {
	b, err := q.Claim(len(message))
	if err == nil {
		copy(b, message)
		q.Commit(len(message))
	}
	return err
}

// Push appends a copy of message and waits for room as long as ctx lasts.
func (q *Record) Push(ctx context.Context, message []byte) error {
	b, err := q.ClaimWait(ctx, len(message))
	if err == nil {
		copy(b, message)
		q.Commit(len(message))
	}
	return err
}

// Resign gives up the parts that this handle has, so that others may take them while this process lives: its lane, whose
// messages stay, and that of the consumer. No other operation of the handle may run.
func (q *Record) Resign() {
	if q.prod.lane >= 0 {
		q.resign(&q.lanes[q.prod.lane].owner)
	}
	q.prod = recordProducer{lane: -1, claimed: -1}
	if q.report && q.cons.owner { // nobody has died: what is not released comes again as if never taken
		for i := range q.lanes {
			publish(&q.lanes[i].head.taken, q.lanes[i].head.Load())
		}
	}
	q.cons.owner, q.cons.burst = false, 0
	q.resign(&q.pre.consumer)
}

// watchProducers watches every producer. The wait cannot end when there have been some and all of them are dead.
func (q *Record) watchProducers(words []futex.Word) ([]futex.Word, bool, error) {
	poll, owned, dead := false, 0, 0
	for i := range q.lanes {
		tag := q.lanes[i].owner.Load()
		if tag == 0 {
			continue
		}
		owned++
		more, p, err := q.watchOne(words, tag)
		words, poll = more, poll || p
		if err != nil {
			dead++
		}
	}
	if owned > 0 && dead == owned && q.anyItems() == 0 {
		return words, poll, ErrPeerDead
	}
	return words, poll, nil
}

func (q *Record) watchConsumer(words []futex.Word) ([]futex.Word, bool, error) {
	return q.watchPeer(words, q.pre.consumer.Load(), q.room)
}

// anyItems is items for whoever is not the consumer's goroutine.
func (q *Record) anyItems() int {
	if q.Closed() {
		return 1
	}
	for i := range q.lanes {
		if n, err := q.peek(i, mark(q.lanes[i].head.Load()).place()%q.places); n >= 0 || err != nil {
			return 1
		}
	}
	return 0
}
