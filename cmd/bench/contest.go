package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// contender is one way of doing a suite's work. turn does it ops times and says how long that took.
type contender struct {
	name  string
	ops   int
	bytes int64 // per op, really moved; 0 when that means nothing
	flops int64 // per op; 0 when that means nothing
	turn  func(ops int) (time.Duration, error)
	times *hdrhistogram.Histogram // nanoseconds of each op, recorded by turn; nil when only the sum means something
}

// newTimes counts times from a nanosecond to a minute, two digits exact.
func newTimes() *hdrhistogram.Histogram { return hdrhistogram.New(1, int64(time.Minute), 2) }

// contest lets the contenders take turns, after one to warm up, and prints the median of each and its ratio to the first:
// of ns/op, or of the median op where each op is timed.
func contest(name string, c *config, all []contender) error {
	rounds := make([][]float64, len(all))
	for round := range c.rounds + 1 {
		for i, k := range all {
			ops := c.share(k.ops)
			d, err := k.turn(ops)
			if err != nil {
				return fmt.Errorf("%s: %w", k.name, err)
			}
			switch {
			case round > 0:
				rounds[i] = append(rounds[i], float64(d.Nanoseconds())/float64(ops))
			case k.times != nil:
				k.times.Reset()
			}
		}
	}
	var first float64
	for i, k := range all {
		slices.Sort(rounds[i])
		median := rounds[i][len(rounds[i])/2]
		spread := (rounds[i][len(rounds[i])-1] - rounds[i][0]) / median * 100
		line := new(strings.Builder)
		fmt.Fprintf(line, "Benchmark%s/%s\t%d\t%.1f ns/op", name, k.name, c.share(k.ops)*c.rounds, median)
		if k.bytes > 0 {
			fmt.Fprintf(line, "\t%.1f MB/s", float64(k.bytes)/median*1e3)
		}
		if k.flops > 0 {
			fmt.Fprintf(line, "\t%.1f GFLOP/s", float64(k.flops)/median)
		}
		if k.times != nil {
			for _, q := range []float64{50, 99, 99.9} {
				fmt.Fprintf(line, "\t%d p%g-ns", k.times.ValueAtQuantile(q), q)
			}
			median = float64(k.times.ValueAtQuantile(50))
		}
		if i == 0 {
			first = median
		}
		fmt.Printf("%s\t%.3f of-first\t%.0f spread-%%\n", line, median/first, spread)
	}
	return nil
}

// share is how many of a contender's ops it does in one turn.
func (c *config) share(ops int) int {
	if c.quick {
		return max(1, ops/10)
	}
	return ops
}

// timed runs f ops times.
func timed(f func() error) func(ops int) (time.Duration, error) {
	return func(ops int) (time.Duration, error) {
		begin := time.Now()
		for range ops {
			if err := f(); err != nil {
				return 0, err
			}
		}
		return time.Since(begin), nil
	}
}
