package multiprocessing

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/shmath/shmath/sched"
)

// Global is a variable that children started by the method "fork" inherit: as it was when they were started. Later changes
// reach neither them nor their parent. Under the other methods a child has no value until it sets one. Make it with
// [NewGlobal] in a package variable; a T that holds a *[Frozen] inherits any amount of data without copying it.
type Global[T any] struct {
	name  string
	codec sched.Codec[T]
	mu    sync.Mutex
	value T
	known bool // in this process
}

// declared are all globals of the program, by name.
var declared = map[string]inheritable{}

// inheritable is a Global of any type.
type inheritable interface {
	snapshot() ([]byte, error)
	inherit(raw []byte) error // nil: nothing was inherited
}

// NewGlobal declares a variable under a name that is unique in the program, with its first value. It panics, while the
// program starts, when a name is used twice or T holds what cannot be sent.
func NewGlobal[T any](name string, value T) *Global[T] {
	c, err := sched.CodecOf[T]()
	if err != nil {
		panic(fmt.Sprintf("multiprocessing: global %s: %v", name, err))
	}
	if _, twice := declared[name]; twice {
		panic(fmt.Sprintf("multiprocessing: two globals %s; names are unique in a program", name))
	}
	g := &Global[T]{name: name, codec: c, value: value, known: true}
	declared[name] = g
	return g
}

// Get returns the value. In a child that has not inherited it, and has not set it, the error is [ErrNotInherited].
func (g *Global[T]) Get() (v T, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.known {
		return v, fmt.Errorf("%w: %s; pass it as an argument, or start the child by the method %q", ErrNotInherited, g.name, Fork)
	}
	return g.value, nil
}

// Set replaces the value, in this process, and for children that it starts from now on.
func (g *Global[T]) Set(v T) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.value, g.known = v, true
}

func (g *Global[T]) snapshot() ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.known {
		return nil, nil
	}
	raw, err := g.codec.Append([]byte{}, &g.value)
	if err != nil {
		return nil, fmt.Errorf("global %s: %w", g.name, err)
	}
	return raw, nil
}

func (g *Global[T]) inherit(raw []byte) (err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var v T
	if g.known = raw != nil; g.known {
		err = g.codec.Decode(raw, &v)
	}
	g.value = v
	return err
}

// estate is what a child inherits: the encoded values of globals, by name.
type estate map[string][]byte

// estateFor returns what children of a method inherit: nothing, unless it is fork.
func estateFor(method string) (estate, error) {
	if method != Fork {
		return nil, nil
	}
	e := estate{}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		raw, err := declared[name].snapshot()
		if err != nil {
			return nil, err
		}
		if raw != nil {
			e[name] = raw
		}
	}
	return e, nil
}

// enter makes the estate this process's: what is not in it is unknown here.
func (e estate) enter() error {
	for name, g := range declared {
		if err := g.inherit(e[name]); err != nil {
			return fmt.Errorf("multiprocessing: inheriting global %s: %w", name, err)
		}
	}
	return nil
}

// heirs is how the workers of a pool inherit.
var heirs = sched.NewStateWith("multiprocessing.heirs", func(_ int, e estate) (struct{}, error) { return struct{}{}, e.enter() }, nil)
