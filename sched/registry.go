package sched

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/shm"
)

// registry is the table of functions and loops that a program can run in its workers. It is filled while packages are
// initialised, in the same order in every process of one executable, so that an index names the same function
// everywhere.
type registry struct {
	sync.Mutex
	funcs  []taskBody
	loops  []loopBody
	states []stateBody
	names  []string
	faults []error           // of registrations that cannot work; Start returns them
	faulty atomic.Bool       // there are some
	known  []error           // errors that keep their identity on the way back
	label  func(name string) // see LabelTasks
}

// taskBody runs one call in a worker: decode, call, encode.
type taskBody struct {
	name string
	run  func(ctx context.Context, w *worker, args []byte) ([]byte, error)
}

// loopBody prepares a loop in a worker: it decodes the arguments once and returns what runs a block.
type loopBody struct {
	name string
	bind func(w *worker, args []byte) (func(c *Chunk) error, error)
}

var table = registry{known: []error{context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, ErrCanceled, arena.ErrNoSpace, shm.ErrNoSpace}}

func (r *registry) addFunc(b taskBody) int {
	r.Lock()
	defer r.Unlock()
	r.name("func", b.name)
	r.funcs = append(r.funcs, b)
	return len(r.funcs) - 1
}

func (r *registry) addLoop(b loopBody) int {
	r.Lock()
	defer r.Unlock()
	r.name("loop", b.name)
	r.loops = append(r.loops, b)
	return len(r.loops) - 1
}

func (r *registry) addState(b stateBody) int {
	r.Lock()
	defer r.Unlock()
	r.name("state", b.name)
	if len(r.states) == statesMax {
		r.blame(fmt.Errorf("sched: state %s is one too many, at most %d", b.name, statesMax))
	}
	r.states = append(r.states, b)
	return len(r.states) - 1
}

func (r *registry) state(i int) (stateBody, error) {
	r.Lock()
	defer r.Unlock()
	if i >= min(len(r.states), statesMax) {
		return stateBody{}, fmt.Errorf("%w: state number %d of %d", ErrUnregistered, i, len(r.states))
	}
	return r.states[i], nil
}

func (r *registry) name(kind, name string) {
	full := kind + " " + name
	if name == "" {
		r.blame(fmt.Errorf("sched: a %s without a name", kind))
	}
	if slices.Contains(r.names, full) {
		r.blame(fmt.Errorf("sched: two of %q; names are unique in a program", full))
	}
	r.names = append(r.names, full)
}

func (r *registry) fault(err error) {
	r.Lock()
	defer r.Unlock()
	r.blame(err)
}

// blame is fault for those who hold the lock.
func (r *registry) blame(err error) {
	r.faults = append(r.faults, err)
	r.faulty.Store(true)
}

// check returns the faults of all registrations.
func (r *registry) check() error {
	if !r.faulty.Load() {
		return nil
	}
	r.Lock()
	defer r.Unlock()
	return errors.Join(r.faults...)
}

// hash identifies the table: parent and worker compare theirs.
func (r *registry) hash() uint64 {
	r.Lock()
	defer r.Unlock()
	h := fnv.New64a()
	for _, n := range r.names {
		io.WriteString(h, n)
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// tasks returns the functions that there are so far. The table only grows.
func (r *registry) tasks() []taskBody {
	r.Lock()
	defer r.Unlock()
	return r.funcs
}

// task finds a function in what the worker knows of the table.
func (w *worker) task(i uint32) (*taskBody, error) {
	if int(i) >= len(w.tasks) {
		w.tasks = table.tasks()
	}
	if int(i) >= len(w.tasks) {
		return nil, fmt.Errorf("%w: function number %d of %d", ErrUnregistered, i, len(w.tasks))
	}
	return &w.tasks[i], nil
}

func (r *registry) loop(i uint32) (loopBody, error) {
	r.Lock()
	defer r.Unlock()
	if int(i) >= len(r.loops) {
		return loopBody{}, fmt.Errorf("%w: loop number %d of %d", ErrUnregistered, i, len(r.loops))
	}
	return r.loops[i], nil
}

// RegisterError makes err one that keeps its identity across the border: when a function returns an error that is err,
// errors.Is(theErrorHere, err) holds in the caller's process, too. Call it from a package variable or init.
func RegisterError(err error) error {
	table.Lock()
	defer table.Unlock()
	table.known = append(table.known, err)
	return err
}

// knownIndices returns which registered errors err is.
func (r *registry) knownIndices(err error) []int {
	r.Lock()
	defer r.Unlock()
	var list []int
	for i, k := range r.known {
		if errors.Is(err, k) {
			list = append(list, i)
		}
	}
	return list
}

func (r *registry) knownErrors(list []int) []error {
	r.Lock()
	defer r.Unlock()
	var errs []error
	for _, i := range list {
		if i >= 0 && i < len(r.known) {
			errs = append(errs, r.known[i])
		}
	}
	return errs
}
