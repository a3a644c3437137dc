package sched

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strings"
	"time"

	"github.com/shmath/shmath/ring"
)

// relay is the parent's side of logging: one goroutine that hands the records of all workers to the program's handler,
// those of one worker in their order. It sleeps on a channel; the monitor, which hears the bell anyway, wakes it.
type relay struct {
	p       *Pool
	sinks   [2]*lineSink
	tails   []*tail
	rings   []*ring.Record // by place; nil before its first record
	broken  []bool         // the place's ring is damaged: nothing more is read from it
	dropped []uint64       // how many records of each place have been reported as dropped
	seen    uint32         // the monitor's: entries when it last looked
	kick    chan struct{}
	flushes chan chan struct{}
	quit    chan struct{}
	ended   chan struct{}
}

const (
	levelLowest  = slog.LevelDebug - 16
	levelHighest = slog.LevelError + 16
)

func (r *relay) init(p *Pool) {
	n := len(p.cpus)
	r.p, r.rings, r.broken, r.dropped = p, make([]*ring.Record, n), make([]bool, n), make([]uint64, n)
	r.kick, r.flushes = make(chan struct{}, 1), make(chan chan struct{})
	r.quit, r.ended = make(chan struct{}), make(chan struct{})
	for range n {
		r.tails = append(r.tails, new(tail))
	}
	for i, to := range []io.Writer{p.opts.Stdout, p.opts.Stderr} {
		r.sinks[i] = &lineSink{to: to, fail: func(err error) { r.warn("workers' output cannot be passed on", "error", err) }}
	}
	if p.opts.Stdout == nil {
		r.sinks[0].to = os.Stdout
	}
	if p.opts.Stderr == nil {
		r.sinks[1].to = os.Stderr
	}
	r.tellLevel()
}

func (r *relay) logger() *slog.Logger {
	if r.p.opts.Logger != nil {
		return r.p.opts.Logger
	}
	return slog.Default()
}

func (r *relay) warn(message string, args ...any) { r.logger().Warn("sched: "+message, args...) }

// TellLevel tells the workers which levels the program's handler takes now, as Start did: what is below is not logged there.
func (p *Pool) TellLevel() { p.relay.tellLevel() }

// tellLevel gives workers the lowest level that the program's handler takes. A handler says only yes or no to a level,
// so the border is searched for.
func (r *relay) tellLevel() {
	h := r.logger().Handler()
	takes := func(l slog.Level) bool { return h.Enabled(context.Background(), l) }
	lo, hi := levelLowest, levelHighest
	level := int64(math.MaxInt64)
	switch {
	case takes(lo):
		level = math.MinInt64
	case takes(hi):
		for lo+1 < hi { // takes hi, not lo
			if mid := lo + (hi-lo)/2; takes(mid) {
				hi = mid
			} else {
				lo = mid
			}
		}
		level = int64(hi)
	}
	if r.p.c.journal.level.Load() != level {
		r.p.c.journal.level.Store(level)
	}
}

// look wakes the relay if there is something to read. Only the monitor calls it.
func (r *relay) look() {
	if n := r.p.c.journal.entries.Load(); n != r.seen { // SYNC(sched.entries): the records are in their rings; pairs with journal.announce.
		r.seen = n
		r.wake()
	}
}

func (r *relay) wake() {
	select {
	case r.kick <- struct{}{}:
	default:
	}
}

// run relays until close.
func (r *relay) run() {
	defer close(r.ended)
	for {
		select {
		case <-r.kick:
			r.drain()
		case done := <-r.flushes:
			r.drain()
			close(done)
		case <-r.quit:
			r.drain()
			return
		}
	}
}

// close relays what is left and returns. No worker lives any more.
func (r *relay) close() {
	close(r.quit)
	<-r.ended
}

// flush returns when what has been logged until now has been handed over, or after a while: the handler may wait for the
// very work that flush is called for.
func (r *relay) flush() {
	late := time.NewTimer(tailPatience)
	defer late.Stop()
	done := make(chan struct{})
	select {
	case r.flushes <- done:
	case <-r.ended:
		return
	case <-late.C:
		return
	}
	select {
	case <-done:
	case <-late.C:
	}
}

// drain hands over every record that is there.
func (r *relay) drain() {
	for more := true; more; {
		more = false
		for i := range r.rings {
			if r.next(i) {
				more = true
			}
		}
	}
	r.tellLevel()
}

// turnMax is how many records of one worker are handed over before those of the next.
const turnMax = 64

// next hands over some records of one place and reports whether there may be more.
func (r *relay) next(i int) bool {
	if r.broken[i] || r.rings[i] == nil && !r.open(i) {
		return false
	}
	dropped := r.p.c.journals[i].dropped.Load() // before the records: those that are read now are older
	for range turnMax {
		message, err := r.rings[i].TryNext()
		if errors.Is(err, ring.ErrEmpty) {
			if n := dropped - r.dropped[i]; n > 0 {
				r.dropped[i] = dropped
				r.warn("log records dropped: there was no room for them within "+journalPatience.String(), "worker", i, "dropped", n)
			}
			return false
		}
		if err != nil {
			r.giveUp(i, err)
			return false
		}
		if err := r.hand(i, message); err != nil {
			r.warn("a log record is lost", "worker", i, "error", err)
		}
		r.rings[i].Release()
	}
	return true
}

// open finds the ring that a worker has made.
func (r *relay) open(i int) bool {
	slot := &r.p.c.journals[i]
	if slot.ready.Load() == 0 { // SYNC(sched.journal): the ring is whole; pairs with journal.open.
		return false
	}
	memory, err := journalMemory(r.p.arena, slot)
	if err == nil {
		r.rings[i], err = ring.AttachRecord(memory, &ring.Options{Members: r.p.seg})
	}
	if err != nil {
		r.giveUp(i, err)
		return false
	}
	return true
}

// giveUp reads no more from a ring that a stray store has damaged.
func (r *relay) giveUp(i int, err error) {
	r.broken[i] = true
	r.warn("the log of a worker cannot be read any more", "worker", i, "error", err)
}

// hand gives one record to the handler, with the number and the process of the worker.
func (r *relay) hand(i int, message []byte) error {
	d := journalReader{b: message}
	if len(message) > 0 && message[0] == formReference {
		d.byte()
		at := d.reference()
		long, err := getBlob(r.p.arena, nil, at)
		if err != nil {
			return err
		}
		defer dropBlob(r.p.arena, at)
		d = journalReader{b: long}
	}
	record, pid, err := d.record()
	if err != nil {
		return err
	}
	r.tails[i].add(pid, lineOf(record))
	record.AddAttrs(slog.Int("worker", i), slog.Int("pid", pid))
	h := r.logger().Handler()
	if !h.Enabled(context.Background(), record.Level) {
		return nil
	}
	h.Handle(context.Background(), record) // its own errors are its own affair, as everywhere in slog
	return nil
}

// lineOf is a record as an error shows it.
func lineOf(r slog.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s", r.Level, r.Message)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&b, " %v", a)
		return b.Len() < tailLineMax
	})
	return b.String()
}
