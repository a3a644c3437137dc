package multiprocessing

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/shmath/shmath/sched"
)

// A request to a manager is the object's number, what to do, and arguments; a reply is a status and the result or the error's
// text. "taken" alone has no reply: it confirms the last one, when that carried something away.

type managerArgs struct {
	At    string
	Known Credentials
	Bound *Queue[string] // gets the address
}

var serveObjects = NewTarget("multiprocessing.manager", func(ctx context.Context, a managerArgs) error {
	t, address, err := transportOf(a.At)
	if err != nil {
		return err
	}
	l, err := t.Listen(address, a.Known.TLS)
	if err != nil {
		return fmt.Errorf("listening at %s: %w", a.At, err)
	}
	defer l.Close()
	if err := a.Bound.Put(ctx, withScheme(a.At, l.Address())); err != nil {
		return err
	}
	s := &server{objects: make(map[uint64]*hosted), over: make(chan struct{})}
	if proven(a.At) {
		s.prove = func(c Conn) error {
			return within(c, a.Known.Timeout, func() error { return proveServer(c, a.Known.AuthKey) })
		}
	}
	go func() {
		select {
		case <-ctx.Done():
			l.Close()
		case <-s.over:
			l.Close()
		}
	}()
	for {
		c, err := l.Accept()
		if err != nil {
			if isClosed(s.over) || ctx.Err() != nil {
				return nil
			}
			return err
		}
		go s.serve(ctx, c)
	}
})

// server is the manager's side.
type server struct {
	mu      sync.Mutex
	objects map[uint64]*hosted
	next    uint64
	over    chan struct{}
	ending  sync.Once
	prove   func(c Conn) error // nil where the kernel says who calls
}

// hosted is an object and the lock that lets one call at a time to it.
type hosted struct {
	mu    sync.Mutex
	value reflect.Value
	of    hostedType
}

const (
	replyOK byte = iota
	replyError
	replyKnown // and on: an error of this list
)

// knownErrors keep their identity on the way back.
var knownErrors = []error{ErrExposed, ErrFull, ErrEmpty, ErrClosed, ErrValue, ErrNotOwner, ErrBrokenBarrier}

func statusOf(err error) byte {
	if i := slices.IndexFunc(knownErrors, func(known error) bool { return errors.Is(err, known) }); i >= 0 {
		return replyKnown + byte(i)
	}
	return replyError
}

// errorOf is what statusOf and the text stand for.
func errorOf(status byte, text string) error {
	i := int(status) - int(replyKnown)
	if i < 0 || i >= len(knownErrors) {
		return fmt.Errorf("%w: %s", ErrRemote, text)
	}
	if known := knownErrors[i]; text != known.Error() {
		return &remoteText{known, text}
	}
	return knownErrors[i]
}

// remoteText is a known error with what a server has said of it.
type remoteText struct {
	known error
	text  string
}

func (e *remoteText) Error() string { return e.text }
func (e *remoteText) Unwrap() error { return e.known }

// serve answers one connection until its other side closes it.
func (s *server) serve(ctx context.Context, c Conn) {
	defer c.Close()
	if s.prove != nil {
		if err := s.prove(c); err != nil {
			slog.Warn("multiprocessing: a manager has turned somebody away", "error", err)
			return
		}
	}
	v := new(visit)
	defer v.over()
	ctx = context.WithValue(ctx, visitKey{}, v)
	w := newWire(c)
	for {
		request, err := w.receive()
		if err != nil || len(request) < 2 {
			return
		}
		v.settled(true) // who speaks again has read the last reply
		if string(request[1]) == "taken" {
			continue
		}
		status := replyOK
		result, err := s.do(ctx, c, number(request[0]), string(request[1]), request[2:])
		if err != nil {
			status, result = statusOf(err), []byte(err.Error())
		}
		if err := w.send([]byte{status}, result); err != nil {
			return
		}
		if string(request[1]) == "shutdown" {
			s.ending.Do(func() { close(s.over) })
		}
	}
}

