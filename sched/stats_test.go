//go:build linux

package sched

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/shm"
)

var linger = NewLoop("linger", func(c *Chunk, d time.Duration) error {
	time.Sleep(d)
	return nil
}, LoopOptions{Idempotent: true})

func statsOf(t *testing.T, p *Pool) Stats {
	t.Helper()
	s, err := p.Stats()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Blocks and calls add up to the work that was given, at any moment when no work is under way, on either backend.
func Test35_StatsSumExactly(t *testing.T) {
	backends(t, 3, func(t *testing.T, p *Pool) {
		blocks, calls := uint64(0), uint64(0)
		for i := range 50 {
			if err := filled(t, p, 1000+i, LoopOptions{Block: 10 + i}); err != nil {
				t.Fatal(err)
			}
			blocks += uint64((1000 + i + 9 + i) / (10 + i))
			for range i {
				if _, err := square.Call(within(t), p, 2); err != nil {
					t.Fatal(err)
				}
				calls++
			}
			if _, err := faulty.Call(within(t), p, "error"); !errors.Is(err, errSentinel) {
				t.Fatal(err)
			}
			calls++
			s := statsOf(t, p)
			if got := s.Total(); got.Blocks != blocks || got.Calls != calls || got.Restarts != 0 {
				t.Fatalf("after %d loops: %d blocks and %d calls, want %d and %d", i+1, got.Blocks, got.Calls, blocks, calls)
			}
		}
		got := statsOf(t, p).Total()
		if got.Run <= 0 || got.Run > 3*statsOf(t, p).Uptime || got.Joins == 0 || got.LoopWait <= 0 || got.CallWait <= 0 {
			t.Errorf("figures %+v", got)
		}
	})
}

// The same while workers are killed at random: a block or call that a dead worker had finished counts once, one that it
// had not finished counts for whoever ran it again.
func TestStats_SumExactlyUnderKills(t *testing.T) {
	begin := time.Now()
	p := start(t, &Options{Workers: 2})
	pace := max(4*time.Millisecond, 2*time.Since(begin)) // workers must have time to come back, also under the race detector
	stop, killed := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				killed <- n
				return
			case <-time.After(rand.N(pace)):
				if pid := p.PIDs()[rand.IntN(2)]; pid != 0 && syscall.Kill(pid, syscall.SIGKILL) == nil {
					n++
				}
			}
		}
	}()
	blocks, calls := uint64(0), uint64(0)
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
		if err := filled(t, p, 2000, LoopOptions{Block: 1, Idempotent: true}); err != nil {
			t.Fatal(err)
		}
		blocks += 2000
		for range 200 {
			_, err := square.Call(within(t), p, 3)
			var died *DeathError
			switch {
			case err == nil:
				calls++
			case !errors.As(err, &died):
				t.Fatal(err)
			}
		}
	}
	close(stop)
	n := <-killed
	if err := filled(t, p, 2000, LoopOptions{Block: 1, Idempotent: true}); err != nil {
		t.Fatal(err)
	}
	s := statsOf(t, p)
	if got := s.Total(); got.Blocks != blocks+2000 || got.Calls != calls || n == 0 || got.Restarts == 0 {
		t.Errorf("%d kills, %d restarts: %d blocks and %d calls, want %d and %d", n, got.Restarts, got.Blocks, got.Calls, blocks+2000, calls)
	}
}

// While a loop runs, its progress and the time that is left are seen, and its workers are busy.
func TestStats_Live(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	done := make(chan error, 1)
	go func() { done <- linger.RunWith(within(t), p, 40, 5*time.Millisecond, LoopOptions{Block: 1}) }()
	var seen, busy bool
	last := 0
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			running = false
		case <-time.After(time.Millisecond):
		}
		s := statsOf(t, p)
		busy = busy || s.Total().Busy
		for _, l := range s.Loops {
			if l.Name != "linger" || l.Blocks != 40 || l.Done < last || l.Done > 40 || l.Done > 0 && l.Done < 40 && l.Left <= 0 {
				t.Fatalf("loop %+v after %d blocks", l, last)
			}
			last, seen = l.Done, seen || l.Done > 0
		}
	}
	if !seen || !busy {
		t.Errorf("progress seen: %v, busy workers seen: %v", seen, busy)
	}
	s := statsOf(t, p)
	if len(s.Loops) != 0 || s.Total().Busy || s.Bytes < int64(controlSize(2, defaultDepth)) || s.Name != p.seg.Name() {
		t.Errorf("afterwards %+v", s)
	}
}

func BenchmarkStats(b *testing.B) {
	p := start(b, &Options{Workers: 2})
	b.Run("op=read", func(b *testing.B) {
		for b.Loop() {
			if _, err := p.Stats(); err != nil {
				b.Fatal(err)
			}
		}
	})
	// What counting adds to a block: one store that no other processor waits for.
	b.Run("op=count", func(b *testing.B) {
		mine, done := new(cell), uint64(0)
		for i := range b.N {
			mine.counting(done, uint32(i))
			done++
		}
	})
}

// onlookerRole is another program that says what it sees of a pool.
func onlookerRole(args []string) {
	pools, err := Pools()
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for _, s := range pools {
		if s.Name == args[0] {
			t := s.Total()
			fmt.Println("sees", s.PID, len(s.Workers), t.Blocks, t.Calls, t.Restarts, len(s.Loops))
		}
	}
	fmt.Println("done")
}

// Another process reads the same figures, leaves nothing behind, and sees the pool no more when it is closed.
func Test35_SeenFromAnotherProcess(t *testing.T) {
	p, err := Start(within(t), &Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := filled(t, p, 500, LoopOptions{Block: 1}); err != nil {
		t.Fatal(err)
	}
	for range 7 {
		if _, err := square.Call(within(t), p, 2); err != nil {
			t.Fatal(err)
		}
	}
	settled := func() bool { // workers raise their counts just after the result is there
		got := statsOf(t, p).Total()
		return got.Calls == 7 && !got.Busy
	}
	for deadline := time.Now().Add(30 * time.Second); !settled() && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	members := len(p.seg.Members())
	onlooker := proctest.Start(t, "onlooker", p.seg.Name())
	if got, want := onlooker.Expect("sees"), fmt.Sprintf("%d 2 500 7 0 0", os.Getpid()); got != want {
		t.Errorf("it sees %q, want %q", got, want)
	}
	onlooker.Expect("done")
	if n := len(p.seg.Members()); n != members {
		t.Errorf("%d members, were %d", n, members)
	}
	name := p.seg.Name()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	pools, err := Pools()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range pools {
		if s.Name == name {
			t.Errorf("the closed pool is listed: %+v", s)
		}
	}
	if _, err := os.Stat("/dev/shm/" + name); err == nil {
		t.Errorf("segment %s is left", name)
	}
}

// A control block whose words are garbage is passed over or gives odd figures; it brings nobody down.
func TestPools_SurviveGarbage(t *testing.T) {
	size := controlSize(3, 64)
	seg, err := shm.Create("", size, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer seg.Close()
	c, _ := viewControl(seg.Bytes(), 3, 64)
	for seed := range uint64(50) {
		random := rand.NewChaCha8([32]byte{byte(seed)})
		random.Read(seg.Bytes())
		c.magic.Store(controlMagic)
		if seed%2 == 0 {
			c.version, c.workers, c.tasks = controlVersion, 3, 64
		}
		pools, err := Pools()
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, s := range pools {
			found = found || s.Name == seg.Name() && (len(s.Workers) == 3) == (seed%2 == 0)
		}
		if !found {
			t.Fatalf("seed %d: not found in %+v", seed, pools)
		}
	}
}
