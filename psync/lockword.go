package psync

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
)

// An owner word: who writes what.
//
//	bits   meaning                           set by                              cleared by
//	0-29   tag of the owner, 0 when free     the taker, with one CAS             the owner's unlock; a taker after its death
//	30     the data may be half changed      whoever takes from the dead         the owner's unlock (it vouches), not abandon
//	31     somebody may sleep on the word    a waiter, before it sleeps          unlock, in the step that wakes
//
// While the owner lives and bit 31 is set, nobody but the owner changes the word. PROTOCOL.md, "Owner word".
const (
	flagHalf    = 1 << 30
	flagWaiters = 1 << 31

	halfBit = 30

	wakeHeir = 2 // a new owner, and one who then watches over the new owner's life
)

var errFinal = errors.New("psync: the word has its final value")

// tryLock takes w if it is free or its owner dead; err is an *OwnerDeadError when the lock has been taken from the
// dead.
func (p *member) tryLock(w *atomic.Uint32, final uint32) (ok bool, err error) {
	for {
		v := w.Load()
		if v == final && final != 0 {
			return false, errFinal
		}
		owner := v & tagMask
		if owner != 0 && p.alive(owner) {
			return false, nil
		}
		if ok, err := p.take(w, v, 0); ok {
			return true, err
		}
	}
}

// take makes this process the owner of w, whose value v names nobody, or a dead owner.
func (p *member) take(w *atomic.Uint32, v, keep uint32) (ok bool, err error) {
	owner := v & tagMask
	next := p.tag | v&(flagHalf|flagWaiters) | keep
	if owner != 0 {
		next |= flagHalf
	}
	if !w.CompareAndSwap(v, next) { // SYNC(owner): sees all that the last owner did before its unlock, or its death
		return false, nil
	}
	invariants.Point("lock.taken")
	if next&flagHalf != 0 {
		return true, &OwnerDeadError{owner}
	}
	return true, nil
}

// lock takes w. It returns nil, an *OwnerDeadError (both with w taken), errFinal when w has the value final
// (0: there is none), or an error of the wait.
func (p *member) lock(ctx context.Context, w *atomic.Uint32, final uint32) error {
	if w.CompareAndSwap(0, p.tag) { // SYNC(owner)
		invariants.Point("lock.taken")
		return nil
	}
	keep, wait := uint32(0), p.wait()
	wait.first = lockPauses
	defer wait.end()
	for {
		v := w.Load()
		owner := v & tagMask
		switch {
		case v == final && final != 0:
			return errFinal
		case owner == 0:
			if ok, err := p.take(w, v, keep); ok {
				return err
			}
			continue
		case wait.pause():
			continue
		case !p.alive(owner):
			if ok, err := p.take(w, v, keep); ok {
				return err
			}
			continue
		case v&flagWaiters == 0:
			if !w.CompareAndSwap(v, v|flagWaiters) {
				continue
			}
			v |= flagWaiters
			invariants.Point("lock.announced")
		}
		// SYNC(owner.sleep): sleeps only while the word still says so; pairs with the wake in unlock.
		if err := wait.sleep(ctx, futex.Word{Addr: w, Val: v}, lookAgain, owner); err != nil {
			return err
		}
		keep = flagWaiters // others may sleep still: whoever has slept cannot know
	}
}

// enterGuard takes a guard: an owner word that is held for a few stores only, however long its structure is waited for.
// Past stuckAfter it gives up with ErrStuck. first is how many pauses come before the first look at a guard that is held.
func (p *member) enterGuard(ctx context.Context, w *atomic.Uint32, first uint32) error {
	if w.CompareAndSwap(0, p.tag) { // SYNC(owner)
		invariants.Point("lock.taken")
		return nil
	}
	wait := p.wait()
	for wait.first = first; wait.pause(); {
		if w.Load() == 0 && w.CompareAndSwap(0, p.tag) { // SYNC(owner)
			invariants.Point("lock.taken")
			return nil
		}
	}
	bounded, cancel := context.WithTimeout(ctx, stuckAfter)
	defer cancel()
	err := p.lock(bounded, w, 0)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return ErrStuck
	}
	return err
}

// unlock gives w the value to (0, or a single bit) and wakes n sleepers, if this process owns it.
func (p *member) unlock(w *atomic.Uint32, toBit, n int) error {
	to := uint32(0)
	if toBit >= 0 {
		to = 1 << toBit
	}
	for {
		v := w.Load()
		if v&tagMask != p.tag {
			return ErrNotOwner
		}
		if v&flagWaiters != 0 {
			break
		}
		if w.CompareAndSwap(v, to) { // SYNC(owner): publishes what the owner did
			invariants.Point("unlock.freed")
			return nil
		}
	}
	invariants.Point("unlock.wake")
	// SYNC(owner.sleep): the word changes and the sleepers wake in one step.
	if toBit >= 0 {
		futex.WakeOp(w, futex.Set|futex.Bit, uint32(toBit), n)
	} else {
		futex.WakeOp(w, futex.Set, 0, n)
	}
	invariants.Point("unlock.woken")
	return nil
}
