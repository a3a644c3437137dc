package multiprocessing

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/psync"
)

// List is a list in shared memory, of values of fixed size, that grows at its end. Get takes no lock and makes no system
// call; changes are made one at a time. A process that is killed in the middle of a change leaves the list as it was before
// or after.
type List[T any] struct {
	object
	h     *listHead
	lock  *psync.Mutex // of changes
	mu    sync.Mutex   // of the change of parts
	parts atomic.Pointer[[]cells]
	words int // of a value
}

// listHead is a list in memory. Part i holds partFirst << i values; no part ever moves.
type listHead struct {
	magic  uint64
	lock   psync.MutexWord
	count  atomic.Uint32 // parts that there are
	length atomic.Int64
	size   uint64 // of a value
	parts  [partsMax]arena.Handle
}

const (
	listMagic = 0x316c_6d68_7368_6d31
	partsMax  = 40
	partFirst = 64
)

// NewList makes a list of those values. It returns [ErrValue] for types that are not plain data; for text there is [Name].
func NewList[T any](values ...T) (*List[T], error) {
	l := new(List[T])
	if err := l.types(); err != nil {
		return nil, err
	}
	var err error
	if l.object, err = newObject(listHeaderSize); err != nil {
		return nil, err
	}
	l.h = layout.View[listHead](l.mem, 0)
	l.h.size = uint64(reflect.TypeFor[T]().Size())
	l.open()
	l.h.magic = listMagic
	return made(l, l.Append(context.Background(), values...))
}

func (l *List[T]) types() error {
	t := reflect.TypeFor[T]()
	l.words, _ = cellWords(int(t.Size()))
	return plain(t, false)
}

func (l *List[T]) open() {
	l.lock = l.h.lock.Attach(l.psync())
	l.parts.Store(new([]cells))
}

// UnmarshalBinary makes l the list that was encoded.
func (l *List[T]) UnmarshalBinary(b []byte) error {
	if err := l.types(); err != nil {
		return err
	}
	if err := l.bind(b); err != nil {
		return err
	}
	if len(l.mem) < listHeaderSize {
		return fmt.Errorf("%w: a list of %d bytes", ErrCorrupt, len(l.mem))
	}
	l.h = layout.View[listHead](l.mem, 0)
	if l.h.magic != listMagic || l.h.size != uint64(reflect.TypeFor[T]().Size()) {
		return fmt.Errorf("%w: no list of %v here", ErrCorrupt, reflect.TypeFor[T]())
	}
	l.open()
	return nil
}

