// Command bench measures what shmath claims, each figure beside its limit and its peers in the same run.
//
//	bench [--quick] [--rounds N] [--json FILE] [--html FILE] [--markdown FILE] [SUITE...]
//	bench report FILE.json [--html FILE] [--markdown FILE]     draws a run again
//	bench compare BEFORE.json AFTER.json                       what changed, and whether by chance
//	bench gate [RUN.json]                                      ratios and instructions against baseline.json
//
//	limits     what the machine can do: bandwidth and latency of each cache and of memory, multiply-adds, cache lines between
//	           cores, wake-ups, first touches of pages, starts of processes
//	jobs       the bootstrap of the example job by one worker and by all: how the work scales
//	dispatch   calls and loops of nothing, beside a goroutine and a channel
//	start      start of a pool, and replacement of a killed worker, beside one exec
//	faults     what a death costs: until it is noticed, until another worker works in the place
//	ring       streams and round trips between two pinned processes, beside memcpy, bare cache lines, channels and pipes
//	sync       locks, events, barriers and cells between two pinned processes, beside bare words, futexes, sync.Mutex and pthread
//	blas       matrix products, solvers and factorizations by one core, beside peak FMA, gonum and NumPy's OpenBLAS; and
//	           products by a pool
//	fft        Fourier transforms by one core, beside gonum and NumPy
//	multiprocessing  processes, pools, pipes, queues and shared state, beside CPython's multiprocessing
//	kernels    elementwise kernels, functions, reductions and random numbers in each cache and in memory, beside the speed of
//	           that level, gonum, plain Go and NumPy
//	parallel   sums, updates and functions of arrays by one worker and by all, beside goroutines, NumPy and the streams of all
//	           cores
//	expr       fused expressions by one worker and by all, beside plain Go, NumPy, numexpr and numba
//	memory     what idle and busy workers hold, beside those of Python's pools
//	scaling    how cost grows: with workers, with the size of arrays, with tasks, with rings and segments
//
// Contenders of a contest take turns, round by round, until the confidence intervals of their medians are narrow or the
// time is used up. On a terminal there is a live table; into a pipe, the medians are printed in the format of Go benchmarks,
// which benchstat reads. A run waits, for a while, when other programs use the CPUs, and says how much they did.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/shmath/shmath/cmd/bench/result"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

type suite struct {
	name string
	run  func(c *config) error
}

var suites = []suite{{"limits", limits}, {"jobs", jobs}, {"dispatch", dispatch}, {"start", starts}, {"faults", faults}, {"ring", rings}, {"sync", syncs}, {"blas", linear}, {"fft", transforms}, {"multiprocessing", multiprocessings}, {"kernels", vectors}, {"parallel", parallels}, {"expr", expressions}, {"memory", memories}, {"scaling", scalings}}

// config is what the command line asked for, and the run.
type config struct {
	rounds int  // the most of each contest
	quick  bool // less work, for a look

	only   []string      // contests that are wanted, without peers; nil for all
	suite  string        // that runs now
	turn   time.Duration // how long a turn aims to be
	budget time.Duration // after which a contender takes no more turns
	wait   time.Duration // how long the run may still wait for others to be quiet
	pace   pace          // of the suite that runs
	doc    *result.Document
	out    output

	interrupted atomic.Bool // nothing new is to be begun
}

// errInterrupted ends a run by SIGINT or SIGTERM. What has been measured is kept.
var errInterrupted = errors.New("interrupted: what had been measured by then is kept")

// errUsage marks what is wrong with the call.
type errUsage struct{ error }

func main() {
	playAway()
	sched.Main()
	err := errors.Join(newRoot().Execute(), work.close())
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		switch {
		case errors.As(err, new(errUsage)):
			os.Exit(2)
		case errors.Is(err, errInterrupted):
			os.Exit(130) // as shells say it
		}
		os.Exit(1)
	}
}

