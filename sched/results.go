package sched

import (
	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
)

// results is room in shared memory for the results of a run.
type results struct {
	Out     *arena.Array[uint8]  // the results themselves, when they are the bytes that they are
	Results *arena.Array[uint64] // else, per block: offset, generation and length of its encoded results
	Block   int                  // results of one block
	N       int                  // results
}

func newResults(p *Pool, c *codec, n, block int) (r results, err error) {
	r.Block, r.N = block, n
	if c.raw {
		r.Out, err = arena.New[uint8](p.arena, n*int(c.size))
	} else {
		r.Results, err = arena.New[uint64](p.arena, 3*((n+block-1)/block))
	}
	return r, err
}

// resultWriter puts results where they belong: raw ones into their places, others one behind the other into a blob of
// the block.
type resultWriter[R any] struct {
	codec *codec
	w     *worker
	room  []byte
	buf   []byte
}

func (o *resultWriter[R]) put(i int, r *R) error {
	var err error
	if o.room != nil {
		_, err = encodeValue(o.codec, nil, o.room[i*int(o.codec.size):][:0:o.codec.size], r)
		return err
	}
	o.buf, err = encodeValue(o.codec, o.w.segments, o.buf, r)
	return err
}

func (o *resultWriter[R]) flush(block int, results *arena.Array[uint64]) error {
	if results == nil {
		return nil
	}
	at := mapResult(results, block)
	dropBlob(o.w.arena, *at) // of a worker that died after it had left them
	return leaveBlob(o.w.arena, nil, o.buf, at)
}

// mapResult is where the results of a block of a Map are described.
func mapResult(results *arena.Array[uint64], block int) *blob {
	return layout.View[blob](results.Bytes(), 24*block)
}

// readResults brings the results home.
func readResults[R any](p *Pool, c *codec, m results, out []R) error {
	if m.Out != nil {
		copy(layout.Bytes(out), m.Out.Slice())
		return nil
	}
	r := m.Results.Slice()
	for b := range len(r) / 3 {
		raw, err := getBlob(p.arena, nil, *mapResult(m.Results, b))
		for i := b * m.Block; err == nil && i < min((b+1)*m.Block, len(out)); i++ {
			raw, err = decodeValue(c, ownMemory{p.segments}, raw, &out[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *results) free(p *Pool) {
	if r.Results != nil {
		for b := range r.Results.Len() / 3 {
			dropBlob(p.arena, *mapResult(r.Results, b))
		}
		r.Results.Free()
	}
	if r.Out != nil {
		r.Out.Free()
	}
}
