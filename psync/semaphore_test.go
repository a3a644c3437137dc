package psync

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func newSem(t testing.TB, value int, o *SemaphoreOptions) (*Semaphore, []byte) {
	t.Helper()
	mem := heap(SemaphoreSize(value, o))
	return must(CreateSemaphore(mem, value, o))(t), mem
}

func tryAcquire(t testing.TB, s *Semaphore, n int, wanted bool) {
	t.Helper()
	ok, err := s.TryAcquire(n)
	if err != nil || ok != wanted {
		t.Fatalf("TryAcquire(%d) of %d: %v, %v; want %v", n, s.Value(), ok, err, wanted)
	}
}

func value(t testing.TB, s *Semaphore, wanted int) {
	t.Helper()
	if got := s.Value(); got != wanted {
		t.Fatalf("value %d, want %d", got, wanted)
	}
}

// S1: 2, 1, 0, no more; back up to 2, and beyond to 4.
func TestSemaphore_S1(t *testing.T) {
	s, _ := newSem(t, 2, nil)
	value(t, s, 2)
	check(t, s.Acquire(background, 1))
	value(t, s, 1)
	check(t, s.Acquire(background, 1))
	value(t, s, 0)
	tryAcquire(t, s, 1, false)
	for i := range 4 {
		check(t, s.Release(1))
		value(t, s, i+1)
	}
	tryAcquire(t, s, 4, true)
}

// S2: the same with a bound that is not passed.
func TestSemaphore_S2(t *testing.T) {
	for _, o := range []*SemaphoreOptions{{Bound: 2}, {Bound: 2, ReturnOnDeath: true}} {
		s, _ := newSem(t, 2, o)
		tryAcquire(t, s, 1, true)
		tryAcquire(t, s, 1, true)
		tryAcquire(t, s, 1, false)
		check(t, s.Release(1))
		check(t, s.Release(1))
		value(t, s, 2)
		past := ErrBound
		if o.ReturnOnDeath {
			past = ErrNotOwner
		}
		want(t, s.Release(1), past)
		want(t, s.Release(3), ErrBound)
		want(t, s.Release(0), ErrBound)
		want(t, s.Acquire(background, 3), ErrBound)
		value(t, s, 2)
	}
}

// S3: a try is immediate; a wait with a deadline fails after it.
func TestSemaphore_S3(t *testing.T) {
	linuxOnly(t)
	for _, o := range []*SemaphoreOptions{nil, {ReturnOnDeath: true}} {
		s, _ := newSem(t, 1, o)
		tryAcquire(t, s, 1, true)
		tryAcquire(t, s, 1, false)
		begin := time.Now()
		want(t, s.Acquire(timeout(t, 10*time.Millisecond), 1), context.DeadlineExceeded)
		if d := time.Since(begin); d < 10*time.Millisecond {
			t.Fatalf("gave up after %v", d)
		}
		value(t, s, 0)
	}
}

func TestSemaphore_NeverMoreThanPermits(t *testing.T) {
	linuxOnly(t)
	const permits = 3
	for _, o := range []*SemaphoreOptions{nil, {ReturnOnDeath: true}} {
		_, mem := newSem(t, permits, o)
		var inside, most atomic.Int32
		var wg sync.WaitGroup
		for g := range 8 {
			s := must(AttachSemaphore(mem, nil))(t)
			wg.Go(func() {
				for i := range 500 {
					n := 1 + (g+i)%permits
					check(t, s.Acquire(background, n))
					now := inside.Add(int32(n))
					if now > permits {
						t.Errorf("%d permits held", now)
					}
					most.Store(max(most.Load(), now))
					if i%50 == 0 {
						time.Sleep(time.Microsecond)
					}
					inside.Add(int32(-n))
					check(t, s.Release(n))
				}
			})
		}
		soon(t, "holders of permits", wg.Wait)
		value(t, must(AttachSemaphore(mem, nil))(t), permits)
	}
}

// A dead holder's permits come back, to one who sleeps for them too; its others do not.
func TestSemaphore_HolderDies(t *testing.T) {
	linuxOnly(t)
	v := newVillage()
	for _, asleepFirst := range []bool{false, true} {
		o := &SemaphoreOptions{ReturnOnDeath: true, Members: villager{v, 1}}
		first, mem := newSem(t, 4, o)
		tag := uint32(2)
		if asleepFirst {
			tag = 3
		}
		mortal := must(AttachSemaphore(mem, &SemaphoreOptions{Members: villager{v, tag}}))(t)
		tryAcquire(t, first, 1, true)
		check(t, mortal.Acquire(background, 3))
		if mortal.Held() != 3 || first.Held() != 1 {
			t.Fatalf("held %d and %d", mortal.Held(), first.Held())
		}
		want(t, first.Release(2), ErrNotOwner)
		done := make(chan error, 1)
		take := func() { done <- first.Acquire(background, 3) }
		if asleepFirst {
			go take()
			awaitSleepers(t, &first.s.bell.state, 1)
			v.die(tag)
		} else {
			v.die(tag)
			go take()
		}
		soon(t, "a waiter whose holder died", func() { check(t, <-done) })
		value(t, first, 0)
		check(t, first.Release(4))
		value(t, first, 4)
	}
}

func TestSemaphore_TableOfOneHolder(t *testing.T) {
	v := newVillage()
	o := &SemaphoreOptions{ReturnOnDeath: true, Holders: 1, Members: villager{v, 1}}
	a, mem := newSem(t, 2, o)
	b := must(AttachSemaphore(mem, &SemaphoreOptions{Members: villager{v, 2}}))(t)
	tryAcquire(t, a, 1, true)
	tryAcquire(t, b, 1, false) // a permit is free, a place in the table is not
	check(t, a.Release(1))
	tryAcquire(t, b, 2, true)
	v.die(2)
	tryAcquire(t, a, 1, true)
}

func TestSemaphore_RefusesWhatMakesNoSense(t *testing.T) {
	mem := heap(64)
	for _, c := range []struct {
		value int
		o     SemaphoreOptions
	}{{-1, SemaphoreOptions{}}, {3, SemaphoreOptions{Bound: 2}}, {1 << 40, SemaphoreOptions{}}} {
		_, err := CreateSemaphore(mem, c.value, &c.o)
		want(t, err, ErrBound)
	}
	_, err := CreateSemaphore(mem[:16], 1, nil)
	want(t, err, ErrMemory)
	_, err = CreateSemaphore(mem[4:], 1, nil)
	want(t, err, ErrMemory)
	_, err = AttachSemaphore(mem, nil)
	want(t, err, ErrCorrupt)
}

func TestWaitGroup_Waits(t *testing.T) {
	linuxOnly(t)
	mem := heap(WaitGroupSize)
	g := must(CreateWaitGroup(mem, nil))(t)
	check(t, g.Wait(background))
	want(t, g.Done(), ErrNegative)
	want(t, g.Add(1<<31), ErrNegative)
	check(t, g.Add(5))
	want(t, g.Wait(timeout(t, time.Millisecond)), context.DeadlineExceeded)
	sum := 0
	var mu sync.Mutex
	for range 5 {
		other := must(AttachWaitGroup(mem, nil))(t)
		go func() {
			time.Sleep(time.Millisecond)
			mu.Lock()
			sum++
			mu.Unlock()
			check(t, other.Done())
		}()
	}
	soon(t, "Wait", func() { check(t, g.Wait(background)) })
	if sum != 5 || g.Count() != 0 {
		t.Fatalf("%d done, count %d", sum, g.Count())
	}
}
