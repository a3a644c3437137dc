package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"github.com/shmath/shmath/cmd/bench/result"
	"github.com/shmath/shmath/kernels"
)

// vectorCase is a kernel with its peers. Each works on the arrays d, x and y; streams counts those that it touches. limit is the
// loop that moves as many bytes the same way and does nothing else; arithmetic sets another.
type vectorCase[T kernels.Number] struct {
	name    string
	limit   string
	streams int
	flops   int // of an element; 0 for functions, whose bodies are counted: see instructions
	ours    func(d, x, y []T)
	gonum   func(d, x, y []T) // nil where gonum has no such function
	plain   func(d, x, y []T) // a loop in Go, over package math where there is something to call
	ints    bool              // integers: held to the bytes alone
	numpy   string            // its kind of arrays for NumPy, if that has the function
}

// levels are the bytes that a kernel touches: half of a usual L1, of an L2, a part of L3, and what no cache holds.
var levels = []struct {
	name  string
	bytes int
}{{"L1", 16 << 10}, {"L2", 512 << 10}, {"L3", 8 << 20}, {"memory", 128 << 20}}

// sink keeps results of reductions alive.
var sink float64

func overMath(f func(float64) float64) func(d, x, y []float64) {
	return func(d, x, _ []float64) {
		for i, v := range x {
			d[i] = f(v)
		}
	}
}

func overPairs(f func(x, y float64) float64) func(d, x, y []float64) {
	return func(d, x, y []float64) {
		for i, v := range x {
			d[i] = f(v, y[i])
		}
	}
}

func vectorCases() []vectorCase[float64] {
	pcg := rand.New(rand.NewPCG(1, 2))
	one := func(f func(d, x []float64)) func(d, x, y []float64) { return func(d, x, _ []float64) { f(d, x) } }
	sum := func(f func(x []float64) float64) func(d, x, y []float64) {
		return func(_, x, _ []float64) { sink = f(x) }
	}
	return []vectorCase[float64]{
		{"add", "add", 3, 1, kernels.Add[float64], func(d, x, y []float64) { floats.AddTo(d, x, y) }, plainAdd, false, "v"},
		{"axpy", "copy", 2, 2, func(d, x, _ []float64) { kernels.Axpy(1e-9, x, d) }, func(d, x, _ []float64) { floats.AddScaled(d, 1e-9, x) }, plainAxpy, false, ""},
		{"scale", "copy", 2, 1, func(d, x, _ []float64) { kernels.Scale(d, x, 0.999) }, func(d, x, _ []float64) { floats.ScaleTo(d, 0.999, x) }, nil, false, "v"},
		{"sqrt", "copy", 2, 1, one(kernels.Sqrt[float64]), nil, overMath(math.Sqrt), false, "v"},
		{"sum", "read", 1, 1, sum(kernels.Sum[float64]), sum(floats.Sum), sum(plainSum), false, "v"},
		{"dot", "read", 2, 2, func(_, x, y []float64) { sink = kernels.Dot(x, y) }, func(_, x, y []float64) { sink = floats.Dot(x, y) }, nil, false, "v"},
		{"max", "read", 1, 1, sum(kernels.Max[float64]), sum(floats.Max), sum(plainMax), false, "v"},
		{"argmax", "read", 1, 1, func(_, x, _ []float64) { sink = float64(kernels.ArgMax(x)) }, func(_, x, _ []float64) { sink = float64(floats.MaxIdx(x)) }, nil, false, ""},
		{"var", "read", 1, 3, sum(func(x []float64) float64 { return kernels.Var(x, 1) }), sum(func(x []float64) float64 { return stat.Variance(x, nil) }), nil, false, "v"},
		{"nrm2", "read", 1, 2, sum(kernels.Norm2[float64]), sum(func(x []float64) float64 { return floats.Norm(x, 2) }), nil, false, ""},
		{"exp", "copy", 2, 0, one(kernels.Exp[float64]), nil, overMath(math.Exp), false, "v"},
		{"log", "copy", 2, 0, one(kernels.Log[float64]), nil, overMath(math.Log), false, "v"},
		{"sin", "copy", 2, 0, one(kernels.Sin[float64]), nil, overMath(math.Sin), false, "v"},
		{"tanh", "copy", 2, 0, one(kernels.Tanh[float64]), nil, overMath(math.Tanh), false, "v"},
		{"pow", "copy", 2, 0, func(d, x, _ []float64) { kernels.PowScalar(d, x, 1.7) }, nil, overMath(func(v float64) float64 { return math.Pow(v, 1.7) }), false, "v"},
		{"asin", "copy", 2, 0, func(d, _, y []float64) { kernels.Asin(d, y) }, nil, func(d, _, y []float64) { overMath(math.Asin)(d, y, nil) }, false, "v"},
		{"atan", "copy", 2, 0, one(kernels.Atan[float64]), nil, overMath(math.Atan), false, "v"},
		{"asinh", "copy", 2, 0, one(kernels.Asinh[float64]), nil, overMath(math.Asinh), false, "v"},
		{"cbrt", "copy", 2, 0, one(kernels.Cbrt[float64]), nil, overMath(math.Cbrt), false, "v"},
		{"erf", "copy", 2, 0, one(kernels.Erf[float64]), nil, overMath(math.Erf), false, ""},
		{"hypot", "add", 3, 0, kernels.Hypot[float64], nil, overPairs(math.Hypot), false, "v"},
		{"mod", "add", 3, 0, kernels.Mod[float64], nil, overPairs(math.Mod), false, "v"},
		{"fill", "write", 1, 0, func(d, _, _ []float64) { kernels.Fill(d, 3) }, nil, nil, false, "v"},
		{"sum2", "read", 1, 7, sum(kernels.Sum2[float64]), nil, nil, false, ""},
		{"dot2", "read", 2, 10, func(_, x, y []float64) { sink = kernels.Dot2(x, y) }, nil, nil, false, ""},
		{"nansum", "read", 1, 1, sum(kernels.NanSum[float64]), nil, nil, false, "v"},
		{"normal", "write", 1, 0, func(d, _, _ []float64) { kernels.Normal(d, [2]uint64{1}, 0, 0, 1) }, nil, func(d, _, _ []float64) {
			for i := range d {
				d[i] = pcg.NormFloat64()
			}
		}, false, "v"},
		{"uniform", "write", 1, 0, func(d, _, _ []float64) { kernels.Uniform(d, [2]uint64{1}, 0) }, nil, func(d, _, _ []float64) {
			for i := range d {
				d[i] = pcg.Float64()
			}
		}, false, "v"},
	}
}

