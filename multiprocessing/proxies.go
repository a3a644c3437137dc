package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ValueProxy is a value of any type in a manager.
type ValueProxy[T any] struct{ Proxy }

// ManagerValue makes a value in a manager.
func ManagerValue[T any](ctx context.Context, m *Manager, v T) (ValueProxy[T], error) {
	p, err := m.New(ctx, "multiprocessing.value")
	x := ValueProxy[T]{p}
	if err == nil {
		err = x.Set(ctx, v)
	}
	return x, err
}

// Get returns the value.
func (x ValueProxy[T]) Get(ctx context.Context) (v T, err error) {
	raw, err := Invoke[[]byte](ctx, x.Proxy, "Get")
	if err != nil {
		return v, err
	}
	return decode[T](raw)
}

// Set replaces the value.
func (x ValueProxy[T]) Set(ctx context.Context, v T) error {
	raw, err := encode(&v)
	if err != nil {
		return err
	}
	_, err = Invoke[struct{}](ctx, x.Proxy, "Set", raw)
	return err
}

// Update replaces the value by what f makes of it: one step, for everybody else. f may be called several times.
func (x ValueProxy[T]) Update(ctx context.Context, f func(T) T) error {
	for {
		raw, err := Invoke[[]byte](ctx, x.Proxy, "Get")
		if err != nil {
			return err
		}
		v, err := decode[T](raw)
		if err != nil {
			return err
		}
		v = f(v)
		next, err := encode(&v)
		if err != nil {
			return err
		}
		if done, err := Invoke[bool](ctx, x.Proxy, "CompareAndSwap", raw, next); done || err != nil {
			return err
		}
	}
}

// QueueProxy is a queue of any type in a manager. An item that is on its way to a Get that gives up, or whose process is killed
// before Get returns, becomes the first of the queue again. Where a network breaks just then it may come twice.
type QueueProxy[T any] struct{ Proxy }

// ManagerQueue makes a queue in a manager, of at most maxsize items; 0 means any number.
func ManagerQueue[T any](ctx context.Context, m *Manager, maxsize int) (QueueProxy[T], error) {
	if maxsize < 0 {
		return QueueProxy[T]{}, fmt.Errorf("%w: maxsize %d; give 1 or more, or 0 for no bound", ErrValue, maxsize)
	}
	p, err := m.New(ctx, "multiprocessing.queue")
	if err == nil {
		_, err = Invoke[struct{}](ctx, p, "Bound", maxsize)
	}
	return QueueProxy[T]{p}, err
}

func (q QueueProxy[T]) put(ctx context.Context, method string, v T) error {
	raw, err := encode(&v)
	if err != nil {
		return err
	}
	_, err = Invoke[struct{}](ctx, q.Proxy, method, raw)
	return err
}

func (q QueueProxy[T]) get(ctx context.Context, method string) (v T, err error) {
	c, err := dial(ctx, q.At)
	if err != nil {
		return v, err
	}
	reply, err := ask(ctx, c, q.Proxy, "call", []byte(method))
	if err == nil {
		err = confirm(c, q.Proxy)
	}
	if !isGivenUp(err) {
		keep(q.At, c)
	}
	raw, err := resultOf[[]byte](reply, err)
	if err != nil {
		return v, err
	}
	return decode[T](raw)
}

// Put appends v and waits for room as long as ctx lasts. It returns [ErrClosed] after Close.
func (q QueueProxy[T]) Put(ctx context.Context, v T) error { return q.put(ctx, "Put", v) }

// TryPut appends v, or returns [ErrFull] at once.
func (q QueueProxy[T]) TryPut(ctx context.Context, v T) error { return q.put(ctx, "TryPut", v) }

// Get takes the oldest item and waits for one as long as ctx lasts. It returns [ErrClosed] when the queue is closed and empty.
func (q QueueProxy[T]) Get(ctx context.Context) (T, error) { return q.get(ctx, "Get") }

// TryGet takes the oldest item, or returns [ErrEmpty] at once.
func (q QueueProxy[T]) TryGet(ctx context.Context) (T, error) { return q.get(ctx, "TryGet") }

// Len returns how many items there are.
func (q QueueProxy[T]) Len(ctx context.Context) (int, error) { return Invoke[int](ctx, q.Proxy, "Len") }

// Close ends the queue for everybody, as [Queue.Close] does.
func (q QueueProxy[T]) Close(ctx context.Context) error { return do(ctx, q.Proxy, "Close") }

// TaskDone says that an item that was got is dealt with. It returns [ErrValue] when there is none.
func (q QueueProxy[T]) TaskDone(ctx context.Context) error { return do(ctx, q.Proxy, "TaskDone") }

// Join waits until every item that was put has been dealt with.
func (q QueueProxy[T]) Join(ctx context.Context) error { return do(ctx, q.Proxy, "Join") }

// do calls a method without a result.
func do(ctx context.Context, p Proxy, method string, args ...any) error {
	_, err := Invoke[struct{}](ctx, p, method, args...)
	return err
}

// EventProxy is a flag in a manager that others wait for.
type EventProxy struct{ Proxy }

// Event makes a clear event in a manager.
func (m *Manager) Event(ctx context.Context) (EventProxy, error) {
	p, err := m.New(ctx, "multiprocessing.event")
	return EventProxy{p}, err
}

// IsSet reports whether the event is set.
func (e EventProxy) IsSet(ctx context.Context) (bool, error) {
	return Invoke[bool](ctx, e.Proxy, "IsSet")
}

