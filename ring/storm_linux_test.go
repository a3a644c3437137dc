package ring

import (
	"context"
	"testing"
	"time"
)

// K7, K8: two victims at a time push and take; whichever is killed, the other and this process go on.
func TestMPMC_KillStorm(t *testing.T) {
	const capacity = 16
	s := newStorm(t, SizeMPMC[large](capacity))
	q, err := CreateMPMC[large](s.Bytes(), capacity, s.options())
	if err != nil {
		t.Fatal(err)
	}
	victims := []*child{s.victim("storm-mpmc", 0), s.victim("storm-mpmc", 1)}
	mine := uint64(0)
	for range 120 * stress() {
		i := s.random.IntN(2)
		s.slay(victims[i], i)
		// The other victim may have filled its journal and rest: this process waits for nobody.
		eventually(t, "a push by the survivor", func() bool {
			err := q.TryPush(large{Seq: s.self(mine)})
			if err == nil {
				mine++
			} else if err != ErrFull {
				t.Fatal(err)
			}
			v, none := q.TryPop()
			if none == nil {
				s.received[v.Seq]++
			} else if none != ErrEmpty {
				t.Fatal(none)
			}
			return err == nil
		})
		victims[i] = s.victim("storm-mpmc", i)
	}
	s.slay(victims[0], 0)
	s.slay(victims[1], 1)
	s.pushed[uint64(s.Tag())] = mine
	q.mend.Store(true)
	for {
		v, err := q.TryPop()
		if err == ErrEmpty {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		s.received[v.Seq]++
	}
	s.settle(t)
	if q.Len() != 0 {
		t.Errorf("length %d after the drain", q.Len())
	}
	for lap := range uint64(2) { // no slot is lost
		for i := range uint64(capacity) {
			if err := q.TryPush(large{Seq: i}); err != nil {
				t.Fatalf("lap %d, item %d: %v", lap, i, err)
			}
		}
		if err := q.TryPush(large{}); err != ErrFull {
			t.Fatalf("lap %d: %v", lap, err)
		}
		for i := range uint64(capacity) {
			if v, err := q.TryPop(); err != nil || v.Seq != i {
				t.Fatalf("lap %d, item %d: %d, %v", lap, i, v.Seq, err)
			}
		}
	}
}

func TestSPSC_KillStorm(t *testing.T) {
	t.Run("victim=producer", func(t *testing.T) {
		s := newStorm(t, SizeSPSC[uint64](13))
		q, err := CreateSPSC[uint64](s.Bytes(), 13, &Options{Members: s.Segment, Lasting: true})
		if err != nil {
			t.Fatal(err)
		}
		s.reap(t, "storm-spsc-producer", q.Pop, q.Len)
	})
	t.Run("victim=consumer", func(t *testing.T) {
		s := newStorm(t, SizeSPSC[uint64](13))
		q, err := CreateSPSC[uint64](s.Bytes(), 13, &Options{Members: s.Segment, Lasting: true})
		if err != nil {
			t.Fatal(err)
		}
		s.feed(t, "storm-spsc-consumer", q.Push, q.Pop, q.Len)
	})
}

func TestRecord_KillStorm(t *testing.T) {
	o := func(w *world) *Options { return &Options{Members: w.Segment, Lasting: true, Producers: 2} }
	pop := func(q *Record) func(context.Context) (uint64, error) {
		return func(ctx context.Context) (uint64, error) {
			b, err := q.Next(ctx)
			if err != nil {
				return 0, err
			}
			defer q.Release()
			return check(b)
		}
	}
	t.Run("victim=producer", func(t *testing.T) {
		s := newStorm(t, SizeRecord(300, &Options{Producers: 2}))
		q, err := CreateRecord(s.Bytes(), 300, o(s.world))
		if err != nil {
			t.Fatal(err)
		}
		s.reap(t, "storm-record-producer", pop(q), q.Len)
	})
	t.Run("victim=consumer", func(t *testing.T) {
		s := newStorm(t, SizeRecord(300, &Options{Producers: 2}))
		q, err := CreateRecord(s.Bytes(), 300, o(s.world))
		if err != nil {
			t.Fatal(err)
		}
		push := func(ctx context.Context, id uint64) error {
			b, err := q.ClaimWait(ctx, 8+int(id%90))
			if err == nil {
				fill(b, id)
				q.Commit(len(b))
			}
			return err
		}
		s.feed(t, "storm-record-consumer", push, pop(q), q.Len)
	})
}

// reap consumes in this process what victims produce until they are killed.
func (s *storm) reap(t *testing.T, role string, pop func(context.Context) (uint64, error), length func() int) {
	t.Helper()
	stop, cancel := context.WithCancel(watchdog(t))
	done := make(chan error)
	last := map[uint64]uint64{}
	go func() {
		for {
			id, err := pop(stop)
			if err != nil {
				done <- err
				return
			}
			if i, ok := last[id>>32]; id&0xffffffff != i+1 && (ok || id&0xffffffff != 0) {
				t.Errorf("member %d: message %d after %d", id>>32, id&0xffffffff, i)
			}
			last[id>>32] = id & 0xffffffff
			s.received[id]++
		}
	}()
	for range 60 * stress() {
		s.slay(s.victim(role, 0), 0)
	}
	eventually(t, "the last messages received", func() bool { return length() == 0 })
	time.Sleep(time.Millisecond)
	cancel()
	if err := <-done; stop.Err() == nil {
		t.Fatal(err)
	}
	s.settle(t)
}

// feed produces in this process what victims consume until they are killed.
func (s *storm) feed(t *testing.T, role string, push func(context.Context, uint64) error,
	pop func(context.Context) (uint64, error), length func() int) {
	t.Helper()
	ctx := watchdog(t)
	stop := make(chan struct{})
	done := make(chan error, 1)
	var count uint64
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
			err := push(short, s.self(count))
			cancel()
			if err == nil {
				count++
			} else if short.Err() == nil {
				done <- err
				return
			}
		}
	}()
	for range 60 * stress() {
		s.slay(s.victim(role, 0), 0)
	}
	close(stop)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	s.pushed[uint64(s.Tag())] = count
	for length() > 0 {
		id, err := pop(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s.received[id]++
	}
	for tag := range s.pushed {
		if tag != uint64(s.Tag()) {
			delete(s.pushed, tag)
		}
	}
	s.settle(t)
}
