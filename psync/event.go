package psync

import (
	"context"
	"sync/atomic"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
)

// EventSize is the size of an [EventWord].
const EventSize = 4

// EventWord is a flag that processes wait for. Zero is a clear event. It may be a field of any pointer-free struct.
//
//	bits   meaning                         set by                        cleared by
//	0      somebody may sleep on the word  a waiter, before it sleeps    Clear
//	1      the event is set                Set                           Clear
//	2-31   how often it was cleared        Clear                         -
type EventWord struct{ state atomic.Uint32 }

const (
	eventWaiters = 1
	eventSet     = 2
	eventRound   = 4
)

// Event is this process's handle of a flag. All its methods may be called by any goroutine of any process, and no
// step of them needs repair: an event belongs to nobody.
type Event struct {
	*member
	w *atomic.Uint32
}

// CreateEvent makes the first [EventSize] bytes of mem, a multiple of 4 in address, a clear event.
func CreateEvent(mem []byte, o *Options) (*Event, error) {
	w, err := view[EventWord](mem, EventSize, true)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// AttachEvent returns a handle of the event at the front of mem. Any four bytes are an event.
func AttachEvent(mem []byte, o *Options) (*Event, error) {
	w, err := view[EventWord](mem, EventSize, false)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// Attach returns a handle of the event.
func (w *EventWord) Attach(o *Options) *Event { return &Event{o.member(), &w.state} }

// Set sets the event and wakes whoever waits for it. What was stored before is seen by those who return from Wait. It
// never waits: one store when nobody sleeps.
func (e *Event) Set() {
	for {
		v := e.w.Load()
		switch {
		case v&eventSet != 0:
			return
		case v&eventWaiters != 0:
			invariants.Point("event.wake")
			futex.WakeOp(e.w, futex.Or, eventSet, everyone) // SYNC(event): the store and the wake are one step
			invariants.Point("event.woken")
			return
		case e.w.CompareAndSwap(v, v|eventSet): // SYNC(event)
			invariants.Point("event.set")
			return
		}
	}
}

// Clear takes the flag back. Whoever slept when it was set returns from Wait all the same.
func (e *Event) Clear() {
	for {
		v := e.w.Load()
		if v&eventSet == 0 || e.w.CompareAndSwap(v, (v|(eventRound-1))+1) {
			return
		}
	}
}

// IsSet tells whether the event is set: one load.
func (e *Event) IsSet() bool { return e.w.Load()&eventSet != 0 } // SYNC(event)

// Wait returns nil when the event is set, or has been set at any moment since the call; ctx's error when ctx ended
// first.
func (e *Event) Wait(ctx context.Context) error {
	begin := e.w.Load()
	if begin&eventSet != 0 { // SYNC(event)
		return nil
	}
	wait := e.wait()
	defer wait.end()
	for {
		v := e.w.Load() // SYNC(event)
		switch {
		case v&eventSet != 0 || v/eventRound != begin/eventRound:
			return nil
		case wait.pause():
			continue
		case v&eventWaiters == 0:
			if !e.w.CompareAndSwap(v, v|eventWaiters) {
				continue
			}
			v |= eventWaiters
			invariants.Point("event.announced")
		}
		if err := wait.sleep(ctx, futex.Word{Addr: e.w, Val: v}, 0); err != nil {
			if now := e.w.Load(); now&eventSet != 0 || now/eventRound != begin/eventRound {
				return nil
			}
			return err
		}
	}
}

// String says set or clear.
func (e *Event) String() string {
	if e.IsSet() {
		return "event: set"
	}
	return "event: clear"
}
