package sched

import (
	"context"
	"errors"
	"fmt"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/mapping"
	"github.com/shmath/shmath/shm"
)

// prefaultStep is how many bytes a worker maps between two looks at whether it is to go on: about 10 ms.
const prefaultStep = 32 << 20

type prefaultArgs struct {
	Arrays  []arena.AnyArray
	Workers int
}

// prefault has one block for each worker. Who has mapped his own pages takes those of a worker that does not come.
var prefault = NewLoop("sched.prefault", func(c *Chunk, a prefaultArgs) error {
	for _, x := range a.Arrays {
		mem := x.Bytes()
		part := mem[border(mem, c.Index, a.Workers):border(mem, c.Index+1, a.Workers)]
		for len(part) > 0 {
			if c.Canceled() {
				return context.Canceled
			}
			n := min(prefaultStep, len(part))
			if err := populateArray(part[:n]); err != nil {
				return err
			}
			part = part[n:]
		}
	}
	return nil
}, LoopOptions{Block: 1, Idempotent: true})

// populateArray maps the pages of part of an array, and says why that cannot be done.
func populateArray(part []byte) error {
	m, base := mapping.Find(layout.Address(part))
	if m == nil {
		return ErrPrivate
	}
	err := populate(part, m.Mode == mapping.ReadWrite)
	if !errors.Is(err, errNoPage) {
		return err
	}
	if info, statErr := m.File.Stat(); statErr == nil && info.Size() < int64(base+len(part)) {
		return fmt.Errorf("sched: %s was truncated to %d bytes, and the array needs %d; make it anew", m.File.Name(), info.Size(), base+len(part))
	}
	return fmt.Errorf("%w for the array in %s; free or enlarge what it lies on, or reserve it when it is made", shm.ErrNoSpace, m.File.Name())
}

// Prefault lets each worker map its part of each array, so that the first loop over them runs as fast as the next: without it, the
// first touch of each page by each worker is a page fault. Worker i of w maps the pages of the i-th part of w, which is
// what it gets in a loop over the first axis, all of them side by side. Elements keep their values. A worker that is
// busy meanwhile may find its part mapped by another: then the memory is there, and it maps the pages one by one.
// Pages of arrays that cannot be written to, and private copies of files, are mapped for reading.
//
// Any goroutine may call it, on any backend; loops may run meanwhile. The caller must not free the arrays before it
// returns.
//
// Errors: an array that is nil or not contiguous; those of [Loop.Run], among them [ErrPrivate] for an array that is not
// in shared memory, and ctx's; shm.ErrNoSpace when there is no memory, or no room on the file system, for its pages.
func (p *Pool) Prefault(ctx context.Context, arrays ...arena.AnyArray) error {
	if err := p.check(); err != nil {
		return err
	}
	for i, x := range arrays {
		if x == nil || !x.Contiguous() {
			return fmt.Errorf("sched: Prefault: array %d is nil or not contiguous; pass the one that it is a view of", i)
		}
	}
	w := p.Workers()
	if err := prefault.Run(ctx, p, w, prefaultArgs{arrays, w}); err != nil {
		return fmt.Errorf("sched: Prefault: %w", err)
	}
	return nil
}
