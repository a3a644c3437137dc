package sched

import "time"

// blockWatch has the time of the blocks of a loop with LoopOptions.Timeout. It looks at the count of each worker's cell:
// while that stays the same, the worker is in the same block. It belongs to the goroutine that called Run.
type blockWatch struct {
	limit time.Duration
	seen  []sighting    // one for each worker
	late  *TimeoutError // of the first block that took too long: the loop has been halted for it
	tag   uint32        // who ran it
}

// sighting is what a worker was seen to do, and since when.
type sighting struct {
	part  uint32
	tag   uint32
	count uint64
	since int64 // clock
}

const (
	looksPerLimit = 4
	lookShortest  = time.Millisecond
	lookLongest   = time.Second
)

// begin returns the channel that says when to look, nil without a limit.
func (b *blockWatch) begin(lc *loopControl) (look <-chan time.Time, stop func()) {
	b.limit = lc.run.opts.Timeout
	if b.limit == 0 {
		return nil, func() {}
	}
	b.seen = make([]sighting, len(lc.cells))
	ticker := time.NewTicker(min(max(b.limit/looksPerLimit, lookShortest), lookLongest))
	return ticker.C, ticker.Stop
}

// look halts the loop for a block that has taken too long, and has its worker killed if it does not leave then.
func (b *blockWatch) look(lc *loopControl) {
	now := clock()
	for i := range lc.cells {
		c := &lc.cells[i]
		s := sighting{part: c.part.Load(), tag: lc.p.c.crew[i].tag.Load(), count: c.count.Load(), since: b.seen[i].since}
		if s != b.seen[i] || !inside(s.part) {
			s.since = now
			b.seen[i] = s
			continue
		}
		over := time.Duration(now-s.since) - b.limit
		if over <= 0 {
			continue
		}
		if b.late == nil {
			b.tag, b.late = s.tag, &TimeoutError{Function: lc.run.name, Limit: b.limit, Worker: i}
			if at := int(uint32(s.count)) - 1; at >= 0 {
				r := lc.indices(at, at+1)
				b.late.Lo, b.late.Hi = r.Lo, r.Hi
			}
			lc.slot.halt.CompareAndSwap(cancelNo, cancelLate)
		}
		if over > timeoutGrace {
			lc.doom(i, s)
		}
	}
}

// doom has a worker killed that is inside the loop. The step that keeps it inside decides: a worker that has left before
// keeps its life, one that comes to leave after it begins nothing else. So no other work is hit.
func (lc *loopControl) doom(i int, s sighting) {
	if lc.p.opts.Backend == InProcess {
		return
	}
	t := &lc.p.loops
	t.mu.Lock() // a death of this worker is mourned before, which is seen here, or after
	defer t.mu.Unlock()
	if lc.p.c.crew[i].tag.Load() != s.tag {
		return // its replacement may be inside by now
	}
	if lc.cells[i].part.CompareAndSwap(s.part&^partState|partWorking, s.part&^partState|partDoomed) {
		lc.p.crew.condemn(s.tag, CauseTimeout)
	}
}

// death returns the death of the worker that was killed for the block that took too long, nil when it was not.
func (b *blockWatch) death(lc *loopControl, dirty []int) error {
	for _, at := range dirty {
		if lc.ledger[at].Load() == b.tag {
			lc.kills[at]++
			return lc.deathOf(at)
		}
	}
	return nil
}

// verdict makes of a loop's error what it is when a block has taken too long.
func (b *blockWatch) verdict(err error) error {
	if b.late == nil {
		return err
	}
	b.late.Err = err
	return b.late
}
