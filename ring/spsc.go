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
	limit uint64 // the tail may go up to here without another look at head; 0 before the part is taken
	at    cursor
	owner bool
}

type spscConsumer struct {
	head  uint64
	known uint64 // items below this position are published
	at    cursor
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
	var s slots[T]
	_, n := geometry[T](uint64(capacity), s.itemSize())
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
	q.slots, n = geometry[T](f.capacity, int(f.element))
	q.slots.over(c.mem[spscSize : spscSize+int(n)])
	q.readable.set(&q.core, &q.pre.items, q.items, q.watchProducer)
	q.writable.set(&q.core, &q.pre.room, q.room, q.watchConsumer)
	return q
}

// Cap returns how many items the ring holds.
func (q *SPSC[T]) Cap() int { return int(q.capacity) }

// Len returns how many items can be popped: exact at some instant of the call, from any process.
func (q *SPSC[T]) Len() int { return span(&q.shared.tail.Uint64, &q.shared.head.Uint64, q.capacity) }

// TryPush appends v. It returns [ErrFull], [ErrClosed], [ErrTaken] when another live process is the producer, or
// [ErrCorrupt]. When it returns nil, v can be popped.
func (q *SPSC[T]) TryPush(v T) error { return q.push(&v) }

// push is TryPush of *v: large items are not copied once more for each call on the way.
func (q *SPSC[T]) push(v *T) error {
	p := &q.prod
	if p.tail == p.limit {
		if err := q.findRoom(); err != nil {
			return err
		}
	}
	if q.pre.closed.Load() != 0 { // SYNC(ring.closed): pairs with Close.
		return ErrClosed
	}
	*q.slots.item(&p.at) = *v
	invariants.Point("spsc.written")
	p.tail++
	if q.slots.echoed {
		publish(q.slots.echo(&p.at), p.tail) // SYNC(spsc.echo): publishes the item; pairs with peekEcho.
		invariants.Point("spsc.echoed")
	}
	q.slots.step(&p.at, 1)
	publish(&q.shared.tail.Uint64, p.tail) // SYNC(spsc.tail): publishes the item; pairs with findItems, items and Len.
	invariants.Point("spsc.published")
	q.pre.items.ring()
	return nil
}

// TryPop takes the oldest item. It returns [ErrEmpty], [ErrClosed] at the end of the stream, [ErrTaken] when another
// live process is the consumer, [ErrCorrupt], or, together with a valid item, an [*OrphanError].
func (q *SPSC[T]) TryPop() (v T, err error) {
	err = q.pop(&v)
	return v, err
}

// pop is TryPop to *v.
func (q *SPSC[T]) pop(v *T) (err error) {
	c := &q.cons
	if c.head == c.known {
		if err := q.findItems(); err != nil {
			return err
		}
	}
	if q.report {
		_, err = q.hold(1)
	}
	*v = *q.slots.item(&c.at)
	invariants.Point("spsc.read")
	c.head++
	q.slots.step(&c.at, 1)
	publish(&q.shared.head.Uint64, c.head) // SYNC(spsc.head): gives the place back; pairs with findRoom, room and Len.
	invariants.Point("spsc.released")
	q.pre.room.ring()
	return err
}

// Push appends v and waits for room as long as ctx lasts. It returns what TryPush returns except ErrFull, ctx's
// error, or [ErrPeerDead] when the ring is full and the consumer dead.
func (q *SPSC[T]) Push(ctx context.Context, v T) error {
	for {
		if err := q.push(&v); err != ErrFull {
			return err
		}
		if err := q.writable.wait(ctx); err != nil {
			return err
		}
	}
}

// Pop takes the oldest item and waits for one as long as ctx lasts. It returns what TryPop returns except ErrEmpty,
// ctx's error, or [ErrPeerDead] when the ring is empty and the producer dead.
func (q *SPSC[T]) Pop(ctx context.Context) (v T, err error) {
	for {
		if err := q.pop(&v); err != ErrEmpty {
			return v, err
		}
		if err := q.readable.wait(ctx); err != nil {
			return v, err
		}
	}
}

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