func (s *server) do(ctx context.Context, c Conn, object uint64, what string, args [][]byte) ([]byte, error) {
	switch {
	case what == "shutdown":
		return nil, nil
	case what == "new" && len(args) == 1:
		return s.host(string(args[0]))
	case what == "free":
		s.mu.Lock()
		delete(s.objects, object)
		s.mu.Unlock()
		return nil, nil
	case what == "call" && len(args) > 0:
		s.mu.Lock()
		h := s.objects[object]
		s.mu.Unlock()
		if h == nil {
			return nil, fmt.Errorf("the manager has no object number %d any more", object)
		}
		return h.call(ctx, c, string(args[0]), args[1:])
	}
	return nil, fmt.Errorf("the manager cannot %q", what)
}

func (s *server) host(name string) ([]byte, error) {
	t, has := registered[name]
	if !has {
		return nil, fmt.Errorf("no type %q: RegisterType it in a package variable or init", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	s.objects[s.next] = &hosted{value: reflect.ValueOf(t.make()), of: t}
	return binary.LittleEndian.AppendUint64(nil, s.next), nil
}

// call runs a method. A panic in it is the caller's error, and the object stays. A method whose first parameter is a
// context may wait: it runs beside others of the object, and its context ends when the caller gives up.
func (h *hosted) call(ctx context.Context, c Conn, method string, raw [][]byte) (result []byte, err error) {
	f, has := h.of.methods[method]
	if !has {
		return nil, fmt.Errorf("%w: %s of %v", ErrExposed, method, h.value.Type())
	}
	args := []reflect.Value{h.value}
	if waits(f.Type()) {
		waiting, over := listening(ctx, c)
		defer over()
		args = append(args, reflect.ValueOf(waiting))
	} else {
		h.mu.Lock()
		defer h.mu.Unlock()
	}
	if args, err = h.arguments(f.Type(), method, args, raw); err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s panicked: %v", method, r)
		}
	}()
	out := f.Call(args)
	if n := len(out); n > 0 && out[n-1].Type() == reflect.TypeFor[error]() {
		if failure, is := out[n-1].Interface().(error); is {
			return nil, failure
		}
		out = out[:n-1]
	}
	if len(out) == 0 {
		return nil, nil
	}
	return encodeAny(out[0])
}

// waits reports whether a method's first parameter is a context.
func waits(t reflect.Type) bool {
	return t.NumIn() > 1 && t.In(1) == reflect.TypeFor[context.Context]()
}

// arguments decodes those that have been sent, behind those that are there.
func (h *hosted) arguments(t reflect.Type, method string, args []reflect.Value, raw [][]byte) ([]reflect.Value, error) {
	own := len(args)
	if len(raw) != t.NumIn()-own {
		return nil, fmt.Errorf("%s takes %d arguments, got %d", method, t.NumIn()-own, len(raw))
	}
	for i, b := range raw {
		v, err := decodeAny(t.In(own+i), b)
		if err != nil {
			return nil, fmt.Errorf("argument %d of %s: %w", i, method, err)
		}
		args = append(args, v)
	}
	return args, nil
}

// listening returns a context that ends when the other side of a connection, which has nothing to say until it is answered,
// hangs up. over ends the listening.
func listening(ctx context.Context, c Conn) (_ context.Context, over func()) {
	ctx, hangUp := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var b [1]byte
		if _, err := c.Read(b[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
			hangUp()
		}
	}()
	return ctx, func() {
		hungUp := ctx.Err() != nil
		_ = c.SetReadDeadline(time.Unix(1, 0)) // ends the Read, if it waits
		<-ended
		hangUp()
		if _ = c.SetReadDeadline(time.Time{}); hungUp {
			c.Close()
		}
	}
}

func encodeAny(v reflect.Value) ([]byte, error) {
	if !v.IsValid() {
		return nil, fmt.Errorf("%w: nil has no type", ErrValue)
	}
	c, err := sched.CodecFor(v.Type())
	if err != nil {
		return nil, err
	}
	return c.Append(nil, v)
}

