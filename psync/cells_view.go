package psync

import (
	"fmt"

	"github.com/shmath/shmath/internal/layout"
)

// A slice of shared numbers (of an arena's array, say) seen as cells: while several processes change an element, all of
// them have to change it as a cell.

// Int32s returns the elements of s as cells of the same memory.
func Int32s(s []int32) []Int32 { return layout.Slice[Int32](layout.Bytes(s), 0, len(s)) }

// Int64s returns the elements of s as cells of the same memory.
func Int64s(s []int64) []Int64 { return layout.Slice[Int64](layout.Bytes(s), 0, len(s)) }

// Uint32s returns the elements of s as cells of the same memory.
func Uint32s(s []uint32) []Uint32 { return layout.Slice[Uint32](layout.Bytes(s), 0, len(s)) }

// Uint64s returns the elements of s as cells of the same memory.
func Uint64s(s []uint64) []Uint64 { return layout.Slice[Uint64](layout.Bytes(s), 0, len(s)) }

// Float32s returns the elements of s as cells of the same memory.
func Float32s(s []float32) []Float32 { return layout.Slice[Float32](layout.Bytes(s), 0, len(s)) }

// Float64s returns the elements of s as cells of the same memory.
func Float64s(s []float64) []Float64 { return layout.Slice[Float64](layout.Bytes(s), 0, len(s)) }

// Cell is one of the six cells.
type Cell interface {
	Int32 | Int64 | Uint32 | Uint64 | Float32 | Float64
}

// CellsAt returns the n cells that begin off bytes into mem. mem has to outlive them.
func CellsAt[C Cell](mem []byte, off, n int) ([]C, error) {
	size := len(layout.BytesOf(new(C)))
	if off < 0 || off > len(mem) || n < 0 || n > (len(mem)-off)/size {
		return nil, fmt.Errorf("%w: %d cells of %d bytes from offset %d in %d bytes", ErrMemory, n, size, off, len(mem))
	}
	if (layout.Address(mem)+uintptr(off))%uintptr(size) != 0 {
		return nil, fmt.Errorf("%w: offset %d is no multiple of a cell's %d bytes", ErrMemory, off, size)
	}
	return layout.Slice[C](mem, off, n), nil
}
