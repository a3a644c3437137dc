package multiprocessing

import (
	"bytes"
	"context"
	"fmt"
	"sync"
)

// What every manager hosts beside dicts and lists: objects that callers wait for. Whoever waits is let go when its
// connection ends, which death does, too; what it holds is given back then.
var (
	_ = RegisterType[managedValue]("multiprocessing.value")
	_ = RegisterType[managedQueue]("multiprocessing.queue")
	_ = RegisterType[managedEvent]("multiprocessing.event")
	_ = RegisterType[managedPermits]("multiprocessing.permits")
	_ = RegisterType[managedBarrier]("multiprocessing.barrier")
)

// watched is state that others wait for.
type watched struct {
	mu      sync.Mutex
	changed chan struct{} // closed at the next change; nil while nobody waits
}

// change changes the state.
func (w *watched) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// await waits until f, called with the state locked, returns true, or ctx ends.
func (w *watched) await(ctx context.Context, f func() bool) error {
	for {
		w.mu.Lock()
		if f() {
			w.mu.Unlock()
			return nil
		}
		if w.changed == nil {
			w.changed = make(chan struct{})
		}
		changed := w.changed
		w.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

type managedValue struct{ raw []byte }

func (v *managedValue) Get() []byte    { return v.raw }
func (v *managedValue) Set(raw []byte) { v.raw = raw }

func (v *managedValue) CompareAndSwap(old, raw []byte) bool {
	if !bytes.Equal(v.raw, old) {
		return false
	}
	v.raw = raw
	return true
}

type managedEvent struct {
	w   watched
	set bool
}

func (e *managedEvent) IsSet() bool { return e.set }
func (e *managedEvent) Set()        { e.w.change(func() { e.set = true }) }
func (e *managedEvent) Clear()      { e.w.change(func() { e.set = false }) }

func (e *managedEvent) Wait(ctx context.Context) error {
	return e.w.await(ctx, func() bool { return e.set })
}

type managedQueue struct {
	w          watched
	items      [][]byte
	max        int // 0 for none
	unfinished int
	lent       int // items on their way to whoever got them, who may still give up
	closed     bool
}

func (q *managedQueue) Bound(n int) { q.w.change(func() { q.max = n }) }

// add appends an item if there is room, and reports whether that is settled.
func (q *managedQueue) add(raw []byte) (settled bool, err error) {
	switch {
	case q.closed:
		return true, ErrClosed
	case q.max > 0 && len(q.items) >= q.max:
		return false, ErrFull
	}
	q.items = append(q.items, raw)
	q.unfinished++
	return true, nil
}

func (q *managedQueue) take() (raw []byte, settled bool, err error) {
	switch {
	case len(q.items) > 0:
		raw, q.items = q.items[0], q.items[1:]
		q.lent++
		return raw, true, nil
	case q.closed && q.lent == 0:
		return nil, true, ErrClosed
	}
	return nil, false, ErrEmpty
}

func (q *managedQueue) Put(ctx context.Context, raw []byte) (err error) {
	late := q.w.await(ctx, func() (settled bool) { settled, err = q.add(raw); return settled })
	q.w.change(func() {})
	if late != nil {
		return late
	}
	return err
}

func (q *managedQueue) Get(ctx context.Context) (raw []byte, err error) {
	late := q.w.await(ctx, func() (settled bool) { raw, settled, err = q.take(); return settled })
	q.w.change(func() {})
	if late != nil {
		return nil, late
	}
	return q.lend(ctx, raw, err)
}

func (q *managedQueue) TryPut(raw []byte) (err error) {
	q.w.change(func() { _, err = q.add(raw) })
	return err
}

func (q *managedQueue) TryGet(ctx context.Context) (raw []byte, err error) {
	q.w.change(func() { raw, _, err = q.take() })
	return q.lend(ctx, raw, err)
}

// lend hands out what take returned. If the caller does not say that it has got the item, the item is the first again.
func (q *managedQueue) lend(ctx context.Context, raw []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	visitOf(ctx).settle = func(taken bool) {
		q.w.change(func() {
			q.lent--
			if !taken {
				q.items = append([][]byte{raw}, q.items...)
			}
		})
	}
	return raw, nil
}

func (q *managedQueue) Close() { q.w.change(func() { q.closed = true }) }

func (q *managedQueue) Len() (n int) {
	q.w.change(func() { n = len(q.items) })
	return n
}

func (q *managedQueue) TaskDone() (err error) {
	q.w.change(func() {
		if q.unfinished == len(q.items) {
			err = fmt.Errorf("%w: TaskDone was called more often than Get", ErrValue)
			return
		}
		q.unfinished--
	})
	return err
}

func (q *managedQueue) Join(ctx context.Context) error {
	return q.w.await(ctx, func() bool { return q.unfinished == 0 })
}

// managedPermits is a lock, or a semaphore. A permit belongs to the connection over which it was acquired.
type managedPermits struct {
	w    watched
	free int
}

func (p *managedPermits) Grant(n int) { p.w.change(func() { p.free += n }) }

func (p *managedPermits) take() bool {
	if p.free == 0 {
		return false
	}
	p.free--
	return true
}

func (p *managedPermits) Acquire(ctx context.Context) error {
	err := p.w.await(ctx, p.take)
	if err == nil {
		visitOf(ctx).hold(p, 1)
	}
	return err
}

func (p *managedPermits) TryAcquire(ctx context.Context) (got bool) {
	p.w.change(func() { got = p.take() })
	if got {
		visitOf(ctx).hold(p, 1)
	}
	return got
}

func (p *managedPermits) Release(ctx context.Context) error {
	if !visitOf(ctx).hold(p, -1) {
		return ErrNotOwner
	}
	p.Grant(1)
	return nil
}

type managedBarrier struct {
	mu      sync.Mutex
	parties int
	broken  bool
	round   *managedRound
}

// managedRound is one meeting. Those who wait know theirs, whatever becomes of the barrier.
type managedRound struct {
	arrived int
	broken  bool
	over    chan struct{}
}

func (b *managedBarrier) Parties(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parties = n
	b.next(false)
}

// next ends the round, for good or ill, and begins another. The lock is held.
func (b *managedBarrier) next(broken bool) {
	if b.round != nil {
		b.round.broken = broken
		close(b.round.over)
	}
	b.round = &managedRound{over: make(chan struct{})}
}

// Wait returns the caller's place in the order of arrival. One who gives up breaks the barrier.
func (b *managedBarrier) Wait(ctx context.Context) (int, error) {
	b.mu.Lock()
	r, place := b.round, b.round.arrived
	if b.broken {
		b.mu.Unlock()
		return 0, ErrBrokenBarrier
	}
	if r.arrived++; r.arrived == b.parties {
		b.next(false)
	}
	b.mu.Unlock()
	select {
	case <-r.over:
	case <-ctx.Done():
		b.mu.Lock()
		if b.round == r {
			b.broken = true
			b.next(true)
		}
		b.mu.Unlock()
	}
	if r.broken { // written before over was closed
		return 0, ErrBrokenBarrier
	}
	return place, nil
}

func (b *managedBarrier) Abort() { b.end(true) }
func (b *managedBarrier) Reset() { b.end(false) }

func (b *managedBarrier) end(broken bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = broken
	b.next(true)
}
