//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/shmath/shmath/psync"
)

func TestL1_Lock(t *testing.T) {
	l := must[*Lock](t)(NewLock())
	defer l.Free()
	ok(t, l.Acquire(watchdog(t)))
	if got := must[bool](t)(l.TryAcquire()); got {
		t.Fatal("taken twice")
	}
	ok(t, l.Release())
	if err := l.Release(); !errors.Is(err, ErrNotOwner) {
		t.Fatal(err)
	}
}

func TestL2_RLock(t *testing.T) {
	l := must[*RLock](t)(NewRLock())
	defer l.Free()
	for range 3 {
		ok(t, l.Acquire(watchdog(t)))
	}
	if got := must[bool](t)(l.Holder().TryAcquire()); got {
		t.Fatal("another holder got it")
	}
	for range 3 {
		ok(t, l.Release())
	}
	if err := l.Release(); !errors.Is(err, ErrNotOwner) {
		t.Fatal(err)
	}
}

func TestL3_With(t *testing.T) {
	l := must[*Lock](t)(NewLock())
	defer l.Free()
	func() {
		defer func() { recover() }()
		_ = l.With(watchdog(t), func() error { panic("inside") })
	}()
	if got := must[bool](t)(l.TryAcquire()); !got {
		t.Fatal("a panic kept the lock")
	}
}

type counting struct {
	Lock  *Lock
	Value *Value[int64]
	Plain *Array[int64]
	N     int
}

var count = NewTarget("count", func(ctx context.Context, a counting) error {
	for range a.N {
		a.Value.Add(1)
		err := a.Lock.With(ctx, func() error { a.Plain.Slice()[0]++; return nil })
		if err != nil {
			return err
		}
	}
	return nil
})

// TestV1_NothingIsLost: the documents' counter loses a quarter of its updates in Python.
func TestV1_NothingIsLost(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		a := counting{must[*Lock](t)(NewLock()), must[*Value[int64]](t)(NewValue[int64](0)),
			must[*Array[int64]](t)(NewRawArray[int64](1)), 10_000}
		var crew []*Process
		for range 4 {
			crew = append(crew, start(t, count, a, opts))
		}
		for _, p := range crew {
			ok(t, p.Join(watchdog(t)))
			ok(t, p.Err())
		}
		if a.Value.Get() != 40_000 || a.Plain.Slice()[0] != 40_000 {
			t.Fatal(a.Value.Get(), a.Plain.Slice()[0])
		}
	})
}

type dying struct {
	Lock *Lock
	Sem  *BoundedSemaphore
	Held *Event
}

var dieHolding = NewTarget("die holding", func(ctx context.Context, a dying) error {
	if err := errors.Join(a.Lock.Acquire(ctx), a.Sem.Acquire(ctx)); err != nil {
		return err
	}
	a.Held.Set()
	select {}
})

// TestLock_HolderKilled is where Python waits for ever.
func TestLock_HolderKilled(t *testing.T) {
	a := dying{must[*Lock](t)(NewLock()), must[*BoundedSemaphore](t)(NewBoundedSemaphore(1)), must[*Event](t)(NewEvent())}
	p := start(t, dieHolding, a, nil)
	ok(t, a.Held.Wait(watchdog(t)))
	if got := must[bool](t)(a.Sem.TryAcquire()); got {
		t.Fatal("the permit is held by the child")
	}
	ok(t, p.Kill())
	if err := a.Lock.Acquire(watchdog(t)); !errors.Is(err, ErrOwnerDead) {
		t.Fatal(err)
	}
	ok(t, a.Lock.Release())
	ok(t, a.Lock.Acquire(watchdog(t)))
	ok(t, a.Lock.Release())
	ok(t, a.Sem.Acquire(watchdog(t)))
	ok(t, a.Sem.Release())
}

func TestS1_Semaphore(t *testing.T) {
	s := must[*Semaphore](t)(NewSemaphore(2))
	defer s.Free()
	for want := 1; want >= 0; want-- {
		ok(t, s.Acquire(watchdog(t)))
		if s.Value() != want {
			t.Fatal(s.Value())
		}
	}
	if got := must[bool](t)(s.TryAcquire()); got {
		t.Fatal("a third permit")
	}
	for range 4 {
		ok(t, s.Release())
	}
	if s.Value() != 4 {
		t.Fatal(s.Value())
	}
	if _, err := NewSemaphore(-1); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
}

