package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/shmath/shmath/cmd/bench/result"
)

// contender is one way of doing a suite's work. turn does it ops times and says how long that took.
//
// Contests are named Work/key=value/key=value and contenders key=value. The report draws contests that differ in a numeric
// value alone (n=, size=, bytes=, workers=, tasks=, level=) as one curve for each contender, and contenders that differ in
// one likewise. What has no peer and is no limit is ours, but for impl=go, impl=goroutines and the like: Go itself.
type contender struct {
	name  string
	ops   int   // the most of one turn; fewer are done when these would take longer than the frame allows
	bytes int64 // per op, really moved; 0 when that means nothing
	flops int64 // per op; 0 when that means nothing
	turn  func(ops int) (time.Duration, error)
	times *hdrhistogram.Histogram // nanoseconds of each op, recorded by turn; nil when only the sum means something

	limit        bool                    // what this machine's hardware, or the bare system call, allows: nothing can be faster
	bound        string                  // of a limit: what sets it, as result.Data; see result.Contest.Limit
	peer         string                  // name and version of the other library or program; see config.module and config.absent
	flopsPerByte float64                 // arithmetic intensity for the roofline where bytes is 0, as for matrix products
	unit         string                  // of what measure returns, as B; empty for ns
	measure      func() (float64, error) // in place of turn: a figure that is no time, as memory for each worker
}

// newTimes counts times from a nanosecond to a minute, three digits exact.
func newTimes() *hdrhistogram.Histogram { return hdrhistogram.New(1, int64(time.Minute), 3) }

const (
	roundsLeast = 3 // also of a contender that has used up its time; one less of a quick run
	roundsSure  = 6 // from here on a confidence interval of 95 % exists
	precision   = 0.02
	tailFactor  = 4 // turns of contenders whose every op is timed are so much longer: tails need many ops
)

// player is a contender in the course of a contest.
type player struct {
	contender
	ops    int
	rounds []float64
	all    *hdrhistogram.Histogram // what times had, round by round
	spent  time.Duration
}

