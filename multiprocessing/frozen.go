package multiprocessing

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/mapping"
)

// Frozen is a row of numbers that every process has for itself: the values are those with which it was made, what a process
// stores is seen by nobody else. Nothing is copied but the pages that somebody stores into, when that happens. Python users
// know it as what a forked child inherits.
type Frozen[T Element] struct {
	at    address
	m     *mapping.Mapping
	slice []T
}

// NewFrozen makes n numbers, as fill leaves them. The memory is sealed then: not even this process can change it any more.
func NewFrozen[T Element](n int, fill func(s []T)) (*Frozen[T], error) {
	size := int(reflect.TypeFor[T]().Size())
	if n < 1 || n > math.MaxInt/size {
		return nil, fmt.Errorf("%w: a frozen array of %d elements", ErrValue, n)
	}
	if fill == nil {
		return nil, fmt.Errorf("%w: a frozen array without a function that fills it: nobody can later", ErrValue)
	}
	f, err := sealedFile(int64(n*size), func(f *os.File) error {
		m, err := mapping.New(f, int64(n*size), mapping.ReadWrite)
		if err != nil {
			return err
		}
		fill(layout.Slice[T](m.Bytes, 0, n))
		return m.Close()
	})
	if err != nil {
		return nil, err
	}
	x := &Frozen[T]{at: address{PID: os.Getpid(), FD: int(f.Fd())}}
	if x.at.Inode, err = inodeOf(x.at.path()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return made(x, x.open(f, n))
}

func (x *Frozen[T]) open(f *os.File, n int) (err error) {
	if x.m, err = mapping.New(f, int64(n)*int64(reflect.TypeFor[T]().Size()), mapping.CopyOnWrite); err != nil {
		return errors.Join(err, f.Close())
	}
	x.slice = layout.Slice[T](x.m.Bytes, 0, n)
	return nil
}

// MarshalBinary encodes where the sealed memory is.
func (x *Frozen[T]) MarshalBinary() ([]byte, error) {
	if x.m == nil {
		return nil, ErrNotMade
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(x.at.PID))
	b = binary.LittleEndian.AppendUint32(b, uint32(x.at.FD))
	b = binary.LittleEndian.AppendUint64(b, x.at.Inode)
	return binary.LittleEndian.AppendUint64(b, uint64(len(x.slice))), nil
}

// UnmarshalBinary maps what was encoded, for this process alone. Whoever made it must live.
func (x *Frozen[T]) UnmarshalBinary(b []byte) error {
	if len(b) != 24 {
		return fmt.Errorf("%w: a frozen array's handle of %d bytes", ErrCorrupt, len(b))
	}
	x.at = address{int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:])), binary.LittleEndian.Uint64(b[8:])}
	n := binary.LittleEndian.Uint64(b[16:])
	f, err := os.Open(x.at.path())
	if err != nil {
		return fmt.Errorf("multiprocessing: opening a frozen array: %w; it goes with the process that made it", err)
	}
	inode, err := inodeOf(x.at.path())
	info, err2 := f.Stat()
	size := uint64(reflect.TypeFor[T]().Size())
	switch {
	case err != nil || err2 != nil:
		return errors.Join(err, err2, f.Close())
	case inode != x.at.Inode:
		return errors.Join(ErrSessionGone, f.Close())
	case n == 0 || n > uint64(info.Size())/size:
		return errors.Join(fmt.Errorf("%w: %d elements in %d bytes", ErrCorrupt, n, info.Size()), f.Close())
	}
	return x.open(f, int(n))
}

// Slice returns the elements, this process's own.
func (x *Frozen[T]) Slice() []T { return x.slice }

// Len returns the number of elements.
func (x *Frozen[T]) Len() int { return len(x.slice) }

// Close lets the elements go, in this process. In the one that made them it ends them for those that have not got them yet.
func (x *Frozen[T]) Close() error {
	if x.m == nil {
		return ErrNotMade
	}
	return x.m.Close()
}
