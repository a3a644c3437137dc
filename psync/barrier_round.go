package psync

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
)

// arrival says what became of a party that came.
type arrival uint8

const (
	arrivedLate  arrival = iota // one too many for this round
	arrivedEarly                // it waits for others
	arrivedLast                 // all are there; this one runs the action
	arrivedDone                 // all were there, no action: the round is over
)

// enter takes the guard. A death under it, at whatever instruction, means that a party died: the barrier breaks.
func (b *Barrier) enter(ctx context.Context) error {
	err := b.enterGuard(ctx, &b.w.guard, firstPauses)
	var died *OwnerDeadError
	if errors.As(err, &died) {
		b.settle()
		b.breakUp(died.Tag)
		return nil
	}
	return err
}

func (b *Barrier) leave() error { return b.unlock(&b.w.guard, -1, wakeHeir) }

// arrive counts this party in.
func (b *Barrier) arrive(ctx context.Context) (index int, round uint32, state arrival, err error) {
	if err := b.enter(ctx); err != nil {
		return -1, 0, 0, err
	}
	index, round, state = int(b.w.arrived.Load()), b.w.round.Load()>>1, arrivedEarly
	switch {
	case b.w.broken.Load() != 0:
		return -1, round, 0, errors.Join(b.Broken(), b.leave())
	case index >= int(b.parties):
		return -1, round, arrivedLate, b.leave()
	}
	b.slot().Store(b.tag | slotWaits)
	invariants.Point("barrier.slot")
	b.w.arrived.Store(uint32(index + 1))
	invariants.Point("barrier.arrived")
	if index+1 == int(b.parties) {
		state = arrivedLast
		if b.action == nil {
			state = arrivedDone
			err = b.release()
		}
	}
	return index, round, state, errors.Join(err, b.leave())
}

// slot finds where to note this process: where it waited before, else a free slot, else that of a party that has not
// come, a dead one first: this process is there in its place. There is one, because fewer wait than there are slots.
func (b *Barrier) slot() *atomic.Uint32 {
	free, absent, dead := -1, -1, -1
	for i := range b.slots {
		v := b.slots[i].Load()
		if v == b.tag {
			return &b.slots[i]
		}
		if v == 0 && free < 0 {
			free = i
		}
		if v != 0 && v&slotWaits == 0 {
			absent = i
		}
	}
	for i := 0; free < 0 && dead < 0 && i < len(b.slots); i++ {
		if v := b.slots[i].Load(); v&slotWaits == 0 && b.marked(v) && !b.alive(v) {
			dead = i
		}
	}
	for _, i := range []int{free, dead, absent} {
		if i >= 0 {
			b.slots[i].Store(b.tag)
			return &b.slots[i]
		}
	}
	return &b.slots[0] // only in damaged memory
}

// complete runs the action of a round in which all are there, and ends it.
func (b *Barrier) complete(round uint32) error {
	ran := false
	defer func() {
		if !ran && b.enter(context.Background()) == nil { // a panic passes through
			if b.w.round.Load()>>1 == round {
				b.breakUp(0)
			}
			b.leave()
		}
	}()
	invariants.Point("barrier.action")
	b.action()
	invariants.Point("barrier.acted")
	ran = true
	if err := b.enter(context.Background()); err != nil {
		return err
	}
	var err error
	if b.w.round.Load()>>1 != round {
		err = b.outcome(round) // somebody broke it meanwhile
	} else {
		err = b.release()
	}
	return errors.Join(err, b.leave())
}

// release ends the round well, unless somebody who arrived has died since. The caller has the guard.
func (b *Barrier) release() error {
	for i := range b.slots {
		v := b.slots[i].Load()
		if tag := v & tagMask; v&slotWaits != 0 && b.marked(tag) && !b.alive(tag) {
			b.breakUp(tag)
			return &BrokenError{Dead: tag}
		}
	}
	b.finish(false)
	return nil
}

