package ring

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/invariants"
)

// Every named step of every protocol, with a death at it. Needs the tag invariants.

func deathAt(s *storm, role, point string, n int, args ...any) *child {
	s.tb.Helper()
	j := journalAt(s.Bytes(), s.ringSize, 0)
	j.pushed.Store(0)
	j.logged.Store(0)
	s.tb.Setenv("SHMATH_FAILPOINT", fmt.Sprintf("%s:%d", point, n))
	defer os.Unsetenv("SHMATH_FAILPOINT") // the next child lives
	return s.start(role, append([]any{s.ringSize, 0}, args...)...)
}

// died waits for a child that kills itself, and books its journal.
func (s *storm) died(t *testing.T, c *child) {
	t.Helper()
	watch := time.AfterFunc(20*time.Second, func() { _ = c.Cmd.Process.Signal(syscall.SIGQUIT) })
	_ = c.Exit()
	watch.Stop()
	if ws, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || ws.Signal() != syscall.SIGKILL {
		t.Fatalf("it ended otherwise: %v", c.ProcessState)
	}
	s.slay(c, 0)
}

func init() {
	roles["consume-spsc"] = func(w *world, _ []string) error {
		q, err := AttachSPSC[uint64](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		for _, err := range q.All(context.Background()) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	roles["consume-record"] = func(w *world, _ []string) error {
		q, err := AttachRecord(w.Bytes(), w.options())
		if err != nil {
			return err
		}
		for _, err := range q.All(context.Background()) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	roles["subscribe"] = func(w *world, args []string) error {
		policy, err := strconv.ParseUint(args[2], 10, 8)
		if err != nil {
			return err
		}
		b, err := AttachBroadcast[large](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		s, err := b.Subscribe(Policy(policy))
		if err != nil {
			return err
		}
		for _, err := range s.All(context.Background()) {
			if err != nil && !passing(err) {
				return err
			}
		}
		return nil
	}
}

func TestFailpoints(t *testing.T) {
	if !invariants.Failpoints {
		t.Skip("failpoints need -tags invariants")
	}
	for _, point := range []string{"claimed", "counted", "written", "ready", "taken", "passed", "freed"} {
		for n := 1; n <= 3; n++ {
			t.Run(fmt.Sprintf("point=mpmc.%s/n=%d", point, n), func(t *testing.T) {
				s := newStorm(t, SizeMPMC[large](4))
				q, err := CreateMPMC[large](s.Bytes(), 4, s.options())
				if err != nil {
					t.Fatal(err)
				}
				s.died(t, deathAt(s, "storm-mpmc", "mpmc."+point, n))
				ctx := watchdog(t)
				for i := range uint64(20) { // five laps: nothing is stuck
					if err := q.Push(ctx, large{Seq: s.self(i)}); err != nil {
						t.Fatal(err)
					}
					v, err := q.Pop(ctx)
					if err != nil {
						t.Fatal(err)
					}
					s.received[v.Seq]++
				}
				s.pushed[uint64(s.Tag())] = 20
				q.mend.Store(true)
				for v, err := q.TryPop(); err != ErrEmpty; v, err = q.TryPop() {
					if err != nil {
						t.Fatal(err)
					}
					s.received[v.Seq]++
				}
				s.settle(t)
				if dead := q.dead(&q.shared.roster); q.Len() != 0 || len(dead) != 0 {
					t.Errorf("length %d, the dead %v are listed", q.Len(), dead)
				}
			})
		}
	}
	spsc := func(w *world) *Options { return &Options{Members: w.Segment, Lasting: true} }
	for _, point := range []string{"spsc.written", "spsc.echoed", "spsc.published", "bell.flagged", "bell.cleared", "bell.stepped"} {
		t.Run("point="+point, func(t *testing.T) {
			s := newStorm(t, SizeSPSC[uint64](5))
			q, err := CreateSPSC[uint64](s.Bytes(), 5, spsc(s.world))
			if err != nil {
				t.Fatal(err)
			}
			n := 5
			switch {
			case point == "bell.stepped":
				n = 3 // after the two of taking the producer's part
			case point[:4] == "bell":
				n = 1 // the consumer below sleeps: there is a flag to meet
			}
			s.outlive(t, point, n, "storm-spsc-producer", q.Pop, q.Len)
		})
	}
	for _, point := range []string{"record.claimed", "record.cleared", "record.published"} {
		t.Run("point="+point, func(t *testing.T) {
			o := &Options{Members: nil, Lasting: true}
			s := newStorm(t, SizeRecord(200, o))
			o.Members = s.Segment
			q, err := CreateRecord(s.Bytes(), 200, o)
			if err != nil {
				t.Fatal(err)
			}
			s.outlive(t, point, 3, "storm-record-producer", func(ctx context.Context) (uint64, error) {
				b, err := q.Next(ctx)
				if err != nil {
					return 0, err
				}
				defer q.Release()
				return check(b)
			}, q.Len)
		})
	}
}

// A consumer dies at every step. What it held comes again, with a report if the ring was created so; what it had
// released does not.
func TestFailpoints_Consumers(t *testing.T) {
	if !invariants.Failpoints {
		t.Skip("failpoints need -tags invariants")
	}
	const n = 3 // the passage at which it dies: the message numbered 2 is in its hands
	rows := []struct {
		point  string
		policy DeathPolicy
		first  uint64 // that the next consumer gets
		orphan bool
	}{
		{"spsc.read", Redeliver, 2, false},
		{"spsc.released", Redeliver, 3, false},
		{"spsc.taken", Report, 2, true},
		{"spsc.read", Report, 2, true},
		{"spsc.released", Report, 3, false},
		{"record.read", Redeliver, 2, false},
		{"record.released", Redeliver, 3, false},
		{"record.taken", Report, 2, true},
		{"record.read", Report, 2, true},
		{"record.released", Report, 3, false},
	}
	for _, row := range rows {
		t.Run(fmt.Sprintf("point=%s/report=%t", row.point, row.policy == Report), func(t *testing.T) {
			o := Options{OnConsumerDeath: row.policy, Lasting: true}
			s := newStorm(t, max(SizeSPSC[uint64](8), SizeRecord(200, &o)))
			o.Members = s.Segment
			role, push, pop := "consume-record", error(nil), (func(context.Context) (uint64, error))(nil)
			if strings.HasPrefix(row.point, "spsc") {
				q, err := CreateSPSC[uint64](s.Bytes(), 8, &o)
				for i := uint64(0); i < 5 && err == nil; i++ {
					err = q.TryPush(i)
				}
				role, push, pop = "consume-spsc", err, q.Pop
			} else {
				q, err := CreateRecord(s.Bytes(), 200, &o)
				for i := byte(0); i < 5 && err == nil; i++ {
					err = q.TryPush([]byte{i})
				}
				push, pop = err, func(ctx context.Context) (uint64, error) {
					b, err := q.Next(ctx)
					if b == nil {
						return 0, err
					}
					defer q.Release()
					return uint64(b[0]), err
				}
			}
			if push != nil {
				t.Fatal(push)
			}
			c := deathAt(s, role, row.point, n)
			s.died(t, c)
			ctx := watchdog(t)
			for want := row.first; want < 5; want++ {
				v, err := pop(ctx)
				var orphan *OrphanError
				switch {
				case v != want:
					t.Fatalf("got %d, %v; want %d", v, err, want)
				case errors.As(err, &orphan) != (row.orphan && want == row.first):
					t.Fatalf("message %d: %v", v, err)
				case orphan != nil && orphan.Tag != c.tag:
					t.Fatalf("%v; the dead one is %#x", orphan, c.tag)
				case orphan == nil && err != nil:
					t.Fatal(err)
				}
			}
		})
	}
}

// A publisher, then a subscriber, dies at every step of a Broadcast.
func TestFailpoints_Broadcast(t *testing.T) {
	if !invariants.Failpoints {
		t.Skip("failpoints need -tags invariants")
	}
	for _, point := range []string{"opened", "written", "published", "counted"} {
		for _, n := range []int{1, 2, 5} { // the first item, a later one, one in the second lap
			t.Run(fmt.Sprintf("point=broadcast.%s/n=%d", point, n), func(t *testing.T) {
				s := newStorm(t, SizeBroadcast[large](3, nil))
				b, err := CreateBroadcast[large](s.Bytes(), 3, &Options{Members: s.Segment, Lasting: true})
				if err != nil {
					t.Fatal(err)
				}
				sub := subscribe(t, b, BackPressure)
				s.outlive(t, "broadcast."+point, n, "storm-publisher", func(ctx context.Context) (uint64, error) {
					v, err := sub.Next(ctx)
					return v.Seq, err
				}, sub.Len)
			})
		}
	}
	for _, policy := range []Policy{BackPressure, Overrun} {
		for _, point := range []string{"settling", "seated", "joined", "read"} {
			t.Run(fmt.Sprintf("point=broadcast.%s/policy=%d", point, policy), func(t *testing.T) {
				o := Options{Subscribers: 1}
				s := newStorm(t, SizeBroadcast[large](3, &o))
				o.Members = s.Segment
				b, err := CreateBroadcast[large](s.Bytes(), 3, &o)
				if err != nil {
					t.Fatal(err)
				}
				ctx := watchdog(t)
				stop, cancel := context.WithCancel(ctx)
				done := make(chan struct{})
				go func() {
					defer close(done)
					for stop.Err() == nil && b.Publish(stop, large{}) == nil {
						time.Sleep(10 * time.Microsecond)
					}
				}()
				s.died(t, deathAt(s, "subscribe", "broadcast."+point, 1, uint8(policy)))
				cancel()
				<-done
				for range 7 { // two laps: nobody waits for the dead
					if err := b.Publish(ctx, large{}); err != nil {
						t.Fatal(err)
					}
				}
				sub := subscribe(t, b, BackPressure) // the only seat
				if err := b.Publish(ctx, large{Seq: 77}); err != nil {
					t.Fatal(err)
				}
				if v, err := sub.Next(ctx); v.Seq != 77 || err != nil {
					t.Fatalf("got %d, %v", v.Seq, err)
				}
			})
		}
	}
}

// outlive consumes what a producer pushes that dies at a point, and then what a second one pushes behind it.
func (s *storm) outlive(t *testing.T, point string, n int, role string, pop func(context.Context) (uint64, error), length func() int) {
	t.Helper()
	stop, cancel := context.WithCancel(watchdog(t))
	done := make(chan error)
	go func() {
		for {
			id, err := pop(stop)
			if err != nil {
				done <- err
				return
			}
			s.received[id]++
		}
	}()
	s.died(t, deathAt(s, role, point, n))
	s.slay(s.victim(role, 0), 0)
	eventually(t, "the last messages received", func() bool { return length() == 0 })
	time.Sleep(time.Millisecond)
	cancel()
	if err := <-done; stop.Err() == nil {
		t.Fatal(err)
	}
	s.settle(t)
}
