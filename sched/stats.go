package sched

import (
	"sort"
	"time"
)

// Stats is what a pool has done since it was started. Counts are exact: those of the workers add up to the work that was
// done, whoever was killed meanwhile. Times are those of the workers that told them: of one that was killed, the time of
// its last loop or call is an estimate.
type Stats struct {
	Name    string // of its control segment; empty in-process
	Program string // that started it
	PID     int    // of that program
	Uptime  time.Duration
	Bytes   int64 // of shared memory that are in use or reserved: control block and arena
	Workers []WorkerStats
	Loops   []LoopStatus // that run now, in the order in which they began
	Advice  []string     // what to change where handing work out takes more time than the work; logged, too, when a pool with Options.Logger ends
}

// WorkerStats is what the workers of one place have done.
type WorkerStats struct {
	PID         int     // 0 while one is being replaced
	CPU         int     // -1 when it is not pinned
	Busy        bool    // runs something now
	Utilisation float64 // Run through the pool's uptime

	Run      time.Duration // inside loops and calls
	CallWait time.Duration // its calls had been queued, from Call or Submit on
	LoopWait time.Duration // from the beginning of loops until it came
	Blocks   uint64        // of loops
	Calls    uint64        // that ended with a result or an error
	Joins    uint64        // rounds of loops in which it took part
	Wakeups  uint64        // how often it slept
	Restarts uint64        // how often a dead worker was replaced
	Dropped  uint64        // log records for which there was no room
}

// Total returns the sum over all workers; its PID and CPU mean nothing, Utilisation is the mean.
func (s Stats) Total() WorkerStats {
	var t WorkerStats
	for _, w := range s.Workers {
		t.Run += w.Run
		t.CallWait += w.CallWait
		t.LoopWait += w.LoopWait
		t.Blocks += w.Blocks
		t.Calls += w.Calls
		t.Joins += w.Joins
		t.Wakeups += w.Wakeups
		t.Restarts += w.Restarts
		t.Dropped += w.Dropped
		t.Busy = t.Busy || w.Busy
		t.Utilisation += w.Utilisation / float64(len(s.Workers))
	}
	return t
}

// LoopStatus is how far a running loop is.
type LoopStatus struct {
	Name         string
	Done, Blocks int
	Seq          uint64        // number of the run in this pool
	Elapsed      time.Duration // since it began
	Left         time.Duration // until it ends if it goes on like this; 0 when no block is done yet
}

// Stats returns the figures of the pool. It costs a few microseconds and disturbs no worker. It returns [ErrClosed] from
// Close on.
func (p *Pool) Stats() (Stats, error) {
	if err := p.enter(); err != nil {
		return Stats{}, err
	}
	defer p.users.Done()
	arena, err := p.arena.Stats()
	if err != nil {
		return Stats{}, err
	}
	p.loops.mu.Lock() // no loop ends meanwhile: its blocks are counted once
	s := p.c.stats()
	p.loops.mu.Unlock()
	s.Program, s.Bytes = programName(), int64(controlSize(len(p.cpus), p.opts.Depth)+arena.Reserved)
	if p.seg != nil {
		s.Name = p.seg.Name()
	}
	return s, nil
}

// Loops returns the loops that run now, in the order in which they began.
func (p *Pool) Loops() []LoopStatus {
	p.loops.mu.Lock()
	defer p.loops.mu.Unlock()
	if len(p.loops.running) == 0 {
		return nil // the pool may be closed, and its memory gone
	}
	return p.c.loopsRunning()
}

// stats reads the figures that lie in the control block, in any process that has it.
func (c *control) stats() Stats {
	now := clock()
	s := Stats{PID: int(c.parentPID), Uptime: time.Duration(now - c.about.started), Loops: c.loopsRunning()}
	var inCalls, inLoops time.Duration
	for i := range c.crew[:min(int(c.about.places.Load()), len(c.crew))] {
		slot, t := &c.crew[i], &c.tallies[i]
		w := WorkerStats{
			CPU: int(slot.cpu), Blocks: t.blocks.Load(), Calls: c.callsDone(i, slot.tag.Load()), Joins: t.joins.Load(),
			Run:      time.Duration(t.loopRun.Load() + t.callRun.Load()),
			CallWait: time.Duration(t.callWait.Load()), LoopWait: time.Duration(t.loopWait.Load()),
			Wakeups: slot.sleeps.Load(), Restarts: t.restarts.Load(), Dropped: c.journals[i].dropped.Load(),
		}
		if slot.state.Load() == workerReady {
			w.PID = int(slot.pid.Load())
		}
		for j := range c.labels {
			if c.labels[j].begun.Load() == 0 {
				continue
			}
			w.Blocks += c.cellsOf(j)[i].blocksDone()
		}
		if since := int64(t.since.Load()); since != 0 {
			w.Busy = true
			w.Run += time.Duration(max(now-since, 0))
		}
		if s.Uptime > 0 {
			w.Utilisation = min(float64(w.Run)/float64(s.Uptime), 1)
		}
		s.Workers = append(s.Workers, w)
		inCalls += time.Duration(t.callRun.Load())
		inLoops += time.Duration(t.loopRun.Load())
	}
	total := s.Total()
	s.Advice = advice(total.Calls, inCalls, total.Blocks, inLoops)
	return s
}

func (c *control) loopsRunning() []LoopStatus {
	var list []LoopStatus
	now := clock()
	for j := range c.labels {
		begun := c.labels[j].begun.Load()
		if begun == 0 {
			continue
		}
		l := LoopStatus{Name: c.labels[j].name.get(), Done: blocksDone(c.cellsOf(j)), Blocks: int(c.loops[j].blocks),
			Seq: c.loops[j].seq.Load(), Elapsed: time.Duration(now - begun)}
		if l.Done > 0 {
			l.Left = time.Duration(float64(l.Elapsed) / float64(l.Done) * float64(max(l.Blocks-l.Done, 0)))
		}
		list = append(list, l)
	}
	sort.Slice(list, func(i, k int) bool { return list[i].Seq < list[k].Seq })
	return list
}

func blocksDone(cells []cell) (n int) {
	for i := range cells {
		n += int(cells[i].blocksDone())
	}
	return n
}

// label describes a loop that begins to those who look.
func (lc *loopControl) label() {
	l := &lc.p.c.labels[lc.j]
	l.name.set(lc.run.name)
	l.begun.Store(clock())
}

// fold adds the blocks of a loop that is over to its workers' figures. The table's lock is held.
func (lc *loopControl) fold() {
	lc.p.c.labels[lc.j].begun.Store(0)
	for i := range lc.cells {
		n := lc.cells[i].blocksDone()
		lc.cells[i].count.Store(0)
		add(&lc.p.c.tallies[i].blocks, n)
	}
}

// settleFigures puts the figures of a dead worker right.
func (c *control) settleFigures(d death) {
	t := &c.tallies[d.index]
	t.calls.Store(c.callsDone(d.index, d.tag) << callBits)
	if since := int64(t.since.Swap(0)); since != 0 {
		add(&t.loopRun, uint64(max(clock()-since, 0)))
	}
	if d.index < d.p.Workers() {
		add(&t.restarts, 1)
	}
}
