//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// briefly returns a context that ends after d.
func briefly(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// until waits for a condition that somebody brings about.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for ctx := watchdog(t); !is(); time.Sleep(100 * time.Microsecond) {
		if ctx.Err() != nil {
			t.Fatal("never:", what)
		}
	}
}

// patience is how long a wait takes that is to fail; as Python's tests have it.
const patience = 50 * time.Millisecond

func TestS3_Timeout(t *testing.T) {
	bounded := must[*BoundedSemaphore](t)(NewBoundedSemaphore(1))
	ok(t, bounded.Acquire(watchdog(t)))
	for _, s := range []interface {
		Acquire(context.Context) error
		TryAcquire() (bool, error)
	}{must[*Semaphore](t)(NewSemaphore(0)), bounded} {
		begin := time.Now()
		if got := must[bool](t)(s.TryAcquire()); got {
			t.Fatal("a permit out of nothing")
		}
		if err := s.Acquire(expired); err == nil {
			t.Fatal("a permit out of nothing")
		}
		if err := s.Acquire(briefly(t, patience)); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) < patience {
			t.Fatal(err, time.Since(begin))
		}
	}
}

// TestS4_NoNames: what has no name cannot leak one.
func TestS4_NoNames(t *testing.T) {
	s, err := home()
	ok(t, err)
	before, err := s.arena.Stats()
	ok(t, err)
	for range 100 {
		l := must[*Lock](t)(NewLock())
		b := must[*Semaphore](t)(NewSemaphore(3))
		ok(t, errors.Join(l.Free(), b.Free()))
	}
	if after, err := s.arena.Stats(); err != nil || after.Arrays != before.Arrays || s.seg.Name() != "" {
		t.Fatal(before, after, err, s.seg.Name())
	}
}

// company is a condition that others wait for.
type company struct {
	Cond          *Condition
	Asleep, Awake *Value[int]
	Rounds        int
	Settle        time.Duration // until those who wait are asleep, too
}

func newCompany(t *testing.T) company {
	return company{Cond: must[*Condition](t)(NewCondition()), Asleep: must[*Value[int]](t)(NewRawValue(0)),
		Awake: must[*Value[int]](t)(NewRawValue(0)), Rounds: 1}
}

// sleepAndWake waits for the condition once for each round.
var sleepAndWake = NewTarget("sleep and wake", func(ctx context.Context, c company) error {
	for range c.Rounds {
		err := c.Cond.With(ctx, func() error {
			c.Asleep.Add(1)
			err := c.Cond.Wait(ctx)
			c.Awake.Add(1)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
})

// join waits for sleepers: those in processes, and those in goroutines of this one.
func (c company) crew(t *testing.T, processes, goroutines int, opts *ProcessOptions) (join func()) {
	var ps []*Process
	done := make(chan error, goroutines)
	for range processes {
		ps = append(ps, start(t, sleepAndWake, c, opts))
	}
	for range goroutines {
		mine := c
		mine.Cond = c.Cond.Holder()
		go func() { done <- sleepHere(mine) }()
	}
	until(t, "all asleep", func() bool { return c.Asleep.Get() == processes+goroutines })
	ok(t, c.Cond.With(watchdog(t), func() error { return nil })) // the last one has let go of the lock: it waits
	time.Sleep(c.Settle)
	return func() {
		for _, p := range ps {
			ok(t, p.Join(watchdog(t)))
			ok(t, p.Err())
		}
		for range goroutines {
			ok(t, <-done)
		}
	}
}

func sleepHere(c company) error {
	return c.Cond.With(context.Background(), func() error {
		c.Asleep.Add(1)
		err := c.Cond.Wait(context.Background())
		c.Awake.Add(1)
		return err
	})
}

// wake notifies n and waits until that many are awake in all; it reports whether, a little later, it is nobody else.
func (c company) wake(t *testing.T, n, awake int) (exactly bool) {
	t.Helper()
	ok(t, c.Cond.With(watchdog(t), func() error { return c.Cond.Notify(n) }))
	until(t, "awake", func() bool { return c.Awake.Get() >= awake })
	time.Sleep(patience/5 + c.Settle)
	return c.Awake.Get() == awake
}

// exactly runs a scenario until no waiter too many woke up in it: POSIX allows that of a condition, and one that has not fallen
// asleep yet does. It gets more and more time for it.
func exactly(t *testing.T, scenario func(t *testing.T, opts *ProcessOptions, settle time.Duration) bool) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		for i := range time.Duration(10) {
			if scenario(t, opts, i*i*patience/5) {
				return
			}
		}
		t.Fatal("more waiters woke up than were notified, ten times in a row")
	})
}

