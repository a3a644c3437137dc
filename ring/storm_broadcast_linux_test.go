package ring

import (
	"context"
	"testing"
)

func init() {
	roles["storm-publisher"] = func(w *world, args []string) error {
		ringSize, i := parse(args)
		b, err := AttachBroadcast[large](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		return pour(w, journalAt(w.Bytes(), ringSize, i), func(id uint64) error {
			return b.Publish(context.Background(), large{Seq: id})
		})
	}
	roles["storm-subscriber"] = func(w *world, args []string) error {
		ringSize, i := parse(args)
		b, err := AttachBroadcast[large](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		s, err := b.Subscribe(BackPressure)
		if err != nil {
			return err
		}
		j := journalAt(w.Bytes(), ringSize, i)
		for v, err := range s.All(context.Background()) {
			if err != nil {
				return err
			}
			if j.write(v.Seq); j.full() {
				return rest()
			}
		}
		return nil
	}
}

func TestBroadcast_KillStorm(t *testing.T) {
	t.Run("victim=publisher", func(t *testing.T) {
		s := newStorm(t, SizeBroadcast[large](11, nil))
		b, err := CreateBroadcast[large](s.Bytes(), 11, &Options{Members: s.Segment, Lasting: true})
		if err != nil {
			t.Fatal(err)
		}
		n := subscribe(t, b, BackPressure)
		s.reap(t, "storm-publisher", func(ctx context.Context) (uint64, error) {
			v, err := n.Next(ctx)
			return v.Seq, err
		}, n.Len)
	})
	t.Run("victim=subscriber", func(t *testing.T) {
		s := newStorm(t, SizeBroadcast[large](11, &Options{Subscribers: 2}))
		b, err := CreateBroadcast[large](s.Bytes(), 11, &Options{Members: s.Segment, Subscribers: 2})
		if err != nil {
			t.Fatal(err)
		}
		stop, cancel := context.WithCancel(watchdog(t))
		done := make(chan uint64)
		go func() { // nobody holds this up for ever: dead subscribers lose their seats
			n := uint64(0)
			for stop.Err() == nil && b.Publish(stop, large{Seq: n}) == nil {
				n++
			}
			done <- n
		}()
		for range 60 * stress() {
			s.slay(s.victim("storm-subscriber", 0), 0)
			j := journalAt(s.Bytes(), s.ringSize, 0)
			log := j.log[:j.logged.Load()]
			for i, seq := range log {
				if seq != log[0]+uint64(i) {
					t.Fatalf("item %d came %d after item %d", seq, i, log[0])
				}
			}
		}
		cancel()
		n := <-done
		for i := range uint64(22) {
			if err := b.Publish(watchdog(t), large{Seq: n + i}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
