package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/shmath/shmath/ring"
	"github.com/shmath/shmath/sched"
)

// identity is what a process knows of itself.
type identity struct {
	Name       string
	PID        int
	ParentPID  int
	ParentName string
	ParentTag  uint32 // in the session; 0 for the main process
	Daemon     bool
	Method     string
}

type identityKey struct{}

// self is the identity of this operating-system process; the main one until it learns otherwise.
var self atomic.Pointer[identity]

func me() *identity {
	if s := self.Load(); s != nil {
		return s
	}
	self.CompareAndSwap(nil, &identity{Name: "MainProcess", PID: os.Getpid(), ParentPID: os.Getppid()})
	return self.Load()
}

// settle makes the identity that of this operating-system process, unless it is a goroutine of its parent, and reports
// which of the two it is.
func (id *identity) settle() (own bool) {
	id.PID = os.Getpid()
	if id.ParentPID == id.PID {
		return false
	}
	self.Store(id)
	showName(id.Name)
	chosen.Lock()
	defer chosen.Unlock()
	chosen.method, chosen.fixed = id.Method, true
	return true
}

// identityOf returns whose code runs under ctx.
func identityOf(ctx context.Context) *identity {
	if id, ok := ctx.Value(identityKey{}).(*identity); ok {
		return id
	}
	return me()
}

// Process is a process that runs one function. This is its handle in the process that made it; its methods may be called
// by any goroutine there.
type Process struct {
	id     identity
	opts   ProcessOptions
	launch func(ctx context.Context, p *Process) (func(context.Context) (ending, error), error)

	mu    sync.Mutex
	state processState
	pool  *sched.Pool
	ended chan struct{} // closed when it is dead and everything about it is known
	bell  [2]*os.File   // a pipe of which the second end is closed when ended is; nil until somebody asks
	code  int
	err   error
}

type processState uint8

const (
	initial processState = iota
	started
	closed
)

// ProcessOptions configures a process. A nil *ProcessOptions means the defaults.
type ProcessOptions struct {
	Name    string   // "" means Process-1, Process-2, ...; of a child's child, Process-1:1
	Daemon  bool     // it is terminated, not joined, when its parent ends, and may have no children
	Context *Context // nil means the program's default
}

// NewProcess makes a process that will run fn with args. Nothing is started.
func NewProcess[A, R any](fn *Func[A, R], args A, opts *ProcessOptions) *Process {
	p := &Process{ended: make(chan struct{})}
	if opts != nil {
		p.opts = *opts
	}
	p.launch = func(ctx context.Context, p *Process) (func(context.Context) (ending, error), error) {
		if fn == nil || fn.process == nil {
			return nil, noFunc()
		}
		b := birth[A]{Self: p.id, Args: args}
		var err1, err2 error
		b.Estate, err1 = estateFor(p.id.Method)
		b.Started, err2 = NewEvent()
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		f, err := fn.process.Submit(ctx, p.pool, b)
		if err != nil {
			return nil, errors.Join(err, b.Started.Free())
		}
		// It is started when it has its arguments: then this process may let go of what it gave away.
		waiting, stop := context.WithCancel(ctx)
		defer stop()
		go func() {
			select {
			case <-f.Done():
				stop()
			case <-waiting.Done():
			}
		}()
		if err := b.Started.Wait(waiting); err != nil && ctx.Err() != nil {
			f.Cancel()
			return nil, ctx.Err()
		}
		begun := b.Started
		return func(ctx context.Context) (ending, error) {
			end, err := f.Wait(ctx)
			return end, errors.Join(err, begun.Free())
		}, nil
	}
	return p
}

// children are the processes that this one has started and that have not ended, in the order of their start.
var children struct {
	sync.Mutex
	list  []*Process
	count map[string]int // how many each process of this program has made, for their names
}

