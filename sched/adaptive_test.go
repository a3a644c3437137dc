//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
)

// burn spins for as many nanoseconds as each element says, and counts what it got.
var burn = NewLoop("burn", func(c *Chunk, a burnArgs) error {
	cost := a.Cost.Slice()[c.Lo:c.Hi]
	for i := range cost {
		for end := clock() + cost[i]; cost[i] > 0 && clock() < end; {
		}
	}
	a.Chunks.Slice()[c.Lo] = int64(c.Hi - c.Lo)
	return nil
}, LoopOptions{Idempotent: true})

type burnArgs struct{ Cost, Chunks *arena.Array[int64] }

func newBurn(t testing.TB, p *Pool, n int, cost func(i int) int64) burnArgs {
	t.Helper()
	cs, err1 := arena.New[int64](p.Arena(), n)
	chunks, err2 := arena.New[int64](p.Arena(), n)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for i := range cs.Slice() {
		cs.Slice()[i] = cost(i)
	}
	return burnArgs{cs, chunks}
}

// Chunks tile the range; cheap ones grow, and dear ones stay small.
func TestA8_AdaptiveBlocks(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		for _, n := range []int{1, 2, 1023, 1025, 40_000} {
			cheap := newBurn(t, p, n, func(int) int64 { return 0 })
			if err := burn.Run(within(t), p, n, cheap); err != nil {
				t.Fatal(err)
			}
			if got := chunksOf(t, cheap, n); n > 1000 && got > n/2 {
				t.Errorf("n=%d: %d chunks of next to nothing", n, got)
			}
		}
		dear := newBurn(t, p, 2000, func(int) int64 { return int64(200 * time.Microsecond) })
		if err := burn.Run(within(t), p, 2000, dear); err != nil {
			t.Fatal(err)
		}
		if got := chunksOf(t, dear, 2000); got != 1000 {
			t.Errorf("%d chunks of two elements, each of which takes twice the time of a chunk", got)
		}
	})
}

// chunksOf checks that the chunks tile the range, and counts them.
func chunksOf(t *testing.T, a burnArgs, n int) (chunks int) {
	t.Helper()
	for i := 0; i < n; chunks++ {
		size := int(a.Chunks.Slice()[i])
		if size < 1 || i+size > n {
			t.Fatalf("a chunk of %d at %d of %d", size, i, n)
		}
		i += size
	}
	return chunks
}

func TestA8_FinestBlock(t *testing.T) {
	for _, c := range []struct{ n, workers, want int }{
		{1, 2, 1}, {1024, 2, 1}, {1025, 2, 2}, {32_769, 2, 40}, {1 << 20, 2, 1024}, {1<<20 + 1, 2, 1088},
		{1 << 30, 2, 1 << 20}, {1<<30 + 1, 2, 1<<20 + 4096}, {1 << 20, 64, 256},
	} {
		if got := finestBlock(c.n, c.workers); got != c.want {
			t.Errorf("n=%d, %d workers: %d, want %d", c.n, c.workers, got, c.want)
		}
	}
}

func TestA8_Pace(t *testing.T) {
	p := pace{size: 1}
	p.next(100*time.Nanosecond, 1)
	if p.size != blockGrowth {
		t.Errorf("after one of 100 ns: %+v", p)
	}
	p.next(50*time.Microsecond, 500)
	if p.size != 1000 || p.take(100_000) != 1000 || p.take(4000) != 250 || p.take(80) != 5 || p.take(3) != 1 {
		t.Errorf("after 500 of 100 ns: %+v", p)
	}
	p.next(time.Second, 1000)
	if p.size != 1 || p.take(1000) != 1 {
		t.Errorf("after 1000 of a millisecond: %+v", p)
	}
	p.next(0, 1<<31)
	if p.size == 0 {
		t.Errorf("after a clock that stood still: %+v", p)
	}
}

// An error and a death name all that the worker had taken at once.
func TestA8_RangesOfAdaptiveBlocks(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	for _, how := range []string{"error", "kill"} {
		err := fickle.Run(within(t), p, 100_000, how)
		var remote *RemoteError
		var death *DeathError
		var r Range
		switch {
		case errors.As(err, &remote):
			r = Range{remote.Lo, remote.Hi}
		case errors.As(err, &death) && len(death.Dirty) == 1:
			r = death.Dirty[0]
		}
		if r.Lo > 99_000 || r.Hi <= 99_000 {
			t.Errorf("%s: %v: %v", how, r, err)
		}
	}
}

// fickle fails where element 99,000 is.
var fickle = NewLoop("fickle", func(c *Chunk, how string) error {
	if c.Lo <= 99_000 && 99_000 < c.Hi {
		if how == "error" {
			return fmt.Errorf("at [%d, %d)", c.Lo, c.Hi)
		}
		syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	}
	return nil
})

