package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/psync"
	"github.com/shmath/shmath/ring"
)

// Queue is a first-in first-out queue of any number of producers and consumers in any processes. When Put has returned,
// the item can be got: nothing is under way in between, so a process may end, and be joined, whatever is in the queue.
//
// Items are copied: short ones lie in the queue itself, longer ones in the session's memory. T is anything that can be
// an argument of a function ([NewFunc]), other queues, locks and arrays included; these travel as handles.
type Queue[T any] struct {
	object
	courier[T]
	h     *queueHeader
	lock  *psync.Mutex // of growth and Close
	mu    sync.Mutex   // of the change of rings
	rings atomic.Pointer[[]*ring.MPMC[item]]
	first atomic.Int32 // rings before it are drained for good
}

// SimpleQueue is Python's queue without a size.
type SimpleQueue[T any] = Queue[T]

// queueHeader is a queue in memory. A queue without a maxsize that is full gets another ring, four times the size: the
// full one is closed, so that producers go on in the next, and consumers do when they have drained it.
type queueHeader struct {
	magic   uint64
	maxsize uint64
	lock    psync.MutexWord
	closed  atomic.Uint32
	count   atomic.Uint32 // rings that there are; raised when the last one is whole
	tasks   psync.CondWord
	waiting psync.MutexWord // of tasks
	_       uint32
	rings   [ringsMax]arena.Handle
}

const (
	queueMagic = 0x3171_6d68_7368_6d31
	ringsMax   = 14
	firstRing  = 256
	growth     = 4
	maxsizeMax = 1 << 26
	stalePoll  = 50 * time.Millisecond // between looks at rings that are left behind but not drained
)

// NewQueue makes a queue that holds maxsize items; 0 means as many as memory does.
func NewQueue[T any](maxsize int) (*Queue[T], error) {
	q := new(Queue[T])
	return made(q, q.create(maxsize))
}

// NewSimpleQueue makes a queue that holds as many items as memory does.
func NewSimpleQueue[T any]() (*SimpleQueue[T], error) { return NewQueue[T](0) }

func (q *Queue[T]) create(maxsize int) error {
	if maxsize < 0 || maxsize > maxsizeMax {
		return fmt.Errorf("%w: maxsize %d; give 1 to %d, or 0 for no bound", ErrValue, maxsize, maxsizeMax)
	}
	var err error
	if q.object, err = newObject(queueHeaderSize); err != nil {
		return err
	}
	q.h = layout.View[queueHeader](q.mem, 0)
	q.h.maxsize = uint64(maxsize)
	if err := q.open(); err != nil {
		return err
	}
	if maxsize == 0 {
		maxsize = firstRing
	}
	if err := q.addRing(maxsize); err != nil {
		return err
	}
	q.h.magic = queueMagic
	return nil
}

// UnmarshalBinary makes q the queue that was encoded.
func (q *Queue[T]) UnmarshalBinary(b []byte) error {
	if err := q.bind(b); err != nil {
		return err
	}
	if len(q.mem) < queueHeaderSize {
		return fmt.Errorf("%w: a queue of %d bytes", ErrCorrupt, len(q.mem))
	}
	q.h = layout.View[queueHeader](q.mem, 0)
	if q.h.magic != queueMagic {
		return fmt.Errorf("%w: no queue here", ErrCorrupt)
	}
	if err := q.open(); err != nil {
		return err
	}
	_, err := q.refresh()
	return err
}

func (q *Queue[T]) open() (err error) {
	q.lock = q.h.lock.Attach(q.psync())
	q.courier, err = newCourier[T](q.object.s)
	q.rings.Store(new([]*ring.MPMC[item]))
	return err
}

// addRing appends a ring. Until count is raised it is nobody's: a process that dies before leaves a block that goes with
// the session.
func (q *Queue[T]) addRing(capacity int) error {
	n := q.h.count.Load()
	if n >= ringsMax {
		return fmt.Errorf("%w: the queue has grown %d times", ErrFull, n)
	}
	o, err := q.object.s.newObject(ring.SizeMPMC[item](capacity))
	if err != nil {
		return err
	}
	if _, err := ring.CreateMPMC[item](o.mem, capacity, o.ring()); err != nil {
		return err
	}
	q.h.rings[n] = o.block.Handle()
	q.h.count.Store(n + 1) // SYNC(mp.rings): publishes the ring; pairs with refresh.
	_, err = q.refresh()
	return err
}

func (o object) ring() *ring.Options { return &ring.Options{Members: o.s.seg} }

// refresh opens rings that others have added and reports whether there were any.
func (q *Queue[T]) refresh() (bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	have := *q.rings.Load()
	n := int(q.h.count.Load()) // SYNC(mp.rings): the rings are whole; pairs with addRing.
	if n > ringsMax {
		return false, fmt.Errorf("%w: a queue of %d rings", ErrCorrupt, n)
	}
	if len(have) == n {
		return false, nil
	}
	list := append([]*ring.MPMC[item](nil), have...)
	for i := len(have); i < n; i++ {
		o, err := q.object.s.resolve(q.h.rings[i])
		if err != nil {
			return false, err
		}
		r, err := ring.AttachMPMC[item](o.mem, o.ring())
		if err != nil {
			return false, err
		}
		list = append(list, r)
	}
	q.rings.Store(&list)
	return true, nil
}

