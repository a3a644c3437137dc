package main

import (
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/psync"
)

// events are an event each way, each with a word behind it.
type events struct{ out, in *eventWord }

type eventWord struct {
	*psync.Event
	i *atomic.Uint64
}

func openEvents(s side) (events, error) {
	out, in, err := cross(s, wordsSize/2, func(mem []byte) (*eventWord, error) {
		e, err := psync.AttachEvent(mem, &psync.Options{Members: s.members})
		return &eventWord{e, layout.View[atomic.Uint64](mem, 8)}, err
	})
	return events{out, in}, err
}

func (e events) send(i uint64) error {
	e.out.i.Store(i)
	e.out.Set()
	return nil
}

func (e events) receive() (uint64, error) {
	err := e.in.Wait(background)
	e.in.Clear()
	return e.in.i.Load(), err
}

// bareBarrier is the limit of a barrier of two: each says on a line of its own how far it is, and waits for the other.
func bareBarrier(s side) (part, error) {
	out, in, err := cross(s, wordsSize/2, func(mem []byte) (*atomic.Uint64, error) {
		return layout.View[atomic.Uint64](mem, 0), nil
	})
	round := uint64(0)
	return func(n int, _ *hdrhistogram.Histogram) error {
		for range n {
			round++
			asm.StoreRelease64(out, round)
			for in.Load() < round {
				asm.Pause(1)
			}
		}
		return nil
	}, err
}

func barriers(s side) (part, error) {
	o := &psync.BarrierOptions{Members: s.members}
	var b *psync.Barrier
	var err error
	if s.home {
		b, err = psync.CreateBarrier(s.mem, 2, o)
	} else {
		b, err = psync.AttachBarrier(s.mem, o)
	}
	return func(n int, _ *hdrhistogram.Histogram) error {
		for range n {
			if _, err := b.Wait(background); err != nil {
				return err
			}
		}
		return nil
	}, err
}
