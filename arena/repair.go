package arena

import (
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// repair makes the arena whole after its lock's holder died between any two instructions. It walks the tiling, which
// is always true, completes what was begun, and rebuilds everything that is derived. It may itself be killed anywhere:
// each of its steps is one that the next repair does again.
func (a *Arena) repair() error {
	invariants.Point("arena.repair.begun")
	h := a.h
	a.clearLists()
	var live, used uint64
	var free, freeSize, left uint64 // the free block that the walk is in or has just passed; 0 for none
	for off := a.first; off < a.end; {
		b, w, err := a.at(off, "tiling")
		if err != nil {
			return err
		}
		size, kind := w.size(), w.kind()
		b.left = left
		switch {
		case kind == kindEnding, kind == kindMaking && a.dead(b.owner.Load()):
			b.state.Store(stateOf(size, kindEnding))
			a.unname(off, b)
			invariants.Point("arena.repair.unnamed")
			fallthrough
		case kind == kindFree:
			if free != 0 {
				freeSize += size
				a.place(free).state.Store(stateOf(freeSize, kindFree))
			} else {
				free, freeSize, left = off, size, off
				b.state.Store(stateOf(size, kindFree))
			}
			invariants.Point("arena.repair.freed")
		default:
			if free != 0 {
				a.insert(free, a.place(free), freeSize)
			}
			free, left = 0, off
			live++
			used += size
		}
		off += size
	}
	if free != 0 {
		a.insert(free, a.place(free), freeSize)
	}
	invariants.Point("arena.repair.walked")
	h.live, h.used = live, used
	h.mallocs = max(h.mallocs, h.frees+live)
	h.frees = h.mallocs - live
	return a.repairNames()
}

func (a *Arena) dead(tag uint32) bool { return tag != a.tag && !a.members.Alive(tag) }

// Reap frees what dead members left behind: arrays that they were still making, and unnamed arrays whose handle or
// descriptor they never took, so that nobody can know them. It returns how many it freed. Call it when a member has
// died; nothing calls it by itself, except that an allocation which finds no space frees arrays still in the making.
func (a *Arena) Reap() (int, error) {
	if err := a.enter(); err != nil {
		return 0, err
	}
	done := false
	defer a.leave(&done)
	n, err := a.reapLocked(false)
	done = err == nil
	return n, err
}

// reapLocked frees the arrays that dead members were making, and, unless makingOnly, those that they never shared.
func (a *Arena) reapLocked(makingOnly bool) (int, error) {
	reaped := 0
	for off := a.first; off < a.end; {
		b, w, err := a.at(off, "tiling")
		if err != nil {
			return reaped, err
		}
		next := off + w.size()
		garbage := w.kind() == kindMaking || w.kind() == kindUsed && !makingOnly && b.flags.Load() == 0
		if garbage && a.dead(b.owner.Load()) {
			if err := a.drop(off, b, w.size()); err != nil {
				return reaped, err
			}
			reaped++
		}
		off = next // a free neighbour that was swallowed keeps its old header, which leads on
	}
	return reaped, nil
}

// repairNames removes names whose block is gone and block fields that no name confirms.
func (a *Arena) repairNames() error {
	named := uint64(0)
	for s := range a.names {
		sl := a.slot(s)
		w := sl.word.Load()
		if w == 0 || w == slotGone {
			continue
		}
		if !a.confirms(w, s) {
			sl.word.Store(slotGone)
			continue
		}
		named++
	}
	a.h.named = named
	return nil
}

// confirms tells whether the block that slot s points to exists and points back.
func (a *Arena) confirms(w, s uint64) bool {
	b := a.place(w &^ kindMask)
	return w&kindMask == slotLive && b != nil && b.flags.Load()&flagNamed != 0 && uint64(b.slot) == s+1 &&
		stateWord(b.state.Load()).valid() && stateWord(b.state.Load()).kind() == kindUsed
}

func (a *Arena) slot(s uint64) *slot { return layout.View[slot](a.mem, headerSize+int(s)*slotSize) }
