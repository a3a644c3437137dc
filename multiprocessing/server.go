package multiprocessing

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"

	"github.com/shmath/shmath/sched"
)

// What goes over a manager's socket, in both directions: messages of parts, each with its length before it. A request is the
// object's number, what to do, and arguments; a reply is a status and the result or the error's text.

type managerArgs struct {
	At        string
	Listening *Event
}

var serveObjects = NewTarget("multiprocessing.manager", func(ctx context.Context, a managerArgs) error {
	l, err := listenUnix(a.At)
	if err != nil {
		return err
	}
	defer l.Close()
	a.Listening.Set()
	s := &server{objects: make(map[uint64]*hosted), over: make(chan struct{})}
	go func() {
		select {
		case <-ctx.Done():
			l.Close()
		case <-s.over:
			l.Close()
		}
	}()
	for {
		c, err := acceptUnix(l)
		if err != nil {
			if isClosed(s.over) || ctx.Err() != nil {
				return nil
			}
			return err
		}
		go s.serve(c)
	}
})

// server is the manager's side.
type server struct {
	mu      sync.Mutex
	objects map[uint64]*hosted
	next    uint64
	over    chan struct{}
	ending  sync.Once
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
	replyUnexposed
	frameMax = 1 << 30
)

// serve answers one connection until its other side closes it.
func (s *server) serve(c *os.File) {
	defer c.Close()
	for {
		request, err := readParts(c)
		if err != nil || len(request) < 2 {
			return
		}
		status, result := replyOK, []byte(nil)
		result, err = s.do(number(request[0]), string(request[1]), request[2:])
		if err != nil {
			status, result = replyError, []byte(err.Error())
			if errors.Is(err, ErrExposed) {
				status = replyUnexposed
			}
		}
		if err := writeParts(c, []byte{status}, result); err != nil {
			return
		}
		if string(request[1]) == "shutdown" {
			s.ending.Do(func() { close(s.over) })
		}
	}
}

func (s *server) do(object uint64, what string, args [][]byte) ([]byte, error) {
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
		return h.call(string(args[0]), args[1:])
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

// call runs a method. A panic in it is the caller's error, and the object stays.
func (h *hosted) call(method string, raw [][]byte) (result []byte, err error) {
	f, has := h.of.methods[method]
	if !has {
		return nil, fmt.Errorf("%w: %s of %v", ErrExposed, method, h.value.Type())
	}
	t := f.Type()
	if len(raw) != t.NumIn()-1 {
		return nil, fmt.Errorf("%s takes %d arguments, got %d", method, t.NumIn()-1, len(raw))
	}
	args := []reflect.Value{h.value}
	for i, b := range raw {
		v, err := decodeAny(t.In(i+1), b)
		if err != nil {
			return nil, fmt.Errorf("argument %d of %s: %w", i, method, err)
		}
		args = append(args, v)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s panicked: %v", method, r)
		}
	}()
	out := f.Call(args)
	if n := len(out); n > 0 && t.Out(n-1) == reflect.TypeFor[error]() {
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

// readParts reads one message.
func readParts(r io.Reader) ([][]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > frameMax {
		return nil, fmt.Errorf("%w: a message of %d bytes", ErrCorrupt, n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	var parts [][]byte
	for len(b) > 0 {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)-w) {
			return nil, fmt.Errorf("%w: a message that is cut short", ErrCorrupt)
		}
		parts = append(parts, b[w:w+int(n)])
		b = b[w+int(n):]
	}
	return parts, nil
}

// writeParts sends one message, in one write.
func writeParts(w io.Writer, parts ...[]byte) error {
	b := make([]byte, 4)
	for _, p := range parts {
		b = append(binary.AppendUvarint(b, uint64(len(p))), p...)
	}
	if len(b)-4 > frameMax {
		return fmt.Errorf("%w: a message of %d bytes; 1 GiB at most", ErrValue, len(b)-4)
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)-4))
	_, err := w.Write(b)
	return err
}

// dialed are this process's idle connections to managers, by address. A call that waits in the server keeps its
// connection; others open more.
var dialed struct {
	sync.Mutex
	idle map[string][]*os.File
}

// invoke sends a request and returns the reply. When ctx ends first the connection is given up: the server's answer
// would be taken for that to a later question.
func invoke(ctx context.Context, p Proxy, what string, args ...[]byte) ([]byte, error) {
	c, err := dial(p.At)
	if err != nil {
		return nil, fmt.Errorf("multiprocessing: calling the manager at %s: %w; is it still running?", p.At, err)
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	parts := append([][]byte{binary.LittleEndian.AppendUint64(nil, p.Number), []byte(what)}, args...)
	reply, err := [][]byte(nil), writeParts(c, parts...)
	if err == nil {
		reply, err = readParts(c)
	}
	if !stop() {
		return nil, ctx.Err()
	}
	if err != nil || len(reply) != 2 || len(reply[0]) != 1 {
		c.Close()
		return nil, errors.Join(fmt.Errorf("multiprocessing: the manager at %s did not answer", p.At), err)
	}
	dialed.Lock()
	dialed.idle[p.At] = append(dialed.idle[p.At], c)
	dialed.Unlock()
	switch reply[0][0] {
	case replyOK:
		return reply[1], nil
	case replyUnexposed:
		return nil, fmt.Errorf("%w: %s", ErrExposed, reply[1])
	}
	return nil, fmt.Errorf("%w: %s", ErrRemote, reply[1])
}

func dial(at string) (*os.File, error) {
	dialed.Lock()
	defer dialed.Unlock()
	if dialed.idle == nil {
		dialed.idle = make(map[string][]*os.File)
	}
	if list := dialed.idle[at]; len(list) > 0 {
		c := list[len(list)-1]
		dialed.idle[at] = list[:len(list)-1]
		return c, nil
	}
	return dialUnix(at)
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