func TestS2_BoundedSemaphore(t *testing.T) {
	s := must[*BoundedSemaphore](t)(NewBoundedSemaphore(1))
	defer s.Free()
	ok(t, s.Acquire(watchdog(t)))
	ok(t, s.Release())
	if err := s.Release(); err == nil {
		t.Fatal("released beyond the bound")
	} else if !errors.Is(err, psync.ErrBound) && !errors.Is(err, ErrNotOwner) {
		t.Fatal(err)
	}
}

type meeting struct {
	Cond    *Condition
	Barrier *Barrier
	Go      *Value[int]
	Arrived *Value[int]
}

var waitForGo = NewTarget("wait for go", func(ctx context.Context, m meeting) error {
	return m.Cond.With(ctx, func() error {
		m.Arrived.Add(1)
		return m.Cond.WaitFor(ctx, func() bool { return m.Go.Get() != 0 })
	})
})

func TestCV2_NotifyAll(t *testing.T) {
	m := meeting{must[*Condition](t)(NewCondition()), must[*Barrier](t)(NewBarrier(3, nil)),
		must[*Value[int]](t)(NewValue(0)), must[*Value[int]](t)(NewValue(0))}
	if err := m.Cond.NotifyAll(); !errors.Is(err, ErrNotOwner) {
		t.Fatal(err)
	}
	var crew []*Process
	for range 3 {
		crew = append(crew, start(t, waitForGo, m, nil))
	}
	for m.Arrived.Get() < 3 {
		time.Sleep(time.Millisecond)
	}
	ok(t, crew[0].Kill()) // a waiter that is killed keeps nobody
	ok(t, m.Cond.With(watchdog(t), func() error {
		m.Go.Set(1)
		return m.Cond.NotifyAll()
	}))
	for _, p := range crew[1:] {
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
	}
}

func TestCV4_Timeout(t *testing.T) {
	c := must[*Condition](t)(NewCondition())
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	ok(t, c.Acquire(ctx))
	if err := c.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	ok(t, c.Release()) // held again
}

func TestEV1_Event(t *testing.T) {
	e := must[*Event](t)(NewEvent())
	defer e.Free()
	if e.IsSet() || e.Wait(expired) == nil {
		t.Fatal("set from the beginning")
	}
	e.Set()
	ok(t, e.Wait(watchdog(t)))
	ok(t, e.Wait(watchdog(t)))
	e.Clear()
	if e.IsSet() {
		t.Fatal(e)
	}
}

var meet = NewTarget("meet", func(ctx context.Context, m meeting) error {
	for range 20 {
		i, err := m.Barrier.Wait(ctx)
		if err != nil {
			return err
		}
		if i == 0 {
			m.Arrived.Add(1)
		}
	}
	return nil
})

func TestBR1_Barrier(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		m := meeting{must[*Condition](t)(NewCondition()), must[*Barrier](t)(NewBarrier(3, nil)),
			must[*Value[int]](t)(NewValue(0)), must[*Value[int]](t)(NewValue(0))}
		var crew []*Process
		for range 3 {
			crew = append(crew, start(t, meet, m, opts))
		}
		for _, p := range crew {
			ok(t, p.Join(watchdog(t)))
			ok(t, p.Err())
		}
		if m.Arrived.Get() != 20 || m.Barrier.Waiting() != 0 || m.Barrier.Broken() {
			t.Fatal(m.Arrived.Get(), m.Barrier.Waiting(), m.Barrier.Broken())
		}
	})
}

// TestBarrier_PartyKilled is where Python hangs, its timeout notwithstanding.
func TestBarrier_PartyKilled(t *testing.T) {
	m := meeting{must[*Condition](t)(NewCondition()), must[*Barrier](t)(NewBarrier(3, nil)),
		must[*Value[int]](t)(NewValue(0)), must[*Value[int]](t)(NewValue(0))}
	p := start(t, meet, m, nil)
	for m.Barrier.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	go p.Kill()
	if _, err := m.Barrier.Wait(watchdog(t)); !errors.Is(err, ErrBrokenBarrier) {
		t.Fatal(err)
	}
	ok(t, m.Barrier.Reset())
	if m.Barrier.Broken() {
		t.Fatal("broken after Reset")
	}
}
