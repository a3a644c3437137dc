package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/ring"
)

// Connection is one end of a pipe: messages of one type, whole, in order, one way or both. An end is held by every
// process that has it and has not closed it. Messages are of any size; those of 112 bytes and less cost no memory.
type Connection[T any] struct {
	object
	courier[T]
	h        *pipeHeader
	end      int // 0 or 1: which end this is
	readable bool
	writable bool
	in, out  *ring.MPMC[item] // in is what the other end sends
	closed   atomic.Bool
}

// pipeHeader is a pipe in memory.
type pipeHeader struct {
	magic   uint64
	flags   uint64                       // bit 0: end 0 does not send
	rings   [2]arena.Handle              // what each end sends
	holders [2][holdersMax]atomic.Uint32 // tags of the processes that hold each end; a dead one's place is free
}

const (
	pipeMagic  = 0x3170_6d68_7368_6d31
	oneWay     = 1
	holdersMax = 60
	pipeDepth  = 256 // messages under way in each direction
)

// NewPipe makes a pipe and returns its ends. With duplex both send and receive; without, a only receives and b only
// sends, as in Python. This process holds both ends; it closes the one that it gives to another.
func NewPipe[T any](duplex bool) (a, b *Connection[T], err error) {
	o, err := newObject(pipeHeaderSize)
	if err != nil {
		return nil, nil, err
	}
	h := layout.View[pipeHeader](o.mem, 0)
	if !duplex {
		h.flags = oneWay
	}
	for i := range h.rings {
		r, err := o.s.newObject(ring.SizeMPMC[item](pipeDepth))
		if err != nil {
			return nil, nil, err
		}
		if _, err := ring.CreateMPMC[item](r.mem, pipeDepth, r.ring()); err != nil {
			return nil, nil, err
		}
		h.rings[i] = r.block.Handle()
	}
	h.magic = pipeMagic
	a, b = &Connection[T]{object: o, end: 0}, &Connection[T]{object: o, end: 1}
	return a, b, errors.Join(a.attach(), b.attach())
}

// attach opens the end and enters this process as a holder of it.
func (c *Connection[T]) attach() error {
	if len(c.mem) < pipeHeaderSize {
		return fmt.Errorf("%w: a pipe of %d bytes", ErrCorrupt, len(c.mem))
	}
	c.h = layout.View[pipeHeader](c.mem, 0)
	if c.h.magic != pipeMagic {
		return fmt.Errorf("%w: no pipe here", ErrCorrupt)
	}
	duplex := c.h.flags&oneWay == 0
	c.readable, c.writable = duplex || c.end == 0, duplex || c.end == 1
	var err error
	if c.courier, err = newCourier[T](c.object.s); err != nil {
		return err
	}
	for i, to := range []**ring.MPMC[item]{&c.out, &c.in} {
		o, err := c.object.s.resolve(c.h.rings[c.end^i])
		if err != nil {
			return err
		}
		if *to, err = ring.AttachMPMC[item](o.mem, o.ring()); err != nil {
			return err
		}
	}
	return c.hold()
}

// hold enters this process as a holder, once, in a free place or a dead one's.
func (c *Connection[T]) hold() error {
	members := c.object.s.seg
	own := members.Tag()
	for range 2 {
		for i := range c.h.holders[c.end] {
			h := &c.h.holders[c.end][i]
			tag := h.Load()
			if tag == own || tag != 0 && members.Alive(tag) {
				continue
			}
			if h.CompareAndSwap(tag, own) {
				return nil
			}
		}
	}
	return fmt.Errorf("%w: %d processes hold this end of the pipe", ErrFull, holdersMax)
}

// peers returns the processes that hold the other end.
func (c *Connection[T]) peers() []uint32 { return c.holdersOf(c.end ^ 1) }

