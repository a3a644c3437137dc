package arena

import (
	"fmt"
	"iter"
	"strings"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/invariants"
)

// The catalogue is a hash table of fixed size with linear probing. A name is there when the word of its slot is: one
// store adds it, one store removes it.

func checkName(name string) error {
	if name == "" || len(name) > nameMax || strings.IndexByte(name, 0) >= 0 {
		return fmt.Errorf("%w %q: 1 to %d bytes, none of them zero", ErrName, name, nameMax)
	}
	return nil
}

// hashName is FNV-1a: every process must compute the same.
func hashName(name string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return h ^ h>>32
}

// probe walks the slots on which name may lie, in order.
func (a *Arena) probe(name string) iter.Seq2[uint64, *slot] {
	return func(yield func(uint64, *slot) bool) {
		s := hashName(name) & (a.names - 1)
		for range a.names {
			if !yield(s, a.slot(s)) {
				return
			}
			s = (s + 1) & (a.names - 1)
		}
	}
}

// lookup returns the block offset that name stands for, and the first slot that could take the name.
func (a *Arena) lookup(name string) (off uint64, vacant *slot, number uint64) {
	for s, sl := range a.probe(name) {
		w := sl.word.Load() // SYNC(arena.slot)
		switch {
		case w == 0 || w == slotGone:
			if vacant == nil {
				vacant, number = sl, s
			}
			if w == 0 {
				return 0, vacant, number
			}
		case sl.holds(name) && sl.word.Load() == w:
			return w &^ kindMask, nil, s
		}
	}
	return 0, vacant, number
}

func (s *slot) holds(name string) bool {
	return int(s.length) == len(name) && string(s.name[:len(name)]) == name
}

// vacancy returns an error when name cannot be given to a new array.
func (a *Arena) vacancy(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := a.enter(); err != nil {
		return err
	}
	done := true
	defer a.leave(&done)
	_, _, err := a.vacantLocked(name)
	return err
}

func (a *Arena) vacantLocked(name string) (*slot, uint64, error) {
	off, sl, number := a.lookup(name)
	if off != 0 {
		return nil, 0, fmt.Errorf("%w: %q", ErrExists, name)
	}
	if sl == nil {
		return nil, 0, fmt.Errorf("%w: all %d slots are taken, no room for %q", ErrNamesFull, a.names, name)
	}
	return sl, number, nil
}

// publish names the block of g and finishes it, both or neither.
func (a *Arena) publish(g *grant, name string) error {
	if err := a.enter(); err != nil {
		return err
	}
	done := false
	defer a.leave(&done)
	sl, number, err := a.vacantLocked(name)
	if err != nil {
		derr := a.drop(g.off, g.b, g.size)
		done = derr == nil
		return err
	}
	invariants.Point("arena.name.begun")
	sl.length = uint8(copy(sl.name[:], name))
	g.b.slot = uint32(number) + 1
	g.b.flags.Or(flagNamed)
	invariants.Point("arena.name.written")
	asm.StoreRelease64(&sl.word, g.off|slotLive) // SYNC(arena.slot): publishes the name
	a.h.named++
	invariants.Point("arena.name.committed")
	g.finish()
	done = true
	return nil
}

// unname removes the name of the block at off, if it has one.
func (a *Arena) unname(off uint64, b *block) {
	if b.flags.Load()&flagNamed == 0 || b.slot == 0 || uint64(b.slot) > a.names {
		return
	}
	s := uint64(b.slot) - 1
	sl := a.slot(s)
	if sl.word.Load() != off|slotLive {
		return
	}
	sl.word.Store(slotGone)
	a.h.named--
	invariants.Point("arena.name.removed")
	// A tombstone before an empty slot holds no probe together.
	for sl.word.Load() == slotGone && a.slot((s+1)&(a.names-1)).word.Load() == 0 {
		sl.word.Store(0)
		s = (s - 1) & (a.names - 1)
		sl = a.slot(s)
	}
}

// locate returns the block of a name.
func (a *Arena) locate(name string) (Handle, error) {
	if err := checkName(name); err != nil {
		return Handle{}, err
	}
	if !a.readOnly {
		if err := a.enter(); err != nil {
			return Handle{}, err
		}
		done := true
		defer a.leave(&done)
	}
	off, _, _ := a.lookup(name)
	if off == 0 {
		return Handle{}, fmt.Errorf("%w: %q", ErrNotFound, name)
	}
	b, w, err := a.at(off, "catalogue slot of "+name)
	if err != nil {
		return Handle{}, err
	}
	gen := b.gen.Load()
	if w.kind() != kindUsed {
		return Handle{}, fmt.Errorf("%w: %q", ErrNotFound, name)
	}
	return Handle{Offset: off, Gen: gen}, nil
}

// Names returns the names of all named arrays, in no particular order.
func (a *Arena) Names() ([]string, error) {
	if !a.readOnly {
		if err := a.enter(); err != nil {
			return nil, err
		}
		done := true
		defer a.leave(&done)
	}
	var names []string
	for s := range a.names {
		sl := a.slot(s)
		w := sl.word.Load() // SYNC(arena.slot)
		if w == 0 || w == slotGone {
			continue
		}
		name := string(sl.name[:min(int(sl.length), nameMax)])
		if sl.word.Load() == w {
			names = append(names, name)
		}
	}
	return names, nil
}
