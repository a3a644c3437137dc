package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/sched"
)

// burnArgs is work that uses a processor and nothing else: Each steps for each index from From on.
type burnArgs struct{ Each, From int64 }

var burning = sched.NewLoop("bench.burning", func(c *sched.Chunk, a burnArgs) error {
	x := uint64(1)
	for i := max(int64(c.Lo), a.From); i < int64(c.Hi); i++ {
		x = burn(x, a.Each)
	}
	burned.Store(x)
	return nil
})

var burned atomic.Uint64 // so that the compiler keeps the work

// burn takes steps of a linear congruential generator, each of which waits for the one before.
//
//go:noinline
func burn(x uint64, steps int64) uint64 {
	for range steps {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

// balance is how near a loop comes to the ideal: an even cut of even work, of which nothing has to be dealt.
func balance(c *config, pool *sched.Pool) error {
	const tasks, steps = 20_000, 1600
	half := (tasks + pool.Workers() - 1) / pool.Workers()
	tenth := burnArgs{Each: 10 * steps, From: tasks - tasks/10}
	run := func(a burnArgs, block int) func(ops int) (time.Duration, error) {
		return timed(func() error {
			return burning.RunWith(context.Background(), pool, tasks, a, sched.LoopOptions{Block: block, Idempotent: true})
		})
	}
	return contest("Balance/tasks=20000", c, []contender{
		{name: "work=even/cut=halves", ops: 10, turn: run(burnArgs{Each: steps}, half)},
		{name: "work=even/cut=blocks-of-1", ops: 10, turn: run(burnArgs{Each: steps}, 1)},
		{name: "work=last-tenth/cut=blocks-of-1", ops: 10, turn: run(tenth, 1)},
		{name: "work=last-tenth/cut=halves", ops: 10, turn: run(tenth, half)},
	})
}
