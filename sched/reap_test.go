//go:build linux

package sched

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
)

// hoarder dies with arrays in the pool's arena that it has told nobody of.
var hoarder = NewLoop("hoarder", func(c *Chunk, n int) error {
	for range n {
		if _, err := arena.New[float64](c.worker.arena, 1000); err != nil {
			return err
		}
	}
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	time.Sleep(time.Hour)
	return nil
})

// settled waits until every array of the pool's arena is freed.
func settled(t *testing.T, p *Pool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		s, err := p.Arena().Stats()
		if err != nil {
			t.Fatal(err)
		}
		if s.Mallocs == s.Frees {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d arrays made, %d freed", s.Mallocs, s.Frees)
		}
	}
	if err := p.Arena().Check(); err != nil {
		t.Fatal(err)
	}
}

func TestReap_ArraysOfTheDead(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	for range 5 {
		if err := hoarder.RunWith(within(t), p, 1, 10, LoopOptions{}); !errors.Is(err, ErrWorkerDied) {
			t.Fatal(err)
		}
	}
	settled(t, p)
}

// Long results and long errors, which lie in the arena, are freed with whatever a storm of kills leaves of them.
func TestReap_ResultsOfTheDead(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	long := deep{Name: strings.Repeat("long", 1000)}
	kills := 0
	for end := time.Now().Add(stormTime() / 6); time.Now().Before(end); {
		done := make(chan struct{})
		go func() {
			defer close(done)
			echo.Map(within(t), p, []deep{long, long, long, long})
			echo.Call(within(t), p, long)
			faulty.Call(within(t), p, "long")
		}()
		for busy := true; busy; {
			select {
			case <-done:
				busy = false
			case <-time.After(300 * time.Microsecond):
				kills += killWorker(p, kills%2)
			}
		}
	}
	t.Logf("%d kills", kills)
	settled(t, p)
}
