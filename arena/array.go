package arena

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/mapping"
)

// MaxDims is the largest number of dimensions.
const MaxDims = 8

// origin is the memory that an array lies in.
type origin struct {
	mem      []byte           // offsets count from its start
	file     *mapping.Mapping // the mapped file, if it is one
	readOnly bool
}

// home is what an array and all its views share: where the elements live and whether they still do.
type home struct {
	origin
	arena   *Arena // nil outside an arena
	block   uint64 // offset of the block, 0 outside an arena
	gen     uint64
	pending *pendingFile // a file that has not got its name yet
	over    atomic.Bool  // freed or closed through this process's array
	shared  atomic.Bool  // flagShared is known to be set, or is not needed
}

// frame is the part of an array that does not depend on the element type.
type frame struct {
	home *home
	own  home // what home points to, unless this is a view
	off  int  // bytes from the start of the memory to element [0, ..., 0]
	extent
}

// extent is how the elements lie.
type extent struct {
	count      int
	ndim       int
	contiguous bool
	shape      [MaxDims]int
	strides    [MaxDims]int // in elements
}

// Array is an n-dimensional array of T in memory that processes share, or a view of one. An *Array itself belongs to
// one process: what crosses a border is its [Handle] or [Descriptor]. Reading and writing elements takes no lock;
// processes that write the same elements agree among themselves.
type Array[T Element] struct {
	frame
	data []T // from the lowest to the highest element in memory
	zero int // index in data of element [0, ..., 0]
}

// New makes an array of zeros in a, C order; no dims makes an array of one element without axes. It is ErrNoSpace when
// no free block is large enough, ErrShape for impossible dims.
func New[T Element](a *Arena, dims ...int) (*Array[T], error) {
	x, g, err := prepare[T](a, dims)
	if err != nil {
		return nil, err
	}
	x.blank(g)
	g.finish()
	return x, nil
}

// Empty is [New] without the zeros: the elements are whatever lay there before, as np.empty. It is for arrays of which every
// element is written before it is read.
func Empty[T Element](a *Arena, dims ...int) (*Array[T], error) {
	x, g, err := prepare[T](a, dims)
	if err != nil {
		return nil, err
	}
	g.finish()
	return x, nil
}

// NewCopy returns an unnamed array of one axis with the elements of src. Its memory is not cleared before it is filled.
func NewCopy[T Element](a *Arena, src []T) (*Array[T], error) {
	x, g, err := prepare[T](a, []int{len(src)})
	if err != nil {
		return nil, err
	}
	copy(x.data, src)
	g.finish()
	return x, nil
}

// NamedCopy is [NewCopy] for a named array: whoever finds the name finds the elements. Errors are those of [Named].
func NamedCopy[T Element](a *Arena, name string, src []T) (*Array[T], error) {
	if err := a.vacancy(name); err != nil {
		return nil, err
	}
	x, g, err := prepare[T](a, []int{len(src)})
	if err != nil {
		return nil, err
	}
	copy(x.data, src)
	if err := a.publish(&g, name); err != nil {
		return nil, err
	}
	return x, nil
}

// Named is [New] for an array that every process finds by name with [Lookup]. It is ErrExists when the name is taken,
// ErrName when it is not 1 to 55 bytes without zero, ErrNamesFull when the catalogue is full. A named array lives until
// it is freed, whoever dies.
func Named[T Element](a *Arena, name string, dims ...int) (*Array[T], error) {
	if err := a.vacancy(name); err != nil {
		return nil, err
	}
	x, g, err := prepare[T](a, dims)
	if err != nil {
		return nil, err
	}
	x.blank(g)
	if err := a.publish(&g, name); err != nil {
		return nil, err
	}
	return x, nil
}

// prepare allocates and writes the header; the elements hold whatever was there, and the block is not published yet.
func prepare[T Element](a *Arena, dims []int) (*Array[T], grant, error) {
	d := DTypeOf[T]()
	count, size, err := bytesOf(d, dims)
	if err != nil {
		return nil, grant{}, err
	}
	var room [npyHeaderMax]byte
	npy := appendHeader(room[:0], d, dims)
	g, err := a.alloc(len(npy), size)
	if err != nil {
		return nil, grant{}, err
	}
	invariants.Point("arena.alloc.granted")
	start := int(g.off) + blockHeader
	copy(a.mem[start:], npy)
	start += len(npy)
	x := new(Array[T])
	x.own.mem, x.own.arena, x.own.block, x.own.gen = a.mem, a, g.off, g.gen
	x.home = &x.own
	x.lay(start, count, dims)
	return x, g, nil
}

// blank clears the elements of a block that is not published, as far as they are not known to be zero.
func (x *Array[T]) blank(g grant) {
	if old := int(g.clean) - x.off; old > 0 {
		size := x.DType().Size()
		clear(x.data[:min(x.count, (old+size-1)/size)])
	}
}

