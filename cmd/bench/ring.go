package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/shmath/shmath/ring"
)

// item is what the rings carry: 8 B, 64 B, 1 KiB, 64 KiB. Its first word numbers the message, which the receiver checks.
type item interface {
	[1]uint64 | [8]uint64 | [128]uint64 | [8192]uint64
}

func bytesOf[T item]() int {
	var v T
	return 8 * len(v)
}

// capacityOf keeps a ring within a core's own cache, as far as 16 items do.
func capacityOf[T item]() int { return min(4096, max(16, 1<<20/bytesOf[T]())) }

// rings is the suite "ring". A stream ends when the last message has been received. In the contests of streams the first
// contender is a copy of the same bytes by one core, in those of round trips it is two bare cache lines (spinning) or two
// bare futex words (sleeping), with the bytes of the message behind them.
func rings(c *config) (err error) {
	ours := ringDuels()
	running, theirs, err := startRingPeers(c, ours)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, running.stop()) }()
	return compete(c, "ring", append(ours, theirs...))
}

func ringDuels() []duel {
	var all []duel
	all = append(all, streams[[1]uint64](2_000_000)...)
	all = append(all, streams[[8]uint64](1_000_000)...)
	all = append(all, streams[[128]uint64](200_000)...)
	all = append(all, streams[[8192]uint64](4_000)...)
	for _, spin := range []time.Duration{spinOnly, sleepOnly} {
		all = append(all, trips[[1]uint64](spin, 1)...)
		all = append(all, trips[[8]uint64](spin, 1)...)
		all = append(all, trips[[128]uint64](spin, 2)...)
		all = append(all, trips[[8192]uint64](spin, 10)...)
	}
	return all
}

// notQuick are contests that a quick run leaves out: others are like them.
var notQuick = []string{
	"Stream/size=1024", "RoundTrip/size=1024/wait=spin", "RoundTrip/size=65536/wait=spin",
	"RoundTrip/size=64/wait=sleep", "RoundTrip/size=1024/wait=sleep", "RoundTrip/size=65536/wait=sleep",
}

// compete runs the contests of a suite of duels, in the order of the list: what stands before the last slash of a duel's
// name names its contest.
func compete(c *config, suite string, duels []duel) (err error) {
	m, err := newMatch(suite, duels)
	if err != nil {
		return err
	}
	defer func() { err = m.close(err) }()
	done := map[string]bool{}
	for _, d := range duels {
		name := d.name[:strings.LastIndexByte(d.name, '/')]
		if done[name] || c.quick && slices.Contains(notQuick, name) {
			continue
		}
		done[name] = true
		if err := contest(name, c, m.contenders(name)); err != nil {
			return err
		}
	}
	return nil
}

// streams are the ways to send many items of type T one way.
func streams[T item](ops int) []duel {
	size := bytesOf[T]()
	n := capacityOf[T]()
	list := []duel{
		{name: "memcpy", limit: true, solo: true, open: copying[T]},
		{name: "spsc", size: ring.SizeSPSC[T](n), open: spscStream[T]},
		{name: "spsc-batch", size: ring.SizeSPSC[T](n), open: batchStream[T]},
		{name: "spsc-span", size: ring.SizeSPSC[T](n), open: spanStream[T]},
		{name: "mpmc", size: ring.SizeMPMC[T](n), open: mpmcStream[T]},
		{name: "record", size: ring.SizeRecord(recordRoom[T](), nil), open: recordStream[T]},
		{name: "broadcast", size: ring.SizeBroadcast[T](n, nil), open: broadcastStream[T]},
		{name: "go-channel", peer: runtime.Version(), solo: true, open: channelStream[T]},
		{name: "os-pipe", peer: "Linux pipe", size: pipeSize, open: pipeStream[T]},
	}
	for i := range list {
		d := &list[i]
		d.ops, d.bytes = ops, int64(size)
		if d.name == "os-pipe" {
			d.ops = max(1, ops/20)
		}
		d.name = fmt.Sprintf("Stream/size=%d/impl=%s", size, d.name)
	}
	return list
}

// oneWay is a stream's part of a turn: home sends n messages, numbered from 0, and away receives them and returns the sum
// of their numbers.
func oneWay(s side, send func(n int) error, receive func(n int) (uint64, error)) part {
	return func(n int, _ *hdrhistogram.Histogram) error {
		if s.home {
			return send(n)
		}
		sum, err := receive(n)
		if err != nil {
			return err
		}
		return checkSum(sum, n)
	}
}

func checkSum(sum uint64, n int) error {
	if want := uint64(n) * uint64(n-1) / 2; sum != want {
		return fmt.Errorf("%d messages were numbered to a sum of %d, not %d", n, sum, want)
	}
	return nil
}

// each calls f with 0 to n-1.
func each(f func(i uint64) error) func(n int) error {
	return func(n int) error {
		for i := range uint64(n) {
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	}
}

// sum adds up what f returns n times.
func sum(f func() (uint64, error)) func(n int) (uint64, error) {
	return func(n int) (uint64, error) {
		total := uint64(0)
		for range n {
			i, err := f()
			if err != nil {
				return 0, err
			}
			total += i
		}
		return total, nil
	}
}