func (c company) over(t *testing.T, join func()) {
	ok(t, c.Cond.With(watchdog(t), c.Cond.NotifyAll))
	join()
}

func TestCV1_Notify(t *testing.T) {
	exactly(t, func(t *testing.T, opts *ProcessOptions, settle time.Duration) bool {
		c := newCompany(t)
		c.Settle = settle
		join := c.crew(t, 1, 1, opts)
		defer c.over(t, join)
		return c.wake(t, 0, 0) && c.wake(t, 1, 1) && c.wake(t, 1, 2)
	})
}

func TestCV3_NotifyMany(t *testing.T) {
	exactly(t, func(t *testing.T, opts *ProcessOptions, settle time.Duration) bool {
		c := newCompany(t)
		c.Settle = settle
		join := c.crew(t, 3, 3, opts)
		defer c.over(t, join)
		return c.wake(t, 2, 2) && c.wake(t, 4, 6) && c.wake(t, 3, 6)
	})
}

type awaiting struct {
	Cond  *Condition
	State *Value[int]
}

var raiseState = NewTarget("raise state", func(ctx context.Context, a awaiting) error {
	for range 4 {
		if err := a.Cond.With(ctx, func() error { a.State.Add(1); return a.Cond.Notify(1) }); err != nil {
			return err
		}
	}
	return nil
})

func TestCV5_WaitFor(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		a := awaiting{must[*Condition](t)(NewCondition()), must[*Value[int]](t)(NewValue(0))}
		begin := time.Now()
		ok(t, a.Cond.With(watchdog(t), func() error {
			if err := a.Cond.WaitFor(briefly(t, patience), func() bool { return a.State.Get() == 4 }); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			return nil
		}))
		if time.Since(begin) < patience {
			t.Fatal("it gave up early")
		}
		p := start(t, raiseState, a, opts)
		ok(t, a.Cond.With(watchdog(t), func() error {
			return a.Cond.WaitFor(watchdog(t), func() bool { return a.State.Get() == 4 })
		}))
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
	})
}

// TestCV6_WaitResult: notified, late, or interrupted, as the context says.
func TestCV6_WaitResult(t *testing.T) {
	c := newCompany(t)
	join := c.crew(t, 1, 0, nil)
	ctx, interrupt := context.WithCancel(context.Background())
	time.AfterFunc(patience/5, interrupt)
	ok(t, c.Cond.With(watchdog(t), func() error {
		if err := c.Cond.Wait(briefly(t, 0)); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := c.Cond.Wait(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		return c.Cond.NotifyAll()
	}))
	join()
}

func TestEV1_AcrossProcesses(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		e := must[*Event](t)(NewEvent())
		p := start(t, setEvent, e, opts)
		ok(t, e.Wait(watchdog(t)))
		ok(t, p.Join(watchdog(t)))
		e.Clear()
		begin := time.Now()
		if err := e.Wait(briefly(t, patience)); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) < patience {
			t.Fatal(err)
		}
	})
}

var setEvent = NewTarget("set event", func(ctx context.Context, e *Event) error { e.Set(); return nil })

func TestEV2_String(t *testing.T) {
	e := must[*Event](t)(NewEvent())
	clear := e.String()
	if e.Set(); e.String() == clear || clear == "" {
		t.Fatal(clear, e.String())
	}
}

// round is a barrier that parties meet at.
type round struct {
	Barrier *Barrier
	Times   int
	Zeros   *Value[int]
	Broken  *Value[int]
	Order   *Queue[int]
}

func newRound(t *testing.T, parties, times int) round {
	return round{must[*Barrier](t)(NewBarrier(parties, nil)), times, must[*Value[int]](t)(NewValue(0)),
		must[*Value[int]](t)(NewValue(0)), must[*Queue[int]](t)(NewQueue[int](0))}
}

var goRounds = NewTarget("go rounds", func(ctx context.Context, r round) error {
	for i := range r.Times {
		place, err := r.Barrier.Wait(ctx)
		if errors.Is(err, ErrBrokenBarrier) {
			r.Broken.Add(1)
			return nil
		}
		if err != nil {
			return err
		}
		if place == 0 {
			r.Zeros.Add(1)
		}
		if err := r.Order.Put(ctx, i); err != nil {
			return err
		}
	}
	return nil
})

