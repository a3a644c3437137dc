package shm

import (
	"fmt"
	"math"
	"strings"
)

// Lifetime says when a segment's memory goes away.
type Lifetime uint32

const (
	Ephemeral  Lifetime = iota // with the last process that lives in it
	Persistent                 // when Remove or Unlink is called
	Private                    // no name: with the last process that has it open (memfd)
)

func (l Lifetime) String() string {
	switch l {
	case Ephemeral:
		return "ephemeral"
	case Persistent:
		return "persistent"
	case Private:
		return "private"
	}
	return fmt.Sprintf("Lifetime(%d)", uint32(l))
}

// Options configures Create and Open. A nil *Options means the defaults.
type Options struct {
	Lifetime Lifetime // Create only; the zero value is Ephemeral
	Sparse   bool     // Create only: memory is not reserved; the caller calls Reserve before it uses a range
	AnyUser  bool     // Open only: accept segments of other users (their mode bits permitting)
}

const (
	nameMax = 240     // bytes; NAME_MAX is 255
	sizeMax = 1 << 46 // bytes; half of the address space of a process
)

func (o *Options) orDefault() Options {
	if o == nil {
		return Options{}
	}
	return *o
}

// checkName applies the rules of shm_open(3), and two of our own: no leading dot, no control characters.
func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: it is empty", ErrName)
	case len(name) > nameMax:
		return fmt.Errorf("%w %q...: %d bytes, at most %d", ErrName, name[:32], len(name), nameMax)
	case name[0] == '.':
		return fmt.Errorf("%w %q: it begins with a dot", ErrName, name)
	case strings.ContainsRune(name, '/'):
		return fmt.Errorf("%w %q: it holds a slash; give the name alone, without /dev/shm", ErrName, name)
	}
	for i := range len(name) {
		if name[i] < ' ' || name[i] == 0x7f {
			return fmt.Errorf("%w %q: it holds a control character", ErrName, name)
		}
	}
	return nil
}

func checkSize(name string, n int) error {
	if n <= 0 || n > min(sizeMax, math.MaxInt-recordSize-page) {
		return fmt.Errorf("%w of segment %q: %d bytes, must be between 1 and %d", ErrSize, name, n, int64(sizeMax))
	}
	return nil
}
