package layout

import "unsafe"

const (
	badRange = "layout: view reaches beyond the memory"
	badAlign = "layout: view is not aligned for its type"
)

// View returns the T that lies off bytes into mem.
//
// Preconditions:
//   - mem holds off+sizeof(T) bytes and outlives the result.
//   - mem[off] is aligned for T.
//   - T is pointer-free (see [PointerFree]).
func View[T any](mem []byte, off int) *T {
	var t T
	return (*T)(at(mem, off, int(unsafe.Sizeof(t)), unsafe.Alignof(t)))
}

// Slice returns the n Ts that begin off bytes into mem, under the preconditions of [View].
func Slice[T any](mem []byte, off, n int) []T {
	var t T
	size := int(unsafe.Sizeof(t))
	if n < 0 || (size > 0 && n > len(mem)/size) {
		panic(badRange)
	}
	if n == 0 {
		return []T{}
	}
	return unsafe.Slice((*T)(at(mem, off, n*size, unsafe.Alignof(t))), n)
}

// Bytes returns the bytes of the elements of s, for types without pointers.
func Bytes[T any](s []T) []byte {
	var t T
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(t)))
}

// BytesOf returns the bytes of *p, for types without pointers.
func BytesOf[T any](p *T) []byte { return Bytes(unsafe.Slice(p, 1)) }

// Address returns where s begins, as a number: to find the mapping that holds it, never to go back to a pointer.
func Address[T any](s []T) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(s))) }

// Overlap reports whether a and b share any byte.
func Overlap[T, U any](a []T, b []U) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	x, y := Bytes(a), Bytes(b)
	return Address(x) < Address(y)+uintptr(len(y)) && Address(y) < Address(x)+uintptr(len(x))
}

// Aligned allocates size zeroed bytes on the heap, aligned to unit (a power of two): the memory of the same
// structures when they live in one process.
func Aligned(size, unit int) []byte {
	raw := make([]byte, size+unit-1)
	pad := int(-Address(raw) & uintptr(unit-1))
	return raw[pad : pad+size : pad+size]
}

func at(mem []byte, off, size int, align uintptr) unsafe.Pointer {
	if off < 0 || size < 0 || off > len(mem) || size > len(mem)-off {
		panic(badRange)
	}
	p := unsafe.Add(unsafe.Pointer(unsafe.SliceData(mem)), off)
	if uintptr(p)&(align-1) != 0 {
		panic(badAlign)
	}
	return p
}
