package arena

import (
	"fmt"
	"math"

	"github.com/shmath/shmath/internal/layout"
)

// Arena is a block of memory that holds arrays. Every process that shares the memory attaches an Arena of its own.
// All methods may be called by any goroutine of any of them.
type Arena struct {
	mem      []byte
	h        *header
	first    uint64 // offset of the first block
	end      uint64 // capacity
	names    uint64 // slots of the catalogue
	tag      uint32
	members  Members
	reserve  func(off, n int) error
	settle   func(off, n, backed int) // Options.Place
	readOnly bool
}

// Size returns how many bytes of memory hold an arena with arrays of the given numbers of data bytes.
func Size(o *Options, arrays ...int) int {
	v := o.withDefaults(0)
	total := firstBlock(v.Names)
	for _, n := range arrays {
		// A search rounds up to the next size class, one sixteenth of the size at most.
		need := blockHeader + npyHeaderMax + layout.RoundUp(n, granule)
		total += layout.RoundUp(need+need/splits, granule)
	}
	return total
}

func firstBlock(names int) int { return headerSize + names*slotSize }

// Create lays out an arena in mem and returns it. What mem held before is lost; nobody else may use mem meanwhile.
//
// Preconditions:
//   - mem begins at a multiple of 64 and outlives the arena and its arrays.
//   - mem is all zero, as new segments, new files and make give it, or Options.Dirty is set.
func Create(mem []byte, o *Options) (*Arena, error) {
	v := o.withDefaults(len(mem))
	if err := v.validate(); err != nil {
		return nil, err
	}
	first := firstBlock(v.Names)
	if err := checkMemory(mem, first+splitMin); err != nil {
		return nil, err
	}
	capacity := len(mem) &^ (granule - 1)
	a := newArena(mem, &v, uint64(first), uint64(capacity), uint64(v.Names))
	reserved, err := a.back(0, first+blockHeader)
	if err != nil {
		return nil, err
	}
	a.h.magic.Store(0)
	fresh := uint64(first + blockHeader)
	if v.Dirty || !allZero(mem[:first+blockHeader]) {
		fresh = uint64(capacity)
		clear(mem[:first+blockHeader])
	}
	h := a.h
	h.version, h.names = layoutVersion, uint32(v.Names)
	h.capacity, h.first = uint64(capacity), uint64(first)
	h.fresh, h.reserved = fresh, uint64(reserved)
	b := a.place(a.first)
	b.state.Store(stateOf(a.end-a.first, kindFree))
	a.insert(a.first, b, a.end-a.first)
	h.magic.Store(magic) // SYNC(arena.magic): publishes the header; pairs with Attach
	return a, nil
}

// Attach returns the arena that Create has laid out in mem, here or in another process. It is ErrCorrupt when mem
// does not begin with one.
//
// Preconditions: as for [Create], except that mem may be longer than it was.
func Attach(mem []byte, o *Options) (*Arena, error) {
	v := o.withDefaults(len(mem))
	if err := v.validate(); err != nil {
		return nil, err
	}
	if err := checkMemory(mem, headerSize); err != nil {
		return nil, err
	}
	h := layout.View[header](mem, 0)
	if m := h.magic.Load(); m != magic { // SYNC(arena.magic)
		return nil, corrupt("magic", "%#x is not an arena's", m)
	}
	if h.version != layoutVersion {
		return nil, corrupt("version", "layout %d, this program knows %d", h.version, layoutVersion)
	}
	names, capacity, first := uint64(h.names), h.capacity, h.first
	if names < 1 || names > namesMax || names&(names-1) != 0 {
		return nil, corrupt("names", "%d slots", names)
	}
	if first != uint64(firstBlock(int(names))) {
		return nil, corrupt("first block", "at %d, but the catalogue ends at %d", first, firstBlock(int(names)))
	}
	if capacity > uint64(len(mem)) || capacity > sizeMax || capacity%granule != 0 || capacity < first+blockHeader {
		return nil, corrupt("capacity", "%d bytes in a memory of %d", capacity, len(mem))
	}
	return newArena(mem, &v, first, capacity, names), nil
}

func newArena(mem []byte, v *Options, first, end, names uint64) *Arena {
	return &Arena{
		mem: mem, h: layout.View[header](mem, 0), first: first, end: end, names: names,
		tag: v.Members.Tag(), members: v.Members, reserve: v.Reserve, settle: v.Place, readOnly: v.ReadOnly,
	}
}

