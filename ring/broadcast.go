package ring

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// Broadcast: who writes what.
//
//	word        writer           readers      published by   invariant
//	producer    the publisher    all          itself (CAS)   tag of the publisher; a dead one's is replaced
//	seq[i]      publisher        subscribers  itself         2p+1 while item p is written, 2p+2 when it can be read
//	item[i]     publisher        subscribers  seq[i]         words, each stored atomically: a reader may be overrun
//	tail        publisher        all          itself         behind the last item published
//	member[s]   subscriber       publisher    itself (CAS)   tag, and bit 30 when the subscriber may be overrun
//	cursor[s]   subscriber s     publisher    itself         the next item s reads, or joining
//	closed      anybody          all          itself         0 then 1

// Policy is what happens when the publisher has a whole ring of items that a subscriber has not read.
type Policy uint8

const (
	// BackPressure makes the publisher wait for this subscriber.
	BackPressure Policy = iota
	// Overrun lets the publisher go on; the subscriber gets an [*OverrunError] with the exact count of what it lost.
	Overrun
)

const (
	mayOverrun = 1 << 30       // in member
	joining    = math.MaxInt64 // in cursor: about to choose where it begins, so nothing may move
)

// broadcastShared is a Broadcast ring in memory; the subscribers and the slots follow.
type broadcastShared struct {
	preamble
	tail index
}

// seat is the place of one subscriber.
type seat struct {
	member atomic.Uint32
	_      [4]byte
	cursor atomic.Uint64
	_      [layout.Line - 16]byte
}

// Broadcast is a ring of one publisher at a time and many subscribers, each of which sees every item from where it
// joined. Publishing costs the same for one subscriber as for a thousand: their places are looked at once a lap.
type Broadcast[T any] struct {
	core
	shared   *broadcastShared
	seats    []seat
	slots    []atomic.Uint64 // seq, then the words of the item, and again
	words    int             // words of an item
	capacity uint64
	writable source
	tail     uint64
	limit    uint64 // the tail may go up to here without another look at the seats
	at       int    // index of the slot at the tail
	owner    bool
	buffer   []uint64
}

// SizeBroadcast returns how many bytes a Broadcast ring of capacity items of type T takes, with the options'
// Subscribers. It panics when the capacity is not between 1 and 1<<32.
func SizeBroadcast[T any](capacity int, o *Options) int {
	if capacity < 1 || capacity > capacityMax {
		panic(badCapacity)
	}
	opts := o.withDefaults()
	return broadcastBytes(capacity, itemWords[T](), opts.Subscribers)
}

func broadcastBytes(capacity, words, subscribers int) int {
	return layout.RoundUp(broadcastSize+subscribers*seatSize+capacity*(words+1)*8, layout.Line)
}

// CreateBroadcast lays out an empty ring at the beginning of mem, which nobody else uses yet. Subscribers of the options
// is written into it.
func CreateBroadcast[T any](mem []byte, capacity int, o *Options) (*Broadcast[T], error) {
	e, err := elementOf[T]()
	if err != nil {
		return nil, err
	}
	if capacity < 1 || capacity > capacityMax {
		return nil, fmt.Errorf("%w: capacity %d is not between 1 and %d", ErrOptions, capacity, uint64(capacityMax))
	}
	opts := o.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	f := facts{kind: kindBroadcast, capacity: uint64(capacity), element: uint64(e.size), shape: e.shape,
		parts: uint32(opts.Subscribers)}
	c, err := create(mem, SizeBroadcast[T](capacity, &opts), &opts, f)
	if err != nil {
		return nil, err
	}
	b := newBroadcast[T](c, f)
	c.publish()
	return b, nil
}

// AttachBroadcast opens the ring that CreateBroadcast laid out at the beginning of mem, perhaps in another process.
func AttachBroadcast[T any](mem []byte, o *Options) (*Broadcast[T], error) {
	e, err := elementOf[T]()
	if err != nil {
		return nil, err
	}
	c, f, err := attach(mem, o, kindBroadcast, e)
	if err != nil {
		return nil, err
	}
	if f.parts < 1 || f.parts > subscribersMax {
		return nil, corrupt("%d subscribers", f.parts)
	}
	if err := c.fits(broadcastBytes(int(f.capacity), itemWords[T](), int(f.parts))); err != nil {
		return nil, err
	}
	return newBroadcast[T](c, f), nil
}

func newBroadcast[T any](c core, f facts) *Broadcast[T] {
	b := &Broadcast[T]{core: c, capacity: f.capacity, words: itemWords[T](),
		shared: layout.View[broadcastShared](c.mem, 0),
		seats:  layout.Slice[seat](c.mem, broadcastSize, int(f.parts))}
	b.buffer = make([]uint64, b.words)
	b.slots = layout.Slice[atomic.Uint64](c.mem, broadcastSize+int(f.parts)*seatSize, int(f.capacity)*(b.words+1))
	b.writable.set(&b.core, &b.pre.room, b.room, b.watchSeats)
	return b
}

// Cap returns how many items the ring holds.
func (b *Broadcast[T]) Cap() int { return int(b.capacity) }

// Published returns how many items have ever been published.
func (b *Broadcast[T]) Published() uint64 { return b.shared.tail.Load() }