// findRoom looks at the head again, after it made sure that this process is the producer.
func (q *SPSC[T]) findRoom() error {
	p := &q.prod
	if !p.owner {
		if _, err := q.assume(&q.pre.producer, "producer"); err != nil {
			return err
		}
		if err := q.recoverTail(); err != nil {
			return err
		}
	}
	head := q.shared.head.Load() // SYNC(spsc.head): pairs with TryPop.
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

// recoverTail finds out where the last producer was. It may have died between echoes and tail: the echoes are right.
func (q *SPSC[T]) recoverTail() error {
	p := &q.prod
	p.tail = q.shared.tail.Load()
	p.at = q.slots.at(p.tail)
	for q.slots.echoed {
		n, err := q.peekEcho(&p.at, p.tail)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		if p.tail += n; p.tail-q.shared.tail.Load() > q.capacity {
			return corrupt("the echoes are more than a lap ahead of tail %d", q.shared.tail.Load())
		}
		q.slots.step(&p.at, n)
	}
	publish(&q.shared.tail.Uint64, p.tail)
	p.limit, p.owner = p.tail, true
	return nil
}

// findItems looks for items that were published since the last look, after it made sure that this process is the
// consumer.
func (q *SPSC[T]) findItems() error {
	c := &q.cons
	if !c.owner {
		if err := q.becomeConsumer(); err != nil {
			return err
		}
	}
	n, err := q.published()
	switch {
	case err != nil:
		return err
	case n > 0:
		c.known = c.head + n
		return nil
	case !q.Closed(): // SYNC(ring.closed): pairs with Close.
		return ErrEmpty
	}
	if n, err = q.published(); n > 0 { // what was pushed between the first look and Close
		c.known = c.head + n
		return nil
	} else if err != nil {
		return err
	}
	return ErrClosed
}

// becomeConsumer begins where the last consumer ended. What that one had in its hands when it died is an orphan.
func (q *SPSC[T]) becomeConsumer() error {
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
	q.cons = spscConsumer{head: head, known: head, at: q.slots.at(head), owner: true, taken: taken, orphans: taken, from: dead}
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

// published returns how many items the consumer may take that it can tell by one look.
func (q *SPSC[T]) published() (uint64, error) {
	c := &q.cons
	if q.slots.echoed {
		return q.peekEcho(&c.at, c.head)
	}
	tail := q.shared.tail.Load() // SYNC(spsc.tail): pairs with TryPush.
	if tail-c.head > q.capacity {
		return 0, corrupt("tail %d, head %d, capacity %d", tail, c.head, q.capacity)
	}
	return tail - c.head, nil
}

// peekEcho returns how many items from pos on the echo of pos's block says are published.
func (q *SPSC[T]) peekEcho(at *cursor, pos uint64) (uint64, error) {
	echo := q.slots.echo(at).Load() // SYNC(spsc.echo): pairs with TryPush.
	switch n := echo - pos; {
	case int64(n) <= 0:
		return 0, nil // from an earlier lap
	case n > q.capacity:
		return 0, corrupt("an echo says %d where at most %d can be", echo, pos+q.capacity)
	default:
		return min(n, at.left), nil // more when the producer is in the same block again, a lap ahead
	}
}

// items is ready for consumers.
func (q *SPSC[T]) items() int {
	if !q.cons.owner || q.Closed() {
		return 1
	}
	n, err := q.published()
	if err != nil {
		return 1
	}
	q.cons.known = max(q.cons.known, q.cons.head+n) // the next TryPop need not look again
	return int(n)
}

// room is ready for producers.
func (q *SPSC[T]) room() int {
	if !q.prod.owner || q.Closed() {
		return 1
	}
	used := q.prod.tail - q.shared.head.Load() // SYNC(spsc.head): pairs with TryPop.
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
