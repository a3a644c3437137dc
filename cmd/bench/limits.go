package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/topology"
	"github.com/shmath/shmath/kernels"
)

// limits is what this machine can do: nothing here is ours, and nothing of ours can be faster.
func limits(c *config) error {
	machine, err := topology.Live()
	if err != nil {
		return err
	}
	for _, part := range []func(*config, *topology.Topology) error{bandwidths, latencies, peaks, cacheLines, wakes, firstTouches, execs} {
		if err := part(c, machine); err != nil {
			return err
		}
	}
	return nil
}

// streamLoop is one of the loops of STREAM (McCalpin, 1995), or a loop that only reads. n is a multiple of 32.
type streamLoop struct {
	op     string
	arrays int                     // that it touches; bytes are counted as STREAM does, without reads that a store causes
	near   func(d, x, y []float64) // through the caches
	far    func(d, x, y []float64) // stores around the caches, and prefetches; nil where there is no such thing
}

const streamFactor = 3.0

// at most this much in one call: the runtime cannot stop assembly
const streamCall = 1 << 15

// pieces calls an assembly loop on a piece at a time.
func pieces(loop func(d, x, y *float64, k float64, n int)) func(d, x, y []float64) {
	return func(d, x, y []float64) {
		for i := 0; i < len(d); i += streamCall {
			loop(&d[i], &x[i], &y[i], streamFactor, min(streamCall, len(d)-i))
		}
	}
}

