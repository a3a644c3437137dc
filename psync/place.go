package psync

import (
	"fmt"

	"github.com/shmath/shmath/internal/layout"
)

const wordAlign = 8 // every structure begins on a multiple of 8 bytes, or of its own size where that is 4

// place checks that mem holds size bytes from an address that suits align.
func place(mem []byte, size, align int) error {
	if len(mem) < size {
		return fmt.Errorf("%w: %d bytes, need %d", ErrMemory, len(mem), size)
	}
	if layout.Address(mem)%uintptr(align) != 0 {
		return fmt.Errorf("%w: it begins at %#x, which is no multiple of %d", ErrMemory, layout.Address(mem), align)
	}
	return nil
}

// view returns the one word structure of type T at the front of mem; fresh zeroes it.
func view[T any](mem []byte, size int, fresh bool) (*T, error) {
	if err := place(mem, size, min(size, wordAlign)); err != nil {
		return nil, err
	}
	if fresh {
		clear(mem[:size])
	}
	return layout.View[T](mem, 0), nil
}