func (c *Connection[T]) holdersOf(end int) (tags []uint32) {
	for i := range c.h.holders[end] {
		if tag := c.h.holders[end][i].Load(); tag != 0 && c.object.s.seg.Alive(tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// MarshalBinary encodes which end of which pipe this is.
func (c *Connection[T]) MarshalBinary() ([]byte, error) {
	if c.h == nil {
		return nil, ErrNotMade
	}
	if c.closed.Load() {
		return nil, ErrClosed
	}
	b, err := c.object.MarshalBinary()
	return append(b, byte(c.end)), err
}

// UnmarshalBinary makes c the end that was encoded, held by this process from now on.
func (c *Connection[T]) UnmarshalBinary(b []byte) error {
	if len(b) != handleSize+1 || b[handleSize] > 1 {
		return fmt.Errorf("%w: no end of a pipe", ErrCorrupt)
	}
	if err := c.bind(b[:handleSize]); err != nil {
		return err
	}
	c.end = int(b[handleSize])
	return c.attach()
}

// Send sends v and waits for room, for 256 messages that nobody has received, as long as ctx lasts.
//
// Errors: [ErrDirection]; [ErrClosed] after Close; [ErrBrokenPipe] when nobody holds the other end; ctx's error.
func (c *Connection[T]) Send(ctx context.Context, v T) error {
	switch {
	case c.h == nil:
		return ErrNotMade
	case c.closed.Load():
		return ErrClosed
	case !c.writable:
		return ErrDirection
	}
	it, err := c.pack(&v)
	if err != nil {
		return err
	}
	for {
		if err = c.out.TryPush(it); err != ring.ErrFull {
			break
		}
		if err = c.awaitPeer(ctx, c.out.Writable(), ErrBrokenPipe); err != nil {
			break
		}
	}
	if err == ring.ErrClosed {
		err = ErrBrokenPipe
	}
	if err != nil {
		c.drop(&it)
	}
	return err
}

// Recv returns the next message and waits for one as long as ctx lasts. It returns [io.EOF] when there is none and
// nobody holds the other end.
func (c *Connection[T]) Recv(ctx context.Context) (v T, err error) {
	switch {
	case c.h == nil:
		return v, ErrNotMade
	case c.closed.Load():
		return v, ErrClosed
	case !c.readable:
		return v, ErrDirection
	}
	for {
		l, err := c.look()
		switch err {
		case nil:
			v, err := c.unpack(l.Value())
			c.drop(l.Value())
			l.Done()
			if err == errGone {
				continue
			}
			return v, err
		case ring.ErrClosed:
			return v, io.EOF
		case ring.ErrEmpty:
			if err := c.awaitPeer(ctx, c.in.Readable(), io.EOF); err != nil {
				return v, err
			}
		default:
			return v, err
		}
	}
}

// look takes a message, and looks for one for about as long as being woken would take: who would wait in the kernel asks
// it first who is alive.
func (c *Connection[T]) look() (l ring.Lease[item], err error) {
	if l, err = c.in.TryTake(); err != ring.ErrEmpty {
		return l, err
	}
	for until := time.Now().Add(futex.SpinFor()); ; {
		for range looksPerClock {
			asm.Pause(asm.PauseMax / 4)
			if l, err = c.in.TryTake(); err != ring.ErrEmpty {
				return l, err
			}
		}
		if !time.Now().Before(until) {
			return l, err
		}
	}
}

const looksPerClock = 8

// awaitPeer waits until the ring is ready, or returns gone when nobody is left who could make it so.
func (c *Connection[T]) awaitPeer(ctx context.Context, ready ring.Source, gone error) error {
	peers := c.peers()
	if len(peers) == 0 {
		if _, err := ring.Select(expired, ready); err == nil {
			return nil // what the last one sent before it died
		}
		return gone
	}
	sources := []ring.Source{ready}
	for _, tag := range peers {
		if tag != c.object.s.seg.Tag() {
			sources = append(sources, ring.Death(c.object.s.seg, tag))
		}
	}
	_, err := ring.Select(ctx, sources...)
	return err
}

// expired is a context that has ended.
var expired = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// Poll reports whether Recv would return at once, and waits for that as long as ctx lasts.
func (c *Connection[T]) Poll(ctx context.Context) (bool, error) {
	switch {
	case c.h == nil:
		return false, ErrNotMade
	case c.closed.Load():
		return false, ErrClosed
	case !c.readable:
		return false, ErrDirection
	}
	switch err := c.awaitPeer(ctx, c.in.Readable(), io.EOF); {
	case err == nil || err == io.EOF:
		return true, nil
	case ctx.Err() != nil:
		return false, nil
	default:
		return false, err
	}
}

// PollFor is Poll with a time: 0 and less look once.
func (c *Connection[T]) PollFor(d time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return c.Poll(ctx)
}

// Readable reports whether this end receives.
func (c *Connection[T]) Readable() bool { return c.readable }

// Writable reports whether this end sends.
func (c *Connection[T]) Writable() bool { return c.writable }

// Close lets this process's hold of the end go; when it was the last one, the other side gets [io.EOF] after what was
// sent. Calls after the first do nothing.
func (c *Connection[T]) Close() error {
	if c.h == nil {
		return ErrNotMade
	}
	if c.closed.Swap(true) {
		return nil
	}
	for i := range c.h.holders[c.end] {
		if c.h.holders[c.end][i].CompareAndSwap(c.object.s.seg.Tag(), 0) {
			break
		}
	}
	if len(c.holdersOf(c.end)) == 0 {
		c.out.Close()
		c.in.Close() // who sends to this end is told
	}
	return nil
}
