// Command bench measures what shmath claims, each figure beside its limit or its peer in the same run.
//
//	bench [-rounds N] [-quick] [SUITE...]
//
//	jobs       the bootstrap of the example job by one worker and by all: how the work scales
//	dispatch   calls and loops of nothing, beside a goroutine and a channel
//	start      start of a pool, and replacement of a killed worker, beside one exec
//	ring       streams and round trips between two pinned processes, beside memcpy, bare cache lines, channels and pipes
//	sync       locks, events, barriers and cells between two pinned processes, beside bare words, futexes, sync.Mutex and pthread
//	blas       matrix products, solvers and factorizations by one core, beside peak FMA, gonum and NumPy's OpenBLAS; and
//	           products by a pool
//	fft        Fourier transforms by one core, beside gonum and NumPy
//	multiprocessing  processes, pools, pipes, queues and shared state, beside CPython's multiprocessing
//	kernels    elementwise kernels, functions, reductions and random numbers in each cache and in memory, beside the speed of
//	           that level, gonum, plain Go and NumPy
//
// Contenders of a suite take turns, round by round; the medians are printed in the format of Go benchmarks, which
// benchstat reads, with the ratio to the first contender of the suite.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/shmath/shmath/sched"
)

type suite struct {
	name string
	run  func(c *config) error
}

var suites = []suite{{"jobs", jobs}, {"dispatch", dispatch}, {"start", starts}, {"faults", faults}, {"ring", rings}, {"sync", syncs}, {"blas", linear}, {"fft", transforms}, {"multiprocessing", multiprocessings}, {"kernels", vectors}}

// config is what the command line asked for.
type config struct {
	rounds int
	quick  bool
}

func main() {
	playAway()
	sched.Main()
	c := &config{}
	flag.IntVar(&c.rounds, "rounds", 7, "how often each contender takes its turn")
	flag.BoolVar(&c.quick, "quick", false, "a tenth of the work")
	flag.Usage = func() {
		fmt.Fprintf(os.Stderr, "usage: bench [-rounds N] [-quick] [SUITE...]\nsuites: %s\n", names())
		flag.PrintDefaults()
	}
	flag.Parse()
	if c.rounds < 1 {
		fmt.Fprintf(os.Stderr, "bench: -rounds %d: at least 1 is needed\n", c.rounds)
		os.Exit(2)
	}
	wanted := flag.Args()
	for _, w := range wanted {
		if !slices.ContainsFunc(suites, func(s suite) bool { return s.name == w }) {
			fmt.Fprintf(os.Stderr, "bench: no suite %q; there are %s\n", w, names())
			os.Exit(2)
		}
	}
	header()
	for _, s := range suites {
		if len(wanted) > 0 && !slices.Contains(wanted, s.name) {
			continue
		}
		if err := s.run(c); err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s: %v\n", s.name, err)
			os.Exit(1)
		}
	}
}

func names() string {
	var list []string
	for _, s := range suites {
		list = append(list, s.name)
	}
	return strings.Join(list, ", ")
}

// header prints what the figures depend on, as benchstat's configuration lines.
func header() {
	fmt.Printf("goos: %s\ngoarch: %s\npkg: github.com/shmath/shmath/cmd/bench\ncpu: %s\ncores: %d\ngo: %s\n",
		runtime.GOOS, runtime.GOARCH, cpuModel(), runtime.NumCPU(), runtime.Version())
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(info)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}
