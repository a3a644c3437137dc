package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync/atomic"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/psync"
)

// Number is what a [Value] can hold.
type Number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~int | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint | ~float32 | ~float64
}

// A Value lies in 32 bytes: the number, in the low bytes of a word, the lock, and a word that is 1 where there is one.
const (
	valueLock   = 8
	valueLocked = valueLock + psync.RMutexSize
	valueSize   = valueLocked + 8
)

// Value is a number that processes share. Each method is one atomic step, so no update is ever lost: there is no way to
// write v.value += 1 in two. What takes several steps takes the lock.
type Value[T Number] struct {
	object
	cell *atomic.Uint64
	lock *RLock
}

// NewValue makes a shared number with a lock of its own.
func NewValue[T Number](v T) (*Value[T], error) { return newValue(v, 1, nil) }

// NewRawValue makes a shared number without a lock.
func NewRawValue[T Number](v T) (*Value[T], error) { return newValue(v, 0, nil) }

// NewValueWith makes a shared number whose lock is another's, for several that change together.
func NewValueWith[T Number](lock *RLock, v T) (*Value[T], error) {
	if err := shareable(lock); err != nil {
		return nil, err
	}
	return newValue(v, 0, lock)
}

func newValue[T Number](v T, locked uint64, lock *RLock) (*Value[T], error) {
	x := new(Value[T])
	var err error
	if x.object, err = newObject(valueSize); err != nil {
		return nil, err
	}
	*layout.View[uint64](x.mem, valueLocked) = locked
	if err = x.attach(lock); err == nil {
		x.Set(v)
	}
	return made(x, err)
}

func (x *Value[T]) attach(lock *RLock) error {
	if len(x.mem) < valueSize {
		return fmt.Errorf("%w: a value of %d bytes", ErrCorrupt, len(x.mem))
	}
	x.cell = layout.View[atomic.Uint64](x.mem, 0)
	var err error
	x.lock, err = x.lockAt(valueLock, *layout.View[uint64](x.mem, valueLocked), lock)
	return err
}

// MarshalBinary encodes where the value lies, and where its lock does if that is another's.
func (x *Value[T]) MarshalBinary() ([]byte, error) { return x.withLock(x.lock) }

// UnmarshalBinary makes x the value that was encoded.
func (x *Value[T]) UnmarshalBinary(b []byte) error {
	lock, err := x.bindWithLock(b)
	if err != nil {
		return err
	}
	return x.attach(lock)
}

// shareable refuses locks that are part of something: they have no handle of their own.
func shareable(lock *RLock) error {
	if lock == nil || lock.s == nil {
		return fmt.Errorf("%w: the lock of several values is made by NewRLock", ErrValue)
	}
	return nil
}

// lockAt returns the lock of an object: another's, its own, which lies in it, or none.
func (o object) lockAt(offset int, own uint64, others *RLock) (*RLock, error) {
	if others != nil || own == 0 {
		return others, nil
	}
	l := &RLock{token: psync.NewToken()}
	var err error
	l.m, err = psync.AttachRMutex(o.mem[offset:], o.psync())
	return made(l, err)
}

// withLock encodes an object, and its lock if that is another's.
func (o *object) withLock(lock *RLock) ([]byte, error) {
	b, err := o.MarshalBinary()
	if err != nil || lock == nil || lock.s == nil {
		return b, err
	}
	l, err := lock.MarshalBinary()
	return append(b, l...), err
}

// bindWithLock finds what withLock encoded.
func (o *object) bindWithLock(b []byte) (lock *RLock, err error) {
	if len(b) == 2*handleSize {
		lock = new(RLock)
		if err := lock.UnmarshalBinary(b[handleSize:]); err != nil {
			return nil, err
		}
		b = b[:handleSize]
	}
	return lock, o.bind(b)
}

func bitsOf[T Number](v T) (w uint64) {
	copy(layout.BytesOf(&w), layout.BytesOf(&v))
	return w
}

