package ring

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func newTestMPMC[T any](t testing.TB, capacity int, o *Options) *MPMC[T] {
	t.Helper()
	q, err := CreateMPMC[T](heap(SizeMPMC[T](capacity)), capacity, o)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// mortals is a membership whose members die when the test says so.
type mortals struct {
	tag  uint32
	dead *sync.Map
}

func newMortals() mortals                                  { return mortals{1, new(sync.Map)} }
func (m mortals) as(tag uint32) *Options                   { return &Options{Members: mortals{tag, m.dead}} }
func (m mortals) kill(tag uint32)                          { m.dead.Store(tag, true) }
func (m mortals) Tag() uint32                              { return m.tag }
func (m mortals) Alive(tag uint32) bool                    { _, dead := m.dead.Load(tag); return !dead }
func (m mortals) Life(tag uint32) (*atomic.Uint32, uint32) { return nil, 0 }

func attachMPMC(t testing.TB, q *MPMC[uint64], o *Options) *MPMC[uint64] {
	t.Helper()
	r, err := AttachMPMC[uint64](q.mem, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMPMC_LocateIsDivision(t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 6, 7, 64, 1000, 1<<20 + 1} {
		q := &MPMC[uint64]{capacity: uint64(capacity), inverse: ^uint64(0) / uint64(capacity)}
		for _, pos := range []uint64{0, 1, 5, 6, 7, 63, 64, 999, 1 << 31, 1<<40 + 12345, 1<<62 + 7, 1<<63 - 1} {
			i, lap := q.locate(pos)
			if uint64(i) != pos%q.capacity || lap != pos/q.capacity {
				t.Fatalf("position %d of %d: slot %d, lap %d", pos, capacity, i, lap)
			}
		}
	}
}

// Every item arrives once, in order for each producer, and every consumer sees the end of the stream.
func TestMPMC_ManyToMany(t *testing.T) {
	const producers, consumers, each = 4, 3, 4000
	q := newTestMPMC[uint64](t, 7, nil)
	ctx := watchdog(t)
	var making, taking sync.WaitGroup
	seen := make([][]uint64, consumers)
	for id := range uint64(producers) {
		making.Go(func() {
			for i := range uint64(each) {
				if err := q.Push(ctx, id<<32|i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for c := range consumers {
		taking.Go(func() {
			r := q
			if c > 0 {
				r = attachMPMC(t, q, nil)
			}
			for v, err := range r.All(ctx) {
				if err != nil {
					t.Error(err)
					return
				}
				seen[c] = append(seen[c], v)
			}
		})
	}
	making.Wait()
	q.Close()
	taking.Wait()
	count := map[uint64]int{}
	for c := range seen {
		last := map[uint64]uint64{}
		for _, v := range seen[c] {
			count[v]++
			if i, ok := last[v>>32]; ok && i >= v&0xffffffff {
				t.Fatalf("consumer %d: producer %d's item %d after %d", c, v>>32, v&0xffffffff, i)
			}
			last[v>>32] = v & 0xffffffff
		}
	}
	if len(count) != producers*each {
		t.Fatalf("%d different items of %d", len(count), producers*each)
	}
	for v, n := range count {
		if n != 1 {
			t.Fatalf("item %x came %d times", v, n)
		}
	}
	if q.Len() != 0 {
		t.Fatalf("length %d", q.Len())
	}
}

// A put that returned is visible although an older producer is stopped half-way; its own message comes later.
func TestMPMC_AStoppedProducerHidesNobody(t *testing.T) {
	m := newMortals()
	q := newTestMPMC[uint64](t, 4, m.as(1))
	stopped := attachMPMC(t, q, m.as(2))
	i, lap, err := stopped.claim()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(q.TryPush(10), q.TryPush(11)); err != nil {
		t.Fatal(err)
	}
	if q.Len() != 3 {
		t.Fatalf("length %d", q.Len())
	}
	for want := uint64(10); want < 12; want++ {
		if v, err := q.TryPop(); v != want || err != nil {
			t.Fatalf("got %d, %v; want %d", v, err, want)
		}
	}
	if _, err := q.TryPop(); err != ErrEmpty || q.Len() != 1 {
		t.Fatalf("with one message under way: %v, length %d", err, q.Len())
	}
	q.Close()
	if _, err := q.TryPop(); err != ErrEmpty {
		t.Fatalf("closed with one message under way: %v", err)
	}
	stopped.slots.at(i).item = 9
	publish(stopped.slots.word(i), uint64(makeSlot(ready, lap, 0)))
	if v, err := q.TryPop(); v != 9 || err != nil {
		t.Fatalf("the message of the stopped producer: %d, %v", v, err)
	}
	if _, err := q.TryPop(); err != ErrClosed {
		t.Fatalf("the end: %v", err)
	}
}

// A producer dead between claim and publication costs its own message and nothing else.
func TestMPMC_DeadProducer(t *testing.T) {
	for _, advanced := range []bool{false, true} {
		m := newMortals()
		q := newTestMPMC[uint64](t, 3, m.as(1))
		victim := attachMPMC(t, q, m.as(2))
		if err := q.TryPush(1); err != nil {
			t.Fatal(err)
		}
		if advanced {
			if _, _, err := victim.claim(); err != nil {
				t.Fatal(err)
			}
		} else { // it dies before it moves the tail
			i, lap := victim.locate(victim.shared.tail.Load())
			victim.slots.word(i).Store(uint64(makeSlot(claimed, lap, 2)))
		}
		m.kill(2)
		if _, err := attachMPMC(t, q, m.as(3)).TryPop(); err != nil {
			t.Fatal(err)
		}
		if _, err := q.TryPop(); err != ErrEmpty {
			t.Fatalf("with nothing but a dead claim: %v", err)
		}
		if err := errors.Join(q.TryPush(1), q.TryPush(2)); err != nil {
			t.Fatal(err)
		}
		for want := uint64(1); want < 3; want++ {
			if v, err := q.TryPop(); v != want || err != nil {
				t.Fatalf("got %d, %v", v, err)
			}
		}
		for lap := range uint64(3) { // no place is lost
			for i := range uint64(3) {
				if err := q.TryPush(lap*3 + i); err != nil {
					t.Fatalf("lap %d: %v", lap, err)
				}
			}
			for i := range uint64(3) {
				if v, err := q.TryPop(); v != lap*3+i || err != nil {
					t.Fatalf("lap %d: %d, %v", lap, v, err)
				}
			}
		}
		if q.Len() != 0 || len(q.dead(&q.shared.roster)) != 0 && !q.mend.Load() {
			t.Fatalf("length %d, dead %v", q.Len(), q.dead(&q.shared.roster))
		}
	}
}

// A message whose consumer died is given to another one, with or without a report, as chosen at creation.
func TestMPMC_DeadConsumer(t *testing.T) {
	for _, policy := range []DeathPolicy{Redeliver, Report} {
		m := newMortals()
		o := m.as(1)
		o.OnConsumerDeath = policy
		q := newTestMPMC[uint64](t, 4, o)
		victim := attachMPMC(t, q, m.as(2))
		for i := range uint64(4) {
			if err := q.TryPush(i); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if _, err := victim.TryTake(); err != nil {
				t.Fatal(err)
			}
		}
		q.Close()
		m.kill(2)
		got := map[uint64]int{}
		for v, err := range attachMPMC(t, q, m.as(3)).All(watchdog(t)) {
			var orphan *OrphanError
			if errors.As(err, &orphan) != (policy == Report && v < 2) || err != nil && orphan == nil {
				t.Fatalf("message %d: %v", v, err)
			}
			got[v]++
		}
		if len(got) != 4 || q.Len() != 0 {
			t.Fatalf("got %v, length %d", got, q.Len())
		}
		if dead := q.dead(&q.shared.roster); len(dead) != 0 {
			t.Fatalf("the dead are still listed: %v", dead)
		}
	}
}

// Close and a claim that was made and not counted: the tail decides, and the message is not seen.
func TestMPMC_CloseBeforeTheClaimCounts(t *testing.T) {
	m := newMortals()
	q := newTestMPMC[uint64](t, 3, m.as(1))
	late := attachMPMC(t, q, m.as(2))
	tail := q.shared.tail.Load()
	i, lap := q.locate(tail)
	late.slots.word(i).Store(uint64(makeSlot(claimed, lap, 2)))
	q.Close()
	if late.passTail(tail) {
		t.Fatal("a claim counts after Close")
	}
	if _, err := q.TryPop(); err != ErrClosed {
		t.Fatalf("the end: %v", err)
	}
}

func TestMPMC_LeaseDoneTwicePanics(t *testing.T) {
	q := newTestMPMC[uint64](t, 2, nil)
	if err := q.TryPush(4); err != nil {
		t.Fatal(err)
	}
	l, err := q.TryTake()
	if err != nil || *l.Value() != 4 {
		t.Fatal(err)
	}
	l.Done()
	defer func() {
		if recover() == nil {
			t.Fatal("no panic")
		}
	}()
	l.Done()
}
