package sched

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// MapOptions configures Map, Stream and StreamUnordered. The zero value, or none, means the defaults.
type MapOptions struct {
	// Chunk is how many elements a worker takes at a time. 0 means as many as take about 100 microseconds, as measured while
	// the Map or the stream runs; a Map whose arguments or results take a codec has 512 chunks.
	Chunk int

	// Window bounds, for streams, how many elements have been taken from the sequence and not been yielded as results.
	// 0 means four chunks for each worker.
	Window int
}

const (
	chunkTime      = 100 * time.Microsecond // of a stream's chunk: some fifty times what passing it costs
	chunkMax       = 1024                   // elements
	chunkBytes     = 64 << 10               // of encoded arguments
	chunksInFlight = 4                      // for each worker
)

func (o MapOptions) check() error {
	if o.Chunk < 0 || o.Window < 0 {
		return fmt.Errorf("sched: MapOptions: Chunk %d, Window %d: none may be negative; 0 chooses", o.Chunk, o.Window)
	}
	return nil
}

// Stream runs the function over the elements of seq on all workers and yields the results in the same order: one pair
// for each element, its result or its error. An error does not end the stream. A context that ends, or a pool that is
// closed, does: it is the last pair's error.
//
// Both sides are lazy. seq is called by the goroutine that ranges over the stream, and no further than the window
// reaches; results are yielded as soon as they are there and seq has returned. A stream of any length takes the memory
// of one window. Leaving the loop takes back the chunks that no worker has begun, and ends the context of those that run.
//
// Elements of an idempotent function that a dead worker took with it are run again. Of another one they fail with
// *[DeathError]: all elements of the chunk that the worker had.
func (fn *Func[A, R]) Stream(ctx context.Context, p *Pool, seq iter.Seq[A], opts ...MapOptions) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) { newStreamRun(ctx, fn, p, true, opts).run(seq, yield) }
}

// StreamUnordered is [Func.Stream] that yields results in the order in which they come.
func (fn *Func[A, R]) StreamUnordered(ctx context.Context, p *Pool, seq iter.Seq[A], opts ...MapOptions) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) { newStreamRun(ctx, fn, p, false, opts).run(seq, yield) }
}

// streamRun is one run of a stream. It belongs to the goroutine that ranges over it.
type streamRun[A, R any] struct {
	ctx     context.Context
	fn      *Func[A, R]
	p       *Pool
	ordered bool
	opts    MapOptions

	batch    chunk     // elements that have not been sent
	idle     time.Time // when one was sent last
	sent     []*chunk  // in the order of seq
	inbox    *inbox    // calls of sent that have ended
	elements int       // taken from seq and not yielded
	size     int       // elements of the next chunk
	cost     float64   // nanoseconds per element, a running mean
}

// chunk is some elements on their way.
type chunk struct {
	args []byte // encoded, one behind the other, behind their number
	ends []int  // where each ends
	call *call
}

func newStreamRun[A, R any](ctx context.Context, fn *Func[A, R], p *Pool, ordered bool, opts []MapOptions) *streamRun[A, R] {
	s := &streamRun[A, R]{ctx: ctx, fn: fn, p: p, ordered: ordered, inbox: newInbox(), size: 1}
	if len(opts) > 0 {
		s.opts = opts[0]
	}
	if s.opts.Chunk == 0 && fn.opts.Timeout > 0 {
		s.opts.Chunk = 1
	}
	if s.opts.Chunk > 0 {
		s.size = s.opts.Chunk
	}
	if s.opts.Window > 0 {
		s.size = min(s.size, s.opts.Window)
	}
	return s
}

func (s *streamRun[A, R]) run(seq iter.Seq[A], yield func(R, error) bool) {
	var zero R
	if err := errors.Join(s.opts.check(), s.fn.opts.check(), s.ctx.Err(), s.p.check()); err != nil {
		yield(zero, err)
		return
	}
	defer s.abandon()
	for x := range seq {
		if !s.accept(&x, yield) {
			return
		}
	}
	if s.send(yield) {
		for len(s.sent) > 0 && s.deliver(yield) {
		}
	}
}

// accept takes one element in, sends the batch when it is time to, and yields what is there. It reports whether the stream
// goes on.
func (s *streamRun[A, R]) accept(x *A, yield func(R, error) bool) bool {
	b := &s.batch
	if b.args == nil {
		b.args = make([]byte, parcelHeader)
	}
	args, err := encodeValue(s.fn.args, s.p.segments, b.args, x)
	if err != nil { // it has its place among the results
		if !s.send(yield) {
			return false
		}
		s.refuse(fmt.Errorf("func %s: %w", s.fn.name, err))
	} else {
		b.args = args
		b.ends = append(b.ends, len(args))
	}
	s.elements++
	full := len(b.ends) >= s.size || s.elements >= s.window()
	if s.opts.Chunk == 0 {
		// A slow sequence must not keep what it has given waiting for what it has not.
		full = full || len(b.args) >= chunkBytes || time.Since(s.idle) > chunkTime
	}
	if full && !s.send(yield) {
		return false
	}
	for len(s.sent) > 0 && (s.elements >= s.window() || s.ready()) {
		if !s.deliver(yield) {
			return false
		}
	}
	return true
}

