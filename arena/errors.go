package arena

import (
	"errors"
	"fmt"
)

var (
	// ErrNoSpace is returned by New, Named and CreateFile when no free memory is large enough; errors.As finds a
	// [NoSpaceError] with the numbers.
	ErrNoSpace = errors.New("arena: no space")
	// ErrNamesFull is returned by Named when the catalogue has no free slot: create the arena with more Options.Names.
	ErrNamesFull = errors.New("arena: catalogue is full")
	// ErrNotFound is returned by Lookup when no array has the name.
	ErrNotFound = errors.New("arena: no array of that name")
	// ErrExists is returned by Named when the name is taken.
	ErrExists = errors.New("arena: name already exists")
	// ErrName is returned for names that are empty, longer than 55 bytes or contain a zero byte.
	ErrName = errors.New("arena: invalid name")
	// ErrShape is returned for negative dimensions, more than MaxDims of them, or more bytes than there are addresses.
	ErrShape = errors.New("arena: invalid shape")
	// ErrType is returned when bytes hold another element type than the caller asked for.
	ErrType = errors.New("arena: wrong element type")
	// ErrStale is returned for a handle, descriptor or array whose block has been freed since.
	ErrStale = errors.New("arena: stale handle: the array has been freed")
	// ErrCorrupt is returned when bytes in the memory cannot be what this package wrote; the text names the field.
	ErrCorrupt = errors.New("arena: corrupt")
	// ErrView is returned by Free and Close of a view: the array that it was cut from owns the memory.
	ErrView = errors.New("arena: a view owns no memory: free the array it was cut from")
	// ErrNotInArena is returned by Free and Arena.Rebind for arrays that live elsewhere, such as mapped files.
	ErrNotInArena = errors.New("arena: array is not in this arena")
	// ErrReadOnly is returned by changes through an arena attached with Options.ReadOnly.
	ErrReadOnly = errors.New("arena: attached read-only")
	// ErrShortMemory is returned by Create, Attach and Format when the memory is too small or misaligned.
	ErrShortMemory = errors.New("arena: memory is too short")
	// ErrFormat is returned for bytes that are not a .npy file, or one with elements that Go cannot hold in place.
	ErrFormat = errors.New("arena: not a usable .npy file")
	// ErrTruncated is returned for a .npy file that ends before its data does.
	ErrTruncated = errors.New("arena: truncated .npy file")
	// ErrNotPending is returned by Commit and Discard of arrays that CreateFile did not make or that are settled.
	ErrNotPending = errors.New("arena: not a file under creation")
)

// NoSpaceError tells how much memory was asked for and how much there is. errors.Is(err, ErrNoSpace) holds.
type NoSpaceError struct {
	Need    int    // bytes asked for, headers included
	Largest int    // bytes of the largest free block
	Free    int    // bytes free in total
	Place   string // what is full
}

// Error names the need, what is available and the remedy.
func (e *NoSpaceError) Error() string {
	return fmt.Sprintf("%v in %s: need %d bytes, largest free block %d, free in total %d: free arrays or make it larger",
		ErrNoSpace, e.Place, e.Need, e.Largest, e.Free)
}

// Unwrap returns ErrNoSpace.
func (e *NoSpaceError) Unwrap() error { return ErrNoSpace }

func corrupt(field string, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrCorrupt, field, fmt.Sprintf(format, args...))
}

func wrongType(where string, have, want DType) error {
	return fmt.Errorf("%w: %s holds %v, not %v", ErrType, where, have, want)
}

// Caller's bugs, as gonum spells them.
const (
	badIndex      = "arena: index out of range"
	badIndexCount = "arena: number of indices is not the number of dimensions"
	badRange      = "arena: range out of bounds"
	badReshape    = "arena: reshape changes the number of elements"
	badZeroDims   = "arena: array has no axis to index"
	badLayout     = "arena: elements are not contiguous: copy them, or walk them with All"
	badShapes     = "arena: shapes do not match"
	badFreed      = "arena: array used after Free or Close"
	badReadOnly   = "arena: write to a read-only array"
	badWrap       = "arena: dimensions do not match the length of the slice"
)
