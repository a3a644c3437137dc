package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sync/atomic"
)

// Manager is a server process that hosts objects of any type: dicts, lists, namespaces, queues, locks and registered types
// of a program's own. Others work on them through proxies, one call at a time for each object. A call is a round trip over
// a socket, some ten microseconds: [Dict], [List], [Value] and [Queue] lie in shared memory and need no server.
//
// By default it is a Unix socket without a file. The server talks to processes of its own user only, and ends with the
// process that started it. For other machines there is TCP: see [ManagerOptions].
type Manager struct {
	process *Process
	at      string
}

// ManagerOptions configures a manager. A nil *ManagerOptions means the defaults.
type ManagerOptions struct {
	Process ProcessOptions

	// Address is where to listen: "tcp://127.0.0.1:0" for a port that the system chooses; package multiprocessing/tcp has to
	// be imported for it. Empty means a Unix socket.
	Address string

	// Credentials are used over TCP. Without an AuthKey it is this program's.
	Credentials
}

var managerNumber atomic.Int32

// NewManager starts a manager.
func NewManager(ctx context.Context, opts *ManagerOptions) (*Manager, error) {
	var o ManagerOptions
	if opts != nil {
		o = *opts
	}
	if o.Address == "" {
		o.Address = fmt.Sprintf("@shmath-manager-%d-%d", os.Getpid(), managerNumber.Add(1))
	}
	if err := errors.Join(misregistered...); err != nil {
		return nil, err
	}
	_, _, err := transportOf(o.Address)
	if err == nil && proven(o.Address) {
		o.Credentials, err = o.decided()
	}
	if err != nil {
		return nil, err
	}
	bound, err := NewQueue[string](1)
	if err != nil {
		return nil, err
	}
	m := &Manager{process: NewProcess(serveObjects, managerArgs{o.Address, o.Credentials, bound}, &o.Process)}
	if err := m.process.Start(ctx); err != nil {
		return nil, errors.Join(err, bound.Free())
	}
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-m.process.ended:
			stop()
		case <-waiting.Done():
		}
	}()
	if m.at, err = bound.Get(waiting); err != nil {
		return nil, errors.Join(fmt.Errorf("multiprocessing: the manager did not start: %w", err), m.process.Err())
	}
	if proven(m.at) {
		err = remember(m.at, o.Credentials)
	}
	return m, errors.Join(err, bound.Free())
}

// Process returns the server's process.
func (m *Manager) Process() *Process { return m.process }

// Address returns where the server listens. A process that is not this program's child gets proxies from there:
// [ConnectManager].
func (m *Manager) Address() string { return m.at }

