package multiprocessing

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// File is an open file, socket or pipe as an argument, an item or a message: each process that receives it gets a
// descriptor of its own for the same open file, as dup(2) makes one. What the others do with theirs, closing included, does
// not matter to it.
//
//	f, err := mp.NewFile(conn)          // *os.File, *net.TCPConn, *net.UnixListener, ...
//	err = queue.Put(ctx, f)
//	err = errors.Join(f.Close(), conn.Close())
//	...                                 // elsewhere:
//	f, err := queue.Get(ctx)
//	conn, err := net.FileConn(f.OS())   // which makes yet another one: close f, too
//
// The descriptor is fetched from the process that sent it, over a Unix socket, when the handle is received: that process
// must live until then. A handle that nobody ever receives costs its sender a descriptor, until a minute after Close.
type File struct {
	f     *os.File
	offer *offer
}

// offer is a descriptor that others may fetch.
type offer struct {
	number uint64
	f      *os.File
	sent   int  // handles that have not been received
	closed bool // by the sender: it goes with the last of these
}

// offers are this process's.
var offers struct {
	sync.Mutex
	at       string // where they can be fetched; empty while there are none
	next     uint64
	byNumber map[uint64]*offer
}

// lingering is how long a closed offer waits for handles that may be lost, in nanoseconds. Tests shorten it.
var lingering atomic.Int64

func init() { lingering.Store(int64(time.Minute)) }

const (
	fileHere = 1
	fileGone = 0
)

// NewFile makes a handle of what from has open. It has a descriptor of its own: from may be closed at any time.
func NewFile(from syscall.Conn) (*File, error) {
	if from == nil {
		return nil, fmt.Errorf("%w: no file to hand on; give an open *os.File, net.Conn or listener", ErrValue)
	}
	f, err := duplicate(from)
	if err != nil {
		return nil, fmt.Errorf("multiprocessing: a descriptor to hand on: %w", err)
	}
	return &File{f: f}, nil
}

// OS returns the open file, this process's own. Close ends it.
func (x *File) OS() *os.File { return x.f }

// Close closes this process's descriptor. Handles that are under way arrive all the same.
func (x *File) Close() error {
	if x.f == nil {
		return ErrNotMade
	}
	if x.offer != nil {
		x.offer.withdraw()
	}
	return x.f.Close()
}

// MarshalBinary encodes where the descriptor can be fetched.
func (x *File) MarshalBinary() ([]byte, error) {
	if x.f == nil {
		return nil, ErrNotMade
	}
	offers.Lock()
	defer offers.Unlock()
	if err := x.publish(); err != nil {
		return nil, fmt.Errorf("multiprocessing: handing on %s: %w", x.f.Name(), err)
	}
	x.offer.sent++
	return append(binary.LittleEndian.AppendUint64(nil, x.offer.number), offers.at...), nil
}

// publish makes the offer, once, and lets it go when nobody refers to the handle any more. The lock is held.
func (x *File) publish() error {
	if x.offer != nil {
		return nil
	}
	if err := openOffers(); err != nil {
		return err
	}
	f, err := duplicate(x.f)
	if err != nil {
		return err
	}
	offers.next++
	x.offer = &offer{number: offers.next, f: f}
	offers.byNumber[x.offer.number] = x.offer
	runtime.AddCleanup(x, func(o *offer) { o.withdraw() }, x.offer)
	return nil
}

// withdraw ends an offer when the handles that were sent have been received, or after a while.
func (o *offer) withdraw() {
	offers.Lock()
	defer offers.Unlock()
	if o.closed {
		return
	}
	o.closed = true
	if !o.settle() {
		time.AfterFunc(time.Duration(lingering.Load()), func() {
			offers.Lock()
			defer offers.Unlock()
			o.sent = 0
			o.settle()
		})
	}
}

// settle lets a descriptor go that nobody will ask for any more. The lock is held.
func (o *offer) settle() bool {
	if !o.closed || o.sent > 0 {
		return false
	}
	if offers.byNumber[o.number] == o {
		delete(offers.byNumber, o.number)
		o.f.Close()
	}
	return true
}

// openOffers begins to answer those who fetch. The lock is held.
func openOffers() error {
	if offers.at != "" {
		return nil
	}
	key, err := randomKey()
	if err != nil {
		return err
	}
	at := fmt.Sprintf("@shmath-files-%d-%x", os.Getpid(), key[:8])
	l, err := listenUnix(at)
	if err != nil {
		return err
	}
	offers.at, offers.byNumber = at, make(map[uint64]*offer)
	go func() {
		for {
			c, err := acceptUnix(l)
			if err != nil {
				return // the process ends
			}
			go hand(c)
		}
	}()
	return nil
}

// hand answers one who fetches a descriptor.
func hand(c *os.File) {
	defer c.Close()
	var b [8]byte
	if err := within(c, defaultTimeout, func() error { _, err := c.Read(b[:]); return err }); err != nil {
		return
	}
	offers.Lock()
	defer offers.Unlock()
	o := offers.byNumber[binary.LittleEndian.Uint64(b[:])]
	if o == nil {
		_, _ = c.Write([]byte{fileGone})
		return
	}
	if err := sendDescriptor(c, fileHere, o.f); err == nil && o.sent > 0 {
		o.sent--
	}
	o.settle()
}

// UnmarshalBinary fetches the descriptor.
func (x *File) UnmarshalBinary(b []byte) error {
	if len(b) < 9 {
		return fmt.Errorf("%w: a file's handle of %d bytes", ErrCorrupt, len(b))
	}
	c, err := dialUnix(string(b[8:]))
	if err != nil {
		return fmt.Errorf("multiprocessing: fetching a file: %w; the process that sent it must live until it is received", err)
	}
	defer c.Close()
	err = within(c, defaultTimeout, func() error {
		if _, err := c.Write(b[:8]); err != nil {
			return err
		}
		x.f, err = receiveDescriptor(c)
		return err
	})
	switch {
	case errors.Is(err, errNoDescriptor):
		return fmt.Errorf("multiprocessing: the file is closed where it came from, and was received once already, or too late: %w", ErrClosed)
	case err != nil:
		return fmt.Errorf("multiprocessing: fetching a file: %w", err)
	}
	return nil
}

var errNoDescriptor = errors.New("no descriptor came")