func numberOf[T Number](w uint64) (v T) {
	copy(layout.BytesOf(&v), layout.BytesOf(&w))
	return v
}

// Get returns the number.
func (x *Value[T]) Get() T { return numberOf[T](x.made().Load()) }

// Set stores v.
func (x *Value[T]) Set(v T) { x.made().Store(bitsOf(v)) }

// made panics with ErrNotMade in place of a fault that names nothing: what works on a number has no error to return.
func (x *Value[T]) made() *atomic.Uint64 {
	if x.cell == nil {
		panic(ErrNotMade)
	}
	return x.cell
}

// Add adds delta and returns the sum. Integers wrap around.
func (x *Value[T]) Add(delta T) T {
	cell := x.made()
	for {
		before := cell.Load()
		sum := numberOf[T](before) + delta
		if cell.CompareAndSwap(before, bitsOf(sum)) {
			return sum
		}
	}
}

// CompareAndSwap stores v if the number has the bits of before, and reports whether it did.
func (x *Value[T]) CompareAndSwap(before, v T) bool {
	return x.made().CompareAndSwap(bitsOf(before), bitsOf(v))
}

// GetLock returns the value's lock, for steps that belong together; nil for raw values. Get, Set and Add do not look at it.
func (x *Value[T]) GetLock() *RLock { return x.lock }

// Struct is a shared variable of any pointer-free type, read and written whole under its lock. Python:
// Value(a ctypes.Structure).
type Struct[T any] struct {
	object
	lock *RLock
}

// NewStruct makes a shared variable that holds v. The error names the field that holds a pointer, if one does.
func NewStruct[T any](v T) (*Struct[T], error) {
	if err := layout.PointerFree(reflect.TypeFor[T]()); err != nil {
		return nil, fmt.Errorf("%w: %w: a shared variable holds plain data only", ErrValue, err)
	}
	x := new(Struct[T])
	var err error
	if x.object, err = newObject(psync.RMutexSize + int(reflect.TypeFor[T]().Size())); err == nil {
		err = x.attach()
	}
	if err == nil {
		*x.view() = v
	}
	return made(x, err)
}

// view is the data, which lies behind the lock, aligned for any type.
func (x *Struct[T]) view() *T { return layout.View[T](x.mem, psync.RMutexSize) }

func (x *Struct[T]) attach() (err error) {
	if need := psync.RMutexSize + int(reflect.TypeFor[T]().Size()); len(x.mem) < need {
		return fmt.Errorf("%w: %d bytes for a %v", ErrCorrupt, len(x.mem), reflect.TypeFor[T]())
	}
	x.lock = &RLock{token: psync.NewToken()}
	x.lock.m, err = psync.AttachRMutex(x.mem, x.psync())
	return err
}

// UnmarshalBinary makes x the variable that was encoded.
func (x *Struct[T]) UnmarshalBinary(b []byte) error {
	if err := x.bind(b); err != nil {
		return err
	}
	return x.attach()
}

// Get returns a copy.
func (x *Struct[T]) Get(ctx context.Context) (v T, err error) {
	err = x.Update(ctx, func(p *T) error { v = *p; return nil })
	return v, err
}

// Set stores v.
func (x *Struct[T]) Set(ctx context.Context, v T) error {
	return x.Update(ctx, func(p *T) error { *p = v; return nil })
}

// Update runs f on the shared bytes themselves, with the lock held. A process that is killed in f leaves what it had
// written; the next Update hears of it by an error that wraps [ErrOwnerDead], after f has run.
func (x *Struct[T]) Update(ctx context.Context, f func(v *T) error) (err error) {
	if x.lock == nil {
		return ErrNotMade
	}
	l := x.lock.Holder()
	died := l.Acquire(ctx)
	if died != nil && !errors.Is(died, ErrOwnerDead) {
		return died
	}
	defer func() { err = errors.Join(err, died, l.Release()) }()
	return f(x.view())
}