func checkMemory(mem []byte, need int) error {
	if len(mem) < need {
		return fmt.Errorf("%w: %d bytes, need %d", ErrShortMemory, len(mem), need)
	}
	if uint64(len(mem)) > sizeMax {
		return fmt.Errorf("%w: %d bytes are more than an arena can use", ErrShape, len(mem))
	}
	if layout.Address(mem)%granule != 0 {
		return fmt.Errorf("%w: it begins at %#x, not at a multiple of %d", ErrShortMemory, layout.Address(mem), granule)
	}
	return nil
}

// Bytes returns the memory that the arena lies in; offsets of handles and descriptors count from its start.
func (a *Arena) Bytes() []byte { return a.mem }

// Stats is what an arena holds at one moment. Used + Free == Capacity.
type Stats struct {
	Capacity int // bytes that blocks tile
	Used     int // bytes in the blocks of arrays, their headers included
	Free     int // bytes in free blocks
	Reserved int // bytes announced to Options.Reserve, from the start of the memory
	Touched  int // bytes from the start of the memory that have been in use at some time
	Arrays   int // arrays that exist
	Named    int // of them, with a name
	Mallocs  int // arrays made since Create
	Frees    int // arrays freed since Create
}

// Stats returns the arena's figures.
func (a *Arena) Stats() (Stats, error) {
	if err := a.enter(); err != nil {
		return Stats{}, err
	}
	h, size := a.h, a.end-a.first
	s := Stats{
		Capacity: int(size), Used: int(h.used), Free: int(size - h.used),
		Reserved: int(h.reserved), Touched: int(min(h.fresh, a.end)),
		Arrays: int(h.live), Named: int(h.named), Mallocs: int(h.mallocs), Frees: int(h.frees),
	}
	done := true
	a.leave(&done)
	return s, nil
}

// place returns the block header at off, or nil when no block can lie there.
func (a *Arena) place(off uint64) *block {
	if off < a.first || off > a.end-blockHeader || off%granule != 0 {
		return nil
	}
	return layout.View[block](a.mem, int(off))
}

// at returns the block at off and its state; an error names the field that led there.
func (a *Arena) at(off uint64, field string) (*block, stateWord, error) {
	b := a.place(off)
	if b == nil {
		return nil, 0, corrupt(field, "no block can lie at %d", off)
	}
	w := stateWord(b.state.Load())
	if !w.valid() || w.size() > a.end-off {
		return nil, 0, corrupt(field, "block at %d has state %#x", off, uint64(w))
	}
	return b, w, nil
}

// back makes sure that bytes below mark are backed, when the ones below have are; it returns the new border.
func (a *Arena) back(have, mark int) (int, error) {
	if a.reserve == nil || mark <= have {
		return have, nil
	}
	step := reserveFirst
	for step < have && step < reserveStep {
		step *= 2
	}
	want := min(layout.RoundUp(mark, step), int(a.end))
	err := a.reserve(have, want-have)
	if err != nil && want > mark {
		// The step may be what does not fit.
		want = min(layout.RoundUp(mark, pageSize), int(a.end))
		err = a.reserve(have, want-have)
	}
	if err != nil {
		return have, fmt.Errorf("arena: reserving bytes %d to %d: %w", have, want, err)
	}
	return want, nil
}

const pageSize = 4096

func allZero(mem []byte) bool {
	var or byte
	for _, b := range mem {
		or |= b
	}
	return or == 0
}

// bytesOf returns how many elements and bytes an array of these dimensions has.
func bytesOf(d DType, dims []int) (count, size int, err error) {
	if len(dims) > MaxDims {
		return 0, 0, fmt.Errorf("%w: %d dimensions, at most %d", ErrShape, len(dims), MaxDims)
	}
	count, room := 1, math.MaxInt/2/max(d.Size(), 1)
	empty := false
	for _, n := range dims {
		if n < 0 {
			return 0, 0, fmt.Errorf("%w: negative dimension in %v", ErrShape, clone(dims))
		}
		if n == 0 {
			empty = true
			continue
		}
		if n > room/count {
			return 0, 0, fmt.Errorf("%w: %v of %v is more than memory has addresses", ErrShape, d, clone(dims))
		}
		count *= n
	}
	if empty {
		return 0, 0, nil
	}
	return count, count * d.Size(), nil
}

// clone keeps the caller's variadic dims on its stack: formatting them would move them to the heap on every call.
func clone(dims []int) []int { return append([]int(nil), dims...) }
