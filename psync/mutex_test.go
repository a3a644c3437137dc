package psync

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// L1: acquire, try-acquire fails, release, one release too many.
func TestMutex_L1(t *testing.T) {
	m := must(CreateMutex(heap(MutexSize), nil))(t)
	check(t, m.Lock(background))
	if ok, err := m.TryLock(); ok || err != nil {
		t.Fatalf("TryLock of a held mutex: %v, %v", ok, err)
	}
	if m.Owner() != soloTag {
		t.Fatalf("owner %d", m.Owner())
	}
	check(t, m.Unlock())
	want(t, m.Unlock(), ErrNotOwner)
	if ok, err := m.TryLock(); !ok || err != nil {
		t.Fatalf("TryLock of a free mutex: %v, %v", ok, err)
	}
}

// L3: scoped use, which frees the mutex whatever happens inside.
func TestMutex_L3(t *testing.T) {
	m := must(CreateMutex(heap(MutexSize), nil))(t)
	failure := errors.New("inside")
	want(t, m.Do(background, func(died error) error { return errors.Join(died, failure) }), failure)
	if m.Owner() != 0 {
		t.Fatal("held after an error inside")
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		m.Do(background, func(error) error { panic("inside") })
	}()
	if m.Owner() != 0 {
		t.Fatal("held after a panic inside")
	}
	check(t, m.Lock(background))
	want(t, m.Do(timeout(t, time.Millisecond), func(error) error { t.Error("runs"); return nil }), context.DeadlineExceeded)
	want(t, func() error {
		check(t, m.Unlock())
		return m.Do(background, func(error) error { return m.Unlock() })
	}(), ErrNotOwner)
}

func TestMutex_GoroutinesExcludeEachOther(t *testing.T) {
	linuxOnly(t)
	mem := heap(MutexSize)
	var inside, sum int
	var wg sync.WaitGroup
	for g := range 8 {
		m := must(AttachMutex(mem, nil))(t) // zeroed memory is an unlocked mutex
		wg.Go(func() {
			for i := range 2000 {
				check(t, m.Lock(background))
				inside++
				if inside != 1 {
					t.Error("two inside")
				}
				sum++
				inside--
				if i%64 == g {
					time.Sleep(time.Microsecond)
				}
				check(t, m.Unlock())
			}
		})
	}
	wg.Wait()
	if sum != 8*2000 {
		t.Fatalf("sum %d", sum)
	}
}

func TestMutex_EndsWithContext(t *testing.T) {
	linuxOnly(t)
	m := must(CreateMutex(heap(MutexSize), nil))(t)
	check(t, m.Lock(background))
	want(t, m.Lock(timeout(t, 5*time.Millisecond)), context.DeadlineExceeded)
	ctx, cancel := context.WithCancel(background)
	cancel()
	want(t, m.Lock(ctx), context.Canceled)
	check(t, m.Unlock())
	check(t, m.Lock(ctx)) // a free mutex is taken, whatever the context
	check(t, m.Unlock())
}

// K8: each death is reported to exactly one taker, who has the lock.
func TestMutex_OwnerDies(t *testing.T) {
	linuxOnly(t)
	for _, waiters := range []int{0, 1, 5} {
		v := newVillage()
		mem := heap(MutexSize)
		check(t, must(CreateMutex(mem, v.options(1)))(t).Lock(background))
		var dead, entered atomic.Int32
		var wg sync.WaitGroup
		enter := func(tag uint32) {
			m := must(AttachMutex(mem, v.options(tag)))(t)
			err := m.Lock(background)
			var died *OwnerDeadError
			switch {
			case errors.As(err, &died):
				if died.Tag != 1 {
					t.Errorf("the dead one is called %d", died.Tag)
				}
				dead.Add(1)
			case err != nil:
				t.Error(err)
			}
			entered.Add(1)
			check(t, m.Unlock())
		}
		for i := range waiters {
			wg.Go(func() { enter(uint32(2 + i)) })
		}
		if waiters > 0 {
			m := must(AttachMutex(mem, nil))(t)
			awaitSleepers(t, m.w, waiters)
		}
		v.die(1)
		soon(t, "takers after a death", func() { enter(30); wg.Wait() })
		if dead.Load() != 1 || int(entered.Load()) != waiters+1 {
			t.Fatalf("%d takers, %d told of the death", entered.Load(), dead.Load())
		}
	}
}

func TestMutex_AbandonTellsAgain(t *testing.T) {
	v := newVillage()
	mem := heap(MutexSize)
	check(t, must(CreateMutex(mem, v.options(1)))(t).Lock(background))
	v.die(1)
	m := must(AttachMutex(mem, v.options(2)))(t)
	failure := errors.New("cannot repair")
	want(t, m.Do(background, func(died error) error { want(t, died, ErrOwnerDead); return failure }), failure)
	func() {
		defer func() { recover() }()
		m.Do(background, func(died error) error { want(t, died, ErrOwnerDead); panic("cannot repair") })
	}()
	check(t, m.Do(background, func(died error) error { want(t, died, ErrOwnerDead); return nil }))
	check(t, m.Do(background, func(died error) error { return died }))
	if ok, err := m.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	check(t, m.Abandon())
	if ok, err := m.TryLock(); !ok || !errors.Is(err, ErrOwnerDead) {
		t.Fatalf("after Abandon: %v, %v", ok, err)
	}
}

