package arena

// Check walks the whole arena and returns the first thing that is not as it must be, as ErrCorrupt: the blocks tile it
// exactly, no two neighbours are free, the free lists hold the free blocks and nothing else, used and free add up, each
// name leads to a block that leads back. It is for tests and for tools; it takes time in proportion to the blocks.
func (a *Arena) Check() error {
	if err := a.enter(); err != nil {
		return err
	}
	done := true
	defer a.leave(&done)
	free, err := a.checkTiling()
	if err != nil {
		return err
	}
	if err := a.checkLists(free); err != nil {
		return err
	}
	return a.checkNames()
}

// checkTiling returns the free blocks with their sizes.
func (a *Arena) checkTiling() (map[uint64]uint64, error) {
	h := a.h
	freeBlocks := map[uint64]uint64{}
	var left, used, live, free, lastGen uint64
	wasFree := false
	for off := a.first; off < a.end; {
		b, w, err := a.at(off, "tiling")
		if err != nil {
			return nil, err
		}
		if b.left != left {
			return nil, corrupt("left neighbour", "block at %d says %d, it is %d", off, b.left, left)
		}
		isFree := w.kind() == kindFree
		switch {
		case isFree && wasFree:
			return nil, corrupt("tiling", "free blocks at %d and %d are neighbours", left, off)
		case w.kind() == kindEnding:
			return nil, corrupt("tiling", "block at %d is half freed", off)
		case isFree:
			freeBlocks[off] = w.size()
			free += w.size()
		default:
			used += w.size()
			live++
			lastGen = max(lastGen, b.gen.Load())
			if need := blockHeader + uint64(b.npy) + b.bytes; need > w.size() {
				return nil, corrupt("block", "at %d has %d bytes, its array needs %d", off, w.size(), need)
			}
			if off+w.size() > h.fresh {
				return nil, corrupt("fresh", "block at %d ends beyond the mark %d", off, h.fresh)
			}
		}
		left, wasFree = off, isFree
		off += w.size()
	}
	switch {
	case free+used != a.end-a.first:
		return nil, corrupt("tiling", "free %d + used %d is not the capacity %d", free, used, a.end-a.first)
	case used != h.used || live != h.live:
		return nil, corrupt("counters", "%d bytes in %d blocks, counted %d in %d", used, live, h.used, h.live)
	case h.mallocs-h.frees != live:
		return nil, corrupt("counters", "%d mallocs, %d frees, %d blocks", h.mallocs, h.frees, live)
	case lastGen > h.gen:
		return nil, corrupt("generation", "block of generation %d, last given is %d", lastGen, h.gen)
	}
	return freeBlocks, nil
}

func (a *Arena) checkLists(free map[uint64]uint64) error {
	h := a.h
	for f := range uint(levels) {
		if (h.first2>>f&1 != 0) != (h.second[f] != 0) {
			return corrupt("free list bitmap", "level %d", f)
		}
		for s := range uint(splits) {
			head := h.lists[f*splits+s]
			if (h.second[f]>>s&1 != 0) != (head != listEnd) {
				return corrupt("free list bitmap", "list %d of level %d", s, f)
			}
			prev := uint64(listEnd)
			for off := head; off != listEnd; {
				b, w, err := a.at(off, "free list")
				if err != nil {
					return err
				}
				size, ok := free[off]
				if !ok || size != w.size() {
					return corrupt("free list", "block at %d is not free, or listed twice", off)
				}
				delete(free, off)
				if cf, cs := classOf(size); cf != f || cs != s {
					return corrupt("free list", "block at %d of %d bytes is on list %d of level %d", off, size, s, f)
				}
				if b.prev != prev {
					return corrupt("free list", "block at %d does not lead back to %d", off, prev)
				}
				prev, off = off, b.next
			}
		}
	}
	for off := range free {
		return corrupt("free list", "free block at %d is on no list", off)
	}
	return nil
}

func (a *Arena) checkNames() error {
	named := uint64(0)
	for s := range a.names {
		sl := a.slot(s)
		w := sl.word.Load()
		if w == 0 || w == slotGone {
			continue
		}
		named++
		if !a.confirms(w, s) {
			return corrupt("catalogue", "slot %d leads to a block at %d that does not lead back", s, w&^kindMask)
		}
		name := string(sl.name[:min(int(sl.length), nameMax)])
		if off, _, at := a.lookup(name); off != w&^kindMask || at != s {
			return corrupt("catalogue", "%q in slot %d is not found", name, s)
		}
	}
	if named != a.h.named {
		return corrupt("catalogue", "%d names, counted %d", named, a.h.named)
	}
	return nil
}
