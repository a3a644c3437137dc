package shm

import (
	"errors"
	"fmt"
	"io/fs"
)

var (
	// ErrExist is returned by Create when the name is taken. It is fs.ErrExist, too.
	ErrExist = fmt.Errorf("shm: segment exists: %w", fs.ErrExist)

	// ErrNotExist is returned by Open and Remove when there is no segment of that name. It is fs.ErrNotExist, too.
	ErrNotExist = fmt.Errorf("shm: no such segment: %w", fs.ErrNotExist)

	// ErrName is returned for names that are empty, too long, begin with a dot or hold a slash or a control character.
	ErrName = errors.New("shm: bad name")

	// ErrSize is returned by Create for sizes that are not positive or beyond what a file can be.
	ErrSize = errors.New("shm: bad size")

	// ErrNoSpace is returned by Create and Reserve when memory or the file system cannot hold the bytes asked for.
	ErrNoSpace = errors.New("shm: not enough shared memory")

	// ErrMedium is returned by Create when the place of segments is not in memory: it never takes a disk, or a memfd, instead.
	ErrMedium = errors.New("shm: not in memory")

	// ErrCorrupt is returned by Open when the file is not a segment, or not a whole one.
	ErrCorrupt = errors.New("shm: not a segment")

	// ErrVersion is returned by Open when the segment was laid out by an incompatible version of this package.
	ErrVersion = errors.New("shm: incompatible layout version")

	// ErrForeign is returned by Open when the segment belongs to another user.
	ErrForeign = errors.New("shm: segment of another user")

	// ErrFull is returned by Open when the segment has MembersMax members.
	ErrFull = errors.New("shm: too many members")

	// ErrNotCreator is returned by Unlink in a process that opened the segment: only its creator removes the name.
	ErrNotCreator = errors.New("shm: only the creator unlinks")

	// ErrClosed is returned by Unlink after Close: Remove does it by name.
	ErrClosed = errors.New("shm: segment is closed in this process")

	// ErrInUse is returned by Remove when processes live in the segment.
	ErrInUse = errors.New("shm: segment in use")

	// ErrUnsupported is returned by every call on systems other than Linux.
	ErrUnsupported = errors.New("shm: shared segments need Linux")
)

// SpaceError says how much was asked for, how much there was, and how to get more. It is [ErrNoSpace].
type SpaceError struct {
	Name            string // segment or directory
	Need, Available int64  // bytes
	Remedy          string
}

func (e *SpaceError) Error() string {
	return fmt.Sprintf("%v for %s: need %s, %s available; %s", ErrNoSpace, e.Name, size(e.Need), size(e.Available), e.Remedy)
}

// Is makes errors.Is(err, ErrNoSpace) true.
func (e *SpaceError) Is(target error) bool { return target == ErrNoSpace }

// size spells a number of bytes with the largest unit that leaves at least one digit before the point.
func size(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	v, u := float64(n), 0
	for ; v >= 1024 && u < len(units)-1; u++ {
		v /= 1024
	}
	if u == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[u])
}
