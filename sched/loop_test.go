//go:build linux

package sched

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
)

func filled(t *testing.T, p *Pool, n int, opts LoopOptions) error {
	t.Helper()
	x, err := arena.New[int64](p.Arena(), n)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Free()
	if err := fill.RunWith(within(t), p, n, x, opts); err != nil {
		return err
	}
	for i, v := range x.Slice() {
		if v != int64(i)*3+1 {
			t.Fatalf("n=%d: element %d is %d", n, i, v)
		}
	}
	return nil
}

func TestLoop_EveryIndexOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		backends(t, workers, func(t *testing.T, p *Pool) {
			for _, n := range []int{0, 1, 7, 63, 64, 65, 4096, 100_001} {
				if err := filled(t, p, n, LoopOptions{}.withDefaults(n)); err != nil {
					t.Fatal(err)
				}
				if err := filled(t, p, n, LoopOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			if err := filled(t, p, 30_000, LoopOptions{Block: 1}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestLoop_ManyAtOnce(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		var wg sync.WaitGroup
		for range 100 { // more than there are slots
			wg.Go(func() {
				if err := filled(t, p, 1000, LoopOptions{Block: 10}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if s, err := p.Arena().Stats(); err != nil || s.Mallocs != s.Frees {
			t.Fatalf("%d arrays made, %d freed, %v", s.Mallocs, s.Frees, err)
		}
	})
}

func TestLoop_Failures(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		err := touch.RunWith(within(t), p, 100, touchArgs{7, "error"}, LoopOptions{Block: 10})
		var remote *RemoteError
		if !errors.Is(err, errSentinel) || !errors.As(err, &remote) || remote.Lo != 70 || remote.Hi != 80 {
			t.Fatalf("%#v", err)
		}
		err = touch.RunWith(within(t), p, 100, touchArgs{7, "panic"}, LoopOptions{Block: 1})
		if !errors.As(err, &remote) || !remote.Panic || !strings.Contains(remote.Stack, "sched_test.go") {
			t.Fatalf("%#v", err)
		}
		if err = touch.RunWith(within(t), p, 100, touchArgs{7, "goexit"}, LoopOptions{Block: 1}); err == nil || !strings.Contains(err.Error(), goexitMessage) {
			t.Fatalf("%v", err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		if err := touch.RunWith(ctx, p, 100, touchArgs{7, "slow"}, LoopOptions{Block: 1}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("canceled: %v", err)
		}
		if err := filled(t, p, 1000, LoopOptions{Block: 1}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLoop_DeathIsReportedWithItsRanges(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	err := touch.RunWith(within(t), p, 95, touchArgs{9, "kill"}, LoopOptions{Block: 10})
	var death *DeathError
	if !errors.As(err, &death) || len(death.Dirty) != 1 || death.Dirty[0] != (Range{90, 95}) || death.Exit.Signal != syscall.SIGKILL {
		t.Fatalf("%v", err)
	}
	if err := filled(t, p, 1000, LoopOptions{Block: 1}); err != nil {
		t.Fatal(err)
	}
}

func Test45_PoisonedBlockStopsTheLoop(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	err := poison.RunWith(within(t), p, 100, touchArgs{Bad: 50}, LoopOptions{Block: 1, Idempotent: true})
	var death *DeathError
	if !errors.As(err, &death) || death.Kills != crashesMax {
		t.Fatalf("%v", err)
	}
}

// A ledger word that no worker wrote is an error, whatever stored it.
func TestLoop_StrayLedgerWord(t *testing.T) {
	p := start(t, &Options{Workers: 1, Backend: InProcess})
	lc, err := p.loops.prepare(<-p.loops.free, loopRun{name: "stray", n: 4, opts: LoopOptions{Block: 1}}, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { p.loops.free <- lc.j }()
	defer lc.clear()
	lc.ledger[2].Store(12345)
	var death *DeathError
	if _, err := lc.settle(within(t)); !errors.As(err, &death) || death.PID != 0 || death.Dirty[0] != (Range{2, 3}) {
		t.Fatalf("%v", err)
	}
}

// Workers are killed at random all the time; nothing is lost and nothing is done twice that matters.
func TestLoop_KillStorm(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	stop := make(chan struct{})
	var wg sync.WaitGroup
	kills := 0
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(rand.IntN(3000)) * time.Microsecond):
			}
			kills += killWorker(p, rand.IntN(2))
			mercy(p, kills)
		}
	})
	for end := time.Now().Add(stormTime()); time.Now().Before(end); {
		if err := filled(t, p, 20_000, LoopOptions{Block: 16, Idempotent: true}); err != nil {
			t.Errorf("after %d kills: %v", kills, err)
			break
		}
		if ys, err := square.Map(within(t), p, []float64{1, 2, 3}); err == nil && ys[2] != 9 {
			t.Errorf("map: %v", ys)
		} else if err != nil && !errors.Is(err, ErrWorkerDied) {
			t.Errorf("map: %v", err)
		}
		if y, err := square.Call(within(t), p, 4); err == nil && y != 16 {
			t.Errorf("call: %v", y)
		} else if err != nil && !errors.Is(err, ErrWorkerDied) {
			t.Errorf("call: %v", err)
		}
	}
	close(stop)
	wg.Wait()
	if err := p.Arena().Check(); err != nil {
		t.Error(err)
	}
	t.Logf("%d kills", kills)
	if kills < 100 {
		t.Errorf("only %d kills: the storm was none", kills)
	}
}

// mercy lets all workers become ready, once in a hundred kills. On a machine where a start takes longer than the time between
// kills none ever would, and the pool would give up.
func mercy(p *Pool, kills int) {
	starting := func(h *hand) bool { return h.tag.Load() == 0 }
	for end := time.Now().Add(10 * time.Second); kills%100 == 99 && slices.ContainsFunc(p.crew.members, starting); {
		if time.Now().After(end) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// stormTime is how long the storm lasts: SHMATH_STRESS times as long as usual.
func stormTime() time.Duration {
	n, err := strconv.Atoi(os.Getenv("SHMATH_STRESS"))
	if err != nil || n < 1 {
		n = 1
	}
	return time.Duration(n) * 3 * time.Second
}
