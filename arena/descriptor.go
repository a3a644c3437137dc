package arena

import (
	"fmt"
	"math"

	"github.com/shmath/shmath/internal/layout"
)

// Descriptor describes an array or a view without pointers, for codecs that carry it to another process: where it lies
// in which memory is theirs to say (see AnyArray.Memory), everything else is here.
type Descriptor struct {
	Offset  int64  // bytes from the start of the memory to element [0, ..., 0]
	Block   uint64 // offset of the arena block that holds the elements, 0 outside an arena
	Gen     uint64 // generation of that block
	DType   DType
	NDim    uint8
	_       [6]uint8
	Shape   [MaxDims]int64
	Strides [MaxDims]int64 // in elements
}

// Descriptor returns what another process needs to see the same elements in the same memory. As [Array.Handle], it
// keeps Reap away from the array. The descriptor of the zero Array is the zero Descriptor, which nothing accepts.
func (x *Array[T]) Descriptor() Descriptor {
	if x.home == nil {
		return Descriptor{}
	}
	x.share()
	d := Descriptor{Offset: int64(x.off), Block: x.home.block, Gen: x.home.gen, DType: x.DType(), NDim: uint8(x.ndim)}
	for k := range x.ndim {
		d.Shape[k], d.Strides[k] = int64(x.shape[k]), int64(x.strides[k])
	}
	return d
}

// FromDescriptor returns the array that d describes in mem, which is the memory that it described there. Every field
// is checked: it is ErrType for another element type, ErrStale when the array has been freed, ErrCorrupt for anything
// that does not lie in mem.
func FromDescriptor[T Element](mem []byte, d Descriptor) (*Array[T], error) {
	x := new(Array[T])
	if err := x.Rebind(mem, d); err != nil {
		return nil, err
	}
	return x, nil
}

// Rebind is [FromDescriptor] into x, for codecs that make the Array by reflection. On an error x is as it was.
//
// Preconditions: x is not in use; it may be the zero Array.
func (x *Array[T]) Rebind(mem []byte, d Descriptor) error { return x.bind(origin{mem: mem}, d) }

// Rebind is [Array.Rebind] in the arena's memory, for an array that can be freed: x.Free works.
func (a *Arena) Rebind(x AnyArray, d Descriptor) error {
	if d.Block == 0 {
		return fmt.Errorf("%w: %v", ErrNotInArena, d.DType)
	}
	if err := x.Rebind(a.mem, d); err != nil {
		return err
	}
	f := x.base()
	f.own.arena, f.own.readOnly = a, a.readOnly
	f.own.shared.Store(true)
	return nil
}

// Free frees an array of this arena, whoever made it or carried it here; errors as [Array.Free].
func (a *Arena) Free(x AnyArray) error {
	f := x.base()
	if f.home == nil || f.home.block == 0 || f.home.over.Load() && f.home.arena != a ||
		layout.Address(f.home.mem) != layout.Address(a.mem) {
		return fmt.Errorf("%w: %v", ErrNotInArena, x)
	}
	return f.free(a)
}

func (x *Array[T]) bind(h origin, d Descriptor) error {
	want := DTypeOf[T]()
	if d.DType != want {
		if !d.DType.Valid() {
			return corrupt("descriptor", "element type %d", uint8(d.DType))
		}
		return wrongType("the descriptor", d.DType, want)
	}
	if d.NDim > MaxDims {
		return corrupt("descriptor", "%d dimensions", d.NDim)
	}
	e := extent{ndim: int(d.NDim)}
	lo, hi, err := e.fit(&d, len(h.mem), want)
	if err != nil {
		return err
	}
	if d.Block != 0 {
		if err := fitBlock(h.mem, &d, lo, hi); err != nil {
			return err
		}
	}
	low, high := e.measure()
	*x = Array[T]{}
	x.own.origin, x.own.block, x.own.gen = h, d.Block, d.Gen
	x.home = &x.own
	x.off, x.extent = int(d.Offset), e
	if e.count == 0 {
		x.data = []T{}
		return nil
	}
	x.data, x.zero = layout.Slice[T](h.mem, int(lo), high-low+1), -low
	return nil
}

// fit checks that the elements that d describes lie in size bytes, aligned, and copies shape and strides to e. It
// returns the first byte and the one after the last.
func (e *extent) fit(d *Descriptor, size int, dt DType) (lo, hi int64, err error) {
	limit, elem := int64(size/dt.Size()), int64(dt.Size())
	if d.Offset < 0 || d.Offset > int64(size) || d.Offset%int64(dt.align()) != 0 {
		return 0, 0, corrupt("descriptor", "offset %d in a memory of %d bytes", d.Offset, size)
	}
	count := int64(1)
	for k := range e.ndim {
		n, s := d.Shape[k], d.Strides[k]
		if n < 0 || s > limit || s < -limit {
			if n != 0 && n != 1 {
				return 0, 0, corrupt("descriptor", "axis %d has %d elements, stride %d", k, n, s)
			}
			s = 1 // a single index has no next: its stride means nothing
		}
		if n > 0 && count > math.MaxInt64/2/n {
			return 0, 0, corrupt("descriptor", "shape %v has too many elements", e.shape)
		}
		count *= n
		e.shape[k], e.strides[k] = int(n), int(s)
	}
	lo, hi = d.Offset, d.Offset
	if count == 0 {
		return lo, hi, nil
	}
	hi += elem
	for k := range e.ndim {
		n, s := d.Shape[k]-1, int64(e.strides[k])
		if s != 0 && n > limit/max(s, -s) {
			return 0, 0, corrupt("descriptor", "axis %d reaches beyond a memory of %d bytes", k, size)
		}
		if s < 0 {
			lo += n * s * elem
		} else {
			hi += n * s * elem
		}
	}
	if lo < 0 || hi > int64(size) {
		return 0, 0, corrupt("descriptor", "bytes %d to %d in a memory of %d", lo, hi, size)
	}
	return lo, hi, nil
}

// fitBlock checks that the block of d is the one that it was and holds the bytes.
func fitBlock(mem []byte, d *Descriptor, lo, hi int64) error {
	if d.Block%granule != 0 || d.Block < headerSize || d.Block > uint64(len(mem)) || uint64(len(mem))-d.Block < blockHeader {
		return corrupt("descriptor", "block at %d in a memory of %d bytes", d.Block, len(mem))
	}
	if layout.Address(mem)%granule != 0 {
		return fmt.Errorf("%w: it begins at %#x, not at a multiple of %d", ErrShortMemory, layout.Address(mem), granule)
	}
	b := layout.View[block](mem, int(d.Block))
	w := stateWord(b.state.Load()) // SYNC(arena.state)
	if w.kind() != kindUsed || b.gen.Load() != d.Gen {
		return ErrStale
	}
	if !w.valid() || w.size() > uint64(len(mem))-d.Block {
		return corrupt("descriptor", "block at %d has state %#x", d.Block, uint64(w))
	}
	start, end := d.Block+blockHeader+uint64(b.npy), d.Block+w.size()
	if lo < 0 || uint64(lo) < start || uint64(hi) > end {
		return corrupt("descriptor", "bytes %d to %d, but the block holds %d to %d", lo, hi, start, end)
	}
	return nil
}
