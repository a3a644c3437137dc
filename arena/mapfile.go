package arena

import (
	"errors"
	"fmt"
	"os"

	"github.com/shmath/shmath/internal/mapping"
)

// Mode says what may be done to the elements of a mapped file and who sees it.
type Mode = mapping.Mode

// The modes of MapFile.
const (
	ReadOnly    = mapping.ReadOnly    // loads only: Set panics, a store through Slice is a fault
	ReadWrite   = mapping.ReadWrite   // stores are seen by every process and by the file
	CopyOnWrite = mapping.CopyOnWrite // stores stay private to this mapping
)

// MapFile maps the .npy file at path as an array, without reading its data; mode is ReadOnly unless given. Close unmaps
// it. Versions 1.0, 2.0 and 3.0 and both orders are understood; an array in Fortran order is not contiguous, its T is.
// It is ErrType when the file holds another element type, ErrFormat when it is no .npy file or its elements cannot be
// used in place, ErrTruncated when it ends before its data do.
func MapFile[T Element](path string, mode ...Mode) (*Array[T], error) {
	h, m, err := mapHeader(path, mode)
	if err != nil {
		return nil, err
	}
	return finishMap[T](path, h, m)
}

// mapHeader reads the header before anything is mapped, and maps the file whole. The header is read, not looked at
// through the mapping, so that a file which shrinks meanwhile is an error and not a fault.
func mapHeader(path string, mode []Mode) (Header, *mapping.Mapping, error) {
	how, flags := ReadOnly, os.O_RDONLY
	if len(mode) > 0 {
		how = mode[0]
	}
	if how == ReadWrite {
		flags = os.O_RDWR
	}
	f, err := os.OpenFile(path, flags, 0)
	if err != nil {
		return Header{}, nil, err
	}
	m, h, err := mapOpen(f, how)
	if err != nil {
		return Header{}, nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return h, m, nil
}

func mapOpen(f *os.File, how Mode) (*mapping.Mapping, Header, error) {
	h, err := ReadHeader(f)
	if err != nil {
		return nil, h, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, h, err
	}
	m, err := mapping.New(f, info.Size(), how)
	return m, h, err
}

func finishMap[T Element](path string, h Header, m *mapping.Mapping) (*Array[T], error) {
	x, err := overBytes[T](origin{mem: m.Bytes, file: m, readOnly: m.Mode == ReadOnly}, h)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), m.Close())
	}
	return x, nil
}

// Close unmaps a mapped file; its elements must not be used any more, through views either, which panic from then on
// (slices that were taken before are faults). Closing twice is fine, and so is closing an array that is not a mapped
// file, which does nothing. It is ErrView for a view of a mapped file. A file of CreateFile that has not been
// committed is discarded.
func (x *Array[T]) Close() error { return x.frame.close() }

func (f *frame) close() error {
	switch {
	case f.home == nil || f.home.file == nil:
		return nil
	case f.home != &f.own:
		return ErrView
	}
	if f.home.pending != nil && !f.home.pending.settled {
		return f.discard()
	}
	if f.home.over.Swap(true) {
		return nil
	}
	return f.home.file.Close()
}
