package multiprocessing

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/shmath/shmath/internal/layout"
)

// ShareableList is a list of fixed length in shared memory, of nil, bool, int, float64, string and []byte. An element may
// be replaced by another of any of these types; texts and bytes have the room that they were made with, rounded up to
// 8 bytes, and at least 8. Nothing here is atomic: use a lock where several processes write.
//
// The segment: the number of elements; for each its kind, capacity, length and offset, 16 bytes; the elements.
type ShareableList struct {
	mem *SharedMemory
	n   int
}

const (
	listHeader = 8
	listEntry  = 16
	cellMin    = 8
)

const (
	kindNil uint32 = iota
	kindBool
	kindInt
	kindFloat
	kindString
	kindBytes
)

// NewShareableList makes a list of those values in a segment of that name; an empty name lets the library choose one.
func NewShareableList(name string, values ...any) (*ShareableList, error) {
	size := listHeader + listEntry*len(values)
	for i, v := range values {
		_, b, err := encodeCell(v)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		size += cellRoom(b)
	}
	if size > math.MaxUint32 {
		return nil, fmt.Errorf("%w: a list of %d bytes; 4 GiB at most", ErrValue, size)
	}
	mem, err := NewSharedMemory(name, size)
	if err != nil {
		return nil, err
	}
	l := &ShareableList{mem, len(values)}
	binary.LittleEndian.PutUint64(mem.Buf(), uint64(len(values)))
	at := listHeader + listEntry*len(values)
	for i, v := range values {
		_, b, _ := encodeCell(v)
		e := l.entry(i)
		e[1], e[3] = uint32(cellRoom(b)), uint32(at)
		at += cellRoom(b)
		if err := l.Set(i, v); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// OpenShareableList opens a list that somebody has made.
func OpenShareableList(name string) (*ShareableList, error) {
	mem, err := OpenSharedMemory(name)
	if err != nil {
		return nil, err
	}
	if mem.Size() < listHeader {
		return nil, noList(mem)
	}
	n := binary.LittleEndian.Uint64(mem.Buf())
	if n > uint64(mem.Size()-listHeader)/listEntry {
		return nil, noList(mem)
	}
	l := &ShareableList{mem, int(n)}
	if l.end() != mem.Size() {
		return nil, noList(mem)
	}
	return l, nil
}

func noList(mem *SharedMemory) error {
	return errors.Join(fmt.Errorf("%w: %q holds no list", ErrCorrupt, mem.name), mem.Close())
}

// end returns where the last element ends, which is where the segment does.
func (l *ShareableList) end() int {
	if l.n == 0 {
		return listHeader
	}
	last := l.entry(l.n - 1)
	return int(last[3]) + int(last[1])
}

// cellRoom is the room that a value gets.
func cellRoom(b []byte) int { return max(cellMin, layout.RoundUp(len(b), 8)) }

// encodeCell returns a value's kind and bytes.
func encodeCell(v any) (uint32, []byte, error) {
	word := func(w uint64) []byte { return binary.LittleEndian.AppendUint64(nil, w) }
	switch v := v.(type) {
	case nil:
		return kindNil, nil, nil
	case bool:
		if v {
			return kindBool, word(1), nil
		}
		return kindBool, word(0), nil
	case int:
		return kindInt, word(uint64(v)), nil
	case float64:
		return kindFloat, word(math.Float64bits(v)), nil
	case string:
		return kindString, []byte(v), nil
	case []byte:
		return kindBytes, v, nil
	}
	return 0, nil, fmt.Errorf("%w: a %T; a list holds nil, bool, int, float64, string and []byte", ErrValue, v)
}

// entry returns kind, capacity, length and offset of element i.
func (l *ShareableList) entry(i int) []uint32 {
	return layout.Slice[uint32](l.mem.Buf(), listHeader+listEntry*i, 4)
}

// cell returns an element's entry and its room.
func (l *ShareableList) cell(i int) (entry []uint32, room []byte, err error) {
	if i < 0 || i >= l.n {
		return nil, nil, fmt.Errorf("%w: index %d of a list of %d", ErrValue, i, l.n)
	}
	e := l.entry(i)
	buf := l.mem.Buf()
	if uint64(e[3])+uint64(e[1]) > uint64(len(buf)) || e[2] > e[1] {
		return nil, nil, fmt.Errorf("%w: element %d of %q", ErrCorrupt, i, l.mem.name)
	}
	return e, buf[e[3] : e[3]+e[1]], nil
}

// Len returns the number of elements.
func (l *ShareableList) Len() int { return l.n }

// Get returns element i. It returns [ErrValue] for an index out of range.
func (l *ShareableList) Get(i int) (any, error) {
	e, room, err := l.cell(i)
	if err != nil {
		return nil, err
	}
	b := room[:e[2]]
	if k := e[0]; k >= kindBool && k <= kindFloat && len(b) != 8 {
		return nil, fmt.Errorf("%w: element %d of %q", ErrCorrupt, i, l.mem.name)
	}
	switch e[0] {
	case kindNil:
		return nil, nil
	case kindBool:
		return b[0] != 0, nil
	case kindInt:
		return int(binary.LittleEndian.Uint64(b)), nil
	case kindFloat:
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
	case kindString:
		return string(b), nil
	case kindBytes:
		return append([]byte{}, b...), nil
	}
	return nil, fmt.Errorf("%w: element %d of %q is of kind %d", ErrCorrupt, i, l.mem.name, e[0])
}

// Set replaces element i. A value that is too long for the element's room, or of no type that a list holds, is an
// [ErrValue], and nothing has changed then.
func (l *ShareableList) Set(i int, v any) error {
	e, room, err := l.cell(i)
	if err != nil {
		return err
	}
	kind, b, err := encodeCell(v)
	if err != nil {
		return fmt.Errorf("element %d: %w", i, err)
	}
	if len(b) > len(room) {
		return fmt.Errorf("%w: %d bytes in element %d, which has room for %d", ErrValue, len(b), i, len(room))
	}
	copy(room, b)
	e[0], e[2] = kind, uint32(len(b))
	return nil
}

// All yields the elements in order. It ends at one that is damaged.
func (l *ShareableList) All() iter.Seq2[int, any] {
	return func(yield func(int, any) bool) {
		for i := range l.n {
			v, err := l.Get(i)
			if err != nil || !yield(i, v) {
				return
			}
		}
	}
}

// same compares as == does, and bytes by what they are.
func same(a, b any) bool {
	x, isX := a.([]byte)
	y, isY := b.([]byte)
	if isX || isY {
		return isX && isY && string(x) == string(y)
	}
	return a == b
}

// Count returns how many elements equal v.
func (l *ShareableList) Count(v any) int {
	n := 0
	for _, x := range l.All() {
		if same(x, v) {
			n++
		}
	}
	return n
}

// Index returns the place of the first element that equals v, or [ErrValue].
func (l *ShareableList) Index(v any) (int, error) {
	for i, x := range l.All() {
		if same(x, v) {
			return i, nil
		}
	}
	return -1, fmt.Errorf("%w: %v is not in the list", ErrValue, v)
}

// SharedMemory returns the segment in which the list lies: its name opens it elsewhere, Close and Unlink end it.
func (l *ShareableList) SharedMemory() *SharedMemory { return l.mem }

// MarshalBinary encodes the name of the segment.
func (l *ShareableList) MarshalBinary() ([]byte, error) {
	if l.mem == nil {
		return nil, ErrNotMade
	}
	return l.mem.MarshalBinary()
}

// UnmarshalBinary opens the list in the segment of that name.
func (l *ShareableList) UnmarshalBinary(b []byte) error {
	opened, err := OpenShareableList(string(b))
	if err == nil {
		*l = *opened
	}
	return err
}
