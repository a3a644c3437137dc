package arena

import (
	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// grant is a block in the making: allocated, not yet cleared, unknown to everyone else.
type grant struct {
	b     *block
	off   uint64
	size  uint64
	gen   uint64
	clean uint64 // bytes of the memory from here on are zero already
}

// alloc takes a block for npy bytes of header and n bytes of elements. When the caller dies before it calls finish,
// the block is freed by the next repair, Reap, or allocation that finds no space.
func (a *Arena) alloc(npy, n int) (grant, error) {
	if n > sizeMax || uint64(n) > a.end {
		return grant{}, a.noSpace(uint64(min(n, sizeMax)))
	}
	need := uint64(blockHeader + npy + layout.RoundUp(n, granule))
	if err := a.enter(); err != nil {
		return grant{}, err
	}
	done := false
	defer a.leave(&done)
	off, err := a.find(need)
	if err == nil && off == 0 {
		if _, err = a.reapLocked(true); err == nil {
			off, err = a.find(need)
		}
	}
	switch {
	case err != nil:
		return grant{}, err
	case off == 0:
		done = true
		return grant{}, a.noSpaceLocked(need)
	}
	g, ok, err := a.take(off, need, uint32(npy), uint64(n))
	done = ok
	return g, err
}

// take turns the free block at off into one that is being made, cutting off what it does not need. The arena is whole
// when ok, even if there is an error.
func (a *Arena) take(off, need uint64, npy uint32, n uint64) (g grant, ok bool, err error) {
	h, b := a.h, a.place(off)
	size := stateWord(b.state.Load()).size()
	rest := size - need
	if rest < splitMin {
		need, rest = size, 0
	}
	mark := off + need
	if rest > 0 {
		mark += blockHeader
	}
	if a.settle != nil {
		a.settle(int(off)+blockHeader+int(npy), int(n), int(h.reserved))
	}
	if mark > h.reserved && a.reserve != nil {
		reserved, err := a.back(int(h.reserved), int(mark))
		if err != nil {
			return grant{}, true, err
		}
		h.reserved = uint64(reserved)
	}
	clean := h.fresh
	if mark > clean {
		h.fresh = mark // before any byte up to there is touched
	}
	invariants.Point("arena.alloc.reserved")
	if err := a.unlink(off, b, size); err != nil {
		return grant{}, false, err
	}
	invariants.Point("arena.alloc.unlinked")
	h.gen++
	g = grant{b: b, off: off, size: need, gen: h.gen, clean: clean}
	b.bytes, b.npy, b.slot = n, npy, 0
	asm.StoreRelease64(&b.gen, g.gen)
	asm.StoreRelease32(&b.owner, a.tag)
	asm.StoreRelease32(&b.flags, 0)
	var r *block
	if rest > 0 {
		r = a.place(off + need)
		r.left = off
		asm.StoreRelease64(&r.state, stateOf(rest, kindFree)) // inside the body of a free block: means nothing yet
		a.setLeft(off+size, off+need)
	}
	invariants.Point("arena.alloc.split")
	asm.StoreRelease64(&b.state, stateOf(need, kindMaking)) // commits the allocation and the split at once
	invariants.Point("arena.alloc.committed")
	if r != nil {
		a.insert(off+need, r, rest)
	}
	invariants.Point("arena.alloc.inserted")
	h.used += need
	h.live++
	h.mallocs++
	return g, true, nil
}

// setLeft notes in the block at off, if there is one, where its left neighbour begins.
func (a *Arena) setLeft(off, left uint64) {
	if off < a.end {
		if b := a.place(off); b != nil {
			b.left = left
		}
	}
}

// finish publishes a block whose bytes are in place.
func (g *grant) finish() {
	invariants.Point("arena.alloc.filled")
	asm.StoreRelease64(&g.b.state, stateOf(g.size, kindUsed)) // SYNC(arena.state): publishes header and elements
	invariants.Point("arena.alloc.finished")
}

// release frees the block at off if it is still of generation gen.
func (a *Arena) release(off, gen uint64) error {
	if err := a.enter(); err != nil {
		return err
	}
	done := false
	defer a.leave(&done)
	b, w, err := a.at(off, "handle")
	if err != nil {
		done = true
		return err
	}
	if (w.kind() != kindUsed && w.kind() != kindMaking) || b.gen.Load() != gen {
		done = true
		return ErrStale
	}
	err = a.drop(off, b, w.size())
	done = err == nil
	return err
}

// drop frees the used block at off: its name first, then the block, merged with its free neighbours by one store.
func (a *Arena) drop(off uint64, b *block, size uint64) error {
	invariants.Point("arena.free.begun")
	// The intent, in the block itself: from here on every handle is stale, and whoever repairs completes it.
	asm.StoreRelease64(&b.state, stateOf(size, kindEnding)) // SYNC(arena.state)
	invariants.Point("arena.free.ending")
	a.unname(off, b)
	invariants.Point("arena.free.unnamed")
	start, total, left := off, size, b.left
	if off+size < a.end {
		r, w, err := a.at(off+size, "block after a freed one")
		if err != nil {
			return err
		}
		if w.kind() == kindFree {
			if err := a.unlink(off+size, r, w.size()); err != nil {
				return err
			}
			total += w.size()
		}
	}
	if off > a.first {
		l, w, err := a.at(left, "left neighbour")
		if err != nil {
			return err
		}
		if left+w.size() != off {
			return corrupt("left neighbour", "block at %d of %d bytes does not reach %d", left, w.size(), off)
		}
		if w.kind() == kindFree {
			if err := a.unlink(left, l, w.size()); err != nil {
				return err
			}
			start, total = left, total+w.size()
		}
	}
	invariants.Point("arena.free.unlinked")
	f := a.place(start)
	asm.StoreRelease64(&f.state, stateOf(total, kindFree)) // commits the free and both merges at once
	invariants.Point("arena.free.committed")
	a.setLeft(start+total, start)
	a.insert(start, f, total)
	invariants.Point("arena.free.inserted")
	a.h.used -= size
	a.h.live--
	a.h.frees++
	return nil
}

func (a *Arena) noSpace(need uint64) error {
	if err := a.enter(); err != nil {
		return err
	}
	done := true
	defer a.leave(&done)
	return a.noSpaceLocked(need)
}

func (a *Arena) noSpaceLocked(need uint64) error {
	e := &NoSpaceError{Need: int(need), Free: int(a.end - a.first - a.h.used), Place: "the arena"}
	for f := levels - 1; f >= 0 && e.Largest == 0; f-- {
		for s := splits - 1; s >= 0 && e.Largest == 0; s-- {
			off := a.h.lists[f*splits+s]
			for range noSpaceLook {
				b, w, err := a.at(off, "free list")
				if err != nil {
					break
				}
				e.Largest = max(e.Largest, int(w.size()))
				off = b.next
			}
		}
	}
	return e
}

const noSpaceLook = 1000 // blocks of the highest list that are looked at to name the largest
