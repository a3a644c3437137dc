package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/sched"
)

// hostageArgs is work that waits to be killed: it touches all of Ballast, writes its process number into State[0] and sleeps.
// When it is run again, as State[1] says, it returns at once.
type hostageArgs struct {
	State   *arena.Array[int64]
	Ballast *arena.Array[float64]
}

func hostage(ctx context.Context, a hostageArgs) (float64, error) {
	state, sum := words(a.State), 0.0
	if state[1].Add(1) > 1 {
		return 0, nil
	}
	for ballast, i := a.Ballast.Slice(), 0; i < len(ballast); i += 512 { // one element of each page
		sum += ballast[i]
	}
	state[0].Store(int64(os.Getpid()))
	<-ctx.Done()
	return sum, ctx.Err()
}

func words(x *arena.Array[int64]) []atomic.Int64 {
	return layout.Slice[atomic.Int64](x.Bytes(), 0, x.Len())
}

var (
	hostageOnce  = sched.NewFunc("hostageOnce", hostage)
	hostageAgain = sched.NewFunc("hostageAgain", hostage, sched.FuncOptions{Idempotent: true})
)

// ballast is how many bytes the hostages map.
func ballast(c *config) int {
	if c.quick {
		return 128 << 20
	}
	return 1 << 30
}

// faults is what a death costs: until it is noticed, until its cause is known, until another worker works in the place.
func faults(c *config) error {
	ctx := context.Background()
	pool, err := sched.Start(ctx, &sched.Options{Workers: 2})
	if err != nil {
		return err
	}
	defer pool.Close()
	state, err := arena.New[int64](pool.Arena(), 2)
	if err != nil {
		return err
	}
	heavy, err := arena.New[float64](pool.Arena(), ballast(c)/8)
	if err != nil {
		return fmt.Errorf("memory to be mapped by the workers: %w", err)
	}
	heavy.Fill(1)
	args := hostageArgs{state, heavy}
	all := []contender{
		// The DeathError has the exit code, which wait4 gives when the kernel has torn the memory down: as pidfd and SIGCHLD do.
		deaths("how=reaped", pool, hostageOnce, args),
		deaths("how=noticed-and-run-again", pool, hostageAgain, args),
	}
	if watcher := pidfdDeaths(pool, args); watcher.turn != nil {
		all = append(all, watcher)
	}
	if err := contest(fmt.Sprintf("Death/mapped=%dMiB", ballast(c)>>20), c, all); err != nil {
		return err
	}
	if err := heavy.Free(); err != nil {
		return err
	}
	if err := massacres(c, pool); err != nil {
		return err
	}
	return replacements(c, pool)
}

// massacres is a loop of a second or so (a quick run: a tenth of that) while workers are killed at a steady rate. Its blocks are run again.
func massacres(c *config, pool *sched.Pool) error {
	var all []contender
	steps := int64(1 << 19)
	if c.quick {
		steps /= 8
	}
	for _, rate := range []int{0, 20, 100} {
		all = append(all, contender{name: fmt.Sprintf("rate=%d", rate), ops: 1, turn: timed(func() error {
			stop, stopped := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(stopped)
				for n := 0; rate > 0; n++ {
					select {
					case <-stop:
						return
					case <-time.After(time.Second / time.Duration(rate)):
					}
					if pid := pool.PIDs()[n%pool.Workers()]; pid != 0 {
						_ = shoot(pid)
					}
				}
			}()
			err := burning.RunWith(context.Background(), pool, 1000*pool.Workers(), burnArgs{Each: steps}, sched.LoopOptions{Block: 1, Idempotent: true})
			close(stop)
			<-stopped
			return errors.Join(err, whole(pool))
		})})
	}
	return contest("Kills", c, all)
}

// capture has a worker take the work, and returns its pid when it sleeps and so does the monitor.
func capture(pool *sched.Pool, fn *sched.Func[hostageArgs, float64], args hostageArgs) (*sched.Future[float64], int, error) {
	state := words(args.State)
	state[0].Store(0)
	state[1].Store(0)
	f, err := fn.Submit(context.Background(), pool, args)
	if err != nil {
		return nil, 0, err
	}
	pid := int64(0)
	for ; pid == 0; pid = state[0].Load() {
		time.Sleep(100 * time.Microsecond)
	}
	time.Sleep(time.Millisecond)
	return f, int(pid), nil
}

// deaths times from a SIGKILL to the end of the call whose worker got it.
func deaths(name string, pool *sched.Pool, fn *sched.Func[hostageArgs, float64], args hostageArgs) contender {
	times := newTimes()
	return contender{name: name, ops: 40, times: times, turn: recorded(times, func() (time.Duration, error) {
		f, pid, err := capture(pool, fn, args)
		if err != nil {
			return 0, err
		}
		begin := time.Now()
		if err := shoot(pid); err != nil {
			return 0, err
		}
		if _, err = f.Wait(context.Background()); errors.Is(err, sched.ErrWorkerDied) {
			err = nil
		}
		took := time.Since(begin)
		return took, errors.Join(err, whole(pool))
	})}
}

// recorded does ops times what times itself.
func recorded(times *hdrhistogram.Histogram, one func() (time.Duration, error)) func(ops int) (time.Duration, error) {
	return func(ops int) (sum time.Duration, err error) {
		for range ops {
			d, err := one()
			if err != nil {
				return 0, err
			}
			if err := times.RecordValue(d.Nanoseconds()); err != nil {
				return 0, err
			}
			sum += d
		}
		return sum, nil
	}
}

// shoot sends SIGKILL and does not wait for the end.
func shoot(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Kill()
}

// whole waits until no place of the pool is empty.
func whole(pool *sched.Pool) error {
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Microsecond) {
		empty := 0
		for _, pid := range pool.PIDs() {
			if pid == 0 {
				empty++
			}
		}
		if empty == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("a dead worker is not replaced")
		}
	}
}

// replacements compares the start of one worker with its replacement.
func replacements(c *config, pool *sched.Pool) error {
	ctx := context.Background()
	start, replace := newTimes(), newTimes()
	return contest("Replacement", c, []contender{
		{name: "op=start-one-worker-to-first-result", ops: 20, times: start, turn: func(ops int) (sum time.Duration, err error) {
			for range ops {
				begin := time.Now()
				p, err := sched.Start(ctx, &sched.Options{Workers: 1, Placement: sched.Unpinned})
				if err != nil {
					return 0, err
				}
				_, err = nothing.Call(ctx, p, 1)
				took := time.Since(begin)
				if err := errors.Join(err, p.Close()); err != nil {
					return 0, err
				}
				start.RecordValue(took.Nanoseconds())
				sum += took
			}
			return sum, nil
		}},
		{name: "op=kill-to-replacement-ready", ops: 20, times: replace, turn: func(ops int) (sum time.Duration, err error) {
			for range ops {
				before := pool.PIDs()[0]
				begin := time.Now()
				if err := shoot(before); err != nil {
					return 0, err
				}
				for now := before; now == before || now == 0; now = pool.PIDs()[0] {
					if time.Since(begin) > 30*time.Second {
						return 0, errors.New("a dead worker is not replaced")
					}
				}
				took := time.Since(begin)
				replace.RecordValue(took.Nanoseconds())
				sum += took
			}
			return sum, nil
		}},
	})
}
