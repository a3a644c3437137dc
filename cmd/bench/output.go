package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/shmath/shmath/cmd/bench/result"
)

// output shows a run while it goes on.
type output interface {
	begin(e *result.Environment)
	progress(p progress)
	contest(k *result.Contest)
	end(d *result.Document)
}

// progress is where a run is; round 0 is the warm-up.
type progress struct {
	suite, contest, contender string
	round, rounds             int
}

// lines is the output into a file or pipe: the format of Go benchmarks, which benchstat reads.
type lines struct{ w io.Writer }

func (l lines) begin(e *result.Environment) {
	fmt.Fprintf(l.w, "goos: %s\ngoarch: %s\npkg: github.com/shmath/shmath/cmd/bench\ncpu: %s\ncores: %d\nisa: %s\n",
		e.OS, e.Arch, e.CPU, e.Cores, e.ISA)
	fmt.Fprintf(l.w, "go: %s\nmachine: %s\nkernel: %s\ngovernor: %s\ncaches: %s\nmemory: %d\ncommit: %s\ncommand: %s\n",
		e.Go, e.Machine, e.Kernel, e.Governor, e.Caches, e.Memory, e.Commit, e.Command)
}

func (lines) progress(progress) {}

func (l lines) contest(k *result.Contest) {
	for i := range k.Contenders {
		fmt.Fprintln(l.w, benchLine(k, &k.Contenders[i]))
	}
	if k.Noise.Noisy() {
		fmt.Fprintf(l.w, "# %s: %s\n", k.Name, k.Noise.String())
	}
}

func benchLine(k *result.Contest, c *result.Contender) string {
	line := new(strings.Builder)
	unit := k.Unit
	if unit == "ns" {
		unit = "ns/op"
	}
	fmt.Fprintf(line, "Benchmark%s/%s\t%d\t%.1f %s", k.Name, c.Name, max(1, c.Ops)*len(c.Rounds), c.Median, unit)
	if c.Bytes > 0 {
		fmt.Fprintf(line, "\t%.1f MB/s", c.MBps())
	}
	if c.Flops > 0 {
		fmt.Fprintf(line, "\t%.1f GFLOP/s", c.GFlops())
	}
	if l := c.Latency; l != nil {
		fmt.Fprintf(line, "\t%d p50-ns\t%d p99-ns\t%d p99.9-ns", l.P50, l.P99, l.P999)
	}
	fmt.Fprintf(line, "\t%.3f of-first", c.OfFirst)
	if c.OfLimit > 0 {
		fmt.Fprintf(line, "\t%.3f of-limit", c.OfLimit)
	}
	fmt.Fprintf(line, "\t%.0f spread-%%\t%.1f ci-%%", 100*c.Spread, 100*c.Precision())
	return line.String()
}

func (l lines) end(d *result.Document) {
	for _, a := range d.Absences {
		fmt.Fprintf(l.w, "# absent from %s: %s: %s\n", a.Suite, a.Peer, a.Why)
	}
	for _, t := range targets(d) {
		fmt.Fprintf(l.w, "# %s\n", t)
	}
	fmt.Fprintf(l.w, "# %s; %.0f s\n", d.Noise.String(), d.Seconds)
}
