// Package layout is the one door between bytes and typed words: every cast of shared memory goes through it.
//
//	View   one struct at an offset        View[header](mem, 0)
//	Slice  n elements at an offset        Slice[uint64](mem, 128, n)
//	Bytes  the bytes of a value or slice  for checksums, copies and raw arguments
//
// A structure in shared memory is declared once, as a Go struct, and creator and attacher go through that struct: no offset
// is ever written twice. Words that several processes touch are sync/atomic types in it. [PointerFree] tells whether a
// type may be shared at all.
//
// # Caveats
//
// View and Slice panic when the memory is too short or misaligned: a caller that reads bytes it did not write checks
// sizes first and returns its own error.
package layout

// Line is the distance, in bytes, that keeps two writers out of each other's way: two 64-byte cache lines, because
// the adjacent-line prefetcher of x86 fetches them in pairs.
const Line = 128

// CacheLine is the size of one cache line and the alignment of every array's first element.
const CacheLine = 64

// RoundUp returns n rounded up to a multiple of unit, a power of two.
func RoundUp(n, unit int) int { return (n + unit - 1) &^ (unit - 1) }
