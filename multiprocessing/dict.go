package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/bits"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/psync"
)

// Dict is a hash table in shared memory, of keys and values of fixed size. Get takes no lock and makes no system call;
// changes are made one at a time. It needs no server: compare [Manager], which takes any type, at a hundred times the cost.
// A process that is killed in the middle of a change leaves the table as it was before or after.
type Dict[K comparable, V any] struct {
	object
	h      *dictHeader
	lock   *psync.Mutex // of changes
	mu     sync.Mutex   // of the change of table
	tables atomic.Pointer[[]table]
	kw, vw int // words of a key, of a value
}

// dictHeader is a dict in memory. A table that gets full is replaced by one twice as large; the old ones stay until Free,
// since somebody may be reading them.
type dictHeader struct {
	magic  uint64
	lock   psync.MutexWord
	count  atomic.Uint32 // tables that there are; the last one counts
	length atomic.Int64  // values that there are
	used   atomic.Int64  // cells of the last table that have ever been in use
	shape  uint64        // sizes of key and value
	tables [tablesMax]arena.Handle
}

// table is open addressing with linear probing. A cell holds key and value one behind the other; a key stays in its cell for
// as long as the table lasts, also after its deletion.
type table struct {
	cells
	size   int    // a power of two
	number uint32 // 1 for the first
}

const (
	dictMagic  = 0x3164_6d68_7368_6d31
	tablesMax  = 40
	firstTable = 64
)

// NewDict makes an empty dict. It returns [ErrValue] for types that are not plain data; for text there is [Name].
func NewDict[K comparable, V any]() (*Dict[K, V], error) {
	d := new(Dict[K, V])
	if err := d.types(); err != nil {
		return nil, err
	}
	var err error
	if d.object, err = newObject(dictHeaderSize); err != nil {
		return nil, err
	}
	d.h = layout.View[dictHeader](d.mem, 0)
	d.h.shape = d.shape()
	d.open()
	if err := d.addTable(firstTable); err != nil {
		return nil, err
	}
	d.h.magic = dictMagic
	return d, nil
}

func (d *Dict[K, V]) types() error {
	k, v := reflect.TypeFor[K](), reflect.TypeFor[V]()
	if err := plain(k, true); err != nil {
		return err
	}
	d.kw, _ = cellWords(int(k.Size()))
	d.vw, _ = cellWords(int(v.Size()))
	return plain(v, false)
}

func (d *Dict[K, V]) shape() uint64 {
	return uint64(reflect.TypeFor[K]().Size())<<32 | uint64(reflect.TypeFor[V]().Size())
}

func (d *Dict[K, V]) open() {
	d.lock = d.h.lock.Attach(d.psync())
	d.tables.Store(new([]table))
}

// UnmarshalBinary makes d the dict that was encoded.
func (d *Dict[K, V]) UnmarshalBinary(b []byte) error {
	if err := d.types(); err != nil {
		return err
	}
	if err := d.bind(b); err != nil {
		return err
	}
	if len(d.mem) < dictHeaderSize {
		return fmt.Errorf("%w: a dict of %d bytes", ErrCorrupt, len(d.mem))
	}
	d.h = layout.View[dictHeader](d.mem, 0)
	if d.h.magic != dictMagic || d.h.shape != d.shape() {
		return fmt.Errorf("%w: no dict of %v to %v here", ErrCorrupt, reflect.TypeFor[K](), reflect.TypeFor[V]())
	}
	d.open()
	_, err := d.current()
	return err
}

// addTable appends an empty table. The caller holds the lock, or is alone.
func (d *Dict[K, V]) addTable(size int) error {
	n := d.h.count.Load()
	if n >= tablesMax {
		return fmt.Errorf("%w: the dict has grown %d times", ErrFull, n)
	}
	_, words := cellWords(8 * (d.kw + d.vw))
	o, err := d.s.newObject(8 * words * size)
	if err != nil {
		return err
	}
	d.h.tables[n] = o.block.Handle()
	return d.fill(o, size, func() { d.h.count.Store(n + 1) }) // SYNC(mp.table): publishes the table; pairs with current.
}

