package sched

import (
	"fmt"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/invariants"
)

// putBlob stores data in room when it fits, else in the arena, and describes where it is. The caller publishes the
// description and frees the blob with dropBlob when it has been read.
func putBlob(a *arena.Arena, room []byte, data []byte) (blob, error) {
	var b blob
	err := leaveBlob(a, room, data, &b)
	return b, err
}

// leaveBlob is putBlob for a worker, which may die at any step: it writes the description to shared memory itself. Until
// that is done the bytes belong to nobody but the worker, and the arena's Reap frees them; from then on the parent finds
// them there.
func leaveBlob(a *arena.Arena, room []byte, data []byte, at *blob) error {
	if len(data) <= len(room) {
		copy(room, data)
		*at = blob{length: uint32(len(data)), inline: 1}
		return nil
	}
	*at = blob{}
	x, err := arena.New[uint8](a, len(data))
	if err != nil {
		return fmt.Errorf("sched: passing %d bytes: %w", len(data), err)
	}
	copy(x.Slice(), data)
	invariants.Point("sched.blob.made")
	h := x.Place()
	*at = blob{offset: h.Offset, gen: h.Gen, length: uint32(len(data))}
	invariants.Point("sched.blob.placed")
	x.Handle()
	invariants.Point("sched.blob.left")
	return nil
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
	if b.inline != 0 || b.offset == 0 {
		return nil
	}
	x, err := arena.Resolve[uint8](a, arena.Handle{Offset: b.offset, Gen: b.gen})
	if err != nil {
		return err
	}
	return x.Free()
}
