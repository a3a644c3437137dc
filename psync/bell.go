package psync

import (
	"sync/atomic"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
)

// bell is where waiters sleep whose condition lies in other words. Who changes a condition rings afterwards.
//
//	bits   meaning                       set by                      cleared by
//	0      somebody may sleep on it      a waiter, when it arms      a ring that found nobody
//	1      somebody waits for several    a waiter, when it arms      a ring that found nobody
//	2-31   how often it rang             ring                        -
//
// A waiter arms the bell, looks at its condition once more, and then sleeps on the value it armed; a ringer changes the
// condition, then looks at the bell. Both are full barriers, so one sees the other. PROTOCOL.md, "Bell".
type bell struct{ state atomic.Uint32 }

const (
	bellWaiters = 1
	bellSeveral = 2
	bellRing    = 4
)

// arm announces a waiter and returns what to sleep on.
func (b *bell) arm(several bool) futex.Word {
	want := uint32(bellWaiters)
	if several {
		want |= bellSeveral
	}
	for {
		v := b.state.Load()
		if v&want == want || b.state.CompareAndSwap(v, v|want) { // SYNC(bell): before the second look
			invariants.Point("bell.armed")
			return futex.Word{Addr: &b.state, Val: v | want}
		}
	}
}

// ring wakes n waiters, or all of them when one of them waits for several.
func (b *bell) ring(n int) {
	v := b.state.Load() // SYNC(bell): after the change of the condition
	if v&bellWaiters == 0 {
		return
	}
	if v&bellSeveral != 0 {
		n = everyone
	}
	invariants.Point("bell.ringing")
	if futex.WakeOp(&b.state, futex.Add, bellRing, n) > 0 {
		return
	}
	// Nobody slept. Whoever is on the way to sleep finds the word changed, and arms again if it must.
	futex.WakeOp(&b.state, futex.Andn, bellWaiters|bellSeveral, everyone)
}