// Start starts the process and returns when it has its arguments. When ctx ends first nothing is left running.
//
// Errors: [ErrStarted]; [ErrDaemon]; those of [sched.Start]; arguments that cannot travel.
func (p *Process) Start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != initial {
		return ErrStarted
	}
	if p.launch == nil {
		return ErrNotMade
	}
	parent := identityOf(ctx)
	if parent.Daemon {
		return ErrDaemon
	}
	s, err := home()
	if err != nil {
		return err
	}
	p.id = identity{Name: p.opts.Name, ParentPID: os.Getpid(), ParentName: parent.Name, ParentTag: s.seg.Tag(),
		Daemon: p.opts.Daemon, Method: p.opts.Context.Method()}
	if p.id.Name == "" {
		p.id.Name = nextName(parent)
	}
	defer restock()
	if p.pool, err = hatch(ctx, p.opts.Context); err != nil {
		return err
	}
	p.id.PID = p.pool.PIDs()[0]
	wait, err := p.launch(ctx, p)
	if err != nil {
		return errors.Join(err, p.pool.Terminate())
	}
	p.state, p.launch = started, nil // with it goes what it refers to: the function and its arguments
	children.Lock()
	children.list = append(children.list, p)
	children.Unlock()
	go p.watch(wait)
	return nil
}

func nextName(parent *identity) string {
	children.Lock()
	defer children.Unlock()
	if children.count == nil {
		children.count = make(map[string]int)
	}
	children.count[parent.Name]++
	prefix := "Process-"
	if parent.ParentTag != 0 {
		prefix = parent.Name + ":"
	}
	return fmt.Sprint(prefix, children.count[parent.Name])
}

// watch waits for the end, so that no zombie is left even if nobody joins.
func (p *Process) watch(wait func(context.Context) (ending, error)) {
	end, err := wait(context.Background())
	p.code, p.err = end.Code, err
	if err != nil {
		p.code = exitCode(err)
	}
	over := p.pool.Close // the target has returned: its process leaves in order
	if errors.Is(err, sched.ErrWorkerDied) {
		over = p.pool.Terminate // nobody needs the one that takes its place
	}
	p.err = errors.Join(p.err, over())
	children.Lock()
	children.list = slices.DeleteFunc(children.list, func(q *Process) bool { return q == p })
	children.Unlock()
	close(p.ended)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ring()
}

// ring makes the sentinel's file readable if the process has ended. The lock is held.
func (p *Process) ring() {
	if p.bell[1] != nil && !p.running() {
		p.bell[1].Close()
		p.bell[1] = nil
	}
}

// exitCode is 1 for an error, 2 for a panic, what the process exited with, or minus the signal that killed it.
func exitCode(err error) int {
	var dead *sched.DeathError
	var remote *sched.RemoteError
	switch {
	case errors.As(err, &dead) && dead.Exit.Signal != 0:
		return -int(dead.Exit.Signal)
	case errors.As(err, &dead):
		return dead.Exit.Code
	case errors.As(err, &remote) && remote.Panic:
		return 2
	}
	return 1
}

// Join waits until the process has ended, or returns ctx's error. It may be called any number of times. How the process
// ended is no error of Join: see ExitCode and Err.
func (p *Process) Join(ctx context.Context) error {
	if err := p.check(); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return nil
	default:
	}
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// JoinFor waits at most d, and not at all for 0 and less; it reports whether the process has ended.
func (p *Process) JoinFor(d time.Duration) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	err := p.Join(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return false, nil
	}
	return err == nil, err
}

// check returns the error of calls that need a process that has been started and not closed.
func (p *Process) check() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.state {
	case initial:
		return ErrNotStarted
	case closed:
		return fmt.Errorf("%w: process %s", ErrClosed, p.id.Name)
	}
	return nil
}

// Terminate sends SIGTERM. A process that has ended is no error.
func (p *Process) Terminate() error { return p.signal(syscall.SIGTERM) }

// Kill sends SIGKILL. A process that has ended is no error.
func (p *Process) Kill() error { return p.signal(syscall.SIGKILL) }

func (p *Process) signal(sig os.Signal) error {
	if err := p.check(); err != nil {
		return err
	}
	if !p.running() {
		return nil
	}
	return p.pool.Signal(0, sig)
}

func (p *Process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// IsAlive reports whether the process has been started and has not ended.
func (p *Process) IsAlive() bool { return p.check() == nil && p.running() }

// ExitCode returns how the process ended: 0 when its target returned nil, 1 when it returned an error, 2 after a panic,
// n after Exit(n) or os.Exit(n), -s when signal s killed it. ok is false while it has not ended.
func (p *Process) ExitCode() (code int, ok bool) {
	if p.check() != nil || p.running() {
		return 0, false
	}
	return p.code, true
}

// Err returns what the target returned, a *[sched.RemoteError], or how the process died, a *[sched.DeathError]; nil while
// it has not ended.
func (p *Process) Err() error {
	if p.check() != nil || p.running() {
		return nil
	}
	return p.err
}

// PID returns the process's number, 0 before Start.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.id.PID
}

