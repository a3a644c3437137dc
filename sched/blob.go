package sched

import (
	"fmt"

	"github.com/shmath/shmath/arena"
)

// putBlob stores data in room when it fits, else in the arena, and describes where it is. The caller publishes the
// description and frees the blob with dropBlob when it has been read.
func putBlob(a *arena.Arena, room []byte, data []byte) (blob, error) {
	if len(data) <= len(room) {
		copy(room, data)
		return blob{length: uint32(len(data)), inline: 1}, nil
	}
	x, err := arena.New[uint8](a, len(data))
	if err != nil {
		return blob{}, fmt.Errorf("sched: passing %d bytes: %w", len(data), err)
	}
	copy(x.Slice(), data)
	h := x.Handle()
	return blob{offset: h.Offset, gen: h.Gen, length: uint32(len(data))}, nil
}

// getBlob returns the bytes of a blob; those in the slot are valid until the slot is used again.
func getBlob(a *arena.Arena, room []byte, b blob) ([]byte, error) {
	if b.inline != 0 {
		if int(b.length) > len(room) {
			return nil, fmt.Errorf("sched: %d bytes in a slot of %d", b.length, len(room))
		}
		return room[:b.length], nil
	}
	x, err := arena.Resolve[uint8](a, arena.Handle{Offset: b.offset, Gen: b.gen})
	if err != nil {
		return nil, err
	}
	if x.Len() != int(b.length) {
		return nil, fmt.Errorf("sched: %d bytes where %d were announced", x.Len(), b.length)
	}
	return x.Slice(), nil
}

// dropBlob frees a blob that lies in the arena.
func dropBlob(a *arena.Arena, b blob) error {
	if b.inline != 0 || b.length == 0 {
		return nil
	}
	x, err := arena.Resolve[uint8](a, arena.Handle{Offset: b.offset, Gen: b.gen})
	if err != nil {
		return err
	}
	return x.Free()
}
