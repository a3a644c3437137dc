package sched

import (
	"math"
	"time"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// In a loop without LoopOptions.Block, the blocks of the ledger are as small as they may become, and a worker takes a run of
// them at a time: one at first, then as many as take blockTime, by what the last ones took. It takes no more than a part of
// what its share has left, so that the runs become smaller towards the end (guided self-scheduling: Polychronopoulos and
// Kuck, 1987).
const (
	blockTime   = 100 * time.Microsecond // some thousand times what taking a block costs
	blockGrowth = 8                      // from one run to the next
	shareTaken  = 16                     // a run is no more than this part of the worker's share
)

// adaptive reports whether workers choose how many indices they take.
func (o LoopOptions) adaptive() bool { return o.Block == 0 && o.Timeout == 0 && !o.Snapshot }

// finestBlocks is how many blocks an adaptive loop has, at least, and for each worker: enough for the tail to be even, and so few
// that making, and looking through, a ledger costs no more than waking the workers does.
const (
	finestBlocks    = 1024
	finestPerWorker = 64
)

// finestBlock returns the size of the blocks of an adaptive loop over n indices. Larger ones are whole cache lines of elements
// of eight bytes, then of one byte, then whole pages, so that two workers write to the same line, or page, at few places.
func finestBlock(n, workers int) int {
	blocks := max(finestBlocks, workers*finestPerWorker)
	size := max(1, (n+blocks-1)/blocks)
	const line = layout.CacheLine / 8
	for _, unit := range []int{pageBytes, layout.CacheLine, line} {
		if size >= 4*unit {
			return layout.RoundUp(size, unit)
		}
	}
	return size
}

// pace is how a worker chooses.
type pace struct {
	size uint32 // blocks of the next run
}

// next learns from a run how many blocks the next one is to have.
func (p *pace) next(took time.Duration, blocks uint32) {
	took = max(took, 1)
	many := func(t time.Duration) uint64 { return uint64(blocks) * uint64(t) / uint64(took) }
	p.size = uint32(min(max(many(blockTime), 1), uint64(blocks)*blockGrowth, math.MaxUint32))
}

// take is how many blocks to take of a share that has so many left.
func (p *pace) take(left uint32) uint32 {
	return min(p.size, max(left/shareTaken, 1))
}

// adaptive takes runs of blocks. Each is one chunk to the body, and block by block to everybody else: a death costs the run,
// whose blocks are in the ledger with the worker's tag.
func (r *blockRun) adaptive() error {
	p := pace{size: 1}
	for r.l.halt.Load() == 0 {
		at, end, ok := takeRun(r.cells, r.w.index, r.w.victims, &p)
		if !ok {
			break
		}
		for at < end {
			r.at = at
			stop := at
			for ; stop < end && r.ledger[stop].Load() == blockUntouched; stop++ {
				asm.StoreRelease32(&r.ledger[stop], r.w.tag)
			}
			if stop == at { // done in an earlier round
				at++
				continue
			}
			begin := clock()
			if err := r.one(at, stop); err != nil {
				return err
			}
			p.next(time.Duration(clock()-begin), stop-at)
			at = stop
		}
	}
	return nil
}

// one runs the body once for some blocks that are this worker's.
func (r *blockRun) one(at, end uint32) error {
	invariants.Point("sched.loop.taken")
	r.mine.counting(r.done, at)
	c := &r.chunk
	c.Index, c.blocks = int(at), int(end-at)
	c.Lo, c.Hi = int(uint64(at)*r.l.block), int(min(uint64(end)*r.l.block, r.l.n))
	if err := r.body(c); err != nil {
		return err
	}
	invariants.Point("sched.loop.ran")
	for ; at < end; at++ {
		r.mine.counting(r.done, at)
		asm.StoreRelease32(&r.ledger[at], blockDone) // SYNC(sched.block): as in single.
		r.done++
	}
	return nil
}

// takeRun is takeBlock for several blocks.
func takeRun(cells []cell, index int, victims []int, p *pace) (at, end uint32, ok bool) {
	mine := &cells[index].span
	for {
		w := mine.Load()
		lo, hi := unpackSpan(w)
		if lo < hi {
			if end := lo + p.take(hi-lo); mine.CompareAndSwap(w, packSpan(end, hi)) {
				return lo, end, true
			}
			continue
		}
		if !steal(cells, index, victims) {
			return 0, 0, false
		}
		p.size = 1 // nothing is known of what is there
	}
}

// chunkAt returns the indices that a worker took at once with block b, which it has not finished.
func (lc *loopControl) chunkAt(b int) Range {
	end := b + 1
	for lc.run.adaptive && end < len(lc.ledger) && lc.ledger[end].Load() == lc.ledger[b].Load() {
		end++
	}
	return lc.indices(b, end)
}
