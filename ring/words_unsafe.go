package ring

import (
	"unsafe"

	"github.com/shmath/shmath/internal/layout"
)

// itemWords is how many 8-byte words a T takes.
func itemWords[T any]() int {
	var t T
	return (int(unsafe.Sizeof(t)) + 7) / 8
}

// toWords copies the bytes of *v into words.
func toWords[T any](words []uint64, v *T) { copy(layout.Bytes(words), layout.BytesOf(v)) }

// fromWords copies words into the bytes of *v.
func fromWords[T any](v *T, words []uint64) { copy(layout.BytesOf(v), layout.Bytes(words)) }
