package arena

import (
	"errors"
	"math"
	"runtime"
	"time"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
)

// The arena's lock is one word that holds the tag of whoever changes the arena. It is held for some hundred
// nanoseconds: clearing memory happens outside. A holder that died is found by asking Members, and its successor
// repairs before it does anything else.
const (
	lockTag     = 1<<30 - 1
	lockBroken  = 1 << 30 // the last holder gave up half-way (a panic): the next one repairs
	lockWaiters = 1 << 31 // somebody sleeps

	lockSpins    = 40
	lockPauses   = 32
	pollUnhelped = 20 * time.Millisecond // how often a sleeper asks for the owner's life when it has no life word
	pollHelped   = time.Second
)

// enter takes the lock; an error means that it is not held.
func (a *Arena) enter() error {
	if a.readOnly {
		return ErrReadOnly
	}
	if a.h.lock.CompareAndSwap(0, a.tag) { // SYNC(arena.lock): sees what the last holder stored
		invariants.Point("arena.lock.taken")
		return nil
	}
	return a.enterSlow()
}

func (a *Arena) enterSlow() error {
	for spins := 0; ; {
		w := a.h.lock.Load()
		switch owner := w & lockTag; {
		case owner == 0:
			if a.h.lock.CompareAndSwap(w, a.tag|w&lockWaiters) {
				if w&lockBroken != 0 {
					return a.repairOrLeave()
				}
				invariants.Point("arena.lock.taken")
				return nil
			}
		case spins < lockSpins:
			spins++
			asm.Pause(lockPauses)
			if spins%8 == 0 {
				runtime.Gosched()
			}
		case owner != a.tag && !a.members.Alive(owner):
			if a.h.lock.CompareAndSwap(w, a.tag|w&lockWaiters) {
				invariants.Point("arena.lock.inherited")
				return a.repairOrLeave()
			}
		default:
			a.sleep(w, owner)
		}
	}
}

// sleep waits until the lock word is no longer w, or its owner dies, or it is time to look again.
func (a *Arena) sleep(w, owner uint32) {
	if w&lockWaiters == 0 {
		if !a.h.lock.CompareAndSwap(w, w|lockWaiters) {
			return
		}
		w |= lockWaiters
	}
	words := [2]futex.Word{{Addr: &a.h.lock, Val: w}}
	list, limit := words[:1], pollUnhelped
	life, val := a.members.Life(owner)
	if life != nil && owner != a.tag {
		words[1] = futex.Word{Addr: life, Val: val}
		list, limit = words[:2], pollHelped
	}
	err := futex.WaitAny(futex.After(limit), list...)
	if life != nil && life.Load() != val {
		futex.Wake(life, math.MaxInt32) // the kernel woke one sleeper only: the others learn it from here
		time.Sleep(50 * time.Microsecond)
	}
	if err != nil && !errors.Is(err, futex.ErrTimeout) {
		time.Sleep(50 * time.Microsecond) // no futex on this system
	}
}

// leave gives the lock back; done is false when a panic unwinds and the arena has to be repaired.
func (a *Arena) leave(done *bool) {
	var next uint32
	if !*done {
		next = lockBroken
	}
	invariants.Point("arena.lock.leaving")
	if a.h.lock.Swap(next)&lockWaiters != 0 { // SYNC(arena.lock)
		invariants.Point("arena.lock.left")
		// All of them: one that was woken alone might die before it takes the lock, and the others would sleep on.
		futex.Wake(&a.h.lock, math.MaxInt32)
	}
}

func (a *Arena) repairOrLeave() error {
	done := false
	err := func() error {
		defer func() {
			if !done {
				a.leave(&done)
			}
		}()
		err := a.repair()
		done = err == nil
		return err
	}()
	return err
}
