package psync

import (
	"errors"
	"fmt"
)

var (
	// ErrOwnerDead is wrapped by the error of a Lock that got the lock from a process that died with it: the lock is
	// held, what it guards may be half changed. Each death is reported to exactly one taker. See [OwnerDeadError].
	ErrOwnerDead = errors.New("psync: the previous owner died while it held the lock")

	// ErrNotOwner is returned by the release of something that this process (or token) does not hold.
	ErrNotOwner = errors.New("psync: released by one who does not hold it")

	// ErrBroken is wrapped by the error of a barrier that has been aborted, has timed out, or has lost a party.
	ErrBroken = errors.New("psync: the barrier is broken")

	// ErrBound is returned when a semaphore would rise above its bound, or is asked for more than it can ever have.
	ErrBound = errors.New("psync: beyond the bound of the semaphore")

	// ErrFull is returned by RLock when more processes read than the lock was created for.
	ErrFull = errors.New("psync: more processes hold it than it was created for: create it with more Holders")

	// ErrNegative is returned by a WaitGroup that would fall below zero, or rise above what 32 bits hold.
	ErrNegative = errors.New("psync: the counter of the wait group would leave its range")

	// ErrStuck is returned when a living process has been in the middle of a change of a few stores for seconds.
	ErrStuck = errors.New("psync: a process stays in the middle of a change: it is stopped, or the memory is damaged")

	// ErrMemory is returned by Create and Attach for memory that is too short or not aligned.
	ErrMemory = errors.New("psync: unsuitable memory")

	// ErrCorrupt is returned by Attach for bytes that no Create of that type has written.
	ErrCorrupt = errors.New("psync: the memory holds no such structure, or a damaged one")
)

// OwnerDeadError names the process that died with a lock. It wraps [ErrOwnerDead].
type OwnerDeadError struct {
	Tag uint32 // the dead owner; 0 when it has been reported before and the data has not been repaired since
}

// Error says who died.
func (e *OwnerDeadError) Error() string {
	if e.Tag == 0 {
		return ErrOwnerDead.Error() + ", and nobody has repaired the data since"
	}
	return fmt.Sprintf("%v (member %d, epoch %d)", ErrOwnerDead, e.Tag&0xff, e.Tag>>8)
}

// Unwrap returns [ErrOwnerDead].
func (e *OwnerDeadError) Unwrap() error { return ErrOwnerDead }

// BrokenError tells why a barrier is broken. It wraps [ErrBroken], and the error of the context that ended, if one did.
type BrokenError struct {
	Dead  uint32 // the tag of the party that died; 0 when none did
	Cause error  // the context's error of this call; nil when somebody else broke the barrier
}

// Error says what broke the barrier, as far as this party knows.
func (e *BrokenError) Error() string {
	switch {
	case e.Dead != 0:
		return fmt.Sprintf("%v: a party died (member %d, epoch %d)", ErrBroken, e.Dead&0xff, e.Dead>>8)
	case e.Cause != nil:
		return fmt.Sprintf("%v: %v", ErrBroken, e.Cause)
	}
	return ErrBroken.Error()
}

// Unwrap returns [ErrBroken] and the cause.
func (e *BrokenError) Unwrap() []error {
	if e.Cause == nil {
		return []error{ErrBroken}
	}
	return []error{ErrBroken, e.Cause}
}