// last returns the ring that producers put into.
func (q *Queue[T]) last() *ring.MPMC[item] {
	rings := *q.rings.Load()
	return rings[len(rings)-1]
}

// Put appends v and waits for room as long as ctx lasts.
//
// Errors: [ErrClosed]; ctx's error; what kept v from being encoded, or from finding memory. The queue is then as it was.
func (q *Queue[T]) Put(ctx context.Context, v T) error {
	return q.put(&v, func(it item) error { return q.last().Push(ctx, it) })
}

// TryPut appends v, or returns [ErrFull] at once.
func (q *Queue[T]) TryPut(v T) error {
	return q.put(&v, func(it item) error { return q.last().TryPush(it) })
}

// put packs v and sends it by push, in a larger ring when need be.
func (q *Queue[T]) put(v *T, push func(item) error) error {
	if q.h == nil {
		return ErrNotMade
	}
	it, err := q.pack(v)
	if err != nil {
		return err
	}
	for {
		if q.h.maxsize == 0 {
			err = q.last().TryPush(it)
		} else {
			err = push(it)
		}
		more := false
		switch {
		case err == nil:
			return nil
		case err == ring.ErrFull && q.h.maxsize == 0:
			more, err = true, q.grow(q.last())
		case err == ring.ErrFull:
			err = ErrFull
		case err == ring.ErrClosed:
			if more, err = q.refresh(); !more && err == nil {
				err = ErrClosed
			}
		}
		if err != nil || !more {
			q.drop(&it)
			return err
		}
	}
}

// grow adds a ring behind full, unless somebody has.
func (q *Queue[T]) grow(full *ring.MPMC[item]) error {
	return q.lock.Do(context.Background(), func(error) error {
		if _, err := q.refresh(); err != nil {
			return err
		}
		if q.last() == full && q.h.closed.Load() == 0 {
			if err := q.addRing(full.Cap() * growth); err != nil {
				return err
			}
		}
		q.closeOld()
		return nil
	})
}

// closeOld closes all rings but the last, also those that a process had no time to close, and all of a closed queue.
func (q *Queue[T]) closeOld() {
	rings := *q.rings.Load()
	n := len(rings) - 1
	if q.h.closed.Load() != 0 {
		n++
	}
	for _, r := range rings[:n] {
		r.Close()
	}
}

// Get takes the oldest item and waits for one as long as ctx lasts. It returns [ErrClosed] when the queue is closed and
// empty.
func (q *Queue[T]) Get(ctx context.Context) (T, error) {
	return q.get(func() (ring.Lease[item], error) { return q.take(ctx) })
}

// TryGet takes the oldest item, or returns [ErrEmpty] at once.
func (q *Queue[T]) TryGet() (T, error) { return q.get(q.tryTake) }

func (q *Queue[T]) get(take func() (ring.Lease[item], error)) (T, error) {
	for {
		l, err := take()
		if err != nil {
			var none T
			return none, err
		}
		v, err := q.unpack(l.Value())
		q.drop(l.Value())
		l.Done()
		if err != errGone {
			return v, err
		}
	}
}

// take is tryTake that waits.
func (q *Queue[T]) take(ctx context.Context) (ring.Lease[item], error) {
	for {
		l, err := q.tryTake()
		if err != ErrEmpty {
			return l, err
		}
		last := q.last()
		if int(q.first.Load()) == len(*q.rings.Load())-1 {
			if l, err = last.Take(ctx); err != ring.ErrClosed {
				return l, err
			}
			continue
		}
		// An item in an older ring may still come back from a process that dies with it.
		brief, cancel := context.WithTimeout(ctx, stalePoll)
		_, err = ring.Select(brief, last.Readable())
		cancel()
		if err != nil && ctx.Err() != nil {
			return l, ctx.Err()
		}
	}
}

// tryTake takes the oldest item, from the first ring that has one.
func (q *Queue[T]) tryTake() (ring.Lease[item], error) {
	if q.h == nil {
		return ring.Lease[item]{}, ErrNotMade
	}
	for {
		rings := *q.rings.Load()
		var err error
		for i := int(q.first.Load()); i < len(rings); i++ {
			var l ring.Lease[item]
			if l, err = rings[i].TryTake(); err == nil {
				return l, nil
			}
			if err == ring.ErrClosed && i < len(rings)-1 && rings[i].Unreleased() == 0 {
				q.first.CompareAndSwap(int32(i), int32(i)+1)
			}
		}
		switch err {
		case ring.ErrEmpty:
			return ring.Lease[item]{}, ErrEmpty
		case ring.ErrClosed:
			if more, err := q.refresh(); more || err != nil {
				if err != nil {
					return ring.Lease[item]{}, err
				}
				continue
			}
			return ring.Lease[item]{}, ErrClosed
		}
		return ring.Lease[item]{}, err
	}
}

