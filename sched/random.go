package sched

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
)

// Random returns the random numbers of index i: the same in every worker and for any number of workers, and independent of
// those of every other index. They are ChaCha8's, keyed by (Options.Seed, i). Making a stream costs a few hundred
// nanoseconds: take one for a block, by its Lo, where an element needs few numbers.
func (c *Chunk) Random(i int) *rand.Rand { return stream64(c.worker.c.seed, uint64(i)) }

// Random is [Chunk.Random] for functions: ctx is that of the body. The error is [ErrNoBody] elsewhere.
func Random(ctx context.Context, i int) (*rand.Rand, error) {
	w, err := workerOf(ctx)
	if err != nil {
		return nil, err
	}
	return stream64(w.c.seed, uint64(i)), nil
}

// Random returns, outside of bodies, the numbers that bodies on this pool get for index i.
func (p *Pool) Random(i int) *rand.Rand { return stream64(p.opts.Seed, uint64(i)) }

func stream64(seed, i uint64) *rand.Rand {
	var key [32]byte
	copy(key[16:], "shmath stream")
	binary.LittleEndian.PutUint64(key[:], seed)
	binary.LittleEndian.PutUint64(key[8:], i)
	return rand.New(rand.NewChaCha8(key))
}
