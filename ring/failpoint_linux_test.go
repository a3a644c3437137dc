package ring

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/invariants"
)

// Every named step of every protocol, with a death at it. Needs the tag invariants.

func deathAt(s *storm, role, point string, n int) *child {
	s.tb.Helper()
	j := journalAt(s.Bytes(), s.ringSize, 0)
	j.pushed.Store(0)
	j.logged.Store(0)
	s.tb.Setenv("SHMATH_FAILPOINT", fmt.Sprintf("%s:%d", point, n))
	defer os.Unsetenv("SHMATH_FAILPOINT") // the next child lives
	return s.start(role, s.ringSize, 0)
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