// contest lets the contenders take turns, round by round, until the confidence interval of each median is within 2 % of it,
// or the rounds, a contender's time or the suite's are used up. What comes out goes into the document and to the output. Where each op is
// timed, the figure of a round is its median op; else it is the time of the turn over its ops.
func contest(name string, c *config, all []contender) error {
	if !c.wants(name) {
		return nil
	}
	k := result.Contest{Suite: c.suite, Name: name, Unit: "ns", Began: time.Now().UTC().Truncate(time.Second)}
	var players []*player
	for _, contender := range all {
		if c.only != nil && contender.peer != "" {
			continue
		}
		p := &player{contender: contender}
		players = append(players, p)
		if contender.unit != "" {
			k.Unit = contender.unit
		}
		if contender.times != nil {
			p.all = newTimes()
		}
		c.out.progress(progress{suite: c.suite, contest: name, contender: contender.name})
		if c.interrupted.Load() {
			return errInterrupted
		}
		if err := p.warmUp(c); err != nil {
			return fmt.Errorf("%s: %w", contender.name, err)
		}
	}
	watch := newWatch(c)
	most := c.pace.rounds(c.rounds, c.least())
	for round := 0; round < most; round++ {
		going := 0
		for _, p := range players {
			if p.done(c) {
				continue
			}
			if c.interrupted.Load() {
				return errInterrupted
			}
			going++
			c.out.progress(progress{c.suite, name, p.name, round + 1, most})
			if err := p.play(); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
		if going == 0 {
			break
		}
		watch.round()
	}
	k.Noise = watch.end()
	for _, p := range players {
		k.Contenders = append(k.Contenders, p.result())
	}
	k.Relate()
	c.doc.Contests = append(c.doc.Contests, k)
	c.out.contest(&k)
	return nil
}

// wants says whether a contest is to be measured. A suite may ask before it makes large arrays.
func (c *config) wants(contest string) bool { return c.only == nil || slices.Contains(c.only, contest) }

// warmUp finds how many ops make a turn of the time that the frame gives. One op that is longer than all of a contender's
// time was no warm-up: it counts as a round.
func (p *player) warmUp(c *config) error {
	if p.measure != nil {
		return nil
	}
	aim := c.turn
	if p.times != nil {
		aim *= tailFactor
	}
	for p.ops = max(1, p.contender.ops/64); ; {
		took, err := p.turn(p.ops)
		if err != nil {
			return err
		}
		if p.times != nil {
			p.times.Reset()
		}
		if p.ops == 1 && took >= c.budget && p.times == nil {
			p.rounds, p.spent = append(p.rounds, float64(took)), took
			return nil
		}
		enough := took >= aim/4 || p.ops >= p.contender.ops
		per := max(1, took/time.Duration(p.ops))
		p.ops = min(int(max(1, aim/per)), 16*p.ops, max(1, p.contender.ops))
		if enough {
			return nil
		}
	}
}

// least is how many rounds every contender takes.
func (c *config) least() int {
	if c.quick {
		return roundsLeast - 1
	}
	return roundsLeast
}

// play takes one turn.
func (p *player) play() error {
	begin := time.Now()
	defer func() { p.spent += time.Since(begin) }()
	if p.measure != nil {
		figure, err := p.measure()
		p.rounds = append(p.rounds, figure)
		return err
	}
	took, err := p.turn(p.ops)
	if err != nil {
		return err
	}
	if p.times == nil {
		p.rounds = append(p.rounds, float64(took.Nanoseconds())/float64(p.ops))
		return nil
	}
	p.rounds = append(p.rounds, float64(p.times.ValueAtQuantile(50)))
	p.all.Merge(p.times)
	p.times.Reset()
	return nil
}

// done says whether a contender need not take its turn any more.
func (p *player) done(c *config) bool {
	if len(p.rounds) >= c.least() && p.spent > c.budget {
		return true
	}
	if len(p.rounds) < roundsSure {
		return false
	}
	s := result.Summarise(p.rounds)
	return s.Precision() <= precision
}

func (p *player) result() result.Contender {
	if p.peer == "" && !p.limit && strings.HasPrefix(p.name, "impl=go") {
		p.peer = runtime.Version()
	}
	k := result.Contender{Name: p.name, Limit: p.limit, Bound: p.bound, Peer: p.peer, Ops: p.ops, Bytes: p.bytes, Flops: p.flops,
		FlopsPerByte: p.flopsPerByte, Rounds: p.rounds, Summary: result.Summarise(p.rounds)}
	if p.all != nil {
		k.Latency = result.LatencyOf(p.all)
	}
	return k
}

// watch looks at what others do while a contest runs, and lets it wait when they do much.
type watch struct {
	c     *config
	meter *result.Meter
	noise result.Noise
	since time.Time
}

const (
	lookEvery = 200 * time.Millisecond // the system counts hundredths of a second
	waitShare = 0.2                    // of the CPU time; from there on a contest waits
	waitStep  = 2 * time.Second        // the most between two rounds
)

func newWatch(c *config) *watch { return &watch{c: c, meter: result.NewMeter(), since: time.Now()} }

// round is called between rounds.
func (w *watch) round() {
	if time.Since(w.since) < lookEvery {
		return
	}
	n := w.meter.Lap()
	w.noise.Add(n)
	for begin := time.Now(); n.Known && n.Share() > waitShare && w.c.wait > 0 && time.Since(begin) < waitStep; {
		time.Sleep(lookEvery)
		n = w.meter.Lap()
		w.noise.Waited += n.Wall
		w.c.wait -= lookEvery
	}
	w.since = time.Now()
}

func (w *watch) end() result.Noise {
	w.noise.Add(w.meter.Lap())
	return w.noise
}

// absent notes a peer that cannot take part in the suite that runs, and says so.
func (c *config) absent(peer, why string) {
	c.doc.Absences = append(c.doc.Absences, result.Absence{Suite: c.suite, Peer: peer, Why: why})
	fmt.Fprintf(os.Stderr, "bench: %s: %s does not take part: %s\n", c.suite, peer, why)
}

// module names a Go module as a peer, with its version: c.module("gonum", "gonum.org/v1/gonum").
func (c *config) module(name, path string) string { return c.doc.Environment.Module(name, path) }

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
