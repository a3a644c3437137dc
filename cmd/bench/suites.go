package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/parallel"
	"github.com/shmath/shmath/sched"
)

var (
	nothing     = sched.NewFunc("bench.nothing", func(_ context.Context, x int64) (int64, error) { return x, nil })
	nothingLoop = sched.NewLoop("bench.nothing", func(c *sched.Chunk, _ int64) error { return nil })
)

// jobs is the bootstrap step of the example job, whole: one worker, all workers, goroutines.
func jobs(c *config) error {
	paths := 10_000_000
	if c.quick {
		paths /= 10
	}
	prog, err := expr.Compile(fmt.Sprintf("loss = -bootstrap(r, paths=%d, horizon=10)", paths))
	if err != nil {
		return err
	}
	var all []contender
	for _, o := range []sched.Options{{Workers: 1}, {}, {Backend: sched.InProcess}} {
		pool, err := sched.Start(context.Background(), &o)
		if err != nil {
			return err
		}
		defer pool.Close()
		name := fmt.Sprintf("workers=%d/backend=processes", pool.Workers())
		if o.Backend == sched.InProcess {
			name = fmt.Sprintf("workers=%d/backend=inprocess", pool.Workers())
		}
		r, err := arena.New[float64](pool.Arena(), 5282)
		if err != nil {
			return err
		}
		kernels.Normal(r.Slice(), [2]uint64{1}, 0, 0, 0.01)
		all = append(all, contender{name: name, ops: 1, bytes: int64(8 * paths), turn: timed(func() error {
			v, err := parallel.Run(context.Background(), pool, prog, map[string]any{"r": r}, &parallel.Options{Seed: 42})
			if err != nil {
				return err
			}
			return v[0].Array.Free()
		})})
	}
	return contest(fmt.Sprintf("Bootstrap/paths=%d", paths), c, all)
}

// dispatch is the cost of giving work away: to a goroutine over a channel, and to a worker process.
func dispatch(c *config) error {
	pool, err := sched.Start(context.Background(), nil)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := balance(c, pool); err != nil {
		return err
	}
	in, out := make(chan int64), make(chan int64)
	defer close(in)
	go func() {
		for x := range in {
			out <- x
		}
	}()
	ctx := context.Background()
	running := engines(c, "pools_peer.py", []string{"concurrent.futures", "loky", "dask", "ray"}, "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	defer func() { _ = running.stop() }()
	err = contest("Call/op=round-trip", c, append([]contender{
		{name: "impl=goroutine-channel", peer: runtime.Version(), ops: 20_000, turn: timed(func() error { in <- 1; <-out; return nil })},
		{name: "impl=worker-process", ops: 20_000, turn: timed(func() error { _, err := nothing.Call(ctx, pool, 1); return err })},
	}, running.contenders("call", 1_000)...))
	if err != nil {
		return err
	}
	const tasks = 100_000 // of a turn; an op is one task
	whole := func(f func(n int) error) func(ops int) (time.Duration, error) {
		return func(ops int) (time.Duration, error) {
			begin := time.Now()
			err := f(ops)
			return time.Since(begin), err
		}
	}
	return contest("Tasks/op=nothing", c, append([]contender{
		{name: "impl=goroutine-each", peer: runtime.Version(), ops: tasks, turn: whole(func(n int) error {
			done := make(chan struct{}, n)
			for range n {
				go func() { done <- struct{}{} }()
			}
			for range n {
				<-done
			}
			return nil
		})},
		{name: "impl=loop-block-1", ops: tasks, turn: whole(func(n int) error { return nothingLoop.RunWith(ctx, pool, n, 0, sched.LoopOptions{Block: 1}) })},
		{name: "impl=map", ops: tasks, turn: whole(func(n int) error { _, err := nothing.Map(ctx, pool, make([]int64, n)); return err })},
	}, running.contenders("map", 20_000)...))
}

// starts is the cost of processes: one exec, a pool until its first result, a killed worker until its replacement works. A
// worker starts as fast as its program does, and this one has all suites in it: a small program starts pools too.
func starts(c *config) error {
	ctx := context.Background()
	pool, err := sched.Start(ctx, &sched.Options{Workers: 1})
	if err != nil {
		return err
	}
	defer pool.Close()
	all := emptyPrograms(c)
	if small, err := startSmall(); err != nil {
		c.absent("a small program with a pool", err.Error())
	} else {
		defer func() { _ = small.stop() }()
		all = append(all, contender{name: "op=pool-of-2-to-first-result/program=small", ops: 20, turn: small.turns("pool")})
	}
	return contest("Start", c, append(all, []contender{
		{name: "op=pool-of-2-to-first-result/program=bench", ops: 20, turn: func(ops int) (sum time.Duration, err error) {
			for range ops {
				begin := time.Now()
				p, err := sched.Start(ctx, &sched.Options{Workers: 2})
				if err != nil {
					return 0, err
				}
				_, err = nothing.Call(ctx, p, 1)
				sum += time.Since(begin)
				if err := errors.Join(err, p.Close()); err != nil {
					return 0, err
				}
			}
			return sum, nil
		}},
		{name: "op=kill-to-replacement-working/program=bench", ops: 20, turn: timed(func() error {
			if err := kill(pool.PIDs()[0]); err != nil {
				return err
			}
			for {
				_, err := nothing.Call(ctx, pool, 1)
				if err == nil || !errors.Is(err, sched.ErrWorkerDied) {
					return err
				}
			}
		})},
	}...))
}

// startSmall starts a program of a few lines that has a pool. It is built where this module's source is.
func startSmall() (*program, error) {
	command, err := compiled("starts.go.txt")
	if err != nil {
		return nil, err
	}
	return start(command())
}

// emptyPrograms are what any start of a process is measured by: one of C without libraries, and one of Go, whose runtime every
// worker has to start.
func emptyPrograms(c *config) (all []contender) {
	for _, p := range []struct{ name, source, flag string }{{"static-c", "nothing.c", "-static"}, {"go", "nothing.go.txt", ""}} {
		var flags []string
		if p.flag != "" {
			flags = append(flags, p.flag)
		}
		command, err := compiled(p.source, flags...)
		if err != nil {
			c.absent(p.name, err.Error())
			continue
		}
		all = append(all, contender{name: "op=exec-" + p.name, limit: true, ops: 20, turn: timed(func() error { return command().Run() })})
	}
	if len(all) == 0 {
		all = append(all, contender{name: "op=exec-true", limit: true, ops: 20, turn: timed(func() error { return exec.Command("/bin/true").Run() })})
	}
	return all
}

// kill kills a worker and waits until it no longer answers for itself.
func kill(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err := p.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	for {
		if err := p.Signal(syscall.Signal(0)); err != nil {
			return nil
		}
		time.Sleep(20 * time.Microsecond)
	}
}
