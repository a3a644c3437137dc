package ring

import (
	"context"
	"fmt"
	"iter"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// SPSC: who writes what.
//
//	word      writer         readers   published by     invariant
//	magic     creator        all       itself, last     0 until the header is whole
//	producer  the producer   all       itself (CAS)     tag of the producer; a dead one's is replaced
//	consumer  the consumer   all       itself (CAS)     tag of the consumer; a dead one's is replaced
//	item[i]   producer       consumer  echo or tail     the consumer's iff head <= i < tail
//	echo[b]   producer       consumer  itself           position behind the last item published in block b
//	tail      producer       all       itself           head <= tail <= head+capacity
//	head      consumer       all       itself           never decreases
//	taken     consumer       consumer  itself           with Report: items below it may be in the consumer's hands
//	closed    anybody        all       itself           0 then 1

// spscShared is an SPSC ring in memory; the slots follow.
type spscShared struct {
	preamble
	tail index
	head hands
}

// SPSC is a bounded queue with one producer and one consumer at a time, in any two processes or in one. Whoever pushes
// first is the producer, whoever pops first the consumer, until they resign or die. A handle serves one goroutine per
// side.
type SPSC[T any] struct {
	core
	shared   *spscShared
	slots    slots[T]
	capacity uint64
	readable source
	writable source
	report   bool // the policy is Report
	_        [layout.Line]byte
	prod     spscProducer
	_        [layout.Line]byte
	cons     spscConsumer
	_        [layout.Line]byte
}

// spscProducer is the producer's own knowledge. Positions are never read back from the shared memory.
type spscProducer struct {
	tail  uint64
	edge  uint64 // the tail may go up to here without another look at anything
	at    place
	block uint64 // the block of at ends before this position
	limit uint64 // the tail may go up to here without another look at head
	owner bool
}

type spscConsumer struct {
	head  uint64
	edge  uint64 // the head may go up to here without another look at anything
	at    place
	block uint64 // the block of at ends before this position
	known uint64 // items below this position are published; for spans
	owner bool

	taken   uint64 // with Report: items below this position are written down as taken
	orphans uint64 // items below this position were taken by the last consumer, who died
	from    uint32 // its tag
}

// SizeSPSC returns how many bytes an SPSC ring of capacity items of type T takes. It panics when the capacity is not
// between 1 and 1<<32.
func SizeSPSC[T any](capacity int) int {
	if capacity < 1 || capacity > capacityMax {
		panic(badCapacity)
	}
	_, n := geometry[T](uint64(capacity))
	return layout.RoundUp(spscSize+int(n), layout.Line)
}

const badCapacity = "ring: the capacity is not between 1 and 1<<32"

// CreateSPSC lays out an empty ring at the beginning of mem, which nobody else uses yet. OnConsumerDeath of the options
// is written into it.
func CreateSPSC[T any](mem []byte, capacity int, o *Options) (*SPSC[T], error) {
	e, err := elementOf[T]()
	if err != nil {
		return nil, err
	}
	if capacity < 1 || capacity > capacityMax {
		return nil, fmt.Errorf("%w: capacity %d is not between 1 and %d", ErrOptions, capacity, uint64(capacityMax))
	}
	opts := o.withDefaults()
	f := facts{kind: kindSPSC, capacity: uint64(capacity), element: uint64(e.size), shape: e.shape,
		policy: uint32(opts.OnConsumerDeath)}
	c, err := create(mem, SizeSPSC[T](capacity), &opts, f)
	if err != nil {
		return nil, err
	}
	q := newSPSC[T](c, f)
	c.publish()
	return q, nil
}

// AttachSPSC opens the ring that CreateSPSC laid out at the beginning of mem, perhaps in another process.
func AttachSPSC[T any](mem []byte, o *Options) (*SPSC[T], error) {
	e, err := elementOf[T]()
	if err != nil {
		return nil, err
	}
	c, f, err := attach(mem, o, kindSPSC, e)
	if err != nil {
		return nil, err
	}
	if err := c.fits(SizeSPSC[T](int(f.capacity))); err != nil {
		return nil, err
	}
	return newSPSC[T](c, f), nil
}

func newSPSC[T any](c core, f facts) *SPSC[T] {
	q := &SPSC[T]{core: c, capacity: f.capacity, shared: layout.View[spscShared](c.mem, 0),
		report: DeathPolicy(f.policy) == Report}
	var n uint64
	q.slots, n = geometry[T](f.capacity)
	q.slots.over(c.mem[spscSize : spscSize+int(n)])
	q.readable.set(&q.core, &q.pre.items, q.items, q.watchProducer)
	q.writable.set(&q.core, &q.pre.room, q.room, q.watchConsumer)
	q.readable.back.batches(f.capacity, f.element)
	q.writable.back.batches(f.capacity, f.element)
	return q
}

// Cap returns how many items the ring holds.
func (q *SPSC[T]) Cap() int { return int(q.capacity) }

// Len returns how many items can be popped: exact at some instant of the call, from any process.
func (q *SPSC[T]) Len() int { return span(&q.shared.tail.Uint64, &q.shared.head.Uint64, q.capacity) }

// All yields the items until the end of the stream. Any other end comes as the last error, with no item.
func (q *SPSC[T]) All(ctx context.Context) iter.Seq2[T, error] { return all(ctx, q.Pop) }

// Resign gives up the parts of producer and consumer that this process has, so that another process may take them
// while this one lives. No other operation of this process may run.
func (q *SPSC[T]) Resign() {
	if q.report && q.cons.owner {
		publish(&q.shared.head.taken, q.cons.head) // nobody has died: what is not released comes again as if never taken
	}
	q.prod, q.cons = spscProducer{}, spscConsumer{}
	q.resign(&q.pre.producer)
	q.resign(&q.pre.consumer)
}

// findRoom finds places for the next items, after it made sure that this process is the producer.
func (q *SPSC[T]) findRoom() error {
	p := &q.prod
	if p.tail == p.block { // so it is before the part is taken
		if err := q.becomeProducer(); err != nil {
			return err
		}
		at, n := q.slots.settle(p.at)
		p.at, p.block = at, p.tail+n
	}
	if p.tail == p.limit {
		if err := q.moreRoom(); err != nil {
			return err
		}
	}
	if q.Closed() { // SYNC(ring.closed): pairs with Close.
		return ErrClosed
	}
	p.edge = p.tail + min(p.block-p.tail, p.limit-p.tail)
	return nil
}

// awaitRoom is findRoom that waits for room as long as ctx lasts.
func (q *SPSC[T]) awaitRoom(ctx context.Context) error {
	for {
		fresh := q.gatherRoom()
		err := q.findRoom()
		if err == nil && fresh {
			q.writable.back.found(0)
		}
		if err != ErrFull {
			return err
		}
		if err := q.writable.await(ctx); err != nil {
			return err
		}
	}
}

// gatherRoom backs off, if that has become a habit, when the producer has used up the room that it knew of, and reports
// whether it has.
func (q *SPSC[T]) gatherRoom() bool {
	p := &q.prod
	if !p.owner || p.tail != p.limit {
		return false
	}
	if q.writable.back.gathers() && q.moreRoom() == nil {
		q.writable.back.waited(p.limit - p.tail)
	}
	return true
}

// moreRoom looks at the head again.
func (q *SPSC[T]) moreRoom() error {
	p := &q.prod
	head := q.shared.head.Load() // SYNC(spsc.head): pairs with read and Release.
	switch used := p.tail - head; {
	case used > q.capacity:
		return corrupt("head %d, tail %d, capacity %d", head, p.tail, q.capacity)
	case used == q.capacity:
		if q.Closed() {
			return ErrClosed
		}
		return ErrFull
	}
	p.limit = head + q.capacity
	return nil
}

func (q *SPSC[T]) becomeProducer() error {
	if q.prod.owner {
		return nil
	}
	if _, err := q.assume(&q.pre.producer, "producer"); err != nil {
		return err
	}
	return q.recoverTail()
}

// recoverTail finds out where the last producer was. It may have died between echoes and tail: the echoes are right.
func (q *SPSC[T]) recoverTail() error {
	tail := q.shared.tail.Load()
	at, pos := q.slots.at(tail), tail
	for q.slots.echoed() {
		settled, left := q.slots.settle(at)
		n := q.slots.echo(settled).Load() - pos // SYNC(spsc.echo): pairs with written.
		if int64(n) <= 0 {
			break // from an earlier lap
		}
		n = min(n, left)
		if pos += n; pos-tail > q.capacity {
			return corrupt("the echoes are more than a lap ahead of tail %d", tail)
		}
		at = settled + place(n)*q.slots.size()
	}
	publish(&q.shared.tail.Uint64, pos)
	q.prod = spscProducer{tail: pos, edge: pos, at: at, block: pos, limit: pos, owner: true}
	return nil
}

// findItems looks for items that were published since the last look, after it made sure that this process is the
// consumer.
func (q *SPSC[T]) findItems() error {
	c := &q.cons
	if c.head == c.block { // so it is before the part is taken
		if err := q.becomeConsumer(); err != nil {
			return err
		}
		at, n := q.slots.settle(c.at)
		c.at, c.block = at, c.head+n
	}
	if c.head != c.known {
		c.edge = c.head + min(c.known-c.head, c.block-c.head)
		return nil
	}
	for closed := false; ; closed = true { // a second look for what was pushed between the first look and Close
		switch n := q.published() - c.head; {
		case n-1 < q.capacity:
			c.edge = c.head + min(n, c.block-c.head) // an echo says more when the producer is in this block again, a lap ahead
			c.known = max(c.known, c.edge)
			return nil
		case n != 0 && !(q.slots.echoed() && int64(n) < 0): // an echo may be from an earlier lap
			return corrupt("items up to %d, head %d, capacity %d", c.head+n, c.head, q.capacity)
		case closed:
			return ErrClosed
		case !q.Closed(): // SYNC(ring.closed): pairs with Close.
			return ErrEmpty
		}
	}
}

// awaitItems is findItems that waits for items as long as ctx lasts.
func (q *SPSC[T]) awaitItems(ctx context.Context) error {
	for {
		fresh := q.gatherItems()
		err := q.findItems()
		if err == nil && fresh {
			q.readable.back.found(0)
		}
		if err != ErrEmpty {
			return err
		}
		if err := q.readable.await(ctx); err != nil {
			return err
		}
	}
}

// gatherItems backs off, if that has become a habit, when the consumer has used up the items that it knew of, and reports
// whether it has.
func (q *SPSC[T]) gatherItems() bool {
	c := &q.cons
	if !c.owner || c.head != c.known {
		return false
	}
	if q.readable.back.gathers() && q.findMore() == nil {
		q.readable.back.waited(c.known - c.head)
	}
	return true
}

// published is the position behind the last item that the consumer can tell by one look: where its block has an echo, the
// last of the block.
func (q *SPSC[T]) published() uint64 {
	if q.slots.echoed() {
		return q.slots.echo(q.cons.at).Load() // SYNC(spsc.echo): pairs with written.
	}
	return q.shared.tail.Load() // SYNC(spsc.tail): pairs with written.
}

// becomeConsumer begins where the last consumer ended. What that one had in its hands when it died is an orphan.
func (q *SPSC[T]) becomeConsumer() error {
	if q.cons.owner {
		return nil
	}
	dead, err := q.assume(&q.pre.consumer, "consumer")
	if err != nil {
		return err
	}
	head := q.shared.head.Load()
	taken := q.shared.head.taken.Load()
	if int64(taken-head) < 0 || dead == 0 {
		taken = head
	}
	if taken-head > q.capacity {
		return corrupt("taken up to %d, head %d, capacity %d", taken, head, q.capacity)
	}
	q.cons = spscConsumer{head: head, edge: head, block: head, known: head, at: q.slots.at(head), owner: true, taken: taken, orphans: taken, from: dead}
	return nil
}

// hold writes down that the next n items are in this process's hands, and returns how many of them may be handed out:
// those that the last consumer had in its hands come by themselves, with an [*OrphanError].
func (q *SPSC[T]) hold(n uint64) (uint64, error) {
	c := &q.cons
	if c.head < c.orphans {
		return min(n, c.orphans-c.head), &OrphanError{c.from}
	}
	if c.head+n > c.taken {
		c.taken = c.head + n
		publish(&q.shared.head.taken, c.taken)
		invariants.Point("spsc.taken")
	}
	return n, nil
}

// items is ready for consumers.
func (q *SPSC[T]) items() int {
	c := &q.cons
	if !c.owner {
		return 1
	}
	if c.head == c.edge && q.findItems() == ErrEmpty { // otherwise the next TryPop need not look again
		return 0
	}
	return max(1, int(c.edge-c.head))
}

// room is ready for producers.
func (q *SPSC[T]) room() int {
	if !q.prod.owner || q.Closed() {
		return 1
	}
	used := q.prod.tail - q.shared.head.Load() // SYNC(spsc.head): pairs with read and Release.
	if used > q.capacity {
		return 1
	}
	return int(q.capacity - used)
}

// anyItems is items for whoever is not the consumer's goroutine.
func (q *SPSC[T]) anyItems() int {
	if q.Closed() {
		return 1
	}
	return q.Len()
}

// anyRoom is room for whoever is not the producer's goroutine.
func (q *SPSC[T]) anyRoom() int {
	if q.Closed() {
		return 1
	}
	return int(q.capacity) - q.Len()
}

func (q *SPSC[T]) watchProducer(words []futex.Word) ([]futex.Word, bool, error) {
	return q.watchPeer(words, q.pre.producer.Load(), q.anyItems)
}

func (q *SPSC[T]) watchConsumer(words []futex.Word) ([]futex.Word, bool, error) {
	return q.watchPeer(words, q.pre.consumer.Load(), q.anyRoom)
}