// GetLock returns the variable's lock.
func (x *Struct[T]) GetLock() *RLock { return x.lock }

// Element is what an [Array] can hold.
type Element interface {
	Number | ~bool | ~complex64 | ~complex128
}

const arrayHeader = 64 // lock at 0, length at 16; the elements follow

// Array is a row of numbers that processes share: a plain Go slice over the shared bytes, and a lock beside it.
type Array[T Element] struct {
	object
	lock  *RLock // nil for raw arrays
	slice []T
}

// NewArray makes a shared array of those numbers, with a lock of its own.
func NewArray[T Element](values ...T) (*Array[T], error) {
	x, err := NewArrayOf[T](len(values))
	if err == nil {
		copy(x.slice, values)
	}
	return x, err
}

// NewArrayOf makes a shared array of n zeros, with a lock of its own.
func NewArrayOf[T Element](n int) (*Array[T], error) { return newArray[T](n, 1, nil) }

// NewRawArray makes a shared array of n zeros without a lock.
func NewRawArray[T Element](n int) (*Array[T], error) { return newArray[T](n, 0, nil) }

// NewArrayWith makes a shared array of n zeros whose lock is another's.
func NewArrayWith[T Element](lock *RLock, n int) (*Array[T], error) {
	if err := shareable(lock); err != nil {
		return nil, err
	}
	return newArray[T](n, 0, lock)
}

func newArray[T Element](n int, locked uint64, lock *RLock) (*Array[T], error) {
	size := int(reflect.TypeFor[T]().Size())
	if n < 0 || n > (math.MaxInt-arrayHeader)/size {
		return nil, fmt.Errorf("%w: an array of %d elements", ErrValue, n)
	}
	x := new(Array[T])
	var err error
	if x.object, err = newObject(arrayHeader + n*size); err != nil {
		return nil, err
	}
	h := layout.Slice[uint64](x.mem, 16, 2)
	h[0], h[1] = uint64(n), locked
	return made(x, x.attach(lock))
}

func (x *Array[T]) attach(lock *RLock) (err error) {
	if len(x.mem) < arrayHeader {
		return fmt.Errorf("%w: an array of %d bytes", ErrCorrupt, len(x.mem))
	}
	h := layout.Slice[uint64](x.mem, 16, 2)
	if room := (len(x.mem) - arrayHeader) / int(reflect.TypeFor[T]().Size()); h[0] > uint64(room) {
		return fmt.Errorf("%w: an array of %d elements where %d fit", ErrCorrupt, h[0], room)
	}
	x.slice = layout.Slice[T](x.mem, arrayHeader, int(h[0]))
	x.lock, err = x.lockAt(0, h[1], lock)
	return err
}

// MarshalBinary encodes where the array lies, and where its lock does if that is another's.
func (x *Array[T]) MarshalBinary() ([]byte, error) { return x.withLock(x.lock) }

// UnmarshalBinary makes x the array that was encoded.
func (x *Array[T]) UnmarshalBinary(b []byte) error {
	lock, err := x.bindWithLock(b)
	if err != nil {
		return err
	}
	return x.attach(lock)
}

// Slice returns the elements themselves: stores are seen by every process. It is valid until Free.
func (x *Array[T]) Slice() []T { return x.slice }

// Len returns the number of elements.
func (x *Array[T]) Len() int { return len(x.slice) }

// GetLock returns the array's lock, nil for raw arrays. Nothing here looks at it.
func (x *Array[T]) GetLock() *RLock { return x.lock }

// With runs f on the elements with the array's lock held, if it has one.
func (x *Array[T]) With(ctx context.Context, f func(s []T) error) error {
	if x.s == nil {
		return ErrNotMade
	}
	if x.lock == nil {
		return f(x.slice)
	}
	return x.lock.Holder().With(ctx, func() error { return f(x.slice) })
}