// Set sets the event.
func (e EventProxy) Set(ctx context.Context) error { return do(ctx, e.Proxy, "Set") }

// Clear takes the flag back.
func (e EventProxy) Clear(ctx context.Context) error { return do(ctx, e.Proxy, "Clear") }

// Wait returns nil when the event is set, ctx's error when ctx ended first.
func (e EventProxy) Wait(ctx context.Context) error { return do(ctx, e.Proxy, "Wait") }

// BarrierProxy is a barrier in a manager. A party that gives up, or dies, breaks it.
type BarrierProxy struct{ Proxy }

// Barrier makes a barrier for that many parties in a manager.
func (m *Manager) Barrier(ctx context.Context, parties int) (BarrierProxy, error) {
	if parties < 1 {
		return BarrierProxy{}, fmt.Errorf("%w: a barrier for %d parties; give 1 or more", ErrValue, parties)
	}
	p, err := m.New(ctx, "multiprocessing.barrier")
	if err == nil {
		err = do(ctx, p, "Parties", parties)
	}
	return BarrierProxy{p}, err
}

// Wait meets the other parties and returns this one's place in the order of arrival. The error is [ErrBrokenBarrier] when
// the barrier is or gets broken.
func (b BarrierProxy) Wait(ctx context.Context) (int, error) {
	return Invoke[int](ctx, b.Proxy, "Wait")
}

// Abort breaks the barrier.
func (b BarrierProxy) Abort(ctx context.Context) error { return do(ctx, b.Proxy, "Abort") }

// Reset makes the barrier whole and empty; whoever waits gets [ErrBrokenBarrier].
func (b BarrierProxy) Reset(ctx context.Context) error { return do(ctx, b.Proxy, "Reset") }

// LockProxy is a lock, or a semaphore, in a manager. A permit belongs to the process that acquired it, which alone may give it
// back; it comes back when that process dies. A LockProxy travels as a pointer.
type LockProxy struct {
	Proxy
	mu   sync.Mutex
	held []*wire // one for each permit: its end is what tells the server of this process's
}

// Lock makes a lock in a manager.
func (m *Manager) Lock(ctx context.Context) (*LockProxy, error) { return m.Semaphore(ctx, 1) }

// Semaphore makes a semaphore with that many permits in a manager.
//
// Nobody releases more than was acquired, so that it is bounded: [Manager.BoundedSemaphore] is the same by its other name.
func (m *Manager) Semaphore(ctx context.Context, permits int) (*LockProxy, error) {
	if permits < 0 {
		return nil, fmt.Errorf("%w: a semaphore of %d permits; give 0 or more", ErrValue, permits)
	}
	p, err := m.New(ctx, "multiprocessing.permits")
	if err == nil {
		err = do(ctx, p, "Grant", permits)
	}
	return made(&LockProxy{Proxy: p}, err)
}

// BoundedSemaphore makes a semaphore in a manager that never has more permits than it began with, 1 or more: a Release
// beyond is [ErrNotOwner].
func (m *Manager) BoundedSemaphore(ctx context.Context, permits int) (*LockProxy, error) {
	if permits < 1 {
		return nil, fmt.Errorf("%w: a bounded semaphore of %d permits; give 1 or more", ErrValue, permits)
	}
	return m.Semaphore(ctx, permits)
}

// MarshalBinary encodes where the lock is.
func (l *LockProxy) MarshalBinary() ([]byte, error) { return encode(&l.Proxy) }

// UnmarshalBinary makes l that lock, of which this process has acquired nothing.
func (l *LockProxy) UnmarshalBinary(b []byte) (err error) {
	l.Proxy, err = decode[Proxy](b)
	return err
}

// Acquire takes a permit and waits for one as long as ctx lasts.
func (l *LockProxy) Acquire(ctx context.Context) error {
	_, err := l.acquire(ctx, "Acquire", func([]byte) (bool, error) { return true, nil })
	return err
}

// TryAcquire takes a permit if there is one and reports whether it did.
func (l *LockProxy) TryAcquire(ctx context.Context) (bool, error) {
	return l.acquire(ctx, "TryAcquire", decode[bool])
}

func (l *LockProxy) acquire(ctx context.Context, method string, got func(reply []byte) (bool, error)) (bool, error) {
	c, err := dial(ctx, l.At)
	if err != nil {
		return false, err
	}
	reply, err := ask(ctx, c, l.Proxy, "call", []byte(method))
	if isGivenUp(err) {
		return false, err
	}
	has, err2 := false, error(nil)
	if err == nil {
		has, err2 = got(reply)
	}
	if !has {
		keep(l.At, c)
		return false, errors.Join(err, err2)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = append(l.held, c)
	return true, nil
}

// Release gives a permit back. It returns [ErrNotOwner] when this process has none.
func (l *LockProxy) Release(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := len(l.held) - 1
	if last < 0 {
		return ErrNotOwner
	}
	c := l.held[last]
	l.held = l.held[:last]
	_, err := ask(ctx, c, l.Proxy, "call", []byte("Release"))
	if !isGivenUp(err) {
		keep(l.At, c)
	}
	return err
}

// With runs f with a permit and gives it back whatever f does.
func (l *LockProxy) With(ctx context.Context, f func() error) (err error) {
	if err := l.Acquire(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Release(context.WithoutCancel(ctx))) }()
	return f()
}