func plainAdd(d, x, y []float64) {
	x, y = x[:len(d)], y[:len(d)]
	for i := range d {
		d[i] = x[i] + y[i]
	}
}

func plainAxpy(d, x, _ []float64) {
	x = x[:len(d)]
	for i := range d {
		d[i] += 1e-9 * x[i]
	}
}

func plainSum(x []float64) (s float64) {
	for _, v := range x {
		s += v
	}
	return s
}

func plainMax(x []float64) float64 {
	best := x[0]
	for _, v := range x {
		best = max(best, v)
	}
	return best
}

// vectors runs the kernels, one thread, at each level. The first contender is the limit.
func vectors(c *config) error {
	py := startNumpy(c, kernels.InstructionSet())
	defer py.close()
	libraries := startNatives(c, "sleef")
	defer func() { _ = libraries.stop() }()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	err := contestAll(c, py, libraries, vectorCases())
	if err == nil {
		err = contestAll(c, py, nil, longCases())
	}
	if err == nil {
		err = contestAll(c, py, nil, intCases())
	}
	return err
}

func contestAll[T kernels.Number](c *config, py *numpy, libraries peers, cases []vectorCase[T]) error {
	for _, v := range cases {
		for _, l := range levels {
			// Functions take as long from anywhere, and integers are like floats.
			if c.quick && (l.name == "L3" || l.name != "L1" && (v.ints || v.flops == 0 && v.name != "fill")) {
				continue
			}
			if err := v.contest(c, py, libraries, l.name, l.bytes); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *vectorCase[T]) contest(c *config, py *numpy, libraries peers, level string, size int) error {
	name := fmt.Sprintf("Kernel/op=%s/level=%s", v.name, level)
	if !c.wants(name) {
		return nil
	}
	each := binary.Size(*new(T))
	n := size / each / v.streams
	// A line between arrays: NumPy is slow where they touch.
	d, x, y := make([]T, n+64)[:n], make([]T, n+64)[:n], make([]T, n+64)[:n]
	numbers(d, x, y)
	ops := max(1, 4<<20/n)
	all := v.limits(level, size, n)
	add := func(name, peer string, f func(d, x, y []T)) {
		if f != nil {
			all = append(all, contender{name: "impl=" + name, peer: peer, turn: timed(func() error { f(d, x, y); return nil })})
		}
	}
	add("shmath", "", v.ours)
	add("gonum", c.module("gonum", "gonum.org/v1/gonum"), v.gonum)
	add("go", runtime.Version(), v.plain)
	if py != nil && v.numpy != "" {
		all = append(all, contender{name: "impl=numpy", peer: py.version, turn: py.turn(v.name, v.numpy, n)})
	}
	for _, p := range libraries {
		if v.name == "exp" || v.name == "log" || v.name == "sin" {
			all = append(all, contender{name: "impl=" + p.name, peer: p.version, turn: p.turns(v.name, "d", n)})
		}
	}
	flops := v.flops
	if flops == 0 {
		o, _ := instructionsOf(v.name, kernels.InstructionSet())
		flops = int(o.flops)
	}
	for i := range all {
		k := &all[i]
		if k.ops = ops; !k.limit || k.bound == result.Data {
			k.bytes = int64(each * v.streams * n)
		}
		if !k.limit && (v.flops > 0 || k.peer == "") { // what peers do in functions is their own affair
			k.flops = int64(flops * n)
		}
	}
	return contest(name, c, all)
}

// limits are those of the roofline: data and arithmetic. A kernel whose arithmetic is not known has none: it may be far more
// than a copy.
func (v *vectorCase[T]) limits(level string, size, n int) []contender {
	if v.ints {
		return []contender{v.bound(level, size)}
	}
	o, known := instructionsOf(v.name, kernels.InstructionSet())
	if !known && v.flops > 0 {
		lanes := max(1, vectorUnits().lanes)
		o, known = instructions{multiplications: float64(v.flops) / 2 / float64(lanes)}, true // as if all were fused
	}
	if !known {
		return nil
	}
	all := []contender{v.bound(level, size)}
	for _, r := range o.roofs(n) {
		all = append(all, contender{name: r.name, limit: true, bound: r.bound, turn: timed(always(r.run))})
	}
	return all
}

// bound is the limit: the loop of suite limits for as many bytes, around the caches where they hold none of it.
func (v *vectorCase[T]) bound(level string, size int) contender {
	loops := streamLoops()
	s := loops[slices.IndexFunc(loops, func(s streamLoop) bool { return s.op == v.limit })]
	loop := s.near
	if level == "memory" && s.far != nil {
		loop = s.far
	}
	arrays := streamArrays(size / 8 / s.arrays / 32 * 32)
	return contender{name: "impl=limit-" + v.limit, limit: true, bound: result.Data, turn: timed(func() error {
		loop(arrays[0], arrays[1], arrays[2])
		return nil
	})}
}