// part returns the part that holds value i, and its place there.
func (l *List[T]) part(i int) (cells, int, error) {
	n, size := 0, partFirst
	for ; i >= size; n, size = n+1, 2*size {
		i -= size
	}
	list := *l.parts.Load()
	if n < len(list) {
		return list[n], i, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	list = append([]cells(nil), *l.parts.Load()...)
	have := int(l.h.count.Load()) // SYNC(mp.part): the parts are whole; pairs with addPart.
	if n >= have || have > partsMax {
		return cells{}, 0, fmt.Errorf("%w: part %d of a list of %d", ErrCorrupt, n, have)
	}
	for j := len(list); j <= n; j++ {
		o, err := l.s.resolve(l.h.parts[j])
		if err != nil {
			return cells{}, 0, err
		}
		c := cells{layout.Slice[atomic.Uint64](o.mem, 0, len(o.mem)/8), l.words}
		if len(c.memory) < l.cell()*partFirst<<j {
			return cells{}, 0, fmt.Errorf("%w: part %d of a list has %d bytes", ErrCorrupt, j, len(o.mem))
		}
		list = append(list, c)
	}
	l.parts.Store(&list)
	return list[n], i, nil
}

func (l *List[T]) cell() int { return 1 + 2*l.words }

// addPart appends a part. The caller holds the lock.
func (l *List[T]) addPart() error {
	n := l.h.count.Load()
	if n >= partsMax {
		return fmt.Errorf("%w: the list has grown %d times", ErrFull, n)
	}
	o, err := l.s.newObject(8 * l.cell() * partFirst << n)
	if err != nil {
		return err
	}
	l.h.parts[n] = o.block.Handle()
	l.h.count.Store(n + 1) // SYNC(mp.part): publishes the part; pairs with part.
	return nil
}

func (l *List[T]) capacity() int { return partFirst<<l.h.count.Load() - partFirst }

// Append appends values, one step for each.
func (l *List[T]) Append(ctx context.Context, values ...T) error {
	return l.change(ctx, func() error {
		for i := range values {
			n := int(l.h.length.Load())
			if n == l.capacity() {
				if err := l.addPart(); err != nil {
					return err
				}
			}
			if err := l.put(n, &values[i]); err != nil {
				return err
			}
			l.h.length.Store(int64(n) + 1)
		}
		return nil
	})
}

// change runs f with the list locked. A predecessor that died in a change left nothing to mend.
func (l *List[T]) change(ctx context.Context, f func() error) error {
	if l.h == nil {
		return ErrNotMade
	}
	return l.lock.Do(ctx, func(error) error { return f() })
}

func (l *List[T]) put(i int, v *T) error {
	c, at, err := l.part(i)
	if err != nil {
		return err
	}
	src := make([]uint64, l.words)
	toWords(src, v)
	c.store(at, src)
	return nil
}

func (l *List[T]) check(i int) error {
	if l.h == nil {
		return ErrNotMade
	}
	if n := l.Len(); i < 0 || i >= n {
		return fmt.Errorf("%w: index %d of a list of %d", ErrValue, i, n)
	}
	return nil
}

// Get returns value i, or [ErrValue] when i is out of range.
func (l *List[T]) Get(i int) (v T, err error) {
	if err := l.check(i); err != nil {
		return v, err
	}
	c, at, err := l.part(i)
	if err != nil {
		return v, err
	}
	var room [stackWords]uint64
	dst := room[:]
	if l.words > len(dst) {
		dst = make([]uint64, l.words)
	}
	if !c.load(at, dst) {
		return v, fmt.Errorf("%w: index %d was popped meanwhile", ErrValue, i)
	}
	return ofWords[T](dst[:l.words]), nil
}

// Set replaces value i.
func (l *List[T]) Set(ctx context.Context, i int, v T) error {
	return l.Update(ctx, i, func(T) T { return v })
}

// Update replaces value i by what f makes of it: one step, for everybody else. f is called with the list locked.
func (l *List[T]) Update(ctx context.Context, i int, f func(v T) T) error {
	return l.change(ctx, func() error {
		v, err := l.Get(i)
		if err != nil {
			return err
		}
		v = f(v)
		return l.put(i, &v)
	})
}

// Pop takes the last value off, or returns [ErrEmpty].
func (l *List[T]) Pop(ctx context.Context) (v T, err error) {
	err = l.change(ctx, func() error {
		n := l.Len()
		if n == 0 {
			return ErrEmpty
		}
		if v, err = l.Get(n - 1); err != nil {
			return err
		}
		l.h.length.Store(int64(n) - 1)
		c, at, err := l.part(n - 1)
		if err == nil {
			c.clear(at)
		}
		return err
	})
	return v, err
}

// Len returns how many values there are.
func (l *List[T]) Len() int {
	if l.h == nil {
		return 0
	}
	return int(l.h.length.Load())
}

// All yields the values in order. What is changed meanwhile may be seen or not.
func (l *List[T]) All() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := 0; ; i++ {
			v, err := l.Get(i)
			if err != nil || !yield(i, v) {
				return
			}
		}
	}
}

// Free gives the list's memory back. Nobody may use it any more.
func (l *List[T]) Free() error {
	if l.h == nil {
		return ErrNotMade
	}
	return freeAll(l.object, l.h.parts[:l.h.count.Load()])
}
