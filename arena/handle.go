package arena

import "fmt"

// Handle names an array of an arena, for other processes: 16 bytes without pointers. A freed array's handle is stale
// for ever, even when its memory is used again.
type Handle struct {
	Offset uint64 // of the array's block from the start of the arena's memory
	Gen    uint64
}

// Handle returns the array's handle, and notes in the arena that others may know the array from now on, so that Reap
// leaves it alone. It is the zero Handle, which is always stale, for views and arrays outside an arena.
func (f *frame) Handle() Handle {
	h := f.Place()
	if h != (Handle{}) {
		f.share()
	}
	return h
}

// Place is Handle without the note: for who writes down where an array lies before anybody may know it, and calls Handle when
// that is done. Until then Reap frees the array if this process dies.
func (f *frame) Place() Handle {
	if f.home != &f.own || f.home.block == 0 {
		return Handle{}
	}
	return Handle{Offset: f.home.block, Gen: f.home.gen}
}

// share sets the flag that keeps Reap away, if the array still exists. It does so under the lock: by now the block may
// be the middle of another array.
func (f *frame) share() {
	h := f.home
	if h.arena == nil || h.arena.readOnly || h.over.Load() || h.shared.Load() {
		return // rebuilt from a descriptor: the flag has been set when that was taken
	}
	if h.arena.enter() != nil {
		return // every use of the handle will say the same
	}
	done := true
	defer h.arena.leave(&done)
	b := h.arena.place(h.block)
	if b != nil && stateWord(b.state.Load()).kind() == kindUsed && b.gen.Load() == h.gen {
		b.flags.Or(flagShared)
		h.shared.Store(true)
	}
}

// Lookup returns the array of that name. It is ErrNotFound when there is none, ErrType when it has another element
// type.
func Lookup[T Element](a *Arena, name string) (*Array[T], error) {
	h, err := a.locate(name)
	if err != nil {
		return nil, err
	}
	x, err := Resolve[T](a, h)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	return x, nil
}

// Resolve returns the array that a handle stands for. It is ErrStale when the array has been freed since, ErrType when
// it has another element type, ErrCorrupt when the handle cannot be one of this arena.
func Resolve[T Element](a *Arena, h Handle) (*Array[T], error) {
	x := new(Array[T])
	header, start, err := a.open(h)
	if err != nil {
		return nil, err
	}
	if want := DTypeOf[T](); header.DType != want {
		return nil, wrongType("the array", header.DType, want)
	}
	x.own.mem, x.own.readOnly = a.mem, a.readOnly
	x.own.arena, x.own.block, x.own.gen = a, h.Offset, h.Gen
	x.own.shared.Store(true) // whoever has the handle took it, or looked up a name
	x.home = &x.own
	count, _, err := bytesOf(header.DType, header.Shape)
	if err != nil {
		return nil, corrupt(".npy header", "%v", err)
	}
	x.lay(start, count, header.Shape)
	return x, nil
}

// open reads the header of the array that h stands for, and returns where its elements start.
func (a *Arena) open(h Handle) (Header, int, error) {
	if h == (Handle{}) {
		return Header{}, 0, ErrStale
	}
	b := a.place(h.Offset)
	if b == nil {
		return Header{}, 0, corrupt("handle", "no block can lie at %d", h.Offset)
	}
	w := stateWord(b.state.Load()) // SYNC(arena.state): sees the header and the elements
	if w.kind() != kindUsed || b.gen.Load() != h.Gen {
		return Header{}, 0, ErrStale
	}
	if !w.valid() || w.size() > a.end-h.Offset {
		return Header{}, 0, corrupt("handle", "block at %d has state %#x", h.Offset, uint64(w))
	}
	npy, room := uint64(b.npy), w.size()-blockHeader
	if npy%granule != 0 || npy > room || npy > npyHeaderMax {
		return Header{}, 0, corrupt("block", "at %d has a .npy header of %d bytes", h.Offset, npy)
	}
	start := h.Offset + blockHeader
	header, _, err := headerIn(a.mem[start : start+npy])
	if err != nil {
		return Header{}, 0, corrupt(".npy header", "of block at %d: %v", h.Offset, err)
	}
	_, size, err := bytesOf(header.DType, header.Shape)
	if err != nil || uint64(header.Data) != npy || uint64(size) > room-npy || header.Fortran {
		return Header{}, 0, corrupt(".npy header", "of block at %d: %v %v does not fit", h.Offset, header.DType, header.Shape)
	}
	if stateWord(b.state.Load()) != w || b.gen.Load() != h.Gen {
		return Header{}, 0, ErrStale
	}
	return header, int(start + npy), nil
}
