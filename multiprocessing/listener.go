package multiprocessing

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/sched"
)

// Listener waits for programs that need not be of this one's family, and makes a [Stream] to each. Python:
// multiprocessing.connection.Listener.
type Listener[T any] struct {
	l       TransportListener
	at      string
	as      Credentials
	arrived chan arrival
	over    chan struct{}
	ending  sync.Once
}

// arrival is one who has proven who it is, or why there will be no more.
type arrival struct {
	c   Conn
	err error
}

var listenerNumber atomic.Int32

// Listen listens at an address: "tcp://host:port", for which package multiprocessing/tcp has to be imported, or a name of a
// Unix socket without a file, "@name", for programs of the same user. An empty one lets the library choose such a name.
// Whoever comes over TCP has to prove that it knows the AuthKey.
func Listen[T any](address string, as Credentials) (*Listener[T], error) {
	if _, err := sched.CodecOf[T](); err != nil {
		return nil, fmt.Errorf("multiprocessing: %w", err)
	}
	if address == "" {
		address = fmt.Sprintf("@shmath-listener-%d-%d", os.Getpid(), listenerNumber.Add(1))
	}
	t, local, err := transportOf(address)
	if err == nil && proven(address) {
		as, err = as.decided()
	}
	if err != nil {
		return nil, err
	}
	l, err := t.Listen(local, as.TLS)
	if err != nil {
		return nil, fmt.Errorf("multiprocessing: listening at %s: %w", address, err)
	}
	x := &Listener[T]{l: l, at: withScheme(address, l.Address()), as: as, arrived: make(chan arrival), over: make(chan struct{})}
	go x.run()
	return x, nil
}

// run accepts, and lets those who come prove who they are, beside each other.
func (l *Listener[T]) run() {
	for {
		c, err := l.l.Accept()
		if err != nil {
			l.deliver(arrival{err: err})
			return
		}
		go func() {
			var err error
			if proven(l.at) {
				err = within(c, l.as.Timeout, func() error { return proveServer(c, l.as.AuthKey) })
			}
			if err != nil {
				err = errors.Join(fmt.Errorf("multiprocessing: turned away at %s: %w", l.at, err), c.Close())
			}
			l.deliver(arrival{c, err})
		}()
	}
}

func (l *Listener[T]) deliver(a arrival) {
	select {
	case l.arrived <- a:
	case <-l.over:
		if a.c != nil {
			a.c.Close()
		}
	}
}

// Address returns where the listener can be reached.
func (l *Listener[T]) Address() string { return l.at }

// Accept returns a stream to the next who comes, and waits as long as ctx lasts. The error wraps [ErrAuthentication] for one
// who does not know the key: call Accept again. It is [ErrClosed] after Close.
func (l *Listener[T]) Accept(ctx context.Context) (*Stream[T], error) {
	select {
	case a := <-l.arrived:
		if a.err != nil {
			return nil, a.err
		}
		return newStream[T](a.c)
	case <-l.over:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends the listener; streams that it has made go on. Calls after the first do nothing.
func (l *Listener[T]) Close() (err error) {
	if l.l == nil {
		return ErrNotMade
	}
	l.ending.Do(func() {
		close(l.over)
		err = l.l.Close()
	})
	return err
}

// Dial connects to a [Listener]. T must be the type of its messages. Python: multiprocessing.connection.Client.
func Dial[T any](ctx context.Context, address string, as Credentials) (*Stream[T], error) {
	c, _, err := reach(ctx, address, as)
	if err != nil {
		return nil, err
	}
	return newStream[T](c)
}

// Stream is one end of a connection over a socket: messages of one type, whole, in order, both ways. One goroutine may send
// while another receives. Between processes of one program a [Connection] is faster, and takes no socket.
type Stream[T any] struct {
	c         Conn
	codec     sched.Codec[T]
	sending   sync.Mutex
	receiving sync.Mutex
	in        []byte // what has come of the next message
	closed    atomic.Bool
}

func newStream[T any](c Conn) (*Stream[T], error) {
	codec, err := sched.CodecOf[T]()
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &Stream[T]{c: c, codec: codec}, nil
}

// Send sends v. When ctx ends in the middle of a message, the stream is closed: the other side could not go on from there.
func (s *Stream[T]) Send(ctx context.Context, v T) error {
	if s.c == nil {
		return ErrNotMade
	}
	b, err := s.codec.Append(make([]byte, 4), &v)
	if err != nil {
		return err
	}
	if len(b)-4 > frameMax {
		return fmt.Errorf("%w: a message of %d bytes; 1 GiB at most", ErrValue, len(b)-4)
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)-4))
	s.sending.Lock()
	defer s.sending.Unlock()
	if s.closed.Load() {
		return ErrClosed
	}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	_, err = s.c.Write(b)
	if !stop() {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBrokenPipe, err)
	}
	return nil
}

// Recv returns the next message and waits for it as long as ctx lasts; what has come of it until then is kept. It returns
// [io.EOF] when the other side has closed its end, or has died, between two messages.
func (s *Stream[T]) Recv(ctx context.Context) (v T, err error) {
	if s.c == nil {
		return v, ErrNotMade
	}
	s.receiving.Lock()
	defer s.receiving.Unlock()
	if s.closed.Load() {
		return v, ErrClosed
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = s.c.SetReadDeadline(time.Unix(1, 0))
		close(ended)
	})
	b, err := s.message()
	if !stop() {
		<-ended
		if e := s.c.SetReadDeadline(time.Time{}); err != nil {
			return v, errors.Join(ctx.Err(), e)
		}
	}
	if err != nil {
		return v, err
	}
	err = s.codec.Decode(b, &v)
	s.in = s.in[:0]
	return v, err
}

// message reads until a message is whole.
func (s *Stream[T]) message() ([]byte, error) {
	for need := 4; ; {
		if len(s.in) >= need {
			n := binary.LittleEndian.Uint32(s.in)
			if n > frameMax {
				return nil, fmt.Errorf("%w: a message of %d bytes", ErrCorrupt, n)
			}
			if need = 4 + int(n); len(s.in) == need {
				return s.in[4:], nil
			}
		}
		at := len(s.in)
		s.in = append(s.in, make([]byte, min(need-at, 1<<20))...) // as it comes: a length alone takes no memory
		n, err := s.c.Read(s.in[at:])
		if s.in = s.in[:at+n]; err == io.EOF && len(s.in) > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil && n == 0 {
			return nil, err
		}
	}
}

// Close closes this end. Calls after the first do nothing.
func (s *Stream[T]) Close() error {
	if s.c == nil {
		return ErrNotMade
	}
	if s.closed.Swap(true) {
		return nil
	}
	return s.c.Close()
}
