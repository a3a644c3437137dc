package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/parallel"
	"github.com/shmath/shmath/sched"
)

// memories is the suite "memory": what a worker holds of the machine's memory, resident (RSS, which counts shared pages
// whole) and proportional (PSS, which divides them among those who share them), when it is idle after a first call, and
// while it sums a shared array of 64 MiB; beside workers of Python's pools, which do the same with NumPy. Our workers are
// the program that started them: those here have all of bench in them, its comparisons with gonum included.
func memories(c *config) (err error) {
	ctx := context.Background()
	pool, err := sched.Start(ctx, &sched.Options{Workers: 2})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if _, err := nothing.Map(ctx, pool, make([]int64, 2)); err != nil {
		return err
	}
	running := engines(c, "memory_peer.py", []string{"multiprocessing", "loky", "dask", "ray"}, "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	defer func() { _ = running.stop() }()
	for _, state := range []string{"idle", "busy"} {
		if state == "busy" {
			stop, err := keepBusy(pool)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, stop()) }()
		}
		for _, of := range []string{"Pss", "Rss"} {
			if c.quick && of == "Rss" { // each look at a busy pool takes a second
				continue
			}
			all := []contender{{name: "impl=shmath", unit: "B", measure: func() (float64, error) { return perWorker(pool.PIDs(), of) }}}
			for _, p := range running {
				all = append(all, contender{name: "impl=" + p.name, peer: p.version, unit: "B", measure: func() (float64, error) {
					bytes, err := p.turn(state+" "+of, 1, nil)
					return float64(bytes), err
				}})
			}
			if err := contest(fmt.Sprintf("Memory/state=%s/of=%s", state, strings.ToUpper(of)), c, all); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepBusy has the workers sum an array until stop is called.
func keepBusy(pool *sched.Pool) (stop func() error, err error) {
	x, err := arena.New[float64](pool.Arena(), 64<<20/8)
	if err != nil {
		return nil, err
	}
	var end atomic.Bool
	done := make(chan error, 1)
	go func() {
		for !end.Load() {
			if _, err := parallel.Sum(context.Background(), pool, x); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	time.Sleep(200 * time.Millisecond) // until all pages have been read
	return func() error { end.Store(true); return <-done }, nil
}

// perWorker is the mean of a line of smaps_rollup over processes, in bytes.
func perWorker(pids []int, line string) (float64, error) {
	total := 0
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			return 0, err
		}
		_, rest, _ := strings.Cut(string(text), "\n"+line+":")
		kib := 0
		if _, err := fmt.Sscanf(rest, "%d kB", &kib); err != nil {
			return 0, fmt.Errorf("smaps_rollup of %d: no %s: %w", pid, line, err)
		}
		total += kib << 10
	}
	return float64(total) / float64(len(pids)), nil
}
