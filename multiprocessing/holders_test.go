//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestManager_RLock(t *testing.T) {
	m, ctx := newManager(t), watchdog(t)
	l := must[*RLockProxy](t)(m.RLock(ctx))
	other := l.Holder()
	ok(t, errors.Join(l.Acquire(ctx), l.Acquire(ctx)))
	if got := must[bool](t)(l.TryAcquire(ctx)); !got {
		t.Fatal("the holder does not get it again")
	}
	for range 3 {
		if got := must[bool](t)(other.TryAcquire(ctx)); got {
			t.Fatal("held by two")
		}
		if err := other.Release(ctx); !errors.Is(err, ErrNotOwner) {
			t.Fatal(err)
		}
		ok(t, l.Release(ctx))
	}
	ok(t, other.Acquire(ctx))
	if err := l.Acquire(briefly(t, patience)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	ok(t, other.Release(ctx))
	ok(t, l.With(ctx, func() error { return l.With(ctx, func() error { return nil }) }))
	if err := l.Release(ctx); !errors.Is(err, ErrNotOwner) {
		t.Fatal(err)
	}
	if err := new(RLockProxy).Acquire(ctx); !errors.Is(err, ErrNotMade) {
		t.Fatal(err)
	}
}

func TestManager_BoundedSemaphore(t *testing.T) {
	m, ctx := newManager(t), watchdog(t)
	s := must[*LockProxy](t)(m.BoundedSemaphore(ctx, 2))
	ok(t, errors.Join(s.Acquire(ctx), s.Acquire(ctx)))
	if got := must[bool](t)(s.TryAcquire(ctx)); got {
		t.Fatal("a third of two")
	}
	ok(t, errors.Join(s.Release(ctx), s.Release(ctx)))
	if err := s.Release(ctx); !errors.Is(err, ErrNotOwner) {
		t.Fatal(err)
	}
	if _, err := m.BoundedSemaphore(ctx, 0); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
}

var doubleArray = NewTarget("double array", func(ctx context.Context, x ArrayProxy[int]) error {
	values, err := x.Slice(ctx, 1, 4)
	for i := range values {
		values[i] *= 2
	}
	return errors.Join(err, x.SetSlice(ctx, 1, values...), x.Set(ctx, 0, -1))
})

func TestManager_Array(t *testing.T) {
	m, ctx := newManager(t), watchdog(t)
	x := must[ArrayProxy[int]](t)(ManagerArray(ctx, m, 1, 2, 3, 4, 5))
	p := start(t, doubleArray, x, nil)
	ok(t, p.Join(ctx))
	ok(t, p.Err())
	if n := must[int](t)(x.Len(ctx)); n != 5 {
		t.Fatal(n)
	}
	if got := must[[]int](t)(x.Slice(ctx, 0, 5)); !slices.Equal(got, []int{-1, 4, 6, 8, 5}) {
		t.Fatal(got)
	}
	if v := must[int](t)(x.Get(ctx, 4)); v != 5 {
		t.Fatal(v)
	}
	_, one := x.Get(ctx, 7)
	_, many := x.Slice(ctx, 2, 7)
	for _, err := range []error{one, many, x.Set(ctx, 7, 0), x.SetSlice(ctx, 4, 1, 2, 7)} {
		if !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), "7") || !strings.Contains(err.Error(), "length 5") {
			t.Fatal(err)
		}
	}
	if got := must[[]int](t)(x.Slice(ctx, 5, 5)); len(got) != 0 {
		t.Fatal(got)
	}
	for _, i := range []int{-1, 5} {
		if _, err := x.Get(ctx, i); !errors.Is(err, ErrValue) {
			t.Fatal(i, err)
		}
	}
}

type pingPong struct {
	Cond *ConditionProxy
	Turn ValueProxy[int]
	Me   int
}

