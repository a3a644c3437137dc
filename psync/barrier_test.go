package psync

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func newBarrierOf(t testing.TB, parties int, o *BarrierOptions) (*Barrier, []byte) {
	t.Helper()
	mem := heap(BarrierSize(parties))
	return must(CreateBarrier(mem, parties, o))(t), mem
}

// meet runs each of n parties on its own goroutine and waits for all of them.
func meet(t testing.TB, n int, party func(i int)) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { party(i) })
	}
	soon(t, "parties", wg.Wait)
}

func arrived(t testing.TB, b *Barrier, n int) {
	t.Helper()
	eventually(t, "parties wait", func() bool { return b.Waiting() == n })
}

func whole(t testing.TB, b *Barrier) {
	t.Helper()
	if b.Waiting() != 0 || b.Broken() != nil {
		t.Fatalf("%d wait, broken: %v", b.Waiting(), b.Broken())
	}
}

// B1: parties in lockstep for 1 and 10 rounds; nobody waits and nothing is broken at the end.
func TestBarrier_B1(t *testing.T) {
	linuxOnly(t)
	for _, rounds := range []int{1, 10} {
		b, mem := newBarrierOf(t, 5, nil)
		var done [10]atomic.Int32
		meet(t, 5, func(int) {
			b := must(AttachBarrier(mem, nil))(t)
			for r := range rounds {
				done[r].Add(1)
				_, err := b.Wait(background)
				check(t, err)
				if done[r].Load() != 5 {
					t.Errorf("round %d left with %d arrived", r, done[r].Load())
				}
			}
		})
		whole(t, b)
	}
}

// B2: the indices of a round are 0 to n-1, each once.
func TestBarrier_B2(t *testing.T) {
	linuxOnly(t)
	b, _ := newBarrierOf(t, 5, nil)
	var seen [20][5]atomic.Int32
	meet(t, 5, func(int) {
		for r := range seen {
			i, err := b.Wait(background)
			check(t, err)
			seen[r][i].Add(1)
		}
	})
	for r := range seen {
		for i := range seen[r] {
			if n := seen[r][i].Load(); n != 1 {
				t.Errorf("round %d: index %d given %d times", r, i, n)
			}
		}
	}
}

// B3: the action runs once a round, before anyone goes on.
func TestBarrier_B3(t *testing.T) {
	linuxOnly(t)
	var runs atomic.Int32
	b, _ := newBarrierOf(t, 5, &BarrierOptions{Action: func() { time.Sleep(50 * time.Microsecond); runs.Add(1) }})
	meet(t, 5, func(int) {
		for r := range 50 {
			_, err := b.Wait(background)
			check(t, err)
			if n := int(runs.Load()); n < r+1 || n > r+2 {
				t.Errorf("after round %d: %d runs", r, n)
			}
		}
	})
	if runs.Load() != 50 {
		t.Fatalf("%d runs", runs.Load())
	}
	whole(t, b)
}

func TestBarrier_ActionPanics(t *testing.T) {
	linuxOnly(t)
	b, _ := newBarrierOf(t, 2, &BarrierOptions{Action: func() { panic("action") }})
	done := make(chan error)
	go func() { _, err := b.Wait(background); done <- err }()
	arrived(t, b, 1)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		b.Wait(background)
	}()
	soon(t, "the other party", func() { want(t, <-done, ErrBroken) })
	want(t, b.Broken(), ErrBroken)
}

// B4: after Abort all others get ErrBroken, and the barrier stays broken.
func TestBarrier_B4(t *testing.T) {
	linuxOnly(t)
	b, _ := newBarrierOf(t, 5, nil)
	meet(t, 5, func(i int) {
		if i == 4 {
			arrived(t, b, 4)
			check(t, b.Abort())
			return
		}
		_, err := b.Wait(background)
		want(t, err, ErrBroken)
	})
	want(t, b.Broken(), ErrBroken)
	_, err := b.Wait(background)
	want(t, err, ErrBroken)
}

// B5: parties that wait at a Reset get ErrBroken; then the barrier works for all.
func TestBarrier_B5(t *testing.T) {
	linuxOnly(t)
	b, _ := newBarrierOf(t, 5, nil)
	meet(t, 5, func(i int) {
		if i == 4 {
			arrived(t, b, 4)
			check(t, b.Reset())
		} else {
			_, err := b.Wait(background)
			want(t, err, ErrBroken)
		}
		_, err := b.Wait(background)
		check(t, err)
	})
	whole(t, b)
}

// B6: a barrier broken by Abort works again after Reset.
func TestBarrier_B6(t *testing.T) {
	linuxOnly(t)
	b, _ := newBarrierOf(t, 5, nil)
	again, _ := newBarrierOf(t, 5, nil)
	meet(t, 5, func(i int) {
		if i == 4 {
			arrived(t, b, 4)
			check(t, b.Abort())
		} else {
			_, err := b.Wait(background)
			want(t, err, ErrBroken)
		}
		if at, err := again.Wait(background); err != nil || at == 0 {
			check(t, err)
			check(t, b.Reset())
		}
		_, err := again.Wait(background)
		check(t, err)
		_, err = b.Wait(background)
		check(t, err)
	})
	whole(t, b)
}