func (r round) crew(t *testing.T, n int, opts *ProcessOptions) (join func()) {
	var ps []*Process
	for range n {
		ps = append(ps, start(t, goRounds, r, opts))
	}
	return func() {
		t.Helper()
		for _, p := range ps {
			ok(t, p.Join(watchdog(t)))
			ok(t, p.Err())
		}
	}
}

func TestBR2_OneZero(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		r := newRound(t, 3, 10)
		r.crew(t, 3, opts)()
		if r.Zeros.Get() != 10 {
			t.Fatal(r.Zeros.Get())
		}
	})
}

func TestBR3_Action(t *testing.T) {
	ran := atomic.Int32{}
	n := 3
	b := must[*Barrier](t)(NewBarrier(n, &BarrierOptions{Action: func() { ran.Add(1) }}))
	errs := make(chan error, n)
	for range n {
		go func() {
			for i := range 20 {
				if _, err := b.Wait(context.Background()); err != nil {
					errs <- err
					return
				}
				if done := int(ran.Load()); done != i+1 && done != i+2 {
					errs <- errors.New("the action ran not once a round, or too late")
					return
				}
			}
			errs <- nil
		}()
	}
	for range n {
		ok(t, <-errs)
	}
	if ran.Load() != 20 {
		t.Fatal(ran.Load())
	}
}

func TestBR4_Abort(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		r := newRound(t, 3, 1)
		join := r.crew(t, 2, opts)
		until(t, "two wait", func() bool { return r.Barrier.Waiting() == 2 })
		ok(t, r.Barrier.Abort())
		join()
		if r.Broken.Get() != 2 || !r.Barrier.Broken() {
			t.Fatal(r.Broken.Get())
		}
		if _, err := r.Barrier.Wait(watchdog(t)); !errors.Is(err, ErrBrokenBarrier) {
			t.Fatal(err)
		}
		ok(t, r.Barrier.Reset()) // BR6: it is as new
		if r.crew(t, 3, opts)(); r.Zeros.Get() != 1 {
			t.Fatal(r.Zeros.Get())
		}
	})
}

func TestBR5_Reset(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		r := newRound(t, 3, 2)
		join := r.crew(t, 2, opts)
		until(t, "two wait", func() bool { return r.Barrier.Waiting() == 2 })
		ok(t, r.Barrier.Reset())
		join()
		if r.Broken.Get() != 2 || r.Barrier.Broken() {
			t.Fatal(r.Broken.Get())
		}
		if r.crew(t, 3, opts)(); r.Zeros.Get() != 2 {
			t.Fatal(r.Zeros.Get())
		}
	})
}

// TestBR6_AbortAndReset: a barrier can be broken and mended any number of times.
func TestBR6_AbortAndReset(t *testing.T) {
	b := must[*Barrier](t)(NewBarrier(1, nil))
	for range 3 {
		ok(t, b.Abort())
		if _, err := b.Wait(watchdog(t)); !errors.Is(err, ErrBrokenBarrier) {
			t.Fatal(err)
		}
		ok(t, b.Reset())
		must[int](t)(b.Wait(watchdog(t)))
	}
}

func TestBR7_Timeout(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		r := newRound(t, 3, 1)
		join := r.crew(t, 1, opts)
		if _, err := r.Barrier.Wait(briefly(t, patience)); !errors.Is(err, ErrBrokenBarrier) && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		join() // the third is late: broken for everybody
		if r.Broken.Get() != 1 || !r.Barrier.Broken() {
			t.Fatal(r.Broken.Get())
		}
	})
	b := must[*Barrier](t)(NewBarrier(2, &BarrierOptions{Timeout: patience}))
	if _, err := b.Wait(context.Background()); err == nil || !b.Broken() {
		t.Fatal("the barrier's own timeout:", err)
	}
}

func TestBR8_Alone(t *testing.T) {
	b := must[*Barrier](t)(NewBarrier(1, nil))
	for range 100 {
		if place := must[int](t)(b.Wait(watchdog(t))); place != 0 {
			t.Fatal(place)
		}
	}
}

func TestBR9_Thousand(t *testing.T) {
	for _, method := range []string{Spawn, Dummy} {
		n := 3
		r := newRound(t, n, 1000)
		r.crew(t, n, &ProcessOptions{Context: must[*Context](t)(GetContext(method))})()
		ok(t, r.Order.Close())
		var got []int
		for i, err := range r.Order.All(watchdog(t)) {
			ok(t, err)
			got = append(got, i)
		}
		if len(got) != n*1000 || !slices.IsSorted(got) { // nobody reaches a round before all have said that the last one is over
			t.Fatal("rounds out of order")
		}
	}
}
