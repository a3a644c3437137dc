package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/cmd/bench/result"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/internal/topology"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/parallel"
	"github.com/shmath/shmath/sched"
)

// vectorArgs are the arrays of a loop.
type vectorArgs struct{ D, X *arena.Array[float64] }

var (
	axpyLoop = sched.NewLoop("bench.axpy", func(c *sched.Chunk, a vectorArgs) error {
		kernels.Axpy(1e-9, a.X.Slice()[c.Lo:c.Hi], a.D.Slice()[c.Lo:c.Hi])
		return nil
	})
	mapLoop = sched.NewLoop("bench.map", func(c *sched.Chunk, a vectorArgs) error {
		mapBody(a.D.Slice()[c.Lo:c.Hi], a.X.Slice()[c.Lo:c.Hi])
		return nil
	})
)

// mapBody is what a user may write: a function of package math for each element.
func mapBody(d, x []float64) {
	for i, v := range x {
		d[i] = math.Log(v) * math.Sqrt(v)
	}
}

// crews is a pool of one worker, where there is more than one CPU, and a pool of all.
type crews struct {
	pools []*sched.Pool
	args  []vectorArgs
}

// openCrews gives each pool arrays of n elements.
func openCrews(n int) (c *crews, err error) {
	c = &crews{}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	sizes := []int{1}
	if all, err := topology.Affinity(); err != nil {
		return c, err
	} else if all.Len() > 1 {
		sizes = append(sizes, 0)
	}
	for _, workers := range sizes {
		pool, err := sched.Start(context.Background(), &sched.Options{Workers: workers})
		if err != nil {
			return c, err
		}
		c.pools = append(c.pools, pool)
		var a vectorArgs
		for _, x := range []**arena.Array[float64]{&a.D, &a.X} {
			if *x, err = arena.New[float64](pool.Arena(), n); err != nil {
				return c, err
			}
			fillVector((*x).Slice())
		}
		c.args = append(c.args, a)
	}
	return c, nil
}

func (c *crews) close() error {
	var all []error
	for _, p := range c.pools {
		all = append(all, p.Close())
	}
	return errors.Join(all...)
}

func fillVector(x []float64) {
	for i := range x {
		x[i] = 0.1 + float64(i%1024)/256
	}
}

// contenders are f by each of the pools.
func (c *crews) contenders(f func(p *sched.Pool, a vectorArgs) error) (all []contender) {
	for i, p := range c.pools {
		all = append(all, contender{name: fmt.Sprintf("impl=shmath/workers=%d", p.Workers()),
			turn: timed(func() error { return f(p, c.args[i]) })})
	}
	return all
}

// byGoroutines cuts a range among as many goroutines as there are CPUs.
func byGoroutines(n, crew int, f func(lo, hi int)) {
	var done sync.WaitGroup
	for g := range crew {
		done.Go(func() { f(g*n/crew, (g+1)*n/crew) })
	}
	done.Wait()
}

// parallelCase is one piece of work on arrays d and x.
type parallelCase struct {
	name    string
	streams int64  // bytes for each element, over 8
	limit   string // the stream; empty for functions of whose arithmetic nothing is known
	ours    func(p *sched.Pool, a vectorArgs) error
	piece   func(d, x []float64) // for goroutines
	numpy   string
}

func parallelCases() ([]parallelCase, error) {
	ctx := context.Background()
	exp, err := expr.Compile("exp(x)")
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	return []parallelCase{
		{"sum", 1, "read", func(p *sched.Pool, a vectorArgs) error {
			v, err := parallel.Sum(ctx, p, a.X)
			sink = v
			return err
		}, func(_, x []float64) {
			s := kernels.Sum(x)
			mu.Lock()
			sink += s
			mu.Unlock()
		}, "sum"},
		{"axpy", 3, "triad", func(p *sched.Pool, a vectorArgs) error { return axpyLoop.Run(ctx, p, a.X.Len(), a) },
			func(d, x []float64) { kernels.Axpy(1e-9, x, d) }, "axpy"},
		{"exp", 2, "copy", func(p *sched.Pool, a vectorArgs) error {
			return parallel.Eval(ctx, p, a.D, exp, map[string]any{"x": a.X})
		}, func(d, x []float64) { kernels.Exp(d, x) }, "exp"},
		{"map", 2, "", func(p *sched.Pool, a vectorArgs) error { return mapLoop.Run(ctx, p, a.X.Len(), a) }, mapBody, "map"},
	}, nil
}

