package psync

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// waiters are goroutines that wait for a condition, and what became of them.
type waiters struct {
	m       *Mutex
	c       *Cond
	awake   atomic.Int32
	expired atomic.Int32
}

func newWaiters(t testing.TB) *waiters {
	mem := heap(64)
	return &waiters{m: must(CreateMutex(mem, nil))(t), c: must(CreateCond(mem[32:], nil))(t)}
}

func (w *waiters) start(t testing.TB, ctx context.Context, n int) {
	for range n {
		go func() {
			check(t, w.m.Lock(background))
			err := w.c.Wait(ctx, w.m)
			if w.m.Owner() != soloTag {
				t.Error("Wait returned without the lock")
			}
			if err != nil {
				want(t, err, context.DeadlineExceeded)
				w.expired.Add(1)
			} else {
				w.awake.Add(1)
			}
			check(t, w.m.Unlock())
		}()
	}
}

func (w *waiters) awoken(t testing.TB, n int) {
	t.Helper()
	eventually(t, "waiters wake", func() bool { return int(w.awake.Load()) >= n })
	time.Sleep(2 * time.Millisecond)
	if got := int(w.awake.Load()); got != n {
		t.Fatalf("%d awake, want %d", got, n)
	}
}

// C1: nobody wakes before a signal; each signal wakes exactly one sleeper.
func TestCond_C1(t *testing.T) {
	linuxOnly(t)
	w := newWaiters(t)
	w.start(t, background, 2)
	awaitSleepers(t, w.c.w, 2)
	w.awoken(t, 0)
	for i := range 2 {
		w.c.Signal(1)
		w.awoken(t, i+1)
	}
}

// C2: waiters with a deadline all return; the next round all wake on one broadcast.
func TestCond_C2(t *testing.T) {
	linuxOnly(t)
	w := newWaiters(t)
	w.start(t, timeout(t, 10*time.Millisecond), 6)
	eventually(t, "deadlines", func() bool { return w.expired.Load() == 6 })
	w.start(t, background, 6)
	awaitSleepers(t, w.c.w, 6)
	w.c.Broadcast()
	w.awoken(t, 6)
	if w.m.Owner() != 0 || w.c.w.Load()&condWaiters != 0 {
		t.Fatal("something is left over")
	}
	w.c.Broadcast()
	w.c.Signal(3)
}

// C3: signal 2 wakes 2, signal 4 the other 4, signal 3 without waiters does nothing.
func TestCond_C3(t *testing.T) {
	linuxOnly(t)
	w := newWaiters(t)
	w.start(t, background, 6)
	awaitSleepers(t, w.c.w, 6)
	w.c.Signal(2)
	w.awoken(t, 2)
	w.c.Signal(0)
	w.awoken(t, 2)
	w.c.Signal(4)
	w.awoken(t, 6)
	w.c.Signal(3)
	w.start(t, background, 1)
	awaitSleepers(t, w.c.w, 1)
	w.awoken(t, 6)
	w.c.Signal(3)
	w.awoken(t, 7)
}

// C4, C6: a wait tells whether it was signalled or expired, holds the lock again, and can be interrupted.
func TestCond_C4_C6(t *testing.T) {
	linuxOnly(t)
	w := newWaiters(t)
	check(t, w.m.Lock(background))
	begin := time.Now()
	want(t, w.c.Wait(timeout(t, 5*time.Millisecond), w.m), context.DeadlineExceeded)
	if d := time.Since(begin); d < 5*time.Millisecond || w.m.Owner() != soloTag {
		t.Fatalf("after %v, owner %d", d, w.m.Owner())
	}
	ctx, cancel := context.WithCancel(background)
	time.AfterFunc(time.Millisecond, cancel)
	want(t, w.c.Wait(ctx, w.m), context.Canceled)
	check(t, w.m.Unlock())
	want(t, w.c.Wait(background, w.m), ErrNotOwner)
}

// C5: with a predicate, nil means it holds; an error comes only after the deadline.
func TestCond_C5(t *testing.T) {
	linuxOnly(t)
	w := newWaiters(t)
	state := 0
	done := make(chan error)
	go func() {
		check(t, w.m.Lock(background))
		err := w.c.WaitFor(background, w.m, func() bool { return state == 4 })
		check(t, w.m.Unlock())
		done <- err
	}()
	for range 4 {
		time.Sleep(100 * time.Microsecond)
		check(t, w.m.Do(background, func(error) error { state++; w.c.Signal(1); return nil }))
	}
	soon(t, "WaitFor", func() { check(t, <-done) })
	check(t, w.m.Lock(background))
	begin := time.Now()
	want(t, w.c.WaitFor(timeout(t, 5*time.Millisecond), w.m, func() bool { return false }), context.DeadlineExceeded)
	if d := time.Since(begin); d < 5*time.Millisecond {
		t.Fatalf("gave up after %v", d)
	}
	check(t, w.m.Unlock())
}

// The state changed, and the signal went to one that was killed while it woke: the other one goes on all the same.
func TestCond_SignalDiesWithItsReceiver(t *testing.T) {
	linuxOnly(t)
	w := newWaiters(t)
	state := false
	done := make(chan error)
	go func() {
		check(t, w.m.Lock(background))
		err := w.c.WaitFor(background, w.m, func() bool { return state })
		check(t, w.m.Unlock())
		done <- err
	}()
	awaitSleepers(t, w.c.w, 1)
	check(t, w.m.Do(background, func(error) error { state = true; return nil }))
	soon(t, "WaitFor", func() { check(t, <-done) })
}

func TestCond_WithReentrantMutex(t *testing.T) {
	linuxOnly(t)
	mem := heap(64)
	m := must(CreateRMutex(mem, nil))(t)
	c := must(CreateCond(mem[32:], nil))(t)
	token := NewToken()
	done := make(chan int)
	go func() {
		for range 3 {
			check(t, m.Lock(background, token))
		}
		check(t, c.Wait(background, m.Locker(token)))
		done <- m.Depth(token)
	}()
	awaitSleepers(t, c.w, 1)
	if ok, err := m.TryLock(NewToken()); !ok || err != nil {
		t.Fatal("not freed while it waits", err)
	} else {
		c.Signal(1)
	}
	m.w.depth.Store(0)
	m.w.token.Store(0)
	check(t, m.unlock(&m.w.state, -1, wakeHeir))
	if depth := <-done; depth != 3 {
		t.Fatalf("depth %d after the wait", depth)
	}
}

// The mutex's owner dies while others wait for the condition: each is told once, nobody hangs.
func TestCond_OwnerDiesMeanwhile(t *testing.T) {
	linuxOnly(t)
	v := newVillage()
	mem := heap(64)
	m, c := must(CreateMutex(mem, v.options(1)))(t), must(CreateCond(mem[32:], v.options(1)))(t)
	done := make(chan error)
	go func() {
		check(t, m.Lock(background))
		done <- c.WaitFor(background, m, func() bool { return false })
	}()
	awaitSleepers(t, c.w, 1)
	mortal := must(AttachMutex(mem, v.options(2)))(t)
	check(t, mortal.Lock(background))
	must(AttachCond(mem[32:], v.options(2)))(t).Signal(1)
	v.die(2)
	soon(t, "a waiter", func() { want(t, <-done, ErrOwnerDead) })
	check(t, m.Unlock())
}