func decodeAny(t reflect.Type, b []byte) (reflect.Value, error) {
	c, err := sched.CodecFor(t)
	if err != nil {
		return reflect.Value{}, err
	}
	return c.Decode(b)
}

func encode[T any](v *T) ([]byte, error) {
	c, err := sched.CodecOf[T]()
	if err != nil {
		return nil, err
	}
	return c.Append(nil, v)
}

func decode[T any](b []byte) (v T, err error) {
	c, err := sched.CodecOf[T]()
	if err == nil {
		err = c.Decode(b, &v)
	}
	return v, err
}

func number(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

// dialed are this process's idle connections to managers, by address. A call that waits in the server keeps its
// connection; others open more.
var dialed struct {
	sync.Mutex
	idle map[string][]*wire
}

// invoke sends a request and returns the reply. When ctx ends first the connection is given up: the server's answer
// would be taken for that to a later question.
func invoke(ctx context.Context, p Proxy, what string, args ...[]byte) ([]byte, error) {
	c, err := dial(ctx, p.At)
	if err != nil {
		return nil, err
	}
	reply, err := ask(ctx, c, p, what, args...)
	if !isGivenUp(err) {
		keep(p.At, c)
	}
	return reply, err
}

// gaveUp is the error of a connection that cannot be used any more.
type gaveUp struct{ error }

func (g gaveUp) Unwrap() error { return g.error }

func isGivenUp(err error) bool {
	var g gaveUp
	return errors.As(err, &g)
}

// ask is invoke over a connection that the caller keeps, unless the error says that it was given up.
func ask(ctx context.Context, c *wire, p Proxy, what string, args ...[]byte) ([]byte, error) {
	stop := context.AfterFunc(ctx, func() { c.Close() })
	parts := append([][]byte{binary.LittleEndian.AppendUint64(nil, p.Number), []byte(what)}, args...)
	reply, err := [][]byte(nil), c.send(parts...)
	if err == nil {
		reply, err = c.receive()
	}
	if !stop() {
		return nil, gaveUp{ctx.Err()}
	}
	if err != nil || len(reply) != 2 || len(reply[0]) != 1 {
		return nil, gaveUp{errors.Join(fmt.Errorf("multiprocessing: the manager at %s did not answer", p.At), err, c.Close())}
	}
	if status := reply[0][0]; status != replyOK {
		return nil, errorOf(status, string(reply[1]))
	}
	return reply[1], nil
}

// confirm tells the server that what the reply carried away has arrived.
func confirm(c *wire, p Proxy) error {
	if err := c.send(binary.LittleEndian.AppendUint64(nil, p.Number), []byte("taken")); err != nil {
		return gaveUp{errors.Join(fmt.Errorf("multiprocessing: the manager at %s has hung up", p.At), err, c.Close())}
	}
	return nil
}

// keep makes a connection one of the idle.
func keep(at string, c *wire) {
	dialed.Lock()
	defer dialed.Unlock()
	if dialed.idle == nil {
		dialed.idle = make(map[string][]*wire)
	}
	dialed.idle[at] = append(dialed.idle[at], c)
}

func dial(ctx context.Context, at string) (*wire, error) {
	if at == "" {
		return nil, fmt.Errorf("%w: a manager, or a proxy, without an address", ErrNotMade)
	}
	dialed.Lock()
	if list := dialed.idle[at]; len(list) > 0 {
		c := list[len(list)-1]
		dialed.idle[at] = list[:len(list)-1]
		dialed.Unlock()
		return c, nil
	}
	dialed.Unlock()
	c, err := connect(ctx, at)
	if err != nil {
		return nil, fmt.Errorf("multiprocessing: calling the manager at %s: %w; is it still running?", at, err)
	}
	return newWire(c), nil
}

// forget closes the idle connections to a manager that has ended.
func forget(at string) {
	dialed.Lock()
	defer dialed.Unlock()
	for _, c := range dialed.idle[at] {
		c.Close()
	}
	delete(dialed.idle, at)
}
