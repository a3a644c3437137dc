package ring

import (
	"errors"
	"testing"
)

func isOrphanOf(err error, tag uint32) bool {
	var orphan *OrphanError
	return errors.As(err, &orphan) && orphan.Tag == tag
}

// What a consumer had in its hands when it died comes again: by itself and with a report when the ring was created so, as
// if never taken when not. What it had left in the ring, or released, is no orphan.
func TestSPSC_DeadConsumer(t *testing.T) {
	for _, policy := range []DeathPolicy{Redeliver, Report} {
		m := newMortals()
		o := m.as(1)
		o.OnConsumerDeath = policy
		q, err := CreateSPSC[uint64](heap(SizeSPSC[uint64](8)), 8, o)
		if err != nil {
			t.Fatal(err)
		}
		attach := func(tag uint32) *SPSC[uint64] {
			r, err := AttachSPSC[uint64](q.mem, m.as(tag))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		for i := range uint64(8) {
			if err := q.TryPush(i); err != nil {
				t.Fatal(err)
			}
		}
		victim := attach(2)
		if v, err := victim.TryPop(); v != 0 || err != nil {
			t.Fatal(v, err)
		}
		if s, err := victim.Peek(4); s.Len() != 4 || err != nil { // 1, 2, 3, 4
			t.Fatal(s.Len(), err)
		}
		if s, err := victim.Peek(2); s.Len() != 2 || err != nil { // takes nothing out of its hands
			t.Fatal(s.Len(), err)
		}
		victim.Release(1)
		m.kill(2)
		second := attach(3) // dies with the first orphan in its hands
		if v, err := second.Peek(1); v.Len() != 1 || isOrphanOf(err, 2) != (policy == Report) {
			t.Fatal(v.Len(), err)
		}
		m.kill(3)
		third := attach(4)
		s, err := third.Peek(7)
		want := 6
		if policy == Report {
			want = 3 // 2, 3, 4
		}
		if s.Len() != want || isOrphanOf(err, 3) != (policy == Report) || (err == nil) != (policy == Redeliver) {
			t.Fatalf("policy %d: a span of %d, %v", policy, s.Len(), err)
		}
		for want := uint64(2); want < 8; want++ {
			v, err := third.TryPop()
			if v != want || isOrphanOf(err, 3) != (policy == Report && want < 5) {
				t.Fatalf("policy %d: got %d, %v; want %d", policy, v, err, want)
			}
		}
		if _, err := third.TryPop(); err != ErrEmpty {
			t.Fatal(err)
		}
	}
}

func TestRecord_DeadConsumer(t *testing.T) {
	for _, policy := range []DeathPolicy{Redeliver, Report} {
		m := newMortals()
		o := m.as(1)
		o.OnConsumerDeath, o.Producers = policy, 2
		q, err := CreateRecord(heap(SizeRecord(256, o)), 256, o)
		if err != nil {
			t.Fatal(err)
		}
		attach := func(tag uint32) *Record {
			r, err := AttachRecord(q.mem, m.as(tag))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		other := attach(5) // a lane of its own
		for i := range byte(3) {
			if err := errors.Join(q.TryPush([]byte{i}), other.TryPush([]byte{10 + i})); err != nil {
				t.Fatal(err)
			}
		}
		victim := attach(2)
		for i := range byte(2) {
			if b, err := victim.TryNext(); err != nil || b[0] != 10+i { // the second lane is the first to be looked at
				t.Fatal(b, err)
			}
			if i == 0 {
				victim.Release()
			}
		}
		m.kill(2)
		next := attach(3)
		count := 0
		next.Close()
		for b, err := range next.All(watchdog(t)) {
			if isOrphanOf(err, 2) != (policy == Report && b[0] == 11) || err != nil && !passing(err) {
				t.Fatalf("policy %d: message %v, %v", policy, b, err)
			}
			count++
		}
		if count != 5 || next.Len() != 0 {
			t.Fatalf("%d messages came again or for the first time, %d are left", count, next.Len())
		}
	}
}

// Who resigns is not dead: what it had not released comes again without a report.
func TestOrphans_NoneAfterResign(t *testing.T) {
	m := newMortals()
	o := m.as(1)
	o.OnConsumerDeath = Report
	q, err := CreateSPSC[uint64](heap(SizeSPSC[uint64](4)), 4, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := q.TryPush(7); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Peek(1); err != nil {
		t.Fatal(err)
	}
	q.Resign()
	r, err := AttachSPSC[uint64](q.mem, m.as(2))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := r.Peek(1); s.Len() != 1 || err != nil {
		t.Fatal(s.Len(), err)
	}
	if v, err := r.TryPop(); v != 7 || err != nil {
		t.Fatal(v, err)
	}
}