// breakUp breaks the barrier, because of the death of a party if dead is not 0. The caller has the guard.
func (b *Barrier) breakUp(dead uint32) {
	if dead != 0 || b.w.broken.Load() == 0 {
		b.w.dead.Store(dead)
	}
	b.w.broken.Store(1)
	invariants.Point("barrier.broken")
	b.finish(true)
}

// finish ends the round. The caller has the guard. A death before the store of result leaves a round that has not
// ended, which breaks; after it, one that ended as result says.
func (b *Barrier) finish(broken bool) {
	b.w.arrived.Store(0)
	for i := range b.slots {
		if v := b.slots[i].Load(); v&slotWaits != 0 {
			b.slots[i].Store(v &^ slotWaits)
		}
	}
	invariants.Point("barrier.emptied")
	bit := uint64(0)
	if broken {
		bit = 1
	}
	r := b.w.result.Load()
	b.w.result.Store((r>>32+1)&roundMask<<32 | uint64(uint32(r<<1)) | bit) // SYNC(barrier): how it ended
	invariants.Point("barrier.result")
	b.settle()
}

// settle lets round follow result, and wakes whoever sleeps. The caller has the guard.
func (b *Barrier) settle() {
	for {
		v, ended := b.w.round.Load(), uint32(b.w.result.Load()>>32)&roundMask
		switch {
		case v>>1 == ended:
			return
		case v&roundSleeps != 0 && v+1 == ended<<1:
			futex.WakeOp(&b.w.round, futex.Add, roundSleeps, everyone) // SYNC(barrier): carries into the count
		case b.w.round.CompareAndSwap(v, ended<<1) && v&roundSleeps != 0: // SYNC(barrier)
			futex.Wake(&b.w.round, everyone) // only in damaged memory
		}
	}
}

// outcome tells how a round that is over ended.
func (b *Barrier) outcome(round uint32) error {
	r := b.w.result.Load() // SYNC(barrier)
	ago := (uint32(r>>32) - 1 - round) & roundMask
	if ago < 32 && r>>ago&1 == 0 {
		return nil
	}
	return &BrokenError{Dead: b.w.dead.Load()}
}

// await waits for the end of the round.
func (b *Barrier) await(ctx context.Context, round uint32) error {
	wait := b.wait()
	defer wait.end()
	for {
		v := b.w.round.Load() // SYNC(barrier)
		switch {
		case v>>1 != round:
			return b.outcome(round)
		case wait.pause():
			continue
		case v&roundSleeps == 0:
			if !b.w.round.CompareAndSwap(v, v|roundSleeps) {
				continue
			}
			v |= roundSleeps
			invariants.Point("barrier.announced")
		}
		err := wait.sleep(ctx, futex.Word{Addr: &b.w.round, Val: v}, lookAgain, b.expected()...)
		if b.w.round.Load() != v {
			continue
		}
		if err != nil {
			return b.giveUp(round, err)
		}
		if err := b.mourn(round); err != nil {
			return err
		}
	}
}

// expected returns who waits, and who has waited before and may come.
func (b *Barrier) expected() []uint32 {
	tags := make([]uint32, 0, len(b.slots))
	for i := range b.slots {
		if tag := b.slots[i].Load() & tagMask; tag != 0 {
			tags = append(tags, tag)
		}
	}
	return tags
}

// giveUp breaks the barrier because the wait of this party failed.
func (b *Barrier) giveUp(round uint32, cause error) error {
	if err := b.enter(context.Background()); err != nil {
		return err
	}
	if b.w.round.Load()>>1 != round {
		return errors.Join(b.outcome(round), b.leave())
	}
	b.breakUp(0)
	return errors.Join(&BrokenError{Cause: cause}, b.leave())
}

// mourn breaks the barrier if one of its parties has died.
func (b *Barrier) mourn(round uint32) error {
	for i := range b.slots {
		tag := b.slots[i].Load() & tagMask
		if tag == 0 || b.alive(tag) {
			continue
		}
		if err := b.enter(context.Background()); err != nil {
			return err
		}
		if b.slots[i].Load()&tagMask == tag && b.w.round.Load()>>1 == round {
			b.breakUp(tag)
		}
		if err := b.leave(); err != nil {
			return err
		}
	}
	return nil
}