// B7: one late party breaks it for everybody, with a deadline per call or per handle.
func TestBarrier_B7(t *testing.T) {
	linuxOnly(t)
	for _, o := range []*BarrierOptions{nil, {Timeout: 10 * time.Millisecond}} {
		b, _ := newBarrierOf(t, 5, o)
		var expired atomic.Int32
		meet(t, 4, func(i int) {
			ctx := background
			if o == nil && i == 0 {
				arrived(t, b, 3)
				ctx = timeout(t, 10*time.Millisecond)
			}
			_, err := b.Wait(ctx)
			want(t, err, ErrBroken)
			if errors.Is(err, context.DeadlineExceeded) {
				expired.Add(1)
			}
		})
		if expired.Load() < 1 || o == nil && expired.Load() != 1 {
			t.Fatalf("%d parties say it was their deadline", expired.Load())
		}
		_, err := b.Wait(background)
		want(t, err, ErrBroken)
	}
}

// B8: a barrier for one passes at once, again and again.
func TestBarrier_B8(t *testing.T) {
	ran := 0
	b, _ := newBarrierOf(t, 1, &BarrierOptions{Action: func() { ran++ }})
	for range 100 {
		if i, err := b.Wait(background); i != 0 || err != nil {
			t.Fatal(i, err)
		}
	}
	if ran != 100 {
		t.Fatal(ran)
	}
}

// K7: a party that dies while it waits breaks the barrier, for those who wait and those who come, and is named.
func TestBarrier_WaitingPartyDies(t *testing.T) {
	linuxOnly(t)
	for _, last := range []bool{false, true} {
		v := newVillage()
		b, mem := newBarrierOf(t, 3, &BarrierOptions{Members: villager{v, 1}})
		mortal := must(AttachBarrier(mem, &BarrierOptions{Members: villager{v, 2}}))(t)
		go mortal.Wait(background)
		arrived(t, b, 1)
		done := make(chan error)
		go func() { _, err := b.Wait(background); done <- err }()
		arrived(t, b, 2)
		if !last {
			awaitSleepers(t, &b.w.round, 2)
		}
		v.die(2)
		if last { // the third comes at once, and must not be let through by a dead party
			third := must(AttachBarrier(mem, &BarrierOptions{Members: villager{v, 3}}))(t)
			_, err := third.Wait(background)
			names(t, err, 2)
		}
		soon(t, "the other party", func() { names(t, <-done, 2) })
		names(t, b.Broken(), 2)
		check(t, b.Reset())
		whole(t, b)
	}
}

func names(t testing.TB, err error, dead uint32) {
	t.Helper()
	var broken *BrokenError
	if !errors.As(err, &broken) || broken.Dead != dead || !errors.Is(err, ErrBroken) {
		t.Fatalf("error %v does not name member %d", err, dead)
	}
}

// A party that was there in an earlier round, or joined, and dies before it comes again breaks it; one that left does not.
func TestBarrier_AbsentPartyDies(t *testing.T) {
	linuxOnly(t)
	for _, how := range []string{"round", "join", "leave", "replaced"} {
		t.Run("how="+how, func(t *testing.T) {
			v := newVillage()
			b, mem := newBarrierOf(t, 2, &BarrierOptions{Members: villager{v, 1}})
			mortal := must(AttachBarrier(mem, &BarrierOptions{Members: villager{v, 2}}))(t)
			if how == "join" {
				check(t, mortal.Join())
			} else {
				meet(t, 2, func(i int) {
					_, err := []*Barrier{b, mortal}[i].Wait(background)
					check(t, err)
				})
			}
			third := must(AttachBarrier(mem, &BarrierOptions{Members: villager{v, 3}}))(t)
			done := make(chan error)
			wait := func() { _, err := b.Wait(background); done <- err }
			switch how {
			case "leave":
				check(t, mortal.Leave())
				v.die(2)
				go wait()
				_, err := third.Wait(background)
				check(t, err)
				check(t, <-done)
			case "replaced":
				v.die(2)
				go func() { _, err := third.Wait(background); done <- err }()
				arrived(t, b, 1)
				_, err := b.Wait(background)
				check(t, err)
				check(t, <-done)
			default:
				go wait()
				awaitSleepers(t, &b.w.round, 1)
				v.die(2)
				soon(t, "the party that waits", func() { names(t, <-done, 2) })
			}
		})
	}
}

func TestBarrier_ActorDies(t *testing.T) {
	linuxOnly(t)
	v := newVillage()
	started, never := make(chan struct{}), make(chan struct{})
	b, mem := newBarrierOf(t, 2, &BarrierOptions{Members: villager{v, 1}, Action: func() { t.Error("ran twice") }})
	mortal := must(AttachBarrier(mem, &BarrierOptions{Members: villager{v, 2}, Action: func() { close(started); <-never }}))(t)
	done := make(chan error)
	go func() { _, err := b.Wait(background); done <- err }()
	arrived(t, b, 1)
	go mortal.Wait(background)
	<-started
	v.die(2)
	soon(t, "the other party", func() { names(t, <-done, 2) })
}

func TestBarrier_OneTooMany(t *testing.T) {
	linuxOnly(t)
	b, _ := newBarrierOf(t, 2, &BarrierOptions{Action: func() { time.Sleep(time.Millisecond) }})
	meet(t, 4, func(int) { // two rounds of two, in whatever order
		_, err := b.Wait(background)
		check(t, err)
	})
	whole(t, b)
}

// A process that is stopped in the middle of a change, or bytes that say so: calls return all the same.
func TestBarrier_GuardIsStuck(t *testing.T) {
	linuxOnly(t)
	v := newVillage()
	b, _ := newBarrierOf(t, 2, &BarrierOptions{Members: villager{v, 1}})
	b.w.guard.Store(2)
	_, err := b.Wait(timeout(t, time.Millisecond))
	want(t, err, context.DeadlineExceeded)
	want(t, b.Abort(), ErrStuck)
	v.die(2)
	check(t, b.Reset())
	whole(t, b)
}
