package arena

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/shmath/shmath/internal/layout"
)

// savePart is how many bytes of a scattered array are gathered before they are written.
const savePart = 1 << 18

// Save writes x to a .npy file at path, C order, version 1.0: under a temporary name in the same directory, made
// durable, then renamed, so that path holds the old file or the whole new one at every moment.
func Save(path string, x AnyArray) error {
	f, err := tempFile(path)
	if err != nil {
		return err
	}
	if err := writeNpy(f, x); err != nil {
		return errors.Join(fmt.Errorf("saving %s: %w", path, err), f.Close(), os.Remove(f.Name()))
	}
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := settle(f.Name(), path); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

func writeNpy(f *os.File, x AnyArray) error {
	if _, err := f.Write(appendHeader(nil, x.DType(), x.Shape())); err != nil {
		return err
	}
	err := x.dense(savePart, func(part []byte) error {
		_, err := f.Write(part)
		return err
	})
	if err != nil {
		return err
	}
	return f.Sync()
}

// dense yields the bytes of the elements in C order: all at once when they are contiguous, else in parts.
func (x *Array[T]) dense(limit int, yield func(part []byte) error) error {
	x.check()
	if x.contiguous {
		if x.count == 0 {
			return nil
		}
		return yield(layout.Bytes(x.data))
	}
	room := make([]T, 0, max(limit/x.DType().Size(), 1))
	var err error
	x.runs(func(at, n, stride int) bool {
		for range n {
			if len(room) == cap(room) {
				if err = yield(layout.Bytes(room)); err != nil {
					return false
				}
				room = room[:0]
			}
			room = append(room, x.data[at])
			at += stride
		}
		return true
	})
	if err == nil && len(room) > 0 {
		err = yield(layout.Bytes(room))
	}
	return err
}

// settle gives a finished temporary file its name, for good.
func settle(temp, path string) error {
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	// Some systems cannot open or sync a directory; the rename has happened all the same.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}
