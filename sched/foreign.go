package sched

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/mapping"
	"github.com/shmath/shmath/internal/spawn"
)

// Program is a program of any language that works on a pool's memory.
type Program struct {
	Path string   // looked up in PATH if it has no slash
	Args []string // without the program's own name
	Env  []string // "NAME=value", added to this program's environment

	// Arrays are told to the program in its environment: SHMATH_ARRAY_NAME=FILE:OFFSET:DTYPE:SHAPE, with the name in
	// capitals, FILE to be opened and mapped, OFFSET in bytes, DTYPE as NumPy writes it and SHAPE with commas. In Python:
	//
	//	file, offset, dtype, shape = os.environ["SHMATH_ARRAY_X"].split(":")
	//	x = numpy.memmap(file, dtype, "r+", int(offset), tuple(map(int, shape.split(","))))
	Arrays map[string]arena.AnyArray
}

// Foreign is a program that was started as a member of a pool: it ends with the pool, and with this process however that ends.
type Foreign struct {
	child  *spawn.Child
	output *output
	tails  *tail
}

// foreignCrew is the foreign programs of a pool.
type foreignCrew struct {
	mu      sync.Mutex
	members []*Foreign
	leaving bool
}

// StartProgram starts a program of another language as a member of the pool: it gets SIGTERM when the pool ends, SIGKILL if
// that does not help within Options.Grace, and SIGKILL when this process dies. It finds the names of the pool's segments in
// SHMATH_CONTROL and SHMATH_ARENA, and arrays as [Program] says. What it prints comes out as workers' output does. OpenMP,
// OpenBLAS and MKL in it use one thread, unless this program's environment or Program.Env has their variables.
//
// Errors: exec.ErrNotFound and what else keeps it from starting; [ErrPrivate] for an array that is not in shared memory;
// [ErrClosed]; an error in-process, where no segment has a name.
func (p *Pool) StartProgram(program Program) (*Foreign, error) {
	if p.opts.Backend == InProcess {
		return nil, fmt.Errorf("sched: %s cannot share the memory of an in-process pool; use the backend Processes", program.Path)
	}
	path, err := exec.LookPath(program.Path)
	if err != nil {
		return nil, fmt.Errorf("sched: %w", err)
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.users.Done()
	env := append(oneThread(), os.Environ()...)
	env = append(env, "SHMATH_CONTROL="+p.seg.Name(), "SHMATH_ARENA="+p.mem.Name())
	for name, x := range program.Arrays {
		place, err := placeOf(x)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		env = append(env, "SHMATH_ARRAY_"+strings.ToUpper(name)+"="+place)
	}
	f := &Foreign{tails: new(tail)}
	if f.output, err = openOutput(f.tails, p.relay.sinks); err != nil {
		return nil, err
	}
	f.child, err = spawn.Start(spawn.Spec{
		Path: path, Args: append([]string{program.Path}, program.Args...), Env: last(append(env, program.Env...)), CPU: spawn.AnyCPU,
		Stdout: f.output.streams[0].write, Stderr: f.output.streams[1].write,
	})
	if err != nil {
		f.output.close()
		return nil, err
	}
	f.output.follow(f.child)
	p.crew.watchers.Go(func() {
		<-f.child.Done()
		f.output.finish()
	})
	if !p.foreign.add(f) {
		f.child.Signal(syscall.SIGKILL)
		return nil, ErrClosed
	}
	return f, nil
}

// last leaves of each variable of an environment the value that was given last. In C the first would hold.
func last(env []string) []string { return (&exec.Cmd{Env: env}).Environ() }

// oneThread tells the numeric libraries of a program that the workers have the other CPUs.
func oneThread() []string {
	return []string{"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1"}
}

// placeOf says where another program finds an array.
func placeOf(x arena.AnyArray) (string, error) {
	if !x.Contiguous() {
		return "", errors.New("sched: a view with gaps cannot be passed to another program; copy it")
	}
	m, offset := mapping.Find(layout.Address(x.Bytes()))
	if m == nil {
		return "", fmt.Errorf("%w: make it with arena.New in Pool.Arena(), in a segment, or map a file", ErrPrivate)
	}
	x.Handle() // others know it from now on
	shape := strings.Trim(strings.ReplaceAll(fmt.Sprint(x.Shape()), " ", ","), "[]")
	return fmt.Sprintf("/proc/%d/fd/%d:%d:%s:%s", os.Getpid(), m.File.Fd(), offset, x.DType().Descr(), shape), nil
}

// PID returns the program's process.
func (f *Foreign) PID() int { return f.child.PID }

// Signal sends sig to the program, never to another process that got its number.
func (f *Foreign) Signal(sig os.Signal) error { return f.child.Signal(sig) }

// ForeignError says that a foreign program ended otherwise than with code 0.
type ForeignError struct {
	PID       int
	Exit      spawn.Exit
	LastLines []string // what it printed last
}

func (e *ForeignError) Error() string {
	s := fmt.Sprintf("sched: program (pid %d) %v", e.PID, e.Exit)
	if n := len(e.LastLines); n > 0 {
		s += "; its last line: " + e.LastLines[n-1]
	}
	return s
}

// Wait returns when the program has ended and all that it printed has been passed on, or ctx's error. It is a *[ForeignError]
// if the program did not end with code 0.
func (f *Foreign) Wait(ctx context.Context) error {
	select {
	case <-f.child.Done():
	case <-ctx.Done():
		return ctx.Err()
	}
	f.output.done.Wait()
	exit := f.child.Exit()
	if exit.Code != 0 || exit.Signal != 0 {
		return &ForeignError{PID: f.child.PID, Exit: exit, LastLines: f.tails.of(f.child.PID)}
	}
	return nil
}

// add reports whether the pool still takes members. It forgets those that have ended.
func (c *foreignCrew) add(f *Foreign) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving {
		return false
	}
	var alive []*Foreign
	for _, m := range c.members {
		if !ended(m.child) {
			alive = append(alive, m)
		}
	}
	c.members = append(alive, f)
	return true
}

// dismiss ends all foreign programs.
func (c *foreignCrew) dismiss(grace time.Duration, hurry <-chan struct{}) {
	c.mu.Lock()
	c.leaving = true
	var children []*spawn.Child
	for _, f := range c.members {
		children = append(children, f.child)
	}
	c.mu.Unlock()
	needed := make(map[*spawn.Child]Step)
	if grace > 0 {
		children = await(urge(children, syscall.SIGTERM, StepTerm, needed), grace, hurry)
	}
	for _, child := range urge(children, syscall.SIGKILL, StepKill, needed) {
		<-child.Done()
	}
}