// Name returns the process's name, which ps shows.
func (p *Process) Name() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.id.Name == "" {
		return p.opts.Name
	}
	return p.id.Name
}

// Daemon reports whether the process was made as a daemon.
func (p *Process) Daemon() bool { return p.opts.Daemon }

// Sentinel returns a channel that is closed when the process has ended. Before Start that is an error.
func (p *Process) Sentinel() (<-chan struct{}, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	return p.ended, nil
}

// SentinelFile returns a file that becomes readable, and hung up, when the process has ended, for poll, select and epoll in
// loops that are not Go's; there is nothing in it to read. It belongs to the handle: Close closes it.
func (p *Process) SentinelFile() (*os.File, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bell[0] == nil {
		var err error
		if p.bell[0], p.bell[1], err = os.Pipe(); err != nil {
			return nil, err
		}
	}
	p.ring()
	return p.bell[0], nil
}

// Close gives up the handle of a process that has ended; further calls of it fail. It returns [ErrAlive] while the process
// runs. A second Close does nothing.
func (p *Process) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == started && p.running() {
		return ErrAlive
	}
	p.state = closed
	if p.bell[0] == nil {
		return nil
	}
	err := p.bell[0].Close()
	p.bell[0] = nil
	return err
}

func (p *Process) String() string {
	state := "initial"
	switch p.mu.Lock(); {
	case p.state == closed:
		state = "closed"
	case p.state == started && p.running():
		state = "started"
	case p.state == started:
		state = fmt.Sprintf("stopped, exit code %d", p.code)
	}
	p.mu.Unlock()
	return fmt.Sprintf("<Process %s, pid %d, %s>", p.Name(), p.PID(), state)
}

// Info describes the running process, or its parent.
type Info struct {
	Name   string
	PID    int
	Daemon bool
	tag    uint32 // in the session
}

// CurrentProcess describes the process that runs the caller: the one whose target was given ctx, else this
// operating-system process.
func CurrentProcess(ctx context.Context) Info {
	id := identityOf(ctx)
	return Info{Name: id.Name, PID: id.PID, Daemon: id.Daemon}
}

// ParentProcess describes the parent; ok is false in the main process.
func ParentProcess(ctx context.Context) (parent Info, ok bool) {
	id := identityOf(ctx)
	return Info{Name: id.ParentName, PID: id.ParentPID, tag: id.ParentTag}, id.ParentTag != 0
}

// IsAlive reports whether a parent still lives.
func (i Info) IsAlive() bool {
	if i.tag == 0 {
		return i.PID == os.Getpid()
	}
	s, err := home()
	return err == nil && s.seg.Alive(i.tag)
}

// Join waits until a parent has ended, or returns ctx's error.
func (i Info) Join(ctx context.Context) error {
	if i.tag == 0 {
		return fmt.Errorf("%w: %s is no parent", ErrValue, i.Name)
	}
	s, err := home()
	if err != nil {
		return err
	}
	_, err = ring.Select(ctx, ring.Death(s.seg, i.tag))
	return err
}

// ActiveChildren returns the processes that this one has started and that have not ended.
func ActiveChildren() []*Process {
	children.Lock()
	defer children.Unlock()
	return slices.Clone(children.list)
}

// CPUCount returns how many CPUs this process may use.
func CPUCount() int { return runtime.NumCPU() }

// Finish ends this process as Python ends its own: it runs what is registered with [AtExit], waits for the work of
// executors, joins its children, and terminates those that are daemons. Defer it in main, since main's return ends all
// children at once.
func Finish(ctx context.Context) error { return finish(ctx, me()) }

// finish does so for one process, or for one goroutine that stands for a process.
func finish(ctx context.Context, parent *identity) error {
	finalize(parent, 0)
	defer finalize(parent, math.MinInt)
	var errs []error
	for _, p := range ActiveChildren() {
		if p.id.ParentName != parent.Name {
			continue
		}
		if p.opts.Daemon {
			errs = append(errs, p.Terminate())
		}
		errs = append(errs, p.Join(ctx))
	}
	return errors.Join(errs...)
}
