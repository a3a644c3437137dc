package sched

import (
	"fmt"
	"os"
	"sync"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/mapping"
)

// segmentTable is the side that passes arrays: it finds the mapping in which an array lies and gives it a slot of the
// control block, by which the other side finds the same file. The parent writes slots; a worker only looks up those
// that it has opened.
type segmentTable struct {
	mu    sync.Mutex
	c     *control
	slots map[*mapping.Mapping]int
	write bool // this is the parent
}

func newSegmentTable(c *control, write bool) *segmentTable {
	return &segmentTable{c: c, slots: make(map[*mapping.Mapping]int), write: write}
}

// locate returns the slot of the mapping that holds mem, the slot's generation, and mem's offset in the mapping.
func (s *segmentTable) locate(mem []byte) (slot, generation uint32, base int, err error) {
	if len(mem) == 0 {
		return 0, 0, 0, nil
	}
	if s == nil {
		return 0, 0, 0, fmt.Errorf("%w that the receiver is sure to know: pass it to a function of the pool", ErrPrivate)
	}
	m, base := mapping.Find(layout.Address(mem))
	if m == nil {
		return 0, 0, 0, fmt.Errorf("%w: make it with arena.New in Pool.Arena(), in a segment, or map a file", ErrPrivate)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i, known := s.slots[m]
	if !known {
		if !s.write {
			return 0, 0, 0, fmt.Errorf("%w of the pool: %s is known to this worker alone", ErrPrivate, m.File.Name())
		}
		if i, err = s.announce(m); err != nil {
			return 0, 0, 0, err
		}
	}
	return uint32(i), s.c.segments[i].generation.Load(), base, nil
}

// announce fills a free slot with what identifies the mapping's file.
func (s *segmentTable) announce(m *mapping.Mapping) (int, error) {
	for i := range s.c.segments {
		e := &s.c.segments[i]
		if e.fd != 0 {
			continue
		}
		st, err := fileIdentity(m.File)
		if err != nil {
			return 0, err
		}
		e.generation.Add(1)
		e.fd, e.size = int32(m.File.Fd()), uint64(len(m.Bytes))
		e.device, e.inode = st.device, st.inode
		e.readOnly = 0
		if m.Mode != mapping.ReadWrite {
			e.readOnly = 1
		}
		e.generation.Add(1) // SYNC(sched.segment): publishes the slot; pairs with memoryCache.memory.
		s.slots[m] = i
		return i, nil
	}
	return 0, fmt.Errorf("sched: arrays of more than %d mapped files were passed to one pool; close some", segmentsMax)
}

// forget frees the slot of a mapping that is being closed.
func (s *segmentTable) forget(m *mapping.Mapping) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, known := s.slots[m]
	if !known {
		return
	}
	delete(s.slots, m)
	e := &s.c.segments[i]
	e.generation.Add(1)
	e.fd = 0
	e.generation.Add(1)
}

// adopt makes a worker's own mapping of a slot known for results.
func (s *segmentTable) adopt(m *mapping.Mapping, slot int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots[m] = slot
}

// memoryCache is the side that receives arrays: it maps the files behind slots, once each.
type memoryCache struct {
	mu     sync.Mutex
	c      *control
	open   func(e *segmentSlot) (*mapping.Mapping, error)
	own    *segmentTable // told of each mapping, so that results can name it; nil in the parent
	cached map[uint32]cachedMapping
}

type cachedMapping struct {
	generation uint32
	m          *mapping.Mapping
}

func newMemoryCache(c *control, own *segmentTable) *memoryCache {
	return &memoryCache{c: c, own: own, open: openSegment(c), cached: make(map[uint32]cachedMapping)}
}

func (mc *memoryCache) memory(slot, generation uint32) ([]byte, error) {
	if slot >= segmentsMax {
		return nil, fmt.Errorf("sched: segment slot %d of %d", slot, segmentsMax)
	}
	mc.mu.Lock()
	defer mc.mu.Unlock()
	have, ok := mc.cached[slot]
	if ok && have.generation == generation {
		return have.m.Bytes, nil
	}
	e := &mc.c.segments[slot]
	if e.generation.Load() != generation { // SYNC(sched.segment): the slot is whole; pairs with announce.
		return nil, fmt.Errorf("%w any more: its segment was closed", ErrPrivate)
	}
	if ok {
		mc.drop(slot)
	}
	m, err := mc.open(e)
	if err != nil {
		return nil, err
	}
	mc.cached[slot] = cachedMapping{generation, m}
	if mc.own != nil {
		mc.own.adopt(m, int(slot))
	}
	return m.Bytes, nil
}

// seed makes the arena, which the worker has mapped already, the memory of slot 0.
func (mc *memoryCache) seed(arenaBytes []byte) {
	m, _ := mapping.Find(layout.Address(arenaBytes))
	mc.cached[0] = cachedMapping{mc.c.segments[0].generation.Load(), m}
	mc.own.adopt(m, 0)
}

// ownMemory is the parent's way to find passed segments, and that of workers in its process: its own mappings.
type ownMemory struct{ *segmentTable }

func (o ownMemory) memory(slot, generation uint32) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for m, i := range o.slots {
		if i == int(slot) && o.c.segments[i].generation.Load() == generation {
			return m.Bytes, nil
		}
	}
	return nil, fmt.Errorf("%w any more: its segment was closed", ErrPrivate)
}

// sweep unmaps what the parent has closed, so that a worker does not keep dead memory.
func (mc *memoryCache) sweep() {
	mc.mu.Lock()
	defer mc.mu.Unlock()
	for slot, have := range mc.cached {
		if mc.c.segments[slot].generation.Load() != have.generation {
			mc.drop(slot)
		}
	}
}

func (mc *memoryCache) drop(slot uint32) {
	m := mc.cached[slot].m
	delete(mc.cached, slot)
	if mc.own != nil {
		mc.own.mu.Lock()
		delete(mc.own.slots, m)
		mc.own.mu.Unlock()
	}
	m.Close()
}

// identity tells files apart whatever their names.
type identity struct{ device, inode uint64 }

// openSegment returns what maps the file of a slot: through the descriptor that the parent has open.
func openSegment(c *control) func(e *segmentSlot) (*mapping.Mapping, error) {
	return func(e *segmentSlot) (*mapping.Mapping, error) {
		path := fmt.Sprintf("/proc/%d/fd/%d", c.parentPID, e.fd)
		flags, mode := os.O_RDWR, mapping.ReadWrite
		if e.readOnly != 0 {
			flags, mode = os.O_RDONLY, mapping.ReadOnly
		}
		f, err := os.OpenFile(path, flags, 0)
		if err != nil {
			return nil, fmt.Errorf("sched: opening a passed segment: %w", err)
		}
		id, err := fileIdentity(f)
		if err == nil && (id != identity{e.device, e.inode}) {
			err = fmt.Errorf("%w any more: its file was closed", ErrPrivate)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		return mapping.New(f, int64(e.size), mode)
	}
}