// All yields items until the queue is closed and empty, or ctx ends: then the last error comes without an item.
func (q *Queue[T]) All(ctx context.Context) iter.Seq2[T, error] { return untilClosed(ctx, q.Get) }

func untilClosed[T any](ctx context.Context, get func(context.Context) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			v, err := get(ctx)
			if err == ErrClosed || !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// Close ends the queue for everybody: a Put that comes later fails, and each consumer gets [ErrClosed] once the queue is
// empty. Any process may call it, any number of times.
func (q *Queue[T]) Close() error {
	if q.h == nil {
		return ErrNotMade
	}
	return q.lock.Do(context.Background(), func(error) error {
		q.h.closed.Store(1)
		_, err := q.refresh()
		q.closeOld()
		return err
	})
}

// Len returns how many items there are: exact at some instant, for each ring.
func (q *Queue[T]) Len() int {
	if q.h == nil {
		return 0
	}
	if _, err := q.refresh(); err != nil {
		return 0
	}
	n := 0
	for _, r := range (*q.rings.Load())[q.first.Load():] {
		n += r.Len()
	}
	return n
}

// Empty reports whether there are no items.
func (q *Queue[T]) Empty() bool { return q.Len() == 0 }

// Full reports whether there are maxsize items.
func (q *Queue[T]) Full() bool { return q.h != nil && q.h.maxsize > 0 && q.Len() >= int(q.h.maxsize) }

// Free gives the queue's memory back, with the items in it. Nobody may use it any more.
func (q *Queue[T]) Free() error {
	if q.h == nil {
		return ErrNotMade
	}
	for {
		l, err := q.tryTake()
		if err != nil {
			break
		}
		q.drop(l.Value())
		l.Done()
	}
	return freeAll(q.object, q.h.rings[:q.h.count.Load()])
}

// JoinableQueue is a queue that knows which of its items are not yet dealt with. An item that was got stays the
// consumer's until TaskDone: when its process dies before, another one gets it.
type JoinableQueue[T any] struct {
	Queue[T]
	taken struct {
		sync.Mutex
		leases []ring.Lease[item] // got and not done, oldest first
	}
}

// NewJoinableQueue makes a queue that holds maxsize items; 0 means as many as memory does.
func NewJoinableQueue[T any](maxsize int) (*JoinableQueue[T], error) {
	q := new(JoinableQueue[T])
	return made(q, q.create(maxsize))
}

// Get takes the oldest item, as [Queue.Get] does. TaskDone says that it is dealt with.
func (q *JoinableQueue[T]) Get(ctx context.Context) (T, error) {
	return q.keep(func() (ring.Lease[item], error) { return q.take(ctx) })
}

// TryGet takes the oldest item, or returns [ErrEmpty] at once.
func (q *JoinableQueue[T]) TryGet() (T, error) { return q.keep(q.tryTake) }

func (q *JoinableQueue[T]) keep(take func() (ring.Lease[item], error)) (T, error) {
	for {
		l, err := take()
		if err != nil {
			var none T
			return none, err
		}
		v, err := q.unpack(l.Value())
		if err != nil {
			q.finish(l)
			if err == errGone {
				continue
			}
			return v, err
		}
		q.taken.Lock()
		q.taken.leases = append(q.taken.leases, l)
		q.taken.Unlock()
		return v, nil
	}
}

// All yields items until the queue is closed and empty; TaskDone says of each that it is dealt with.
func (q *JoinableQueue[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return untilClosed(ctx, q.Get)
}

// TaskDone says that the oldest item that this handle has got is dealt with. It returns [ErrValue] when there is none.
func (q *JoinableQueue[T]) TaskDone() error {
	q.taken.Lock()
	defer q.taken.Unlock()
	if len(q.taken.leases) == 0 {
		return fmt.Errorf("%w: TaskDone was called more often than Get", ErrValue)
	}
	l := q.taken.leases[0]
	q.taken.leases = q.taken.leases[1:]
	q.finish(l)
	return nil
}

// finish gives an item's memory and slot back, and wakes those who wait for all items to be done.
func (q *JoinableQueue[T]) finish(l ring.Lease[item]) {
	q.drop(l.Value())
	l.Done()
	_ = q.h.waiting.Attach(q.psync()).Do(context.Background(), func(error) error {
		q.h.tasks.Attach(q.psync()).Broadcast()
		return nil
	})
}

// Join waits until every item that was put has been dealt with.
func (q *JoinableQueue[T]) Join(ctx context.Context) error {
	if q.h == nil {
		return ErrNotMade
	}
	lock := q.h.waiting.Attach(q.psync())
	return lock.Do(ctx, func(error) error {
		for {
			err := q.h.tasks.Attach(q.psync()).WaitFor(ctx, lock, func() bool { return q.unfinished() == 0 })
			if !errors.Is(err, ErrOwnerDead) { // it guards nothing that a death could spoil
				return err
			}
		}
	})
}

func (q *JoinableQueue[T]) unfinished() int {
	if _, err := q.refresh(); err != nil {
		return 0
	}
	n := 0
	for _, r := range (*q.rings.Load())[q.first.Load():] {
		n += r.Unreleased()
	}
	return n
}