func newRoot() *cobra.Command {
	c, out := &config{}, files{}
	root := &cobra.Command{
		Use:           "bench [SUITE...]",
		Short:         "measure what shmath claims, each figure beside its limit and its peers",
		Long:          "bench measures what shmath claims, each figure beside its limit and its peers in the same run.\nSuites: " + names() + "; all of them unless some are named.",
		SilenceErrors: true, SilenceUsage: true,
		Args: func(_ *cobra.Command, wanted []string) error {
			for _, w := range wanted {
				if !slices.ContainsFunc(suites, func(s suite) bool { return s.name == w }) {
					return errUsage{fmt.Errorf("no suite %q; there are %s", w, names())}
				}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, wanted []string) error {
			if c.rounds == 0 {
				c.rounds = 15
				if c.quick {
					c.rounds = 7
				}
			}
			if c.rounds < roundsLeast {
				return errUsage{fmt.Errorf("--rounds %d: at least %d are needed", c.rounds, roundsLeast)}
			}
			if err := out.try(); err != nil {
				return err
			}
			c.out = newOutput()
			err := c.run(wanted)
			return errors.Join(err, out.write(c.doc))
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return errUsage{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	f := root.Flags()
	f.BoolVar(&c.quick, "quick", false, "a look: short turns, few rounds, fewer sizes")
	f.IntVar(&c.rounds, "rounds", 0, "the most rounds of a contest (15; 7 with --quick)")
	out.flags(f)
	root.AddCommand(newReport(), newCompare(), newGate(), newCount())
	return root
}

// run measures the suites that are wanted. One that fails does not keep the others from running.
func (c *config) run(wanted []string) error {
	whole := timeFull
	c.turn, c.budget, c.wait = 25*time.Millisecond, 3*time.Second, time.Minute
	if c.quick {
		whole = timeQuick
		c.turn, c.budget, c.wait = 3*time.Millisecond, 200*time.Millisecond, 3*time.Second
	}
	wanted = slices.Clone(wanted)
	command := append([]string{filepath.Base(os.Args[0])}, os.Args[1:]...)
	c.doc = &result.Document{Schema: result.Schema, Quick: c.quick, Environment: result.NewEnvironment(command, kernels.InstructionSet())}
	c.out.begin(&c.doc.Environment)
	begin, meter := time.Now(), result.NewMeter()
	defer func() {
		c.doc.Seconds, c.doc.Noise = time.Since(begin).Seconds(), meter.Lap()
		c.out.end(c.doc)
	}()
	defer c.heedSignals()()
	removeDeserted(os.TempDir())
	if len(wanted) == 0 {
		for _, s := range suites {
			wanted = append(wanted, s.name)
		}
	}
	var failed []error
	for _, s := range suites {
		i := slices.Index(wanted, s.name)
		if i < 0 {
			continue
		}
		wanted = slices.Delete(wanted, i, i+1)
		c.suite, c.pace = s.name, newPace(whole-time.Since(begin), s.name, wanted)
		err := s.run(c)
		if c.interrupted.Load() { // whatever else failed, failed by that
			c.absent("the rest of the run", "it was interrupted")
			return errInterrupted
		}
		if err != nil {
			c.absent("the rest of the suite", err.Error())
			failed = append(failed, fmt.Errorf("%s: %w", s.name, err))
		}
	}
	return errors.Join(failed...)
}

// heedSignals lets the first SIGINT or SIGTERM end the run after the turn that is under way. A second one kills.
func (c *config) heedSignals() (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			c.interrupted.Store(true)
			signal.Stop(signals)
			fmt.Fprintln(os.Stderr, "\nbench: interrupted: this turn is the last; once more ends at once")
		case <-done:
		}
	}()
	return func() { signal.Stop(signals); close(done) }
}

func names() string {
	var list []string
	for _, s := range suites {
		list = append(list, s.name)
	}
	return strings.Join(list, ", ")
}
