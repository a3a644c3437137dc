package main

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/ring"
)

const (
	spinOnly  = time.Minute // longer than any trip
	sleepOnly = -1
)

// tripRing is the capacity of the rings of round trips.
const tripRing = 16

// line is one side's end of a connection both ways.
type line interface {
	send(i uint64) error
	receive() (uint64, error)
}

// trips are the ways to send an item of type T there and back. weight is how many times fewer trips than usual make a
// turn.
func trips[T item](spin time.Duration, weight int) []duel {
	wait, ops := "spin", 40_000/weight
	o := ring.Options{Spin: spin}
	list := []duel{
		{name: "two-lines", limit: true, size: bareSize[T](), open: trip(openBare[T])},
		{name: "spsc", size: 2 * ring.SizeSPSC[T](tripRing), open: trip(spscLine[T](o))},
		{name: "mpmc", size: 2 * ring.SizeMPMC[T](tripRing), open: trip(mpmcLine[T](o))},
		{name: "record", size: 2 * ring.SizeRecord(tripRing*(bytesOf[T]()+8), nil), open: trip(recordLine[T](o))},
	}
	if spin == spinOnly {
		list = append(list, duel{name: "go-channel", peer: runtime.Version(), solo: true, open: channelTrip[T]})
	} else {
		wait, ops = "sleep", 1_000
		list[0] = duel{name: "futex", limit: true, size: bareSize[T](), open: trip(openFutex[T])}
		list = append(list, duel{name: "os-pipe", peer: "Linux pipe", size: pipeSize, open: trip(func(s side) (line, error) { return openPipes[T](s) })})
	}
	for i := range list {
		d := &list[i]
		d.name = fmt.Sprintf("RoundTrip/size=%d/wait=%s/impl=%s", bytesOf[T](), wait, d.name)
		d.ops, d.timed = ops, true
	}
	return list
}

// trip is a round trip's part of a turn: home calls, away echoes.
func trip[L line](open func(s side) (L, error)) func(s side) (part, error) {
	return func(s side) (part, error) {
		l, err := open(s)
		if s.home {
			return func(n int, times *hdrhistogram.Histogram) error { return call(l, n, times) }, err
		}
		return func(n int, _ *hdrhistogram.Histogram) error { return echo(l, n) }, err
	}
}

// epoch is what call's clock counts from: to ask how long ago that was takes one look at a clock, as in C, and Now two.
var epoch = time.Now()

func call(l line, n int, times *hdrhistogram.Histogram) error {
	for i := range uint64(n) {
		begin := time.Since(epoch)
		if err := l.send(i); err != nil {
			return err
		}
		got, err := l.receive()
		if err != nil {
			return err
		}
		took := time.Since(epoch) - begin
		if got != i {
			return fmt.Errorf("call %d was answered by %d", i, got)
		}
		if err := times.RecordValue(min(int64(took), times.HighestTrackableValue())); err != nil {
			return err
		}
	}
	return nil
}

func echo(l line, n int) error {
	for range n {
		i, err := l.receive()
		if err != nil {
			return err
		}
		if err := l.send(i); err != nil {
			return err
		}
	}
	return nil
}

// cross returns this side's way out and way in of two that lie in mem one after the other.
func cross[Q any](s side, size int, open func(mem []byte) (Q, error)) (out, in Q, err error) {
	if out, err = open(s.mem[:size]); err != nil {
		return
	}
	if in, err = open(s.mem[size:]); err != nil {
		return
	}
	if !s.home {
		out, in = in, out
	}
	return
}

// bareLine is two cache lines that the two sides write in turn, with the item behind them when it is longer than the
// word: the limit that the memory system sets.
type bareLine[T item] struct {
	out, in *bareWay[T]
	trips   uint64
	last    uint64
	v       T
}

type bareWay[T item] struct {
	word atomic.Uint64
	_    [layout.Line - 8]byte
	item T
}

func bareSize[T item]() int { return 2 * layout.RoundUp(layout.Line+bytesOf[T](), layout.Line) }

func openBare[T item](s side) (*bareLine[T], error) {
	out, in, err := cross(s, bareSize[T]()/2, func(mem []byte) (*bareWay[T], error) {
		return layout.View[bareWay[T]](mem, 0), nil
	})
	return &bareLine[T]{out: out, in: in}, err
}