// ConnectManager returns a handle of a manager that another program has started, under the same user or, over TCP, anywhere.
// All processes of this program can use its proxies then.
//
// Errors: [ErrAuthentication], which says what to do; what keeps the connection from being made.
func ConnectManager(ctx context.Context, address string, as Credentials) (*Manager, error) {
	c, as, err := reach(ctx, address, as)
	if err != nil {
		return nil, err
	}
	if proven(address) {
		if err := remember(address, as); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return &Manager{at: address}, c.Close()
}

// Shutdown ends the server and what it hosts. One that has ended is no error.
func (m *Manager) Shutdown(ctx context.Context) error {
	if m.process != nil && !m.process.running() {
		forget(m.at)
		return nil
	}
	_, err := invoke(ctx, Proxy{m.at, 0}, "shutdown")
	forget(m.at)
	if m.process == nil {
		return err
	}
	return errors.Join(err, m.process.Join(ctx))
}

// Proxy stands for an object in a manager. It is plain data: it can be an argument, an item, a message, and a value in
// another proxy's object.
type Proxy struct {
	At     string
	Number uint64
}

// registered are the types that managers of this program can host, by name.
var registered = map[string]hostedType{}

// misregistered is what was wrong when types were registered, which [NewManager] says.
var misregistered []error

type hostedType struct {
	make    func() any
	methods map[string]reflect.Value // by name: the methods of *T that may be called
}

// RegisterType makes T a type that managers can host under that name: the exported methods of *T, or of those only the
// exposed ones, can be called through a proxy. Arguments and results are what those of a [Func] can be; a last result of type
// error is the call's error. One call at a time is made to an object, unless the method's first parameter is a
// context.Context, which callers do not give: such a method may wait, looks after itself, and its context ends when the
// caller gives up or dies. Call RegisterType from init or a package variable, since the server must know the type, too. A name
// that is registered twice, and an exposed method that *T does not have, is an error of [NewManager].
func RegisterType[T any](name string, exposed ...string) struct{} {
	h := hostedType{func() any { return new(T) }, make(map[string]reflect.Value)}
	t := reflect.TypeFor[*T]()
	if len(exposed) == 0 {
		for i := range t.NumMethod() {
			exposed = append(exposed, t.Method(i).Name)
		}
	}
	for _, e := range exposed {
		method, has := t.MethodByName(e)
		if !has {
			misregistered = append(misregistered, fmt.Errorf("%w: type %q is to expose %s, which %v does not have", ErrValue, name, e, t))
			continue
		}
		h.methods[e] = method.Func
	}
	if first, has := registered[name]; has {
		misregistered = append(misregistered, fmt.Errorf("%w: type %q is registered twice, as %T and as %v; names are unique in a program",
			ErrValue, name, first.make(), t))
	}
	registered[name] = h
	return struct{}{}
}

// New makes an object of a registered type: its zero value.
func (m *Manager) New(ctx context.Context, typeName string) (Proxy, error) {
	if m == nil {
		return Proxy{}, ErrNotMade
	}
	reply, err := invoke(ctx, Proxy{m.at, 0}, "new", []byte(typeName))
	if err != nil {
		return Proxy{}, err
	}
	return Proxy{m.at, number(reply)}, nil
}

// Invoke calls a method of a registered type's object and returns its first result; R is struct{} for a method without
// one. Arguments must have exactly the types of the method's parameters.
//
// Errors: [ErrRemote] with the text of the method's error, or one of this package's own, such as [ErrEmpty]; [ErrExposed] for a
// method that cannot be called.
func Invoke[R any](ctx context.Context, p Proxy, method string, args ...any) (r R, err error) {
	raw, err := callParts(method, args)
	if err != nil {
		return r, err
	}
	reply, err := invoke(ctx, p, "call", raw...)
	return resultOf[R](reply, err)
}

// callParts encodes a call.
func callParts(method string, args []any) ([][]byte, error) {
	raw := [][]byte{[]byte(method)}
	for i, a := range args {
		b, err := encodeAny(reflect.ValueOf(a))
		if err != nil {
			return nil, fmt.Errorf("argument %d of %s: %w", i, method, err)
		}
		raw = append(raw, b)
	}
	return raw, nil
}

func resultOf[R any](reply []byte, err error) (r R, _ error) {
	if err != nil || reflect.TypeFor[R]() == reflect.TypeFor[struct{}]() {
		return r, err
	}
	return decode[R](reply)
}

// Free lets the object go, in the server. Its proxies are good for nothing then.
func (p Proxy) Free(ctx context.Context) error {
	_, err := invoke(ctx, p, "free")
	return err
}

// DictProxy is a dict in a manager, of any types, in the order of insertion.
type DictProxy[K comparable, V any] struct{ Proxy }

// ListProxy is a list in a manager, of any type.
type ListProxy[T any] struct{ Proxy }

// Namespace is a dict of names in a manager, of values of any types: see [GetAttr].
type Namespace struct{ DictProxy[string, []byte] }

// ManagerDict makes a dict in a manager.
func ManagerDict[K comparable, V any](ctx context.Context, m *Manager) (DictProxy[K, V], error) {
	p, err := m.New(ctx, "multiprocessing.dict")
	return DictProxy[K, V]{p}, err
}

// ManagerList makes a list in a manager.
func ManagerList[T any](ctx context.Context, m *Manager, values ...T) (ListProxy[T], error) {
	p, err := m.New(ctx, "multiprocessing.list")
	l := ListProxy[T]{p}
	if err == nil && len(values) > 0 {
		err = l.Append(ctx, values...)
	}
	return l, err
}

// Namespace makes a namespace in a manager.
func (m *Manager) Namespace(ctx context.Context) (Namespace, error) {
	d, err := ManagerDict[string, []byte](ctx, m)
	return Namespace{d}, err
}

// SetAttr gives a name in a namespace a value.
func SetAttr[T any](ctx context.Context, n Namespace, name string, v T) error {
	raw, err := encode(&v)
	if err != nil {
		return err
	}
	return n.Set(ctx, name, raw)
}

// GetAttr returns the value of a name in a namespace; ok is false when it has none. T must be the type that it was set with.
func GetAttr[T any](ctx context.Context, n Namespace, name string) (v T, ok bool, err error) {
	raw, ok, err := n.Get(ctx, name)
	if err != nil || !ok {
		return v, false, err
	}
	v, err = decode[T](raw)
	return v, err == nil, err
}

// Get returns the value of k; ok is false when there is none.
func (d DictProxy[K, V]) Get(ctx context.Context, k K) (v V, ok bool, err error) {
	key, err := encode(&k)
	if err != nil {
		return v, false, err
	}
	found, err := Invoke[[][]byte](ctx, d.Proxy, "Get", key)
	if err != nil || len(found) == 0 {
		return v, false, err
	}
	v, err = decode[V](found[0])
	return v, err == nil, err
}

// Set gives k the value v.
func (d DictProxy[K, V]) Set(ctx context.Context, k K, v V) error {
	key, err1 := encode(&k)
	value, err2 := encode(&v)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	_, err := Invoke[struct{}](ctx, d.Proxy, "Set", key, value)
	return err
}

// Delete takes k out and reports whether it was there.
func (d DictProxy[K, V]) Delete(ctx context.Context, k K) (bool, error) {
	key, err := encode(&k)
	if err != nil {
		return false, err
	}
	return Invoke[bool](ctx, d.Proxy, "Delete", key)
}

// Len returns how many keys there are.
func (d DictProxy[K, V]) Len(ctx context.Context) (int, error) {
	return Invoke[int](ctx, d.Proxy, "Len")
}

// Items returns keys and values as they are at one moment, in the order of insertion.
func (d DictProxy[K, V]) Items(ctx context.Context) (keys []K, values []V, err error) {
	raw, err := Invoke[[][]byte](ctx, d.Proxy, "Items")
	for i := 0; err == nil && i+1 < len(raw); i += 2 {
		var k K
		var v V
		if k, err = decode[K](raw[i]); err == nil {
			v, err = decode[V](raw[i+1])
		}
		keys, values = append(keys, k), append(values, v)
	}
	return keys, values, err
}

// Append appends values, all in one step.
func (l ListProxy[T]) Append(ctx context.Context, values ...T) error {
	raw, err := encodeAll(values)
	if err != nil {
		return err
	}
	return do(ctx, l.Proxy, "Append", raw)
}

// Get returns value i.
func (l ListProxy[T]) Get(ctx context.Context, i int) (v T, err error) {
	raw, err := Invoke[[]byte](ctx, l.Proxy, "Get", i)
	if err != nil {
		return v, err
	}
	return decode[T](raw)
}

// Set replaces value i.
func (l ListProxy[T]) Set(ctx context.Context, i int, v T) error {
	raw, err := encode(&v)
	if err != nil {
		return err
	}
	_, err = Invoke[struct{}](ctx, l.Proxy, "Set", i, raw)
	return err
}

// Pop takes the last value off.
func (l ListProxy[T]) Pop(ctx context.Context) (v T, err error) {
	raw, err := Invoke[[]byte](ctx, l.Proxy, "Pop")
	if err != nil {
		return v, err
	}
	return decode[T](raw)
}

// Len returns how many values there are.
func (l ListProxy[T]) Len(ctx context.Context) (int, error) { return Invoke[int](ctx, l.Proxy, "Len") }

// Slice returns the values as they are at one moment.
func (l ListProxy[T]) Slice(ctx context.Context) ([]T, error) {
	raw, err := Invoke[[][]byte](ctx, l.Proxy, "Slice")
	if err != nil {
		return nil, err
	}
	return decodeAll[T](raw)
}
