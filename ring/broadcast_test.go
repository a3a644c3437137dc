package ring

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func newTestBroadcast[T any](t testing.TB, capacity int, o *Options) *Broadcast[T] {
	t.Helper()
	b, err := CreateBroadcast[T](heap(SizeBroadcast[T](capacity, o)), capacity, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func subscribe[T any](t testing.TB, b *Broadcast[T], p Policy) *Subscription[T] {
	t.Helper()
	s, err := b.Subscribe(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBroadcast_EachSeesAllFromWhereItJoined(t *testing.T) {
	b := newTestBroadcast[small](t, 5, nil)
	item := func(i int) small { return small{A: uint16(i), B: float32(i), C: [3]byte{byte(i)}} }
	publish := func(i int) {
		t.Helper()
		if err := b.TryPublish(item(i)); err != nil {
			t.Fatal(err)
		}
	}
	publish(0)
	first := subscribe(t, b, BackPressure)
	publish(1)
	publish(2)
	second := subscribe(t, b, BackPressure)
	publish(3)
	if first.Len() != 3 || second.Len() != 1 || b.Published() != 4 {
		t.Fatalf("lengths %d and %d of %d", first.Len(), second.Len(), b.Published())
	}
	b.Close()
	for from, s := range map[int]*Subscription[small]{1: first, 3: second} {
		for want := from; want < 4; want++ {
			if v, err := s.TryNext(); v != item(want) || err != nil {
				t.Fatalf("got %v, %v; want %d", v, err, want)
			}
		}
		if _, err := s.TryNext(); err != ErrClosed {
			t.Fatalf("the end: %v", err)
		}
	}
	if err := b.TryPublish(item(4)); err != ErrClosed {
		t.Fatalf("after Close: %v", err)
	}
}

func TestBroadcast_BackPressureHoldsAndOverrunCounts(t *testing.T) {
	b := newTestBroadcast[uint64](t, 4, nil)
	slow, loose := subscribe(t, b, BackPressure), subscribe(t, b, Overrun)
	for i := range uint64(4) {
		if err := b.TryPublish(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.TryPublish(4); err != ErrFull {
		t.Fatalf("beyond a slow subscriber: %v", err)
	}
	if v, err := slow.TryNext(); v != 0 || err != nil {
		t.Fatal(v, err)
	}
	if err := b.TryPublish(4); err != nil {
		t.Fatalf("after it read one: %v", err)
	}
	slow.Leave()
	for i := uint64(5); i < 20; i++ {
		if err := b.TryPublish(i); err != nil {
			t.Fatal(err)
		}
	}
	var lost, seen uint64
	for {
		v, err := loose.TryNext()
		var overrun *OverrunError
		if errors.As(err, &overrun) {
			lost += overrun.Lost
			continue
		}
		if err == ErrEmpty {
			break
		}
		if err != nil || v != lost+seen {
			t.Fatalf("got %d, %v after %d seen and %d lost", v, err, seen, lost)
		}
		seen++
	}
	if lost+seen != 20 || seen < 3 {
		t.Fatalf("%d seen and %d lost of 20", seen, lost)
	}
}

// A publisher, loose and patient subscribers that come and go: what the patient see has no gap, what the loose see
// has gaps of exactly the size that they are told.
func TestBroadcast_Stream(t *testing.T) {
	const n = 20_000
	b := newTestBroadcast[large](t, 16, nil)
	ctx := watchdog(t)
	var all sync.WaitGroup
	for i := range 4 {
		s := subscribe(t, b, Policy(i%2))
		all.Go(func() {
			defer s.Leave()
			next := uint64(0)
			for v, err := range s.All(ctx) {
				var overrun *OverrunError
				if errors.As(err, &overrun) && i%2 == 1 {
					next += overrun.Lost
					continue
				}
				if err != nil || v.Seq != next || v.Body[99] != byte(next) {
					t.Errorf("subscriber %d: %d (%d), %v; want %d", i, v.Seq, v.Body[99], err, next)
					return
				}
				next++
			}
			if next != n {
				t.Errorf("subscriber %d: %d items of %d", i, next, n)
			}
		})
	}
	guests := make(chan struct{})
	go func() {
		defer close(guests)
		other, err := AttachBroadcast[large](b.mem, nil)
		for err == nil && !b.Closed() {
			var s *Subscription[large]
			if s, err = other.Subscribe(BackPressure); err != nil {
				break
			}
			var last uint64
			for i := range 20 {
				v, e := s.Next(ctx)
				if e == ErrClosed {
					break
				}
				if e != nil || i > 0 && v.Seq != last+1 {
					t.Errorf("guest: %d after %d, %v", v.Seq, last, e)
				}
				last = v.Seq
			}
			s.Leave()
		}
		if err != nil {
			t.Error(err)
		}
	}()
	for i := range uint64(n) {
		v := large{Seq: i}
		v.Body[99] = byte(i)
		if err := b.Publish(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	b.Close()
	all.Wait()
	<-guests
}

func TestBroadcast_TheDeadHoldNobodyUp(t *testing.T) {
	m := newMortals()
	o := m.as(1)
	o.Subscribers = 2
	b := newTestBroadcast[uint64](t, 2, o)
	other, err := AttachBroadcast[uint64](b.mem, m.as(2))
	if err != nil {
		t.Fatal(err)
	}
	subscribe(t, other, BackPressure)
	subscribe(t, other, Overrun)
	if _, err := b.Subscribe(Overrun); !errors.Is(err, ErrTaken) {
		t.Fatalf("a third seat: %v", err)
	}
	for i := range uint64(2) {
		if err := b.TryPublish(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Publish(within(t, 5*time.Millisecond), 2); err == nil {
		t.Fatal("published beyond a live subscriber")
	}
	m.kill(2)
	if err := b.Publish(watchdog(t), 2); err != nil {
		t.Fatalf("beyond a dead subscriber: %v", err)
	}
	s := subscribe(t, b, BackPressure)
	// The publisher dies; its successor goes on behind it.
	b.Resign()
	next, err := AttachBroadcast[uint64](b.mem, m.as(3))
	if err != nil {
		t.Fatal(err)
	}
	if err := next.TryPublish(3); err != nil {
		t.Fatal(err)
	}
	m.kill(3)
	if v, err := s.Next(watchdog(t)); v != 3 || err != nil {
		t.Fatal(v, err)
	}
	if _, err := s.Next(watchdog(t)); !errors.Is(err, ErrPeerDead) {
		t.Fatalf("with a dead publisher: %v", err)
	}
	if err := b.TryPublish(4); err != nil {
		t.Fatal(err)
	}
	if v, err := s.TryNext(); v != 4 || err != nil {
		t.Fatal(v, err)
	}
}