// play waits for its turn, with a lock that it has acquired twice, and gives it to the other.
var play = NewTarget("play", func(ctx context.Context, x pingPong) error {
	if err := errors.Join(x.Cond.Acquire(ctx), x.Cond.Acquire(ctx)); err != nil {
		return err
	}
	for range 30 {
		var bad error
		mine := func() bool {
			v, err := x.Turn.Get(ctx)
			bad = err
			return v%2 == x.Me || err != nil
		}
		err := x.Cond.WaitFor(ctx, mine)
		if err = errors.Join(err, bad); err != nil {
			return err
		}
		err = x.Turn.Update(ctx, func(v int) int { return v + 1 })
		if err = errors.Join(err, x.Cond.NotifyAll(ctx)); err != nil {
			return err
		}
	}
	return errors.Join(x.Cond.Release(ctx), x.Cond.Release(ctx))
})

func TestManager_Condition(t *testing.T) {
	m, ctx := newManager(t), watchdog(t)
	x := pingPong{Cond: must[*ConditionProxy](t)(m.Condition(ctx)), Turn: must[ValueProxy[int]](t)(ManagerValue(ctx, m, 0))}
	a := start(t, play, x, nil)
	x.Me = 1
	b := start(t, play, x, nil)
	for _, p := range []*Process{a, b} {
		ok(t, p.Join(ctx))
		ok(t, p.Err())
	}
	if v := must[int](t)(x.Turn.Get(ctx)); v != 60 {
		t.Fatal(v)
	}
	c := x.Cond
	for _, err := range []error{c.Wait(ctx), c.Notify(ctx, 1), c.NotifyAll(ctx), c.WaitFor(ctx, func() bool { return true })} {
		if !errors.Is(err, ErrNotOwner) || !strings.Contains(err.Error(), "acquire the condition first") {
			t.Fatal(err)
		}
	}
	ok(t, c.Acquire(ctx))
	if err := c.Wait(briefly(t, patience)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if got := must[bool](t)(c.Holder().TryAcquire(ctx)); got {
		t.Fatal("the lock is not held after a Wait that gave up")
	}
	if err := c.Notify(ctx, -1); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
	ok(t, c.Notify(ctx, 5))
	ok(t, c.Release(ctx))
}

type sleeping struct {
	Cond    *ConditionProxy
	Asleep  *Event // set with the lock held: who gets the lock then finds a sleeper
	Awake   *Event
	Waiting bool
}

var sleepOrHold = NewTarget("sleep or hold", func(ctx context.Context, x sleeping) error {
	if err := errors.Join(x.Cond.Acquire(ctx), x.Cond.Acquire(ctx)); err != nil {
		return err
	}
	x.Asleep.Set()
	if !x.Waiting {
		<-ctx.Done()
		return nil
	}
	err := x.Cond.Wait(ctx)
	x.Awake.Set()
	return err
})

// TestManager_ConditionKilled: the lock of a killed holder comes back, and a notification that a killed waiter does not live to
// see goes to the next.
func TestManager_ConditionKilled(t *testing.T) {
	m, ctx := newManager(t), watchdog(t)
	c := must[*ConditionProxy](t)(m.Condition(ctx))
	sleep := func(waiting bool) (*Process, sleeping) {
		x := sleeping{c, must[*Event](t)(NewEvent()), must[*Event](t)(NewEvent()), waiting}
		p := start(t, sleepOrHold, x, nil)
		ok(t, x.Asleep.Wait(ctx))
		return p, x
	}
	holder, _ := sleep(false)
	if got := must[bool](t)(c.TryAcquire(ctx)); got {
		t.Fatal("the child holds it")
	}
	ok(t, holder.Kill())
	ok(t, c.With(ctx, func() error { return nil }))
	for round := range 10 {
		first, _ := sleep(true)
		ok(t, c.With(ctx, func() error { return nil }))
		second, x := sleep(true)
		ok(t, c.Acquire(ctx))
		if round%2 == 0 {
			ok(t, first.Kill()) // asleep
			ok(t, first.Join(ctx))
			ok(t, c.Notify(ctx, 1))
		} else {
			ok(t, c.Notify(ctx, 1)) // notified, and kept from waking by the lock
			ok(t, first.Kill())
			ok(t, first.Join(ctx))
		}
		ok(t, c.Release(ctx))
		ok(t, x.Awake.Wait(ctx))
		ok(t, second.Join(ctx))
		ok(t, second.Err())
	}
}
