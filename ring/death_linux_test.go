package ring

import (
	"fmt"
	"testing"
	"time"
)

// Those who sleep hear of a death: the end of the peer, or what it leaves behind.
func TestSleepers_HearOfADeath(t *testing.T) {
	t.Run("type=SPSC", func(t *testing.T) {
		f := newFamily(t, SizeSPSC[uint64](4))
		o := *f.options()
		o.Spin = -1
		q, err := CreateSPSC[uint64](f.Bytes(), 4, &o)
		if err != nil {
			t.Fatal(err)
		}
		c := f.start("sit", "spsc")
		ctx := watchdog(t)
		if v, err := q.Pop(ctx); v != 7 || err != nil {
			t.Fatal(v, err)
		}
		time.AfterFunc(5*time.Millisecond, c.Kill)
		if _, err := q.Pop(ctx); err != ErrPeerDead {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("type=Record", func(t *testing.T) {
		o := Options{Producers: 2, Spin: -1}
		f := newFamily(t, SizeRecord(64, &o))
		o.Members = f.Segment
		q, err := CreateRecord(f.Bytes(), 64, &o)
		if err != nil {
			t.Fatal(err)
		}
		c := f.start("sit", "record")
		ctx := watchdog(t)
		if b, err := q.Next(ctx); err != nil || b[0] != 7 {
			t.Fatal(b, err)
		}
		q.Release()
		time.AfterFunc(5*time.Millisecond, c.Kill)
		if _, err := q.Next(ctx); err != ErrPeerDead {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("type=MPMC", func(t *testing.T) {
		f, q := sharedMPMC(t, 4, 128)
		if err := q.TryPush(5); err != nil {
			t.Fatal(err)
		}
		c := f.start("sit", "mpmc")
		eventually(t, "the message taken", func() bool { return f.Bytes()[len(f.Bytes())-1] == 1 })
		time.AfterFunc(5*time.Millisecond, c.Kill)
		if v, err := q.Pop(watchdog(t)); v != 5 || err != nil {
			t.Fatalf("the orphan: %d, %v", v, err)
		}
	})
	t.Run("select", func(t *testing.T) {
		f, q := sharedMPMC(t, 4, 0)
		c := f.start("sit", "none")
		time.AfterFunc(5*time.Millisecond, c.Kill)
		i, err := Select(watchdog(t), q.Readable(), Death(f.Segment, c.tag))
		if i != 1 || err != nil {
			t.Fatalf("got %d, %v", i, err)
		}
	})
}

// The kernel wakes one sleeper of a dead member's life word. Nothing else ends these sleeps: whoever is woken has to pass
// the news on, to other goroutines and to other processes.
func TestSleepers_AllHearOfADeath(t *testing.T) {
	f, q := sharedMPMC(t, 4, 0)
	c := f.start("sit", "none")
	if word, val := f.Life(c.tag); word == nil || word.Load() != val {
		t.Fatalf("member %d has no life word: the sleepers would poll", c.tag)
	}
	mourner := f.start("mourn", c.tag)
	const sleepers = 4
	heard := make(chan error, sleepers)
	ctx := watchdog(t)
	for range sleepers {
		go func() {
			i, err := Select(ctx, q.Readable(), Death(f.Segment, c.tag))
			if err == nil && i != 1 {
				err = fmt.Errorf("source %d was ready", i)
			}
			heard <- err
		}()
	}
	time.Sleep(20 * time.Millisecond) // all of them sleep, as a rule
	begin := time.Now()
	if err := c.Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for range sleepers {
		if err := <-heard; err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("SIGKILL to the last of %d sleepers: %v", sleepers, time.Since(begin))
	mourner.wait()
}
