package multiprocessing

import (
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/shmath/shmath/internal/layout"
)

// cells are places for values of one size, each with two copies of its value and a word that says which one counts. A
// writer, one at a time, fills the other copy and then stores the word: readers take no lock, and a writer that is killed
// leaves the value as it was.
//
//	word:  version << 2 | present | which copy
//
// Values move by atomic words of 8 bytes, so that a reader that finds the word unchanged behind the copy has read one
// value and not parts of two.
type cells struct {
	memory []atomic.Uint64
	words  int // of a value
}

const (
	cellCopy    = 1 // of a cell's word
	cellPresent = 2
	cellVersion = 4
)

// cellWords returns how many words a value of n bytes takes, and how many its cell.
func cellWords(n int) (value, cell int) {
	value = (n + 7) / 8
	return value, 1 + 2*value
}

func (c cells) at(i int) []atomic.Uint64 {
	stride := 1 + 2*c.words
	return c.memory[i*stride : (i+1)*stride : (i+1)*stride]
}

// word returns a cell's word.
func (c cells) word(i int) uint64 { return c.at(i)[0].Load() }

// load copies a cell's value to dst and reports whether there is one.
func (c cells) load(i int, dst []uint64) bool {
	cell := c.at(i)
	for {
		word := cell[0].Load() // SYNC(mp.cell): the copy is whole; pairs with cells.store.
		if word&cellPresent == 0 {
			return false
		}
		value := cell[1+int(word&cellCopy)*c.words:][:c.words]
		for j := range value {
			dst[j] = value[j].Load()
		}
		if cell[0].Load() == word {
			return true
		}
	}
}

// store replaces a cell's value. The caller is the only writer.
func (c cells) store(i int, src []uint64) {
	cell := c.at(i)
	word := cell[0].Load()
	next := (word&^cellPresent + cellVersion) ^ cellCopy | cellPresent
	value := cell[1+int(next&cellCopy)*c.words:][:c.words]
	for j := range value {
		value[j].Store(src[j])
	}
	cell[0].Store(next) // SYNC(mp.cell): publishes the copy; pairs with cells.load.
}

// clear takes a cell's value away. The caller is the only writer.
func (c cells) clear(i int) {
	cell := c.at(i)
	cell[0].Store((cell[0].Load() + cellVersion) &^ cellPresent)
}

// plain returns an error unless values of the type can be shared; with keys, unless equal values have equal bytes, too.
func plain(t reflect.Type, keys bool) error {
	if err := layout.PointerFree(t); err != nil {
		return fmt.Errorf("%w: %w; for text use Name", ErrValue, err)
	}
	if keys && !bytewise(t) {
		return fmt.Errorf("%w: %v as a key: floats, and structs with gaps, do not compare by their bytes", ErrValue, t)
	}
	return nil
}

// bytewise reports whether two values of a pointer-free type are equal exactly if their bytes are.
func bytewise(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return false
	case reflect.Array:
		return bytewise(t.Elem())
	case reflect.Struct:
		end := uintptr(0)
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Offset != end || !bytewise(f.Type) {
				return false
			}
			end = f.Offset + f.Type.Size()
		}
		return end == t.Size()
	}
	return true
}

// toWords writes a value's bytes into words.
func toWords[T any](dst []uint64, v *T) {
	if len(dst) > 0 {
		dst[len(dst)-1] = 0 // what lies behind the value's last byte
	}
	copy(layout.Bytes(dst), layout.BytesOf(v))
}

// ofWords reads a value from words.
func ofWords[T any](src []uint64) (v T) {
	copy(layout.BytesOf(&v), layout.Bytes(src))
	return v
}

// Name is a text of up to 63 bytes, for keys and values of [Dict] and [List].
type Name [64]byte

// NameOf returns s as a Name, or [ErrValue] when it is too long.
func NameOf(s string) (n Name, err error) {
	if len(s) > len(n)-1 {
		return n, fmt.Errorf("%w: a name of %d bytes; 63 at most", ErrValue, len(s))
	}
	n[len(n)-1] = byte(copy(n[:], s))
	return n, nil
}

func (n Name) String() string { return string(n[:min(int(n[len(n)-1]), len(n)-1)]) }