func (s *streamRun[A, R]) window() int {
	if s.opts.Window > 0 {
		return s.opts.Window
	}
	return chunksInFlight * s.p.Workers() * s.size
}

// send gives the batch to the workers. When the pool takes no more, it yields the reason and reports false.
func (s *streamRun[A, R]) send(yield func(R, error) bool) bool {
	if len(s.batch.ends) == 0 {
		return true
	}
	c := s.batch
	s.batch = chunk{}
	if err := s.submit(&c); err != nil {
		var zero R
		yield(zero, err)
		return false
	}
	s.sent = append(s.sent, &c)
	if s.opts.Chunk == 0 {
		s.idle = time.Now()
	}
	return true
}

func (s *streamRun[A, R]) submit(c *chunk) error {
	if err := s.p.enter(); err != nil {
		return err
	}
	defer s.p.users.Done()
	binary.LittleEndian.PutUint32(c.args, uint32(len(c.ends)))
	c.call = s.fn.opts.newCall(s.fn.name, s.fn.chunks, c.args, len(c.ends))
	s.follow(c.call)
	return s.p.calls.submit(c.call)
}

// refuse puts an element that cannot travel where its result would be.
func (s *streamRun[A, R]) refuse(err error) {
	c := &call{name: s.fn.name}
	s.follow(c)
	c.finish(nil, &elementError{err})
	s.sent = append(s.sent, &chunk{ends: []int{0}, call: c})
}

func (s *streamRun[A, R]) follow(c *call) {
	if !s.ordered {
		s.inbox.follow(c)
	}
}

// elementError marks an error as that of one element.
type elementError struct{ error }

func (e *elementError) Unwrap() error { return e.error }

// ready reports whether a result can be yielded now.
func (s *streamRun[A, R]) ready() bool {
	if s.ordered {
		return s.sent[0].call.over.Load()
	}
	return !s.inbox.empty()
}

// next waits for the chunk whose results are to be yielded now and takes it out of sent.
func (s *streamRun[A, R]) next() (*chunk, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	at := 0
	if s.ordered {
		if err := s.p.calls.await(s.ctx, s.sent[0].call); err != nil {
			return nil, err
		}
	} else {
		call, err := s.inbox.await(s.ctx, &s.p.calls)
		if err != nil {
			return nil, err
		}
		at = slices.IndexFunc(s.sent, func(c *chunk) bool { return c.call == call })
	}
	c := s.sent[at]
	s.sent = slices.Delete(s.sent, at, at+1)
	return c, nil
}

// deliver yields the results of one chunk, when they are there, and reports whether the stream goes on.
func (s *streamRun[A, R]) deliver(yield func(R, error) bool) bool {
	var zero R
	c, err := s.next()
	if err == nil && final(c.call.err) {
		err = c.call.err
	}
	if err != nil {
		yield(zero, err)
		return false
	}
	if c.call.err == nil {
		return s.unpack(c, yield)
	}
	if n := len(c.ends); n > 1 && s.fn.opts.Idempotent && errors.Is(c.call.err, ErrWorkerDied) {
		return s.split(c, yield)
	}
	for range c.ends {
		s.elements--
		if !yield(zero, c.call.err) {
			return false
		}
	}
	return true
}

// final reports whether err is of the pool, not of an element.
func final(err error) bool {
	var element *elementError
	var remote *RemoteError
	return err != nil && !errors.Is(err, ErrWorkerDied) && !errors.Is(err, ErrTimeout) && !errors.As(err, &remote) && !errors.As(err, &element)
}

// split runs the elements of a chunk that killed its workers one by one: only the one that is to blame shall fail.
func (s *streamRun[A, R]) split(c *chunk, yield func(R, error) bool) bool {
	singles, from := make([]*chunk, len(c.ends)), parcelHeader
	for i, end := range c.ends {
		singles[i] = &chunk{args: append(make([]byte, parcelHeader), c.args[from:end]...), ends: []int{0}}
		if err := s.submit(singles[i]); err != nil {
			var zero R
			yield(zero, err)
			return false
		}
		from = end
	}
	s.sent = append(singles, s.sent...)
	return true
}

// unpack yields the results of a chunk that was run.
func (s *streamRun[A, R]) unpack(c *chunk, yield func(R, error) bool) bool {
	a := openAnswer(c.call.result)
	if s.opts.Chunk == 0 && len(c.ends) > 0 {
		s.adapt(a.took / float64(len(c.ends)))
	}
	for range c.ends {
		r, err := nextResult(&a, s.fn, s.p)
		s.elements--
		if !yield(r, err) {
			return false
		}
	}
	return true
}

// adapt chooses the size of the chunks that follow: as many elements as take chunkTime, but at most twice as many as
// before, and no more than leave every worker something of the window.
func (s *streamRun[A, R]) adapt(cost float64) {
	if s.cost == 0 {
		s.cost = cost
	}
	s.cost += (cost - s.cost) / 4
	size := min(chunkMax, 2*s.size, int(float64(chunkTime)/max(s.cost, 1)))
	if s.opts.Window > 0 {
		size = min(size, s.opts.Window/(2*s.p.Workers()))
	}
	s.size = max(size, 1)
}

// abandon takes back what is not to be run any more.
func (s *streamRun[A, R]) abandon() {
	for _, c := range s.sent {
		s.p.calls.cancel(c.call)
	}
}
