package ring

import (
	"math"
	"sync/atomic"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// Bell: who writes what.
//
//	word  writer               readers           invariant
//	seq   whoever wakes        sleepers, kernel  changes before every wake
//	flag  sleepers 1, wakers 0 publishers        1 while somebody sleeps that nobody is about to wake
//
// The argument for no lost wake-up is in PROTOCOL.md, "Sleeping".
type bell struct {
	seq  atomic.Uint32 // the futex word
	flag atomic.Uint32
	_    [layout.Line - 8]byte
}

// ring wakes the sleepers, if there are any. Publishers call it after their release store. No barrier lies between
// that store and the load here: whoever goes to sleep makes every processor pass one.
func (b *bell) ring() {
	if fenced || b.flag.Load() != 0 { // SYNC(bell.flag): pairs with sleep.
		b.ringSlow()
	}
}

//go:noinline
func (b *bell) ringSlow() {
	if fenced {
		fence.Add(1)
		if b.flag.Load() == 0 { // SYNC(bell.flag): pairs with sleep.
			return
		}
	}
	invariants.Point("bell.flagged")
	if b.flag.Swap(0) != 0 {
		invariants.Point("bell.cleared")
		b.ringNow()
	}
}

// ringNow wakes the sleepers, flag or no flag.
func (b *bell) ringNow() {
	b.seq.Add(1) // SYNC(bell.seq): pairs with sleep.
	invariants.Point("bell.stepped")
	futex.Wake(&b.seq, math.MaxInt32)
}

// publish stores v with release order.
func publish(word *atomic.Uint64, v uint64) { asm.StoreRelease64(word, v) }