// lay places a contiguous array of count elements, C order, at byte off of its home.
func (x *Array[T]) lay(off, count int, dims []int) {
	x.off, x.count, x.ndim, x.contiguous = off, count, len(dims), true
	stride := 1
	for i := len(dims) - 1; i >= 0; i-- {
		x.shape[i], x.strides[i] = dims[i], stride
		stride *= max(dims[i], 1)
	}
	x.data, x.zero = layout.Slice[T](x.home.mem, off, count), 0
}

// check panics when the memory is known to be gone.
func (f *frame) check() {
	if f.home == nil || f.home.over.Load() {
		panic(badFreed)
	}
	if invariants.Enabled && f.home.arena != nil {
		b := f.home.arena.place(f.home.block)
		used := stateWord(b.state.Load()).kind() == kindUsed && b.gen.Load() == f.home.gen
		invariants.Check(used, "arena: array used after another process freed it")
	}
}

// DType returns the element type.
func (x *Array[T]) DType() DType { return DTypeOf[T]() }

// NDim returns the number of axes.
func (e *extent) NDim() int { return e.ndim }

// Len returns the number of elements.
func (e *extent) Len() int { return e.count }

// Dim returns the number of elements along an axis.
func (e *extent) Dim(axis int) int {
	if uint(axis) >= uint(e.ndim) {
		panic(badIndex)
	}
	return e.shape[axis]
}

// Shape returns the number of elements along each axis, in a slice of the caller's.
func (e *extent) Shape() []int { return append([]int{}, e.shape[:e.ndim]...) }

// Strides returns, for each axis, how many elements lie between neighbours in memory, in a slice of the caller's.
func (e *extent) Strides() []int { return append([]int{}, e.strides[:e.ndim]...) }

// Contiguous tells whether the elements follow each other in C order without gaps, so that Slice works.
func (e *extent) Contiguous() bool { return e.contiguous }

// ReadOnly tells whether stores to the elements would be faults.
func (f *frame) ReadOnly() bool { return f.home != nil && f.home.readOnly }

// Memory returns the memory that the array lives in and that the offset of its Descriptor counts from: the arena's, the
// mapped file's. It is nil for the zero Array and after Close.
func (f *frame) Memory() []byte {
	if f.home == nil || f.home.over.Load() {
		return nil
	}
	return f.home.mem
}

// Slice returns the elements themselves, C order. It panics when they are not contiguous, and after Free or Close;
// the slice is valid until then.
func (x *Array[T]) Slice() []T {
	x.check()
	if !x.contiguous {
		panic(badLayout)
	}
	return x.data
}

// Span returns the elements in memory from the lowest to the highest, what lies between them included, and the index of element
// [0, ..., 0]. With Shape and Strides it says where every element is: kernels.ViewOf makes a view of it that kernels run over.
// It panics after Free or Close.
func (x *Array[T]) Span() (data []T, first int) {
	x.check()
	return x.data, x.zero
}

// Bytes returns the bytes of the elements, under the conditions of Slice.
func (x *Array[T]) Bytes() []byte { return layout.Bytes(x.Slice()) }

// At returns the element at one index per axis.
func (x *Array[T]) At(index ...int) T {
	x.check()
	return x.data[x.index(index)]
}

// Set stores v at one index per axis.
func (x *Array[T]) Set(v T, index ...int) {
	x.writable()
	x.data[x.index(index)] = v
}

func (x *Array[T]) index(index []int) int {
	if len(index) != x.ndim {
		panic(badIndexCount)
	}
	at := x.zero
	for k, i := range index {
		if uint(i) >= uint(x.shape[k]) {
			panic(badIndex)
		}
		at += i * x.strides[k]
	}
	return at
}

func (f *frame) writable() {
	f.check()
	if f.home.readOnly {
		panic(badReadOnly)
	}
}

// String describes the array in short: type, shape, and what it is.
func (x *Array[T]) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v(", x.DType())
	for i, n := range x.shape[:x.ndim] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, n)
	}
	b.WriteByte(')')
	switch {
	case x.home == nil:
		b.WriteString(" nowhere")
	case x.home.over.Load():
		b.WriteString(" freed or closed")
	case x.home != &x.own:
		b.WriteString(" view")
	case x.home.file != nil:
		fmt.Fprintf(&b, " in %s", x.home.file.File.Name())
	default:
		fmt.Fprintf(&b, " at +%d", x.off)
	}
	return b.String()
}

// Free gives the array's memory back to its arena. Any process may free any array. It is ErrStale when the array has
// been freed before, ErrView for a view, ErrNotInArena for an array that is not in an arena or was rebuilt by
// FromDescriptor (use [Arena.Free]). Slices of the array and its views must not be used any more, by anyone.
func (x *Array[T]) Free() error {
	if x.home == nil || x.home.arena == nil {
		return fmt.Errorf("%w: %v", ErrNotInArena, x)
	}
	return x.free(x.home.arena)
}

func (f *frame) free(a *Arena) error {
	if f.home != &f.own {
		return ErrView
	}
	if err := a.release(f.home.block, f.home.gen); err != nil {
		return err
	}
	f.home.over.Store(true)
	return nil
}
