package psync

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/internal/layout"
)

// BarrierWord is the front of a barrier; its table of parties follows. It has [BarrierSize] bytes with it.
//
// Who writes what:
//
//	word     writer              readers   meaning
//	magic    creator             all       0 until the header is whole
//	parties  creator             all       how many have to meet; never changes
//	guard    any                 all       owner word: everything below but bit 0 of round is changed under it
//	arrived  guard's owner       all       how many wait now
//	broken   guard's owner       all       1 until Reset
//	dead     guard's owner       all       tag of the party whose death broke it
//	round    guard's owner       all       futex: bit 0 somebody may sleep (waiters set it), bits 1-31 rounds that ended
//	result   guard's owner       all       bits 0-31 how the last 32 rounds ended (1: broken), bits 32-62 rounds that ended
//	slots    guard's owner       all       tag of a party, bit 31: it waits in this round
//
// result is stored before round: for a moment, or after a death for longer, it is one round ahead.
type BarrierWord struct {
	magic   atomic.Uint32
	parties uint32
	guard   atomic.Uint32
	arrived atomic.Uint32
	broken  atomic.Uint32
	dead    atomic.Uint32
	round   atomic.Uint32
	_       uint32
	result  atomic.Uint64
}

const (
	barrierMagic  = 0x42410001 // "BA", layout 1
	barrierHeader = 40
	partiesMax    = 1 << 16

	slotWaits   = 1 << 31
	roundSleeps = 1
	roundMask   = 1<<31 - 1
)

// BarrierOptions configures a barrier, or one process's handle of it. A nil *BarrierOptions means the defaults.
type BarrierOptions struct {
	Members Members       // nil means that only this process uses the memory
	Action  func()        // the last party to arrive runs its own Action once, before anyone goes on; nil means none
	Timeout time.Duration // how long a Wait without an earlier deadline waits; 0 means as long as it takes
}

// BarrierSize is the size of a barrier: 40 bytes, and 4 per party.
func BarrierSize(parties int) int { return layout.RoundUp(barrierHeader+4*max(parties, 0), 8) }

// Barrier is this process's handle of a place where parties meet. A party is a call of Wait: several goroutines of one
// process may be parties. All its methods may be called by any goroutine.
//
// A barrier breaks, for everyone who waits and until Reset, when somebody calls Abort, when a Wait's ctx ends, when an
// action panics, and when a party dies: one that waits, one that runs the action, or one that waited in an earlier
// round (or called Join) and has not come yet.
type Barrier struct {
	*member
	w       *BarrierWord
	slots   []atomic.Uint32
	parties uint32
	action  func()
	timeout time.Duration
}

// CreateBarrier makes the front of mem, [BarrierSize] bytes from a multiple of 8, a barrier for that many parties.
func CreateBarrier(mem []byte, parties int, o *BarrierOptions) (*Barrier, error) {
	if parties < 1 || parties > partiesMax {
		return nil, fmt.Errorf("psync: %d parties are not between 1 and %d", parties, partiesMax)
	}
	size := BarrierSize(parties)
	if err := place(mem, size, wordAlign); err != nil {
		return nil, err
	}
	w := layout.View[BarrierWord](mem, 0)
	w.magic.Store(0)
	clear(mem[4:size])
	w.parties = uint32(parties)
	w.magic.Store(barrierMagic) // SYNC(barrier.magic): the rest is whole
	return newBarrier(mem, w, parties, o), nil
}

// AttachBarrier returns a handle of the barrier at the front of mem.
func AttachBarrier(mem []byte, o *BarrierOptions) (*Barrier, error) {
	if err := place(mem, barrierHeader, wordAlign); err != nil {
		return nil, err
	}
	w := layout.View[BarrierWord](mem, 0)
	if m := w.magic.Load(); m != barrierMagic { // SYNC(barrier.magic)
		return nil, fmt.Errorf("%w: magic %#x is not a barrier's", ErrCorrupt, m)
	}
	parties := int(w.parties)
	if parties < 1 || parties > partiesMax || len(mem) < BarrierSize(parties) {
		return nil, fmt.Errorf("%w: a barrier of %d parties in %d bytes", ErrCorrupt, parties, len(mem))
	}
	return newBarrier(mem, w, parties, o), nil
}

func newBarrier(mem []byte, w *BarrierWord, parties int, o *BarrierOptions) *Barrier {
	var c BarrierOptions
	if o != nil {
		c = *o
	}
	slots := layout.Slice[atomic.Uint32](mem, barrierHeader, parties)
	return &Barrier{newMember(c.Members), w, slots, uint32(parties), c.Action, c.Timeout}
}

// Parties returns how many have to meet.
func (b *Barrier) Parties() int { return int(b.parties) }

// Waiting returns how many wait now.
func (b *Barrier) Waiting() int { return int(min(b.w.arrived.Load(), b.parties)) }

// Broken returns nil, or a *[BrokenError] that says whose death broke the barrier, if it was one.
func (b *Barrier) Broken() error {
	if b.w.broken.Load() == 0 {
		return nil
	}
	return &BrokenError{Dead: b.w.dead.Load()}
}

// Wait meets the other parties: it returns when as many as the barrier has are there. index is this party's place in
// the order of arrival; exactly one party has 0. The error is a *[BrokenError] when the barrier is or gets broken; the
// end of ctx breaks it for everyone. An action that panics does too, and the panic goes on. [ErrStuck] is the one other
// error, and the end of a ctx that came before this party was counted.
func (b *Barrier) Wait(ctx context.Context) (index int, err error) {
	if b.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, b.timeout)
		defer cancel()
	}
	for {
		index, round, state, err := b.arrive(ctx)
		switch {
		case err != nil:
			return -1, err
		case state == arrivedLast:
			return index, b.complete(round)
		case state == arrivedEarly:
			return index, b.await(ctx, round)
		case state == arrivedDone:
			return index, nil
		}
		// All are there, this party is one too many for this round: it comes to the next one.
		if err := b.await(ctx, round); err != nil && ctx.Err() != nil {
			return -1, err
		}
	}
}

// Join makes this process known as a party before its first Wait, so that its death breaks the barrier.
func (b *Barrier) Join() error {
	if err := b.enter(context.Background()); err != nil {
		return err
	}
	b.slot()
	return b.leave()
}

// Leave makes the barrier forget this process, unless it waits: its end then breaks nothing. Somebody else has to take
// its place.
func (b *Barrier) Leave() error {
	if err := b.enter(context.Background()); err != nil {
		return err
	}
	for i := range b.slots {
		if b.slots[i].Load() == b.tag {
			b.slots[i].Store(0)
		}
	}
	return b.leave()
}

// Abort breaks the barrier: whoever waits, or comes before Reset, gets a *[BrokenError].
func (b *Barrier) Abort() error {
	if err := b.enter(context.Background()); err != nil {
		return err
	}
	b.breakUp(0)
	return b.leave()
}

// Reset makes the barrier whole and empty. Whoever waits gets a *[BrokenError]. Who was a party is forgotten.
func (b *Barrier) Reset() error {
	if err := b.enter(context.Background()); err != nil {
		return err
	}
	if b.w.arrived.Load() > 0 {
		b.finish(true)
	}
	for i := range b.slots {
		b.slots[i].Store(0)
	}
	b.w.dead.Store(0)
	b.w.broken.Store(0)
	return b.leave()
}
