package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/topology"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/parallel"
	"github.com/shmath/shmath/ring"
	"github.com/shmath/shmath/sched"
	"github.com/shmath/shmath/shm"
)

// scalings is the suite "scaling": how cost grows as work grows.
func scalings(c *config) error {
	return errors.Join(byWorkers(c), bySize(c), byTasks(c), byRings(c), bySegments(c))
}

// byWorkers runs the same work, a function of package math for each element, by 1, 2, 4, ... workers and by all, beside
// as many goroutines.
func byWorkers(c *config) error {
	cpus, err := topology.Affinity()
	if err != nil {
		return err
	}
	const n = 1 << 20
	d, x := make([]float64, n), make([]float64, n)
	fillVector(x)
	for workers := 1; ; workers = min(2*workers, cpus.Len()) {
		pool, err := sched.Start(background, &sched.Options{Workers: workers})
		if err != nil {
			return err
		}
		var a vectorArgs
		for _, to := range []**arena.Array[float64]{&a.D, &a.X} {
			if *to, err = arena.New[float64](pool.Arena(), n); err != nil {
				return errors.Join(err, pool.Close())
			}
			fillVector((*to).Slice())
		}
		err = contest(fmt.Sprintf("Scaling/op=map/workers=%d", workers), c, []contender{
			{name: "impl=shmath", ops: 64, bytes: 16 * n, turn: timed(func() error { return mapLoop.Run(background, pool, n, a) })},
			{name: "impl=goroutines", peer: runtime.Version(), ops: 64, bytes: 16 * n, turn: timed(func() error {
				byGoroutines(n, workers, func(lo, hi int) { mapBody(d[lo:hi], x[lo:hi]) })
				return nil
			})},
		})
		if err := errors.Join(err, pool.Close()); err != nil || workers == cpus.Len() {
			return err
		}
	}
}

// fillAlways is how long the filling of an array may take in a suite that is late.
const fillAlways = 5 * time.Second

// bySize sums arrays from 1 KiB on, each eight times as large as the one before, up to most of the memory that is free, or as
// far as the suite's time lets them be filled, by all workers and by one goroutine.
func bySize(c *config) error {
	pool, err := sched.Start(background, nil)
	if err != nil {
		return err
	}
	most := sharedRoom()
	if c.quick {
		most = min(most, 16<<20)
	}
	var filling time.Duration
	for size := 1 << 10; size <= most; size *= 8 {
		if 8*filling > max(c.pace.share/2, fillAlways) {
			c.absent(fmt.Sprintf("an array of %d MiB", size>>20), fmt.Sprintf("one of an eighth took %v to fill", filling.Round(time.Millisecond)))
			break
		}
		begin := time.Now()
		x, err := arena.New[float64](pool.Arena(), size/8)
		if err != nil {
			return errors.Join(err, pool.Close())
		}
		x.Fill(1)
		filling = time.Since(begin)
		ops := max(1, 1<<30/size)
		err = contest(fmt.Sprintf("Scaling/op=sum/bytes=%d", size), c, []contender{
			{name: "impl=shmath", ops: min(ops, 10_000), bytes: int64(size), turn: timed(func() error {
				v, err := parallel.Sum(background, pool, x)
				sink = v
				return err
			})},
			{name: "impl=kernel", ops: ops, bytes: int64(size), turn: timed(func() error { sink = kernels.Sum(x.Slice()); return nil })},
		})
		if err := errors.Join(err, x.Free()); err != nil {
			return errors.Join(err, pool.Close())
		}
	}
	return pool.Close()
}

// byTasks maps a function that does nothing over 1 to 10 million arguments. An op is one task.
func byTasks(c *config) error {
	pool, err := sched.Start(background, nil)
	if err != nil {
		return err
	}
	most := 10_000_000
	if c.quick {
		most = 100_000
	}
	for tasks := 1; err == nil && tasks <= most; tasks *= 10 {
		xs := make([]int64, tasks)
		all := []contender{{name: "impl=map", unit: "ns", measure: perItem(tasks, func() error {
			_, err := nothing.Map(background, pool, xs)
			return err
		})}}
		if tasks <= 1_000_000 { // more take seconds, and gigabytes
			all = append(all, contender{name: "impl=goroutine-each", peer: runtime.Version(), unit: "ns", measure: perItem(tasks, func() error {
				done := make(chan struct{}, tasks)
				for range tasks {
					go func() { done <- struct{}{} }()
				}
				for range tasks {
					<-done
				}
				return nil
			})})
		}
		err = contest(fmt.Sprintf("Scaling/op=nothing/tasks=%d", tasks), c, all)
	}
	return errors.Join(err, pool.Close())
}

// perItem is how long f takes for each of n items. Little work is repeated, so that the clock can tell.
func perItem(n int, f func() error) func() (float64, error) {
	return func() (float64, error) {
		repeats := max(1, 10_000/n)
		begin := time.Now()
		for range repeats {
			if err := f(); err != nil {
				return 0, err
			}
		}
		return float64(time.Since(begin).Nanoseconds()) / float64(n*repeats), nil
	}
}

// byRings sends a message through each of 1 to 100 000 rings of 16 slots in turn. An op is one push and one pop.
func byRings(c *config) error {
	most := 100_000
	if c.quick {
		most = 1_000
	}
	const capacity = 16
	each := ring.SizeSPSC[uint64](capacity)
	for count := 1; count <= most; count *= 10 {
		seg, err := shm.Create("", each*count, nil)
		if err != nil {
			return err
		}
		rings := make([]*ring.SPSC[uint64], count)
		for i := range rings {
			if rings[i], err = ring.CreateSPSC[uint64](seg.Bytes()[i*each:][:each], capacity, &ring.Options{Members: seg}); err != nil {
				return errors.Join(err, seg.Close())
			}
		}
		next := 0
		pass := timed(func() error {
			r := rings[next]
			if next++; next == count {
				next = 0
			}
			if err := r.Push(background, 1); err != nil {
				return err
			}
			_, err := r.Pop(background)
			return err
		})
		if _, err = pass(capacity * count); err == nil { // each slot has been touched
			err = contest(fmt.Sprintf("Scaling/op=push-pop/rings=%d", count), c, []contender{{name: "impl=shmath", ops: 1 << 20, turn: pass}})
		}
		if err := errors.Join(err, seg.Close()); err != nil {
			return err
		}
	}
	return nil
}

// bySegments makes a segment and removes it while there are up to 100 000 others of 4 KiB, or as many as this process may
// have: then it says what limits them.
func bySegments(c *config) (err error) {
	most := 100_000
	if c.quick {
		most = 100
	}
	if room, limit := segmentRoom(); room < most {
		c.absent(fmt.Sprintf("a process with more than %d segments", room), limit)
		most = room
	}
	var open []*shm.Segment
	defer func() {
		for _, s := range open {
			err = errors.Join(err, s.Close())
		}
	}()
	for count := 1; count <= most; count = nextCount(count, most) {
		for len(open) < count-1 {
			s, err := shm.Create("", 4096, nil)
			if err != nil {
				return fmt.Errorf("segment %d: %w", len(open)+1, err)
			}
			open = append(open, s)
		}
		err := contest(fmt.Sprintf("Scaling/op=create-close/segments=%d", count), c, []contender{
			{name: "impl=shmath", ops: 1_000, turn: timed(func() error {
				s, err := shm.Create("", 4096, nil)
				if err != nil {
					return err
				}
				return s.Close()
			})},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// nextCount is ten times as much, but the last count is the most.
func nextCount(count, most int) int {
	if count < most && 10*count > most {
		return most
	}
	return 10 * count
}