// A heap of members that lock, and now and then die with the lock or while they wait: everyone else goes on, and the
// number of deaths with the lock is the number of reports.
func TestMutex_ManyDeaths(t *testing.T) {
	linuxOnly(t)
	v := newVillage()
	mem := heap(MutexSize)
	var deaths, reports, inside atomic.Int32
	var wg sync.WaitGroup
	for tag := uint32(1); tag < 20; tag++ {
		m := must(AttachMutex(mem, v.options(tag)))(t)
		mortal := tag%2 == 0
		wg.Go(func() {
			for i := range 300 {
				err := m.Lock(background)
				if errors.Is(err, ErrOwnerDead) {
					reports.Add(1)
				} else if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					t.Error("two inside")
				}
				if rand.IntN(8) == 0 {
					time.Sleep(10 * time.Microsecond)
				}
				inside.Add(-1)
				if mortal && i == 20*int(tag)%97 {
					deaths.Add(1)
					v.die(tag)
					return
				}
				check(t, m.Unlock())
			}
		})
	}
	soon(t, "survivors", wg.Wait)
	last := must(AttachMutex(mem, v.options(31)))(t)
	if err := last.Lock(background); errors.Is(err, ErrOwnerDead) {
		reports.Add(1)
	}
	if deaths.Load() != 9 || reports.Load() != deaths.Load() {
		t.Fatalf("%d deaths, %d reports", deaths.Load(), reports.Load())
	}
}

// L2: three acquires, three releases, a fourth release fails.
func TestRMutex_L2(t *testing.T) {
	linuxOnly(t)
	m := must(CreateRMutex(heap(RMutexSize), nil))(t)
	a, b := NewToken(), NewToken()
	for i := range 3 {
		check(t, m.Lock(background, a))
		if m.Depth(a) != i+1 {
			t.Fatalf("depth %d", m.Depth(a))
		}
	}
	if ok, err := m.TryLock(b); ok || err != nil {
		t.Fatal("another token got it", err)
	}
	if ok, err := m.TryLock(a); !ok || err != nil {
		t.Fatal(ok, err)
	}
	want(t, m.Unlock(b), ErrNotOwner)
	want(t, m.Lock(timeout(t, time.Millisecond), b), context.DeadlineExceeded)
	for range 4 {
		check(t, m.Unlock(a))
	}
	want(t, m.Unlock(a), ErrNotOwner)
	check(t, m.Lock(background, b))
	check(t, m.Unlock(b))
}

func TestRMutex_OwnerDies(t *testing.T) {
	v := newVillage()
	mem := heap(RMutexSize)
	token := NewToken()
	first := must(CreateRMutex(mem, v.options(1)))(t)
	check(t, first.Lock(background, token))
	check(t, first.Lock(background, token))
	v.die(1)
	m := must(AttachRMutex(mem, v.options(2)))(t)
	if m.holds(token) {
		t.Fatal("a dead process's token is taken for mine")
	}
	want(t, m.Lock(background, token), ErrOwnerDead)
	if m.Depth(token) != 1 {
		t.Fatalf("depth %d after a death", m.Depth(token))
	}
	check(t, m.Unlock(token))
	check(t, m.Lock(background, token))
}

func TestOnce_RunsOnce(t *testing.T) {
	linuxOnly(t)
	mem := heap(OnceSize)
	var runs int
	var wg sync.WaitGroup
	for range 8 {
		o := must(AttachOnce(mem, nil))(t)
		wg.Go(func() {
			check(t, o.Do(background, func(error) error { time.Sleep(time.Millisecond); runs++; return nil }))
			if runs != 1 || !o.Done() {
				t.Errorf("after Do: %d runs", runs)
			}
		})
	}
	wg.Wait()
}

func TestOnce_FailureAndDeathLeaveItToTheNext(t *testing.T) {
	linuxOnly(t)
	v := newVillage()
	mem := heap(OnceSize)
	first := must(CreateOnce(mem, v.options(1)))(t)
	failure := errors.New("no")
	want(t, first.Do(background, func(error) error { return failure }), failure)
	func() {
		defer func() { recover() }()
		first.Do(background, func(error) error { panic("no") })
	}()
	started, never := make(chan struct{}), make(chan struct{})
	go first.Do(background, func(died error) error { close(started); <-never; return nil })
	<-started
	second := must(AttachOnce(mem, v.options(2)))(t)
	want(t, second.Do(timeout(t, time.Millisecond), nil), context.DeadlineExceeded)
	done := make(chan error)
	go func() {
		done <- second.Do(background, func(died error) error { want(t, died, ErrOwnerDead); return nil })
	}()
	awaitSleepers(t, second.w, 1)
	v.die(1)
	check(t, <-done)
	check(t, second.Do(background, nil))
}
