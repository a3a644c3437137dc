package ring

import (
	"errors"
	"fmt"
)

var (
	// ErrFull is returned by the operations that do not wait when there is no room.
	ErrFull = errors.New("ring: full")

	// ErrEmpty is returned by the operations that do not wait when there is nothing to take.
	ErrEmpty = errors.New("ring: empty")

	// ErrClosed is returned to producers once the ring is closed, and to consumers once it is closed and drained.
	ErrClosed = errors.New("ring: closed")

	// ErrCorrupt is returned when the shared bytes say something that no correct process writes: wrong magic or
	// version, an index out of range, a length beyond the ring. Nothing outside the memory has been touched.
	ErrCorrupt = errors.New("ring: corrupt memory")

	// ErrMemory is returned by Create and Attach when the memory is too short or does not begin on a cache line.
	ErrMemory = errors.New("ring: unfit memory")

	// ErrElement is returned by Create and Attach when the element type may not be shared or is not the ring's.
	ErrElement = errors.New("ring: unfit element type")

	// ErrOptions is returned by Create when a capacity or an option is out of its range.
	ErrOptions = errors.New("ring: bad option")

	// ErrTaken is returned when a live process already has the part in the ring that this one asks for.
	ErrTaken = errors.New("ring: the part is taken")

	// ErrPeerDead is returned by waits that only a dead process could end. What it had published can still be popped.
	ErrPeerDead = errors.New("ring: the peer is dead")

	// ErrTooLong is returned by Claim when the message could never fit.
	ErrTooLong = errors.New("ring: message longer than the ring takes")
)

// OrphanError comes together with a message whose consumer died before it released it, from rings created with the policy
// [Report]. The message is valid, and it is now the receiver's; the dead one may have handled it or not.
type OrphanError struct {
	Tag uint32 // the member that died
}

// Error says who died.
func (e *OrphanError) Error() string {
	return fmt.Sprintf("ring: member %d (epoch %d) died before it released this message", e.Tag&0xff, e.Tag>>8)
}

// OverrunError tells a subscriber with the policy [Overrun] that the publisher was a whole ring ahead of it. The next
// item it gets is the oldest that is left.
type OverrunError struct {
	Lost uint64 // items that this subscriber never saw, since the last such error
}

// Error says how many items were lost.
func (e *OverrunError) Error() string {
	return fmt.Sprintf("ring: %d items overrun; raise the capacity or subscribe with back-pressure", e.Lost)
}

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}
