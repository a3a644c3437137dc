//go:build linux

package sched

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
)

type inPlaceArgs struct {
	X     *arena.Array[int64]
	Table *arena.Array[float64] // of another length: not copied
	Pairs *arena.Array[int32]   // n rows of two
	How   string
	Bad   int
}

// advanceInPlace is wrong when any of its blocks runs twice, or once and a half.
var advanceInPlace = NewLoop("advanceInPlace", func(c *Chunk, a inPlaceArgs) error {
	x, pairs := a.X.Slice(), a.Pairs.Slice()
	for i := c.Lo; i < c.Hi; i++ {
		if c.Index == a.Bad && i == (c.Lo+c.Hi)/2 {
			switch a.How {
			case "error":
				return errSentinel
			case "once":
				if a.Table.Slice()[0] == 0 {
					a.Table.Slice()[0] = 1
					syscall.Kill(os.Getpid(), syscall.SIGKILL)
				}
			case "exit":
				os.Exit(4)
			}
		}
		x[i] = 5*x[i] + int64(i)
		pairs[2*i], pairs[2*i+1] = pairs[2*i+1]+1, pairs[2*i]-1
	}
	return nil
}, LoopOptions{Snapshot: true})

func inPlace(t *testing.T, p *Pool, n int) inPlaceArgs {
	t.Helper()
	x, err1 := arena.New[int64](p.Arena(), n)
	table, err2 := arena.New[float64](p.Arena(), 3)
	pairs, err3 := arena.New[int32](p.Arena(), n, 2)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return inPlaceArgs{X: x, Table: table, Pairs: pairs, Bad: -1}
}

// check compares with arrays that began with zeros and in which element i was advanced runs(i) times.
func (a *inPlaceArgs) check(t *testing.T, runs func(i int) int) {
	t.Helper()
	for i, got := range a.X.Slice() {
		var x int64
		var l, r int32
		for range runs(i) {
			x = 5*x + int64(i)
			l, r = r+1, l-1
		}
		if got != x || a.Pairs.Slice()[2*i] != l || a.Pairs.Slice()[2*i+1] != r {
			t.Fatalf("element %d: %d, %v, not as after %d runs: %d, %d, %d", i, got, a.Pairs.Slice()[2*i:2*i+2], runs(i), x, l, r)
		}
	}
}

func Test52_SnapshotPutsBlocksBack(t *testing.T) {
	const n, block = 1000, 64
	p := start(t, &Options{Workers: 2})
	opts := LoopOptions{Snapshot: true, Block: block}

	a := inPlace(t, p, n)
	a.How, a.Bad = "once", 3
	if err := advanceInPlace.RunWith(within(t), p, n, a, opts); err != nil {
		t.Fatal(err)
	}
	a.check(t, func(int) int { return 1 })

	a = inPlace(t, p, n)
	a.How, a.Bad = "error", 7
	if err := advanceInPlace.RunWith(within(t), p, n, a, opts); !errors.Is(err, errSentinel) {
		t.Fatal(err)
	}
	done := make([]int, n)
	for i, v := range a.X.Slice()[7*block : 8*block] {
		if v != 0 {
			t.Fatalf("index %d of the block that failed was not put back", i)
		}
	}
	for i := range done {
		if a.Pairs.Slice()[2*i] != 0 {
			done[i] = 1
		}
	}
	a.check(t, func(i int) int { return done[i] })

	a = inPlace(t, p, n)
	a.How, a.Bad = "exit", 2
	var death *DeathError
	err := advanceInPlace.RunWith(within(t), p, n, a, opts)
	if !errors.As(err, &death) || !errors.Is(err, ErrPoisoned) || len(death.Dirty) != 0 || len(death.Untouched) != 1 || death.Untouched[0] != (Range{128, 192}) {
		t.Fatalf("%v: %+v", err, death)
	}
	a.check(t, func(i int) int {
		if i >= 128 && i < 192 {
			return 0
		}
		return 1
	})
}

func Test52_SnapshotRefuses(t *testing.T) {
	backends(t, 1, func(t *testing.T, p *Pool) {
		long, err := arena.New[int64](p.Arena(), 11)
		if err != nil {
			t.Fatal(err)
		}
		square, err := arena.New[int64](p.Arena(), 10, 10)
		if err != nil {
			t.Fatal(err)
		}
		for want, args := range map[string][2]*arena.Array[int64]{
			"no writable array": {long, nil},
			"gaps":              {square.T(), nil},
			"overlap":           {long.Rows(0, 10), long.Rows(1, 11)},
		} {
			if err := twoArrays.Run(within(t), p, 10, args); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", want, err)
			}
		}
		if err := twoArrays.Run(within(t), p, 10, [2]*arena.Array[int64]{square, square}); err != nil {
			t.Errorf("one array twice: %v", err)
		}
	})
}

var twoArrays = NewLoop("twoArrays", func(*Chunk, [2]*arena.Array[int64]) error { return nil }, LoopOptions{Snapshot: true})

// A loop that works in place, again and again, while its workers are killed at random: each run counts once.
func Test52_SnapshotKillStorm(t *testing.T) {
	const n = 50_000
	p := start(t, &Options{Workers: 2})
	a := inPlace(t, p, n)
	kills := 0
	end := time.Now().Add(stormTime() / 3)
	runs := 0
	for ; time.Now().Before(end); runs++ {
		done := make(chan error, 1)
		go func() {
			done <- advanceInPlace.RunWith(context.Background(), p, n, a, LoopOptions{Snapshot: true, Block: 4096})
		}()
		for running := true; running; {
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				running = false
			case <-time.After(time.Duration(rand.IntN(1000)) * time.Microsecond):
				kills += killWorker(p, rand.IntN(2))
				mercy(p, kills)
			}
		}
	}
	a.check(t, func(int) int { return runs })
	t.Logf("%d runs, %d kills", runs, kills)
	if kills < 20 {
		t.Errorf("only %d kills", kills)
	}
}

// killWorker sends SIGKILL to a worker, if it lives, and says how many that were.
func killWorker(p *Pool, i int) int {
	p.crew.mu.Lock()
	defer p.crew.mu.Unlock()
	c := p.crew.members[i].child
	if c == nil || ended(c) {
		return 0
	}
	c.Signal(syscall.SIGKILL)
	return 1
}
