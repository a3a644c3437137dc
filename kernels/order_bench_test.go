package kernels

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// orderCase is a kernel over n random numbers with its peers. prepare runs before each turn, off the clock.
type orderCase struct {
	name  string
	ours  func(o *orderRoom)
	peer  func(o *orderRoom) // of the standard library or gonum
	numpy string             // an expression of x, y, p and k; empty where there is none
}

// orderRoom are the arrays of a case: x is random before each turn.
type orderRoom struct {
	src, x, y []float64
	p         []int
	counts    []int64
	edge      int // the square matrix that x makes
}

var orderCases = []orderCase{
	{"sort", func(o *orderRoom) { Sort(o.x) }, func(o *orderRoom) { slices.Sort(o.x) }, "x.sort()"},
	{"argsort", func(o *orderRoom) { ArgSort(o.p, o.x) }, func(o *orderRoom) { floats.Argsort(o.x, o.p) }, "x.argsort(kind='stable')"},
	{"select", func(o *orderRoom) { SelectKth(o.x, len(o.x)/2) }, nil, "x.partition(len(x)//2)"},
	{"median", func(o *orderRoom) { Median(o.x) }, nil, "np.median(x)"},
	{"top100", func(o *orderRoom) { TopK(o.y[:100], o.x) }, nil, "np.sort(np.partition(x, len(x)-100)[-100:])[::-1]"},
	{"unique", func(o *orderRoom) { Unique(o.y, o.x) }, nil, "np.unique(x)"},
	{"histogram256", func(o *orderRoom) { Histogram(o.counts, o.x, 0, 1) }, nil, "np.histogram(x, 256, (0, 1))"},
	{"cumsum", func(o *orderRoom) { CumSum(o.y, o.x, 0) }, func(o *orderRoom) { floats.CumSum(o.y, o.x) }, "np.cumsum(x, out=y)"},
	{"diff", func(o *orderRoom) { Diff(o.y[1:], o.x) }, nil, "np.subtract(x[1:], x[:-1], out=y[1:])"},
	{"transpose", func(o *orderRoom) { n := o.edge * o.edge; Transpose(o.y[:n], o.x[:n], o.edge, o.edge) }, func(o *orderRoom) {
		n := o.edge * o.edge
		mat.NewDense(o.edge, o.edge, o.y[:n]).Copy(mat.NewDense(o.edge, o.edge, o.x[:n]).T())
	}, "y[:e*e].reshape(e, e).__setitem__(slice(None), x[:e*e].reshape(e, e).T)"},
}

// BenchmarkOrder compares kernels with the standard library or gonum and, where python3 has it, with NumPy.
func BenchmarkOrder(b *testing.B) {
	for _, n := range []int{1 << 10, 1 << 16, 1 << 20, 10_000_000} {
		o := &orderRoom{src: make([]float64, n), x: make([]float64, n), y: make([]float64, n), p: make([]int, n), counts: make([]int64, 256)}
		for (o.edge+8)*(o.edge+8) <= n {
			o.edge += 8
		}
		Uniform(o.src, testKey, 0)
		for _, c := range orderCases {
			benchOrder(b, c.name, "ours", o, c.ours)
			if c.peer != nil {
				benchOrder(b, c.name, "peer", o, c.peer)
			}
			b.Run(fmt.Sprintf("%s/impl=numpy/n=%d", c.name, n), func(b *testing.B) { benchNumPy(b, c.numpy, n, o.edge) })
		}
	}
}

// benchOrder reports the best turn: as many as NumPy has, so use -benchtime 1x.
func benchOrder(b *testing.B, name, impl string, o *orderRoom, run func(o *orderRoom)) {
	b.Run(fmt.Sprintf("%s/impl=%s/n=%d", name, impl, len(o.x)), func(b *testing.B) {
		best := time.Hour
		for b.Loop() {
			for range max(3, min(200, 20_000_000/len(o.x))) {
				copy(o.x, o.src)
				for i := range o.p {
					o.p[i] = i
				}
				start := time.Now()
				run(o)
				best = min(best, time.Since(start))
			}
		}
		b.ReportMetric(float64(best.Nanoseconds())/float64(len(o.x)), "ns/el")
		b.ReportMetric(0, "ns/op")
	})
}

// benchNumPy reports the best of some turns, which NumPy's own process times.
func benchNumPy(b *testing.B, expression string, n, edge int) {
	python := os.Getenv("SHMATH_PYTHON")
	if python == "" {
		python = "python3"
	}
	program := fmt.Sprintf(`
import numpy as np, time
n, e = %d, %d
src = np.random.default_rng(1).random(n)
x, y = src.copy(), np.ones(n)
best = 1e9
for _ in range(max(3, min(200, 20000000 // n))):
    x[:] = src
    t = time.perf_counter()
    %s
    best = min(best, time.perf_counter() - t)
print(best * 1e9 / n)
`, n, edge, expression)
	out, err := exec.Command(python, "-c", program).Output()
	if err != nil {
		b.Skip("no NumPy: set SHMATH_PYTHON to a python that has it")
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
	}
	b.ReportMetric(v, "ns/el")
	b.ReportMetric(0, "ns/op")
}
