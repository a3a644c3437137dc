package ring

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"sync/atomic"

	"github.com/shmath/shmath/internal/layout"
)

const (
	magic   = 0x676e69722d6d6873 // "shm-ring" in memory
	version = 1
	tagMask = 1<<30 - 1
)

type kind uint32

const (
	kindSPSC kind = iota + 1
	kindMPMC
	kindRecord
	kindBroadcast
)

// header is the first line of every ring: what it is. Create writes it once and magic last.
type header struct {
	magic atomic.Uint64
	facts
	_ [layout.Line - 56]byte
}

// facts is what a ring is, for ever.
type facts struct {
	kind     kind
	version  uint32
	capacity uint64 // items; bytes for Record
	element  uint64 // bytes of an item
	shape    uint64 // fingerprint of the element type
	parts    uint32 // producers of a Record, subscribers of a Broadcast
	policy   uint32 // DeathPolicy of SPSC, MPMC and Record
	longest  uint64 // bytes of the longest message of a Record
}

// control is the second line: words that change rarely.
type control struct {
	closed   atomic.Uint32
	producer atomic.Uint32 // tag of the one producer, 0 when nobody is
	consumer atomic.Uint32 // tag of the one consumer
	_        [layout.Line - 12]byte
}

// preamble begins every ring.
type preamble struct {
	header
	control
	items bell // rung when there is more to take, and at the end of the stream
	room  bell // rung when there is more room, and at the end of the stream
}

// index is a position that one side writes and the other reads, alone in its lines. Positions count up for ever.
type index struct {
	atomic.Uint64
	_ [layout.Line - 8]byte
}

// hands is the index of a consumer, and behind it what it has in its hands: the index will be there once all that it has
// taken is released. Only with the policy Report is taken ever written.
type hands struct {
	atomic.Uint64
	taken atomic.Uint64
	_     [layout.Line - 16]byte
}

// core is what every handle has: the ring's preamble, and this process's part in it.
type core struct {
	pre  *preamble
	mem  []byte
	opts Options
	tag  uint32
}

// element describes the type of a ring's items.
type element struct {
	size  int
	shape uint64
}

func elementOf[T any]() (element, error) {
	t := reflect.TypeFor[T]()
	if err := layout.PointerFree(t); err != nil {
		return element{}, fmt.Errorf("%w: %w", ErrElement, err)
	}
	h := fnv.New64a()
	describe(h.Write, t, 0)
	return element{int(t.Size()), h.Sum64()}, nil
}

// describe feeds the kinds and offsets of a type to a hash: names may differ between programs, layouts may not.
func describe(write func([]byte) (int, error), t reflect.Type, off uintptr) {
	switch t.Kind() {
	case reflect.Array:
		fmt.Fprintf(writer(write), "%d:[%d]", off, t.Len())
		describe(write, t.Elem(), 0)
	case reflect.Struct:
		for i := range t.NumField() {
			describe(write, t.Field(i).Type, off+t.Field(i).Offset)
		}
	default:
		fmt.Fprintf(writer(write), "%d:%d", off, t.Kind())
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// create lays out a preamble in mem, which must hold size bytes, and leaves it unpublished.
func create(mem []byte, size int, o *Options, f facts) (core, error) {
	c, err := open(mem, size, o)
	if err != nil {
		return core{}, err
	}
	c.pre.magic.Store(0)
	clear(mem[:size])
	f.version = version
	c.pre.facts = f
	return c, nil
}

// publish makes a ring that create laid out visible to Attach.
func (c *core) publish() { c.pre.magic.Store(magic) } // SYNC(ring.magic): publishes the header; pairs with attach.

// attach checks the preamble that Create left in mem and returns its facts as this process will know it from now
// on: shared memory is read once.
func attach(mem []byte, o *Options, want kind, e element) (core, facts, error) {
	c, err := open(mem, preambleSize, o)
	if err != nil {
		return core{}, facts{}, err
	}
	if got := c.pre.magic.Load(); got != magic { // SYNC(ring.magic): pairs with publish.
		return core{}, facts{}, corrupt("the magic is %#x, not %#x: no ring was created here", got, uint64(magic))
	}
	h := c.pre.facts
	switch {
	case h.version != version:
		return core{}, facts{}, corrupt("version %d, this program knows %d", h.version, version)
	case h.kind != want:
		return core{}, facts{}, corrupt("kind %d, want %d", h.kind, want)
	case h.capacity == 0 || h.capacity > capacityMax:
		return core{}, facts{}, corrupt("capacity %d", h.capacity)
	case h.policy > uint32(Report):
		return core{}, facts{}, corrupt("policy %d", h.policy)
	case h.element != uint64(e.size) || h.shape != e.shape:
		return core{}, facts{}, fmt.Errorf("%w: the ring holds items of %d bytes (fingerprint %x), the type has %d (%x)",
			ErrElement, h.element, h.shape, e.size, e.shape)
	}
	return c, h, nil
}

func open(mem []byte, size int, o *Options) (core, error) {
	c := core{mem: mem, opts: o.withDefaults()}
	if err := c.opts.validate(); err != nil {
		return core{}, err
	}
	switch {
	case len(mem) < size:
		return core{}, fmt.Errorf("%w: %d bytes, need %d", ErrMemory, len(mem), size)
	case layout.Address(mem)%layout.CacheLine != 0:
		return core{}, fmt.Errorf("%w: it must begin on a multiple of %d bytes", ErrMemory, layout.CacheLine)
	}
	c.pre = layout.View[preamble](mem, 0)
	c.tag = c.opts.Members.Tag()
	registerBarrier()
	return c, nil
}

// fits reports whether a size computed from a header that anybody may have written lies within the memory.
func (c *core) fits(size int) error {
	if size <= 0 || size > len(c.mem) {
		return corrupt("the header asks for %d bytes of %d", size, len(c.mem))
	}
	return nil
}

// Close ends the stream: producers get [ErrClosed], consumers get it once they have taken what is left. Any process may
// call it, any number of times. A push that runs at the same time in another process may still succeed, and then its
// item can still be popped.
func (c *core) Close() {
	c.pre.closed.Store(1) // SYNC(ring.closed): what was pushed before is visible to whoever sees it.
	c.ringAll()
}

// Closed reports whether the ring has been closed.
func (c *core) Closed() bool { return c.pre.closed.Load() != 0 }

func (c *core) ringAll() {
	c.pre.items.ringNow()
	c.pre.room.ringNow()
}

// assume takes the part that word stands for: free, this process's already, or a dead one's, whose tag it returns.
func (c *core) assume(word *atomic.Uint32, part string) (dead uint32, err error) {
	for {
		old := word.Load()
		if old == c.tag {
			return 0, nil
		}
		if old != 0 && c.opts.Members.Alive(old&tagMask) {
			return 0, fmt.Errorf("%w: member %d is the %s", ErrTaken, old&0xff, part)
		}
		if word.CompareAndSwap(old, c.tag) {
			c.ringAll() // sleepers have to watch another life from now on
			return old & tagMask, nil
		}
	}
}

// resign gives the part up, if it is this process's.
func (c *core) resign(word *atomic.Uint32) {
	if word.CompareAndSwap(c.tag, 0) {
		c.ringAll()
	}
}