// parallels is the suite "parallel": work on arrays of 16 MiB and of 256 MiB by all workers, beside one worker, goroutines
// that run the same kernel, NumPy on one thread, and the streams of all cores at once, which set the limit.
func parallels(c *config) error {
	cases, err := parallelCases()
	if err != nil {
		return err
	}
	machine, err := topology.Live()
	if err != nil {
		return err
	}
	py := startNumpy(c, kernels.InstructionSet())
	defer py.close()
	for _, size := range []int{1 << 20, 128 << 20} {
		if c.quick {
			size = min(size, 32<<20)
		}
		crews, err := openCrews(size / 8)
		if err != nil {
			return err
		}
		for _, k := range cases {
			if err = k.contest(c, machine, crews, py, size/8); err != nil {
				break
			}
		}
		if err := errors.Join(err, crews.close()); err != nil {
			return err
		}
	}
	return nil
}

func (k *parallelCase) contest(c *config, machine *topology.Topology, crews *crews, py *numpy, n int) error {
	cpus := machine.Allowed.List()
	all := k.limits(cpus, n)
	all = append(all, crews.contenders(k.ours)...)
	d, x := make([]float64, n), make([]float64, n)
	fillVector(d)
	fillVector(x)
	all = append(all, contender{name: "impl=goroutines", peer: runtime.Version(), turn: timed(func() error {
		byGoroutines(n, len(cpus), func(lo, hi int) { k.piece(d[lo:hi], x[lo:hi]) })
		return nil
	})})
	if py != nil {
		all = append(all, contender{name: "impl=numpy", peer: py.version, turn: py.turn(k.numpy, "v", n)})
	}
	for i := range all {
		if all[i].ops = max(1, 1<<28/n); !all[i].limit || all[i].bound == result.Data {
			all[i].bytes = 8 * k.streams * int64(n)
		}
	}
	return contest(fmt.Sprintf("Parallel/op=%s/bytes=%d", k.name, 8*n), c, all)
}

// limits are the case's stream by all cores, through the caches and around them, and its arithmetic. In place, it is never
// around them.
func (k *parallelCase) limits(cpus []int, n int) (all []contender) {
	o, known := instructionsOf(k.name, kernels.InstructionSet())
	if _, counts := bodies[k.name]; counts && !known {
		return nil
	}
	share := max(32, n/len(cpus)/32*32)
	crew := make([][3][]float64, len(cpus))
	for i := range crew {
		crew[i] = streamArrays(share)
	}
	add := func(name string, loop func(d, x, y []float64)) {
		all = append(all, contender{name: name, limit: true, bound: result.Data, turn: func(ops int) (time.Duration, error) {
			return together(cpus, func(i int) {
				a := crew[i]
				if k.limit == "triad" {
					a = [3][]float64{a[0], a[0], a[1]} // d = d + k*x
				}
				for range ops {
					loop(a[0], a[1], a[2])
				}
			})
		}})
	}
	for _, s := range streamLoops() {
		if s.op != k.limit {
			continue
		}
		add("impl=limit-"+s.op, s.near)
		switch {
		case s.far == nil || s.op == "triad":
		case s.op == "read":
			add("impl=limit-read-prefetch", s.far)
		default:
			add("impl=limit-copy-non-temporal", s.far)
		}
	}
	for _, r := range o.roofs(share) {
		all = append(all, contender{name: r.name, limit: true, bound: r.bound, turn: func(ops int) (time.Duration, error) {
			return together(cpus, func(int) {
				for range ops {
					r.run()
				}
			})
		}})
	}
	return all
}