// send sends i under the number of the trip, which makes each word differ from the one before.
func (l *bareLine[T]) send(i uint64) error {
	if len(l.v) > 1 {
		l.out.item = l.v
	}
	l.trips++
	asm.StoreRelease64(&l.out.word, l.trips<<32|i)
	return nil
}

func (l *bareLine[T]) receive() (uint64, error) {
	word := l.in.word.Load()
	for ; word == l.last; word = l.in.word.Load() {
		asm.Pause(1)
	}
	l.last = word
	if len(l.v) > 1 {
		l.v = l.in.item
	}
	return word & (1<<32 - 1), nil
}

// futexLine is a bareLine whose sides sleep on the low half of the word.
type futexLine[T item] struct {
	out, in *futexWay[T]
	trips   uint32
	last    uint32
	v       T
}

type futexWay[T item] struct {
	word atomic.Uint32
	i    uint32
	_    [layout.Line - 8]byte
	item T
}

func openFutex[T item](s side) (*futexLine[T], error) {
	out, in, err := cross(s, bareSize[T]()/2, func(mem []byte) (*futexWay[T], error) {
		return layout.View[futexWay[T]](mem, 0), nil
	})
	return &futexLine[T]{out: out, in: in}, err
}

func (l *futexLine[T]) send(i uint64) error {
	if len(l.v) > 1 {
		l.out.item = l.v
	}
	l.out.i = uint32(i)
	l.trips++
	l.out.word.Store(l.trips)
	futex.Wake(&l.out.word, 1)
	return nil
}

func (l *futexLine[T]) receive() (uint64, error) {
	for l.in.word.Load() == l.last {
		if err := futex.Wait(&l.in.word, l.last, 0); err != nil {
			return 0, err
		}
	}
	l.last = l.in.word.Load()
	if len(l.v) > 1 {
		l.v = l.in.item
	}
	return uint64(l.in.i), nil
}

// ringLine is a ring each way.
type ringLine[T item] struct {
	push func(T) error
	pop  func() (T, error)
}

func (l ringLine[T]) send(i uint64) error {
	var v T
	v[0] = i
	return l.push(v)
}

func (l ringLine[T]) receive() (uint64, error) {
	v, err := l.pop()
	return v[0], err
}

func spscLine[T item](o ring.Options) func(side) (ringLine[T], error) {
	return func(s side) (ringLine[T], error) {
		out, in, err := cross(s, ring.SizeSPSC[T](tripRing), func(mem []byte) (*ring.SPSC[T], error) {
			return openSPSC[T](s, mem, tripRing, o)
		})
		return ringLine[T]{func(v T) error { return out.Push(background, v) },
			func() (T, error) { return in.Pop(background) }}, err
	}
}

func mpmcLine[T item](o ring.Options) func(side) (ringLine[T], error) {
	return func(s side) (ringLine[T], error) {
		out, in, err := cross(s, ring.SizeMPMC[T](tripRing), func(mem []byte) (*ring.MPMC[T], error) {
			return openMPMC[T](s, mem, tripRing, o)
		})
		return ringLine[T]{func(v T) error { return out.Push(background, v) },
			func() (T, error) { return in.Pop(background) }}, err
	}
}

// claims are messages that are written and read in place; a copy into the claim stands for the writing.
type claims struct {
	out, in *ring.Record
	message []byte
}

func recordLine[T item](o ring.Options) func(side) (claims, error) {
	return func(s side) (claims, error) {
		room := tripRing * (bytesOf[T]() + 8)
		out, in, err := cross(s, ring.SizeRecord(room, nil), func(mem []byte) (*ring.Record, error) {
			return openRecord(s, mem, room, o)
		})
		return claims{out, in, make([]byte, bytesOf[T]())}, err
	}
}

func (l claims) send(i uint64) error {
	b, err := l.out.ClaimWait(background, len(l.message))
	if err != nil {
		return err
	}
	copy(b, l.message)
	binary.LittleEndian.PutUint64(b, i)
	l.out.Commit(len(b))
	return nil
}

func (l claims) receive() (uint64, error) {
	b, err := l.in.Next(background)
	if err != nil {
		return 0, err
	}
	defer l.in.Release()
	return binary.LittleEndian.Uint64(b), nil
}
