package arena

import (
	"errors"
	"fmt"
	"os"

	"github.com/shmath/shmath/internal/mapping"
)

// pendingFile is a file of CreateFile on its way to its name.
type pendingFile struct {
	temp, path string
	settled    bool
}

// CreateFile makes a new .npy file of zeros, mapped for reading and writing: results are computed where they will
// stay. The disk space is taken at once: it is ErrNoSpace when there is not enough, and nothing is left. Until Commit
// the file has a temporary name in the directory of path, so that a killed job leaves no half file at path; the next
// CreateFile or Save of the same path removes what it has left.
func CreateFile[T Element](path string, dims ...int) (*Array[T], error) {
	d := DTypeOf[T]()
	count, size, err := bytesOf(d, dims)
	if err != nil {
		return nil, err
	}
	npy := appendHeader(nil, d, dims)
	f, err := tempFile(path)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*Array[T], error) {
		return nil, errors.Join(fmt.Errorf("creating %s: %w", path, err), os.Remove(f.Name()), f.Close())
	}
	if err := allocateFile(f, int64(len(npy)+size)); err != nil {
		return fail(err)
	}
	if _, err := f.WriteAt(npy, 0); err != nil {
		return fail(err)
	}
	m, err := mapping.New(f, int64(len(npy)+size), ReadWrite)
	if err != nil {
		return fail(err)
	}
	x := new(Array[T])
	x.own.mem, x.own.file = m.Bytes, m
	x.own.pending = &pendingFile{temp: f.Name(), path: path}
	x.home = &x.own
	x.lay(len(npy), count, dims)
	return x, nil
}

// Commit makes the elements durable and gives the file of CreateFile its name. The array stays mapped until Close.
// On an error the file keeps its temporary name, and Commit may be tried again.
func (x *Array[T]) Commit() error {
	p, err := x.underCreation()
	if err != nil {
		return err
	}
	if err := x.home.file.File.Sync(); err != nil {
		return err
	}
	if err := settle(p.temp, p.path); err != nil {
		return err
	}
	p.settled = true
	return nil
}

// Discard removes the file of CreateFile, and unmaps it.
func (x *Array[T]) Discard() error {
	if _, err := x.underCreation(); err != nil {
		return err
	}
	return x.discard()
}

func (f *frame) discard() error {
	p := f.home.pending
	p.settled = true
	f.home.over.Store(true)
	return errors.Join(os.Remove(p.temp), f.home.file.Close())
}

func (f *frame) underCreation() (*pendingFile, error) {
	if f.home == nil || f.home.pending == nil || f.home.pending.settled || f.home.over.Load() {
		return nil, ErrNotPending
	}
	if f.home != &f.own {
		return nil, ErrView
	}
	return f.home.pending, nil
}

// writeZeros takes disk space where the system has no call for it.
func writeZeros(f *os.File, size int64) error {
	zeros := make([]byte, min(size, 1<<20))
	for at := int64(0); at < size; {
		n, err := f.WriteAt(zeros[:min(size-at, int64(len(zeros)))], at)
		if err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}