// TryPublish publishes v. It returns [ErrFull] when a subscriber with back-pressure has a whole ring to read,
// [ErrClosed], [ErrTaken] when another live process is the publisher, or [ErrCorrupt]. When it returns nil, every
// subscriber can read v.
func (b *Broadcast[T]) TryPublish(v T) error {
	if b.tail == b.limit {
		if err := b.findRoom(); err != nil {
			return err
		}
	}
	if b.Closed() { // SYNC(ring.closed): pairs with Close.
		return ErrClosed
	}
	slot := b.slots[b.at : b.at+b.words+1]
	publish(&slot[0], 2*b.tail+1) // SYNC(broadcast.seq): whoever still reads the old item sees that it is gone.
	invariants.Point("broadcast.opened")
	toWords(b.buffer, &v)
	for i, w := range b.buffer {
		publish(&slot[1+i], w)
	}
	invariants.Point("broadcast.written")
	publish(&slot[0], 2*b.tail+2) // SYNC(broadcast.seq): publishes the item; pairs with TryNext.
	invariants.Point("broadcast.published")
	b.tail++
	if b.at += b.words + 1; b.at == len(b.slots) {
		b.at = 0
	}
	publish(&b.shared.tail.Uint64, b.tail) // SYNC(broadcast.tail): pairs with Subscribe and TryNext.
	invariants.Point("broadcast.counted")
	b.pre.items.ring()
	return nil
}

// Publish is TryPublish that waits for room as long as ctx lasts. Subscribers that die do not hold it up.
func (b *Broadcast[T]) Publish(ctx context.Context, v T) error {
	for {
		if err := b.TryPublish(v); err != ErrFull {
			return err
		}
		if err := b.writable.wait(ctx); err != nil {
			return err
		}
	}
}

// Writable is ready when a TryPublish would not return ErrFull.
func (b *Broadcast[T]) Writable() Source {
	return b.outside(&b.writable, func() int {
		if b.Closed() {
			return 1
		}
		return int(b.capacity) - int(min(b.used(b.shared.tail.Load()), b.capacity))
	})
}

// Resign gives up the part of the publisher, if this process has it.
func (b *Broadcast[T]) Resign() {
	b.owner, b.tail, b.limit = false, 0, 0
	b.resign(&b.pre.producer)
}

// findRoom looks at the seats, after it made sure that this process is the publisher.
func (b *Broadcast[T]) findRoom() error {
	if !b.owner {
		if _, err := b.assume(&b.pre.producer, "publisher"); err != nil {
			return err
		}
		b.tail = b.shared.tail.Load()
		b.at = int(b.tail%b.capacity) * (b.words + 1)
		if b.slots[b.at].Load() == 2*b.tail+2 { // the last publisher died between the item and the tail
			b.tail++
			b.at = int(b.tail%b.capacity) * (b.words + 1)
			publish(&b.shared.tail.Uint64, b.tail)
		}
		b.limit, b.owner = b.tail, true
	}
	// A subscriber that joins reads the tail after it took its seat. Either this look sees the seat, or the
	// subscriber sees this tail: the barrier between tail and seats is the other half of that.
	fence.Add(1) // SYNC(broadcast.join): pairs with Subscribe.
	used := b.used(b.tail)
	if used == b.capacity && b.unseatDead() {
		used = b.used(b.tail)
	}
	switch {
	case used > b.capacity:
		return corrupt("a subscriber is %d items behind, the capacity is %d", used, b.capacity)
	case used == b.capacity && b.Closed():
		return ErrClosed
	case used == b.capacity:
		return ErrFull
	}
	b.limit = b.tail + b.capacity - used
	return nil
}

// used returns how far the last subscriber with back-pressure is behind the tail, 0 when there is none.
func (b *Broadcast[T]) used(tail uint64) uint64 {
	used := uint64(0)
	for i := range b.seats {
		member := b.seats[i].member.Load()
		if member == 0 || member&mayOverrun != 0 {
			continue
		}
		if c := b.seats[i].cursor.Load(); c == joining { // SYNC(broadcast.cursor): pairs with TryNext.
			used = max(used, b.capacity)
		} else if int64(tail-c) > 0 { // not so when the last publisher died between an item and the tail
			used = max(used, tail-c)
		}
	}
	return used
}

// unseatDead frees the seats of dead subscribers and reports whether there was one.
func (b *Broadcast[T]) unseatDead() bool {
	any := false
	for i := range b.seats {
		member := b.seats[i].member.Load()
		if tag := member & tagMask; tag != 0 && tag != b.tag && !b.opts.Members.Alive(tag) {
			any = b.seats[i].member.CompareAndSwap(member, 0) || any
		}
	}
	return any
}

// room is ready for the publisher.
func (b *Broadcast[T]) room() int {
	if !b.owner || b.Closed() {
		return 1
	}
	used := b.used(b.tail)
	if used > b.capacity {
		return 1
	}
	return int(b.capacity - used)
}

// watchSeats watches the subscribers that hold the publisher up. A dead one loses its seat here, so that there is room.
func (b *Broadcast[T]) watchSeats(words []futex.Word) ([]futex.Word, bool, error) {
	b.unseatDead()
	poll := false
	for i := range b.seats {
		member := b.seats[i].member.Load()
		if member == 0 || member&mayOverrun != 0 {
			continue
		}
		more, p, err := b.watchOne(words, member)
		words, poll = more, poll || p || err != nil
	}
	return words, poll, nil
}
