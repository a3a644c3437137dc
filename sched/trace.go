package sched

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Span is one block of a loop, or one call, that a worker ran. Times count from the start of the pool.
type Span struct {
	Name   string // of the loop or function
	Run    uint64 // number of the loop's run, see LoopStatus.Seq; 0 for calls
	Block  int    // of the loop, the first that the worker took
	Blocks int    // how many it took at once
	Worker int
	Queued time.Duration // calls: when it was made; loops: when the run began
	Begin  time.Duration
	End    time.Duration
}

// spansMax bounds what a trace keeps, at 72 bytes for each span.
const spansMax = 1 << 20

// tracer keeps the spans of a pool while it is asked to.
type tracer struct {
	on      atomic.Bool // changed with mu held
	mu      sync.Mutex
	spans   []Span
	missing int
}

// StartTrace begins to record what workers run: of loops and calls that begin from now on, and of calls that are under way.
// A traced block costs two readings of the clock more; without a trace, nothing.
func (p *Pool) StartTrace() {
	p.trace.mu.Lock()
	defer p.trace.mu.Unlock()
	p.trace.on.Store(true)
}

// StopTrace ends the recording and returns the spans of loops and calls that have ended, in the order in which they ended,
// and how many more there were than a trace keeps (a million). What was killed half-way is not among them, nor is a call
// that failed with its worker.
func (p *Pool) StopTrace() (spans []Span, missing int) {
	p.trace.mu.Lock()
	defer p.trace.mu.Unlock()
	spans, missing = p.trace.spans, p.trace.missing
	p.trace.on.Store(false)
	p.trace.spans, p.trace.missing = nil, 0
	return spans, missing
}

func (t *tracer) add(s Span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case !t.on.Load():
	case len(t.spans) == spansMax:
		t.missing++
	default:
		t.spans = append(t.spans, s)
	}
}

// traceLoop prepares the slot of a loop that is to be traced, or notes that it is not. Where there is no room for its
// spans they are missing: a trace must not make a loop fail.
func (lc *loopControl) traceLoop(blocks int) {
	lc.slot.trace = blob{inline: 1}
	t := &lc.p.trace
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.on.Load() {
		return
	}
	var err error
	if len(t.spans)+blocks <= spansMax {
		lc.spans, lc.slot.trace, err = newTrace(lc.p.arena, blocks)
	}
	if lc.spans == nil || err != nil {
		t.missing += blocks
		lc.slot.trace = blob{inline: 1}
	}
}

// keepTrace takes in the spans of a loop that is over.
func (lc *loopControl) keepTrace() {
	if lc.spans == nil {
		return
	}
	origin := lc.p.c.about.started
	begun := lc.p.c.labels[lc.j].begun.Load()
	entries := traceEntries(lc.spans.Slice())
	for at, e := range entries {
		if lc.ledger[at].Load() != blockDone || e.end == 0 {
			continue
		}
		n := 1
		for at+n < len(entries) && entries[at+n].end == 0 && lc.ledger[at+n].Load() == blockDone {
			n++
		}
		lc.p.trace.add(Span{lc.run.name, lc.slot.seq.Load(), at, n, int(e.worker),
			time.Duration(begun - origin), time.Duration(e.begin - origin), time.Duration(e.end - origin)})
	}
	lc.spans.Free()
}

// keepTrace takes in the span of a call whose result has come. The table's lock is held.
func (t *callTable) keepTrace(c *call, s *taskSlot) {
	if s.traced == 0 || !t.p.trace.on.Load() {
		return
	}
	_, tag, _ := unpackTask(s.state.Load())
	origin := t.p.c.about.started
	t.p.trace.add(Span{Name: c.name, Worker: t.p.crew.byTag(tag), Queued: time.Duration(s.queued - origin),
		Begin: time.Duration(int64(s.began.Load()) - origin), End: time.Duration(s.ended - origin)})
}

// WriteChromeTrace writes spans as a JSON trace that chrome://tracing and ui.perfetto.dev show: one row for each worker,
// one box for each block or call.
func WriteChromeTrace(w io.Writer, program string, workers int, spans []Span) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n")
	fmt.Fprintf(b, `{"ph":"M","name":"process_name","pid":1,"args":{"name":%s}}`, quote(program))
	for i := range workers {
		fmt.Fprintf(b, ",\n"+`{"ph":"M","name":"thread_name","pid":1,"tid":%d,"args":{"name":"worker %d"}}`, i, i)
	}
	for _, s := range spans {
		fmt.Fprintf(b, ",\n"+`{"ph":"X","name":%s,"pid":1,"tid":%d,"ts":%.3f,"dur":%.3f,`, quote(s.Name), s.Worker, micros(s.Begin), micros(s.End-s.Begin))
		if s.Run != 0 {
			fmt.Fprintf(b, `"cat":"loop","args":{"run":%d,"block":%d,"blocks":%d}}`, s.Run, s.Block, s.Blocks)
		} else {
			fmt.Fprintf(b, `"cat":"call","args":{"queued_us":%.3f}}`, micros(s.Begin-s.Queued))
		}
	}
	fmt.Fprintf(b, "\n]}\n")
	return b.Flush()
}

func micros(d time.Duration) float64 { return float64(d) / 1e3 }

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return string(b)
}
