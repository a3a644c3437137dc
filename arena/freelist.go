package arena

import "math/bits"

// The free lists are segregated by size in two levels, as in M. Masmano, I. Ripoll, A. Crespo, J. Real, "TLSF: a new
// dynamic memory allocator for real-time systems" (ECRTS 2004): powers of two, each cut into sixteen, with a bitmap
// over each level, so that finding, taking and returning a block take constant time. All of it is derived from the
// tiling and never trusted after a death.

// classOf returns the list on which a free block of size bytes is kept.
func classOf(size uint64) (f, s uint) {
	u := size / granule
	if u < splits {
		return 0, uint(u)
	}
	top := uint(bits.Len64(u)) - 1
	return top - linear + 1, uint(u>>(top-linear)) & (splits - 1)
}

// classAbove returns the first list on which every block has at least size bytes.
func classAbove(size uint64) (f, s uint) {
	u := size / granule
	if u >= splits {
		u += 1<<(bits.Len64(u)-1-linear) - 1
	}
	return classOf(u * granule)
}

// find returns a free block of at least size bytes, or 0. It changes nothing.
func (a *Arena) find(size uint64) (uint64, error) {
	f, s := classAbove(size)
	if f < levels {
		if m := a.h.second[f] & (^uint16(0) << s); m != 0 {
			return a.listHead(f, uint(bits.TrailingZeros16(m)), size)
		}
		if m := a.h.first2 & (^uint64(0) << (f + 1)); m != 0 {
			f = uint(bits.TrailingZeros64(m))
			if f >= levels || a.h.second[f] == 0 {
				return 0, corrupt("free list bitmap", "level %d is marked but empty", f)
			}
			return a.listHead(f, uint(bits.TrailingZeros16(a.h.second[f])), size)
		}
	}
	// Nothing is surely large enough. The list of the size itself may still hold a block that is.
	f, s = classOf(size)
	if f >= levels {
		return 0, nil
	}
	off := a.h.lists[f*splits+s]
	for range a.end / splitMin {
		if off == listEnd {
			return 0, nil
		}
		b, w, err := a.at(off, "free list")
		if err != nil {
			return 0, err
		}
		if w.kind() == kindFree && w.size() >= size {
			return off, nil
		}
		off = b.next
	}
	return 0, corrupt("free list", "list %d of level %d never ends", s, f)
}

func (a *Arena) listHead(f, s uint, size uint64) (uint64, error) {
	off := a.h.lists[f*splits+s]
	_, w, err := a.at(off, "free list")
	if err != nil {
		return 0, err
	}
	if w.kind() != kindFree || w.size() < size {
		return 0, corrupt("free list", "block at %d is %#x, not free with %d bytes", off, uint64(w), size)
	}
	return off, nil
}

// insert puts the free block at off on its list.
func (a *Arena) insert(off uint64, b *block, size uint64) {
	f, s := classOf(size)
	head := &a.h.lists[f*splits+s]
	b.prev, b.next = listEnd, *head
	if old := a.place(*head); old != nil {
		old.prev = off
	}
	*head = off
	a.h.second[f] |= 1 << s
	a.h.first2 |= 1 << f
}

// unlink takes the free block at off from its list.
func (a *Arena) unlink(off uint64, b *block, size uint64) error {
	f, s := classOf(size)
	head := &a.h.lists[f*splits+s]
	next, prev := b.next, b.prev
	if next != listEnd {
		n := a.place(next)
		if n == nil || n.prev != off {
			return corrupt("free list", "block at %d is followed by %d, which does not lead back", off, next)
		}
		n.prev = prev
	}
	if prev != listEnd {
		p := a.place(prev)
		if p == nil || p.next != off {
			return corrupt("free list", "block at %d is preceded by %d, which does not lead to it", off, prev)
		}
		p.next = next
		return nil
	}
	if *head != off {
		return corrupt("free list", "block at %d is on no list", off)
	}
	*head = next
	if next == listEnd {
		a.h.second[f] &^= 1 << s
		if a.h.second[f] == 0 {
			a.h.first2 &^= 1 << f
		}
	}
	return nil
}

func (a *Arena) clearLists() {
	a.h.first2 = 0
	a.h.second = [levels]uint16{}
	a.h.lists = [levels * splits]uint64{}
}
