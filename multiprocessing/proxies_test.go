//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"slices"
	"testing"
)

type managedThings struct {
	Value   ValueProxy[int]
	Queue   QueueProxy[string]
	Event   EventProxy
	Barrier BarrierProxy
	Lock    *LockProxy
	Sem     *LockProxy
	List    ListProxy[int]
}

func newThings(t *testing.T) (*Manager, managedThings) {
	m, ctx := newManager(t), watchdog(t)
	return m, managedThings{must[ValueProxy[int]](t)(ManagerValue(ctx, m, 0)), must[QueueProxy[string]](t)(ManagerQueue[string](ctx, m, 2)),
		must[EventProxy](t)(m.Event(ctx)), must[BarrierProxy](t)(m.Barrier(ctx, 2)), must[*LockProxy](t)(m.Lock(ctx)),
		must[*LockProxy](t)(m.Semaphore(ctx, 2)), must[ListProxy[int]](t)(ManagerList[int](ctx, m))}
}

var useThings = NewTarget("use things", func(ctx context.Context, x managedThings) error {
	if _, err := x.Barrier.Wait(ctx); err != nil {
		return err
	}
	for i := range 50 {
		err := x.Lock.With(ctx, func() error { // two steps, which nobody may come between
			n, err := x.List.Len(ctx)
			return errors.Join(err, x.List.Append(ctx, n))
		})
		if err = errors.Join(err, x.Value.Update(ctx, func(v int) int { return v + i })); err != nil {
			return err
		}
	}
	for {
		s, err := x.Queue.Get(ctx)
		if errors.Is(err, ErrClosed) {
			return x.Event.Set(ctx)
		}
		if err = errors.Join(err, x.Queue.TaskDone(ctx)); err != nil || s != "item" {
			return errors.Join(err, errors.New(s))
		}
	}
})

// TestMG2_Types: everything that is made in the parent and changed in the child.
func TestMG2_Types(t *testing.T) {
	_, x := newThings(t)
	ctx := watchdog(t)
	p, q := start(t, useThings, x, nil), start(t, useThings, x, nil)
	for range 10 {
		ok(t, x.Queue.Put(ctx, "item")) // 2 at a time
	}
	ok(t, x.Queue.Join(ctx))
	ok(t, x.Queue.Close(ctx))
	ok(t, x.Event.Wait(ctx))
	for _, p := range []*Process{p, q} {
		ok(t, p.Join(ctx))
		ok(t, p.Err())
	}
	if v := must[int](t)(x.Value.Get(ctx)); v != 2*50*49/2 {
		t.Fatal(v)
	}
	if got := must[[]int](t)(x.List.Slice(ctx)); !slices.Equal(got, upTo(100)) {
		t.Fatal("somebody came between two steps under the lock:", got)
	}
	if set := must[bool](t)(x.Event.IsSet(ctx)); !set {
		t.Fatal("not set")
	}
}

// TestMG2_Errors: those of a queue and a lock in shared memory, by name.
func TestMG2_Errors(t *testing.T) {
	_, x := newThings(t)
	ctx := watchdog(t)
	if _, err := x.Queue.TryGet(ctx); !errors.Is(err, ErrEmpty) {
		t.Fatal(err)
	}
	ok(t, x.Queue.TryPut(ctx, "a"))
	ok(t, x.Queue.TryPut(ctx, "b"))
	if err := x.Queue.TryPut(ctx, "c"); !errors.Is(err, ErrFull) || must[int](t)(x.Queue.Len(ctx)) != 2 {
		t.Fatal(err)
	}
	if err := x.Queue.TaskDone(ctx); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
	if err := x.Queue.Put(briefly(t, patience), "c"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	ok(t, x.Queue.Close(ctx))
	if err := x.Queue.Put(ctx, "c"); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if s := must[string](t)(x.Queue.Get(ctx)); s != "a" {
		t.Fatal(s)
	}
	ok(t, x.Lock.Acquire(ctx))
	if got := must[bool](t)(x.Lock.TryAcquire(ctx)); got {
		t.Fatal("acquired twice")
	}
	ok(t, x.Lock.Release(ctx))
	if err := x.Lock.Release(ctx); !errors.Is(err, ErrNotOwner) {
		t.Fatal(err)
	}
	ok(t, x.Sem.Acquire(ctx))
	if got := must[bool](t)(x.Sem.TryAcquire(ctx)); !got {
		t.Fatal("the second permit of two")
	}
	if err := x.Sem.Acquire(briefly(t, patience)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	ok(t, errors.Join(x.Sem.Release(ctx), x.Sem.Release(ctx)))
	if err := x.Event.Wait(briefly(t, patience)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	ok(t, x.Barrier.Abort(ctx))
	if _, err := x.Barrier.Wait(ctx); !errors.Is(err, ErrBrokenBarrier) {
		t.Fatal(err)
	}
	ok(t, x.Barrier.Reset(ctx))
	if _, err := x.Barrier.Wait(briefly(t, patience)); err == nil {
		t.Fatal("one of two met")
	}
	until(t, "broken by the one who gave up", func() bool { // once the server has heard of it
		_, err := x.Barrier.Wait(briefly(t, patience))
		return errors.Is(err, ErrBrokenBarrier)
	})
}

type holdingThings struct {
	Things managedThings
	Held   *Event
}

var holdAndHang = NewTarget("hold and hang", func(ctx context.Context, h holdingThings) error {
	if err := errors.Join(h.Things.Lock.Acquire(ctx), h.Things.Sem.Acquire(ctx)); err != nil {
		return err
	}
	h.Held.Set()
	_, err := h.Things.Barrier.Wait(ctx)
	return err
})

// TestManager_HolderKilled: what a killed process holds in a manager comes back, and the barrier at which it waits breaks.
func TestManager_HolderKilled(t *testing.T) {
	_, x := newThings(t)
	ctx := watchdog(t)
	h := holdingThings{x, must[*Event](t)(NewEvent())}
	p := start(t, holdAndHang, h, nil)
	ok(t, h.Held.Wait(ctx))
	if got := must[bool](t)(x.Lock.TryAcquire(ctx)); got {
		t.Fatal("the child holds it")
	}
	ok(t, p.Kill())
	ok(t, x.Lock.Acquire(ctx))
	ok(t, x.Sem.Acquire(ctx))
	ok(t, x.Sem.Acquire(ctx))
	until(t, "the barrier broken", func() bool {
		_, err := x.Barrier.Wait(briefly(t, patience))
		return errors.Is(err, ErrBrokenBarrier)
	})
}
