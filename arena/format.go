package arena

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/shmath/shmath/internal/layout"
)

// FileSize returns how many bytes a .npy file with an array of T of these dimensions has: the size of the segment for
// [Format]. It is 0 for impossible dimensions, which Format names.
func FileSize[T Element](dims ...int) int {
	d := DTypeOf[T]()
	_, size, err := bytesOf(d, dims)
	if err != nil {
		return 0
	}
	var room [npyHeaderMax]byte
	return len(appendHeader(room[:0], d, dims)) + size
}

// Format makes mem a .npy file: the header at its start, then the elements, which keep the bytes that mem has, so that
// a new segment gives zeros without a touch. A segment laid out so is opened by
// np.load("/dev/shm/NAME", mmap_mode="r+"); bytes may follow the data. It is ErrShortMemory when mem is smaller than
// FileSize.
func Format[T Element](mem []byte, dims ...int) (*Array[T], error) {
	d := DTypeOf[T]()
	count, size, err := bytesOf(d, dims)
	if err != nil {
		return nil, err
	}
	var room [npyHeaderMax]byte
	npy := appendHeader(room[:0], d, dims)
	if err := checkMemory(mem, len(npy)+size); err != nil {
		return nil, err
	}
	// The first word last: whoever opens the file meanwhile finds no .npy header, never half of one.
	first := layout.View[atomic.Uint64](mem, 0)
	first.Store(0)
	copy(mem[8:], npy[8:])
	first.Store(binary.NativeEndian.Uint64(npy))
	x := new(Array[T])
	x.own.mem = mem
	x.home = &x.own
	x.lay(len(npy), count, dims)
	return x, nil
}

// OpenBytes returns the array of the .npy file in mem: a segment laid out by Format here or elsewhere, or the mapped or
// read bytes of any .npy file. Errors as [MapFile].
func OpenBytes[T Element](mem []byte) (*Array[T], error) {
	h, _, err := headerIn(mem)
	if err != nil {
		return nil, err
	}
	return overBytes[T](origin{mem: mem}, h)
}

// overBytes returns the array that a .npy header describes in the memory of h, which begins with that header.
func overBytes[T Element](h origin, header Header) (*Array[T], error) {
	if want := DTypeOf[T](); header.DType != want {
		return nil, wrongType("the .npy file", header.DType, want)
	}
	count, size, err := bytesOf(header.DType, header.Shape)
	if err != nil {
		return nil, err
	}
	if have := int64(len(h.mem)); header.Data > have || int64(size) > have-header.Data {
		return nil, fmt.Errorf("%w: %v %v needs %d bytes, the file has %d",
			ErrTruncated, header.DType, header.Shape, header.Data+int64(size), have)
	}
	x := new(Array[T])
	if at := layout.Address(h.mem) + uintptr(header.Data); count > 0 && at%uintptr(header.DType.align()) != 0 {
		return nil, fmt.Errorf("%w: the data begin at byte %d, where %v is not aligned: in NumPy, np.save it again",
			ErrFormat, header.Data, header.DType)
	}
	if !header.Fortran {
		x.own.origin = h
		x.home = &x.own
		x.lay(int(header.Data), count, header.Shape)
		return x, nil
	}
	d := Descriptor{Offset: header.Data, DType: header.DType, NDim: uint8(len(header.Shape))}
	stride := int64(1)
	for k, n := range header.Shape {
		d.Shape[k], d.Strides[k] = int64(n), stride
		stride *= int64(max(n, 1))
	}
	if err := x.bind(h, d); err != nil {
		return nil, err
	}
	return x, nil
}