// bandwidths are those of one core at each level, and of memory also by all cores at once.
func bandwidths(c *config, machine *topology.Topology) error {
	all := machine.Allowed.List()
	for _, s := range streamLoops() {
		for _, l := range levels {
			memory := l.name == "memory"
			if !memory && (s.op == "scale" || s.op == "add") { // like copy and triad, where no memory is waited for
				continue
			}
			if err := s.contest(c, l.name, l.bytes, all[:1], memory); err != nil {
				return err
			}
			if memory && len(all) > 1 {
				if err := s.contest(c, l.name, l.bytes, all, memory); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *streamLoop) contest(c *config, level string, size int, cpus []int, memory bool) error {
	if memory {
		size = max(16<<20, size/len(cpus))
	}
	n := size / 8 / s.arrays / 32 * 32
	crew := make([][3][]float64, len(cpus))
	for i := range crew {
		crew[i] = streamArrays(n)
	}
	run := func(loop func(d, x, y []float64)) func(ops int) (time.Duration, error) {
		return func(ops int) (time.Duration, error) {
			return together(cpus, func(i int) {
				for range ops {
					loop(crew[i][0], crew[i][1], crew[i][2])
				}
			})
		}
	}
	bytes, ops := int64(8*n*s.arrays*len(cpus)), max(1, 4<<30/size)
	contenders := []contender{{name: "impl=through-caches", limit: true, ops: ops, bytes: bytes, turn: run(s.near)}}
	if memory && s.far != nil {
		contenders = append(contenders, contender{name: "impl=non-temporal", limit: true, ops: ops, bytes: bytes, turn: run(s.far)})
		if s.op == "read" {
			contenders[1].name = "impl=prefetch"
		}
	}
	return contest(fmt.Sprintf("Bandwidth/op=%s/cores=%d/level=%s", s.op, len(cpus), level), c, contenders)
}

// streamArrays are of one allocation, each at the beginning of a page (large Go slices are) or a line further on, so that
// no two of them meet in the same set of a cache.
func streamArrays(n int) (a [3][]float64) {
	stride := layout.RoundUp(n, 512) + 16
	all := make([]float64, 3*stride)
	for i := range all {
		all[i] = 1
	}
	for i := range a {
		a[i] = all[i*stride:][:n]
	}
	return a
}

// together runs f on each of the CPUs at the same time, from when all are there.
func together(cpus []int, f func(i int)) (time.Duration, error) {
	var there, done sync.WaitGroup
	there.Add(len(cpus))
	begin, failed := make(chan struct{}), make(chan error, len(cpus))
	for i, cpu := range cpus {
		done.Add(1)
		onCPU(cpu, func(err error) {
			defer done.Done()
			there.Done()
			<-begin
			if err != nil {
				failed <- err
				return
			}
			f(i)
		})
	}
	there.Wait()
	start := time.Now()
	close(begin)
	done.Wait()
	took := time.Since(start)
	close(failed)
	return took, <-failed
}

// latencies are those of a load whose address is the result of the one before, over lines in random order.
func latencies(c *config, machine *topology.Topology) error {
	for _, l := range levels {
		lines := make([][layout.Line / 16]uint64, l.bytes/64) // of 64 bytes
		order := rand.Perm(len(lines))
		for i, at := range order {
			lines[at][0] = uint64(order[(i+1)%len(order)])
		}
		at := uint64(0)
		chase := contender{name: "impl=pointer-chase", limit: true, ops: 1 << 22, turn: func(ops int) (time.Duration, error) {
			return together(machine.Allowed.List()[:1], func(int) {
				for range ops {
					at = lines[at][0]
				}
			})
		}}
		if err := contest("Latency/level="+l.name, c, []contender{chase}); err != nil {
			return err
		}
	}
	return nil
}

// peak is a loop of fused multiply-adds in registers.
type peak struct {
	isa   string
	flops int // of a round
	loop  func(rounds int)
}

const peakFlops = 1536 << 9 // of one call, a multiple of every round, below 50 us

func peaks(c *config, machine *topology.Topology) error {
	for _, elem := range []string{"float64", "float32"} {
		var all []contender
		for _, p := range peakLoops(elem) {
			all = append(all, contender{name: "isa=" + p.isa, limit: true, ops: 1 << 14, flops: peakFlops,
				turn: func(ops int) (time.Duration, error) {
					return together(machine.Allowed.List()[:1], func(int) {
						for range ops {
							p.loop(peakFlops / p.flops)
						}
					})
				}})
		}
		if err := contest("FMA/type="+elem, c, all); err != nil {
			return err
		}
	}
	return dividers(c, machine.Allowed.List()[0])
}

// dividers are divisions and square roots that wait for nothing but the unit that does them.
func dividers(c *config, cpu int) error {
	u := vectorUnits()
	if u.fused == nil {
		return nil
	}
	var all []contender
	for i, loop := range []func(rounds int){u.divide, u.root} {
		all = append(all, contender{name: []string{"op=divide", "op=sqrt"}[i], limit: true, ops: 1 << 10, flops: int64(unitCall * u.round * u.lanes),
			turn: func(ops int) (time.Duration, error) {
				return together([]int{cpu}, func(int) {
					for range ops {
						loop(unitCall)
					}
				})
			}})
	}
	return contest("Division/type=float64/isa="+kernels.InstructionSet(), c, all)
}

// distances are the words for what topology.Distance returns.
var distances = [...]string{"core", "L2", "L3", "node", "package", "machine"}

// cacheLines are round trips of a line between two CPUs: one pair for each two kinds of cores and each distance.
func cacheLines(c *config, machine *topology.Topology) error {
	type class struct{ a, b, distance int }
	seen := map[class]bool{}
	cpus := machine.Allowed.List()
	for i, a := range cpus {
		for _, b := range cpus[i+1:] {
			k := class{machine.At(a).Kind, machine.At(b).Kind, machine.Distance(a, b)}
			if seen[k] {
				continue
			}
			seen[k] = true
			name := fmt.Sprintf("CacheLine/kinds=%d-%d/same=%s", max(0, k.a), max(0, k.b), distances[k.distance])
			one, two := bounce(a, b, 0), bounce(a, b, 1)
			one.name, two.name = "impl=one-line", "impl=two-lines"
			if err := contest(name, c, []contender{one, two}); err != nil {
				return err
			}
		}
	}
	return nil
}

// bounce sends a number there and back over lines that lie apart, or over one.
func bounce(a, b, apart int) contender {
	times := newTimes()
	lines := new([2]struct {
		word atomic.Uint64
		_    [layout.Line - 8]byte
	})
	out, in := &lines[0].word, &lines[apart].word
	return contender{limit: true, ops: 100_000, times: times, turn: func(ops int) (time.Duration, error) {
		out.Store(0)
		in.Store(0)
		return together([]int{a, b}, func(side int) {
			for i := range uint64(ops) {
				if side == 1 {
					await(out, 2*i+1)
					asm.StoreRelease64(in, 2*i+2)
					continue
				}
				begin := time.Since(epoch)
				asm.StoreRelease64(out, 2*i+1)
				await(in, 2*i+2)
				record(times, time.Since(epoch)-begin)
			}
		})
	}}
}

func await(word *atomic.Uint64, value uint64) {
	for word.Load() != value {
		asm.Pause(1)
	}
}

func record(times *hdrhistogram.Histogram, took time.Duration) {
	_ = times.RecordValue(min(int64(took), times.HighestTrackableValue())) // it can hold that
}

// plainLoops are in Go, for processors without loops of their own. They say what the others mean.
func plainLoops() []streamLoop {
	return []streamLoop{
		{op: "read", arrays: 1, near: func(_, x, _ []float64) { sink = plainSum(x) }},
		{op: "write", arrays: 1, near: func(d, _, _ []float64) {
			for i := range d {
				d[i] = streamFactor
			}
		}},
		{op: "copy", arrays: 2, near: func(d, x, _ []float64) { copy(d, x) }},
		{op: "scale", arrays: 2, near: func(d, x, _ []float64) {
			x = x[:len(d)]
			for i := range d {
				d[i] = streamFactor * x[i]
			}
		}},
		{op: "add", arrays: 3, near: plainAdd},
		{op: "triad", arrays: 3, near: func(d, x, y []float64) {
			x, y = x[:len(d)], y[:len(d)]
			for i := range d {
				d[i] = math.FMA(streamFactor, y[i], x[i])
			}
		}},
	}
}
