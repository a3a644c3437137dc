package ring

import (
	"context"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/futex"
)

// Source is something that [Select] and [Ready] wait for: a ring that has items, a ring that has room, a member that
// dies.
type Source struct {
	one *source
}

// Readable is ready when a TryPop would not return ErrEmpty.
func (q *SPSC[T]) Readable() Source { return q.outside(&q.readable, q.anyItems) }

// Writable is ready when a TryPush would not return ErrFull.
func (q *SPSC[T]) Writable() Source { return q.outside(&q.writable, q.anyRoom) }

// Readable is ready when a TryNext would not return ErrEmpty.
func (q *Record) Readable() Source { return q.outside(&q.readable, q.anyItems) }

// Readable is ready when a TryPop would not return ErrEmpty.
func (q *MPMC[T]) Readable() Source { return q.outside(&q.readable, q.items) }

// Writable is ready when a TryPush would not return ErrFull.
func (q *MPMC[T]) Writable() Source { return q.outside(&q.writable, q.room) }

// Death is ready when that member is dead.
func Death(m Members, tag uint32) Source {
	c := &core{opts: (&Options{Members: m}).withDefaults()}
	dead := func() int {
		if m.Alive(tag) {
			return 0
		}
		return 1
	}
	watch := func(words []futex.Word) ([]futex.Word, bool, error) {
		addr, val := m.Life(tag)
		if addr == nil {
			return words, true, nil
		}
		return append(words, futex.Word{Addr: addr, Val: val}), false, nil
	}
	return Source{one: &source{core: c, bell: new(bell), ready: dead, watch: watch}}
}

// outside is a side of a handle as other goroutines may see it: through the shared words alone.
func (c *core) outside(s *source, ready func() int) Source {
	return Source{one: &source{core: s.core, bell: s.bell, ready: ready, watch: s.watch}}
}

// Select waits until one of the sources is ready and returns its index, the lowest if several are, or until ctx ends.
// It sleeps once for all of them, up to 100.
func Select(ctx context.Context, sources ...Source) (int, error) {
	list := make([]*source, len(sources))
	for i, s := range sources {
		list[i] = s.one
	}
	if i := poll(list); i >= 0 {
		return i, nil
	}
	if len(list) > 0 {
		for polls := pollsWithin(list[0].core.opts.Spin) / len(list); polls > 0; polls-- {
			asm.Pause(1)
			if i := poll(list); i >= 0 {
				return i, nil
			}
		}
	}
	var p patience
	for {
		err := sleep(ctx, &p, list...)
		if i := poll(list); i >= 0 {
			return i, nil
		}
		if err == ErrPeerDead {
			return gone(list), nil
		}
		if err != nil {
			return -1, err
		}
	}
}

// gone returns the first source that waits for a dead peer: its next wait says so.
func gone(list []*source) int {
	for i, s := range list {
		if _, _, err := s.watch(nil); err != nil {
			return i
		}
	}
	return 0
}

func poll(list []*source) int {
	for i, s := range list {
		if s.ready() > 0 {
			return i
		}
	}
	return -1
}

// Ready returns a channel that is closed when the source is ready, its peer is dead, or ctx ends: for a select
// statement beside other channels.
//
//	select {
//	case <-ring.Ready(ctx, q.Readable()):
//		v, err := q.TryPop()
//	case job := <-jobs:
//	}
//
// Each call starts a goroutine that lasts until then: give a ctx that ends with the select.
func Ready(ctx context.Context, s Source) <-chan struct{} {
	ready := make(chan struct{})
	if s.one.ready() > 0 {
		close(ready)
		return ready
	}
	go func() {
		defer close(ready)
		_, _ = Select(ctx, s)
	}()
	return ready
}
