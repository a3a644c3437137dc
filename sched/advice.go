package sched

import (
	"fmt"
	"time"
)

// What it costs to give a worker something to do, as BenchmarkCall and BenchmarkNoop have it, and of how many things the mean
// tells something.
const (
	callCost  = time.Microsecond
	blockCost = 20 * time.Nanosecond
	callsTell = 1000
	blockTell = 10_000
)

// advice says what to change when handing work out has taken more of the workers' time than the work.
func advice(calls uint64, inCalls time.Duration, blocks uint64, inLoops time.Duration) (list []string) {
	if calls >= callsTell && inCalls < time.Duration(calls)*callCost {
		list = append(list, fmt.Sprintf("%d calls ran for %v each, and passing one costs about %v: let a call do more, or use Map, Stream or a loop, which pass many at a time",
			calls, inCalls/time.Duration(calls), callCost))
	}
	// The time in a loop has that for taking blocks in it.
	if blocks >= blockTell && inLoops < time.Duration(blocks)*2*blockCost {
		list = append(list, fmt.Sprintf("%d blocks of loops took %v each, of which taking it is about %v: raise LoopOptions.Block or MapOptions.Chunk, or leave them 0",
			blocks, inLoops/time.Duration(blocks), blockCost))
	}
	return list
}

// advise logs the advice that there is at the end of a pool, if the program wants to know.
func (p *Pool) advise() {
	if p.opts.Logger == nil {
		return
	}
	for _, text := range p.c.stats().Advice {
		p.opts.Logger.Info("sched: " + text)
	}
}