// Killed at random, an adaptive loop loses nothing, and its figures are exact.
func TestA8_AdaptiveKillStorm(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(rand.IntN(8)) * time.Millisecond):
				if pid := p.PIDs()[rand.IntN(2)]; pid != 0 {
					syscall.Kill(pid, syscall.SIGKILL)
				}
			}
		}
	}()
	blocks := uint64(0)
	for range 30 {
		const n = 100_001
		if err := filled(t, p, n, LoopOptions{Idempotent: true}); err != nil {
			t.Fatal(err)
		}
		size := finestBlock(n, 2)
		blocks += uint64((n + size - 1) / size)
	}
	close(stop)
	<-stopped
	if got := statsOf(t, p).Total().Blocks; got != blocks {
		t.Errorf("%d blocks counted, %d done", got, blocks)
	}
}

// TestA8_Makespan plays the taking of blocks with a clock of its own, so that other programs do not matter: whatever the work,
// it ends a few percent and a block later than if it could be divided at will.
func TestA8_Makespan(t *testing.T) {
	for _, workers := range []int{2, 16, 64} {
		for name, work := range map[string]struct {
			n    int
			cost func(i int) float64 // nanoseconds
		}{
			"cheap":   {1 << 20, func(int) float64 { return 1 }},
			"cheap16": {1 << 24, func(int) float64 { return 0.5 }},
			"uniform": {100_000, func(int) float64 { return 10_000 }},
			"rising":  {100_000, func(i int) float64 { return float64(i) }},
			"falling": {100_000, func(i int) float64 { return float64(100_000 - i) }},
			"peaks":   {100_000, func(i int) float64 { return float64(1+i/1000%2*20) * 1000 }},
			"end":     {100_000, func(i int) float64 { return float64(1 + i/95_000*500_000) }},
			"random":  {100_000, func(i int) float64 { return math.Exp(float64(i*7919%101) / 10) }},
		} {
			took, ideal, dearest := play(workers, work.n, work.cost)
			limit := ideal*1.05 + dearest + 15_000 // nobody can divide a block, and the first runs are small
			t.Logf("%d workers, %s: %.3f of the ideal %.0f us", workers, name, took/ideal, ideal/1000)
			if took > limit {
				t.Errorf("%d workers, %s: took %.0f us, the ideal is %.0f us", workers, name, took/1000, ideal/1000)
			}
		}
	}
}

// play has as many workers run a loop, and returns when the last one ends, the work divided by the workers, and the longest
// block of the ledger.
func play(workers, n int, cost func(i int) float64) (took, ideal, dearest float64) {
	const overhead = 60 // nanoseconds for each run: two clocks, a compare-and-swap, the ledger
	size := finestBlock(n, workers)
	blocks := (n + size - 1) / size
	work := make([]float64, blocks)
	for i := range n {
		work[i/size] += cost(i)
		ideal += cost(i) / float64(workers)
	}
	cells := make([]cell, workers)
	paces, clocks, victims := make([]pace, workers), make([]float64, workers), make([][]int, workers)
	for i := range cells {
		cells[i].span.Store(packSpan(uint32(i*blocks/workers), uint32((i+1)*blocks/workers)))
		paces[i] = pace{size: 1}
		for k := range workers - 1 {
			victims[i] = append(victims[i], (i+k+1)%workers)
		}
	}
	for {
		w := 0 // whose turn it is
		for i := range clocks {
			if clocks[i] < clocks[w] {
				w = i
			}
		}
		at, end, ok := takeRun(cells, w, victims[w], &paces[w])
		if !ok {
			return slices.Max(clocks), ideal, slices.Max(work)
		}
		spent := 0.0
		for _, c := range work[at:end] {
			spent += c
		}
		clocks[w] += spent + overhead
		paces[w].next(time.Duration(spent+overhead/2), end-at)
	}
}

// BenchmarkBlocks has what workers choose beside 512 equal blocks. spread is how much longer the loop took than its work
// divided by the number of workers.
func BenchmarkBlocks(b *testing.B) {
	p := start(b, &Options{Workers: 2})
	for _, work := range []struct {
		name string
		n    int
		cost func(i int) int64
	}{
		{"nothing", 10_000, func(int) int64 { return 0 }},
		{"nothing", 1_000_000, func(int) int64 { return 0 }},
		{"uniform", 10_000, func(int) int64 { return 1000 }},
		{"uniform", 700, func(int) int64 { return 20_000 }},
		{"rising", 10_000, func(i int) int64 { return int64(i) / 5 }},
		{"peaks", 10_000, func(i int) int64 { return int64(1+i/1000%2*20) * 100 }},
		{"end", 1000, func(i int) int64 { return int64(1 + i/950*500_000) }},
	} {
		args := newBurn(b, p, work.n, work.cost)
		ideal := 0.0
		for _, c := range args.Cost.Slice() {
			ideal += float64(c)
		}
		for name, o := range map[string]LoopOptions{"chosen": {}, "512": LoopOptions{}.withDefaults(work.n)} {
			b.Run(fmt.Sprintf("work=%s/n=%d/blocks=%s", work.name, work.n, name), func(b *testing.B) {
				for b.Loop() {
					if err := burn.RunWith(context.Background(), p, work.n, args, o); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(ideal/2), "spread")
			})
		}
		args.Cost.Free()
		args.Chunks.Free()
	}
}
