package sched

import (
	"fmt"
	"sync/atomic"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// The undo memory of a Snapshot loop lies in the pool's arena:
//
//	rows          one undoRows for each array, what is copied of it
//	per worker    a line with the word that says of which block there is a whole copy (block+1, or 0), then the copy
//
// The worker writes 0, the copy, and the word, before it runs the block. Whoever finds the word of a block that is not done
// can thus put back what the block had been; when there is none, the block has not begun to run. (Undo logging, as in Gray
// and Reuter, Transaction Processing, chapter 10.)
type undoRows struct {
	slot, generation uint32
	base             uint64 // of the array's first byte in the segment of that slot
	bytes            uint64 // of one row
	_                uint64
}

const undoRowsSize = 32

// undo is one process's view of it.
type undo struct {
	rows   []undoRows
	memory [][]byte // of each array, from its first row
	places []undoPlace
}

type undoPlace struct {
	word *atomic.Uint64
	room []byte
}

// undoLayout returns where the first worker's place begins, and the size of each.
func undoLayout(arrays, copied int) (first, stride int) {
	return layout.RoundUp(arrays*undoRowsSize, layout.Line), layout.Line + layout.RoundUp(copied, layout.Line)
}

// makeUndo makes the undo memory for blocks of so many rows of those among the arrays that have n.
func makeUndo(p *Pool, arrays []arena.AnyArray, n, block, workers int) (*arena.Array[uint8], *undo, error) {
	u := &undo{}
	copied := 0
	for _, x := range arrays {
		if x.ReadOnly() || x.NDim() == 0 || x.Shape()[0] != n || x.Len() == 0 {
			continue
		}
		if !x.Contiguous() {
			return nil, nil, fmt.Errorf("sched: a Snapshot loop cannot save rows of a view with gaps, shape %v, strides %v; pass a contiguous array", x.Shape(), x.Strides())
		}
		mem := x.Bytes()
		if known, err := u.overlaps(mem); err != nil {
			return nil, nil, err
		} else if known {
			continue
		}
		slot, generation, base, err := p.segments.locate(mem)
		if err != nil {
			return nil, nil, err
		}
		row := len(mem) / n
		u.rows = append(u.rows, undoRows{slot: slot, generation: generation, base: uint64(base), bytes: uint64(row)})
		u.memory = append(u.memory, mem)
		copied += row * block
	}
	if len(u.rows) == 0 {
		return nil, nil, fmt.Errorf("sched: a Snapshot loop over %d indices, but no writable array among the arguments has %d rows", n, n)
	}
	first, stride := undoLayout(len(u.rows), copied)
	mem, err := arena.New[uint8](p.arena, first+workers*stride)
	if err != nil {
		return nil, nil, fmt.Errorf("sched: room for copies of blocks: %w", err)
	}
	copy(layout.Slice[undoRows](mem.Slice(), 0, len(u.rows)), u.rows)
	u.divide(mem.Slice(), workers, copied)
	return mem, u, nil
}

// overlaps reports whether mem is among the arrays already. One that lies across another is an error: a row of the one would be
// a row of another block in the other.
func (u *undo) overlaps(mem []byte) (same bool, err error) {
	for _, other := range u.memory {
		switch {
		case layout.Address(other) == layout.Address(mem) && len(mem) == len(other):
			return true, nil
		case layout.Overlap(mem, other):
			return false, fmt.Errorf("sched: two arguments of a Snapshot loop overlap; pass one of them read-only, or copy it")
		}
	}
	return false, nil
}

// openUndo is the worker's view of what makeUndo made; nil when the loop is not a Snapshot loop.
func openUndo(w *worker, l *loopSlot) (*undo, error) {
	if l.undo.length == 0 {
		return nil, nil
	}
	mem, err := getBlob(w.arena, nil, l.undo)
	if err != nil {
		return nil, err
	}
	u := &undo{rows: layout.Slice[undoRows](mem, 0, int(l.undoArrays))}
	copied := 0
	for _, r := range u.rows {
		seg, err := w.memory.memory(r.slot, r.generation)
		if err != nil {
			return nil, err
		}
		if r.base > uint64(len(seg)) || r.bytes*l.n > uint64(len(seg))-r.base {
			return nil, fmt.Errorf("sched: rows at %d of a segment of %d bytes", r.base, len(seg))
		}
		u.memory = append(u.memory, seg[r.base:r.base+r.bytes*l.n])
		copied += int(r.bytes * l.block)
	}
	u.divide(mem, int(w.c.workers), copied)
	return u, nil
}

func (u *undo) divide(mem []byte, workers, copied int) {
	first, stride := undoLayout(len(u.rows), copied)
	for i := range workers {
		at := first + i*stride
		u.places = append(u.places, undoPlace{layout.View[atomic.Uint64](mem, at), mem[at+layout.Line : at+stride]})
	}
}

// save copies the rows [lo, hi) of block before worker runs it.
func (u *undo) save(worker, block, lo, hi int) {
	place := &u.places[worker]
	place.word.Store(0)
	at := 0
	for i, r := range u.rows {
		at += copy(place.room[at:], u.memory[i][lo*int(r.bytes):hi*int(r.bytes)])
		invariants.Point("sched.undo.copied")
	}
	place.word.Store(uint64(block) + 1) // SYNC(sched.undo): the copy is whole; pairs with restore.
}

// restore puts back the rows of a block that some worker began and did not finish. That worker is dead, or has left.
func (u *undo) restore(block, lo, hi int) {
	for i := range u.places {
		place := &u.places[i]
		if place.word.Load() != uint64(block)+1 { // SYNC(sched.undo): the copy is whole; pairs with save.
			continue
		}
		at := 0
		for k, r := range u.rows {
			at += copy(u.memory[k][lo*int(r.bytes):hi*int(r.bytes)], place.room[at:])
		}
		place.word.Store(0)
	}
}
