package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"

	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/parallel"
	"github.com/shmath/shmath/sched"
)

// fused is an expression with the same in plain Go. In Python it is the line itself.
type fused struct {
	name, line string
	reduces    bool
	plain      func(d, x []float64) float64
}

var fusedCases = []fused{
	{"poly5", "((((0.1*x + 0.2)*x + 0.3)*x + 0.4)*x + 0.5)*x + 0.6", false, func(d, x []float64) float64 {
		for i, v := range x {
			d[i] = ((((0.1*v+0.2)*v+0.3)*v+0.4)*v+0.5)*v + 0.6
		}
		return 0
	}},
	{"normal-density", "exp(-x*x/2) / sqrt(2*pi)", false, func(d, x []float64) float64 {
		for i, v := range x {
			d[i] = math.Exp(-v*v/2) / math.Sqrt(2*math.Pi)
		}
		return 0
	}},
	{"where", "where(x > 2, sqrt(x), x*x)", false, func(d, x []float64) float64 {
		for i, v := range x {
			if d[i] = v * v; v > 2 {
				d[i] = math.Sqrt(v)
			}
		}
		return 0
	}},
	{"sum-of-squares", "sum((x - 1)*(x - 1))", true, func(_, x []float64) float64 {
		s := 0.0
		for _, v := range x {
			s += (v - 1) * (v - 1)
		}
		return s
	}},
}

// expressions is the suite "expr": fused lines by one worker and by all, beside plain Go, NumPy, numexpr and numba. The
// limit is a copy, or a read, by all cores.
func expressions(c *config) error {
	running := engines(c, "expr_peer.py", []string{"numpy", "numexpr", "numba"}, "OMP_NUM_THREADS=1")
	defer func() { _ = running.stop() }()
	for _, size := range []int{256 << 10, 64 << 20} {
		if c.quick {
			size = min(size, 16<<20)
		}
		crews, err := openCrews(size / 8)
		if err != nil {
			return err
		}
		for _, k := range fusedCases {
			if err = k.contest(c, crews, running, size/8); err != nil {
				break
			}
		}
		if err := errors.Join(err, crews.close()); err != nil {
			return err
		}
	}
	return nil
}

func (k *fused) contest(c *config, crews *crews, running peers, n int) error {
	ctx := context.Background()
	prog, err := expr.Compile(k.line)
	if err != nil {
		return err
	}
	all := crews.contenders(func(p *sched.Pool, a vectorArgs) error {
		if !k.reduces {
			return parallel.Eval(ctx, p, a.D, prog, map[string]any{"x": a.X})
		}
		v, err := parallel.Run(ctx, p, prog, map[string]any{"x": a.X}, nil)
		if err == nil {
			sink, _ = v[0].Scalar.(float64)
		}
		return err
	})
	d, x := make([]float64, n), make([]float64, n)
	fillVector(d)
	fillVector(x)
	all = append(all, contender{name: "impl=go", peer: runtime.Version(), turn: timed(func() error { sink = k.plain(d, x); return nil })})
	for _, p := range running {
		all = append(all, contender{name: "impl=" + p.name, peer: p.version, turn: p.turns(k.name, n)})
	}
	streams := 2
	if k.reduces {
		streams = 1
	}
	for i := range all {
		all[i].ops, all[i].bytes = max(1, 1<<27/n), int64(8*streams*n)
	}
	return contest(fmt.Sprintf("Expr/line=%s/bytes=%d", k.name, 8*n), c, all)
}