// fill copies what the last table holds into a new one, then publishes it.
func (d *Dict[K, V]) fill(o object, size int, publish func()) error {
	list := *d.tables.Load()
	to := d.view(o, size, d.h.count.Load()+1)
	used := int64(0)
	if len(list) > 0 {
		from := list[len(list)-1]
		pair := make([]uint64, d.kw+d.vw)
		for i := range from.size {
			if from.load(i, pair) {
				at, _, err := to.find(pair[:d.kw])
				if err != nil {
					return err
				}
				to.store(at, pair)
				used++
			}
		}
	}
	publish()
	d.h.used.Store(used)
	d.mu.Lock()
	defer d.mu.Unlock()
	list = append(append([]table(nil), list...), to)
	d.tables.Store(&list)
	return nil
}

func (d *Dict[K, V]) view(o object, size int, number uint32) table {
	return table{cells{layout.Slice[atomic.Uint64](o.mem, 0, len(o.mem)/8), d.kw + d.vw}, size, number}
}

// current returns the table that counts.
func (d *Dict[K, V]) current() (table, error) {
	n := int(d.h.count.Load()) // SYNC(mp.table): the table is whole; pairs with addTable.
	list := *d.tables.Load()
	if len(list) == n && n > 0 {
		return list[n-1], nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if n == 0 || n > tablesMax {
		return table{}, fmt.Errorf("%w: a dict of %d tables", ErrCorrupt, n)
	}
	list = append([]table(nil), *d.tables.Load()...)
	_, words := cellWords(8 * (d.kw + d.vw))
	for i := len(list); i < n; i++ {
		o, err := d.s.resolve(d.h.tables[i])
		if err != nil {
			return table{}, err
		}
		size := len(o.mem) / (8 * words)
		if size < firstTable || bits.OnesCount(uint(size)) != 1 {
			return table{}, fmt.Errorf("%w: a table of %d places", ErrCorrupt, size)
		}
		list = append(list, d.view(o, size, uint32(i)+1))
	}
	d.tables.Store(&list)
	return list[n-1], nil
}

// hash mixes the words of a key: multiply and fold, as in wyhash.
func hash(key []uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, w := range key {
		hi, lo := bits.Mul64(h^w, 0xd6e8feb86659fd93)
		h = hi ^ lo
	}
	return h
}

// find returns the cell of a key, or the one where it would go; used tells whether that one has ever been in use. A table
// without a free cell is damaged: a quarter of them is free, always.
func (t table) find(key []uint64) (at int, used bool, err error) {
	at = int(hash(key)) & (t.size - 1)
	for range t.size {
		if t.word(at) == 0 { // SYNC(mp.cell): a key is there before its cell's first word; pairs with cells.store.
			return at, false, nil
		}
		if t.holds(at, key) {
			return at, true, nil
		}
		at = (at + 1) & (t.size - 1)
	}
	return 0, false, fmt.Errorf("%w: a dict's table without a free cell", ErrCorrupt)
}

// holds compares a cell's key, which is the same in both copies from the second store on, and in the first until then.
func (t table) holds(at int, key []uint64) bool {
	cell := t.at(at)
	have := cell[1+t.words:] // the first store of a cell fills its second copy: see cells.store
	for i, w := range key {
		if have[i].Load() != w {
			return false
		}
	}
	return true
}

// stackWords is how long a key with its value may be to be handled without allocation.
const stackWords = 16

// Get returns the value of k. ok is false when there is none.
func (d *Dict[K, V]) Get(k K) (v V, ok bool, err error) {
	if d.h == nil {
		return v, false, ErrNotMade
	}
	var room [stackWords]uint64
	pair := d.room(room[:])
	toWords(pair[:d.kw], &k)
	for {
		t, err := d.current()
		if err != nil {
			return v, false, err
		}
		key := pair[:d.kw]
		at, used, err := t.find(key)
		if err != nil {
			return v, false, err
		}
		found := used && t.load(at, pair)
		if d.h.count.Load() == t.number {
			if found {
				v = ofWords[V](pair[d.kw:])
			}
			return v, found, nil
		}
		toWords(pair[:d.kw], &k) // it grew meanwhile
	}
}

func (d *Dict[K, V]) room(room []uint64) []uint64 {
	if n := d.kw + d.vw; n > len(room) {
		return make([]uint64, n)
	}
	return room[:d.kw+d.vw]
}

// Set gives k the value v.
func (d *Dict[K, V]) Set(ctx context.Context, k K, v V) error {
	return d.Update(ctx, k, func(V, bool) (V, bool) { return v, true })
}

// Delete takes k out. It is no error when k is not there.
func (d *Dict[K, V]) Delete(ctx context.Context, k K) error {
	return d.Update(ctx, k, func(v V, _ bool) (V, bool) { return v, false })
}

// Update gives k the value that f makes of the present one, or takes k out when f returns false: one step, for everybody
// else. f is called with the dict locked.
func (d *Dict[K, V]) Update(ctx context.Context, k K, f func(v V, ok bool) (V, bool)) error {
	if d.h == nil {
		return ErrNotMade
	}
	return d.lock.Do(ctx, func(died error) error {
		if died != nil {
			d.recount()
		}
		return d.update(k, f)
	})
}

func (d *Dict[K, V]) update(k K, f func(v V, ok bool) (V, bool)) error {
	t, err := d.current()
	if err != nil {
		return err
	}
	var room [stackWords]uint64
	pair := d.room(room[:])
	toWords(pair[:d.kw], &k)
	at, used, err := t.find(pair[:d.kw])
	if err != nil {
		return err
	}
	var old V
	had := used && t.load(at, pair)
	if had {
		old = ofWords[V](pair[d.kw:])
	}
	v, keep := f(old, had)
	switch {
	case keep:
		if !used && 4*(d.h.used.Load()+1) > 3*int64(t.size) {
			if err := d.grow(t.size); err != nil {
				return err
			}
			return d.update(k, func(V, bool) (V, bool) { return v, true })
		}
		toWords(pair[:d.kw], &k)
		toWords(pair[d.kw:], &v)
		t.store(at, pair)
		if !used {
			d.h.used.Add(1)
		}
		if !had {
			d.h.length.Add(1)
		}
	case had:
		t.clear(at)
		d.h.length.Add(-1)
	}
	return nil
}

// grow goes on in another table: larger, unless most cells of this one are of keys that were deleted.
func (d *Dict[K, V]) grow(size int) error {
	if 2*d.h.length.Load() >= int64(size) {
		size *= 2
	}
	return d.addTable(size)
}

// recount counts again after the death of a process that held the lock: the cells are the truth.
func (d *Dict[K, V]) recount() {
	t, err := d.current()
	if err != nil {
		return
	}
	used, length := int64(0), int64(0)
	for i := range t.size {
		switch w := t.word(i); {
		case w&cellPresent != 0:
			length++
			used++
		case w != 0:
			used++
		}
	}
	d.h.used.Store(used)
	d.h.length.Store(length)
}

// Len returns how many keys there are.
func (d *Dict[K, V]) Len() int {
	if d.h == nil {
		return 0
	}
	return int(d.h.length.Load())
}

// All yields keys and values, in no order. What is changed meanwhile may be seen or not; each pair is one that was there.
func (d *Dict[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if d.h == nil {
			return
		}
		t, err := d.current()
		if err != nil {
			return
		}
		pair := make([]uint64, d.kw+d.vw)
		for i := range t.size {
			if t.load(i, pair) && !yield(ofWords[K](pair[:d.kw]), ofWords[V](pair[d.kw:])) {
				return
			}
		}
	}
}

// Clear takes all keys out.
func (d *Dict[K, V]) Clear(ctx context.Context) error {
	if d.h == nil {
		return ErrNotMade
	}
	return d.lock.Do(ctx, func(error) error {
		t, err := d.current()
		if err != nil {
			return err
		}
		for i := range t.size {
			if t.word(i)&cellPresent != 0 {
				t.clear(i)
			}
		}
		d.recount()
		return nil
	})
}

// Free gives the dict's memory back. Nobody may use it any more.
func (d *Dict[K, V]) Free() error {
	if d.h == nil {
		return ErrNotMade
	}
	return freeAll(d.object, d.h.tables[:d.h.count.Load()])
}

// freeAll frees an object and the blocks that belong to it.
func freeAll(o object, parts []arena.Handle) error {
	var errs []error
	for _, h := range parts {
		part, err := o.s.resolve(h)
		if err == nil {
			err = part.Free()
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, o.Free())...)
}
