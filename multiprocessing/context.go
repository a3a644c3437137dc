package multiprocessing

import (
	"fmt"
	"slices"
	"sync"

	"github.com/shmath/shmath/sched"
)

// Context chooses how the processes of a program are started. The zero value, and nil, mean the program's default.
type Context struct{ method string }

// Start methods.
const (
	Spawn      = "spawn"      // a fresh process that runs this program again: it knows what it is given
	ForkServer = "forkserver" // the same, started in advance: a start takes a process that waits
	Fork       = "fork"       // a fresh process that also inherits every [Global], as it is at the start
	Dummy      = "dummy"      // no process: goroutines of this one, for tests and debuggers. Python: multiprocessing.dummy
)

var methods = []string{Spawn, ForkServer, Fork, Dummy}

// chosen is the program's default method.
var chosen struct {
	sync.Mutex
	method string
	fixed  bool // SetStartMethod or a start has decided
}

// StartMethods returns the start methods of this system, the default first.
func StartMethods() []string { return slices.Clone(methods) }

// GetContext returns the context of a start method; an empty name means the default.
func GetContext(method string) (*Context, error) {
	if method == "" {
		return &Context{StartMethod()}, nil
	}
	if !slices.Contains(methods, method) {
		return nil, fmt.Errorf("%w: no start method %q; there are %q", ErrValue, method, methods)
	}
	return &Context{method}, nil
}

// SetStartMethod decides the program's default, once, before anything is started.
func SetStartMethod(method string) error {
	if _, err := GetContext(method); err != nil {
		return err
	}
	chosen.Lock()
	defer chosen.Unlock()
	if chosen.fixed {
		return fmt.Errorf("%w: the start method is %q already; set it once, before the first process", ErrValue, chosen.method)
	}
	chosen.method, chosen.fixed = method, true
	return nil
}

// StartMethod returns the program's default.
func StartMethod() string {
	chosen.Lock()
	defer chosen.Unlock()
	if chosen.method == "" {
		chosen.method = methods[0]
	}
	return chosen.method
}

// Method returns the context's start method.
func (c *Context) Method() string {
	if c == nil || c.method == "" {
		return StartMethod()
	}
	return c.method
}

// begin fixes the default, since something is being started, and returns the backend.
func (c *Context) begin() sched.Backend {
	method := c.Method()
	chosen.Lock()
	defer chosen.Unlock()
	chosen.fixed = true
	if method == Dummy {
		return sched.InProcess
	}
	return sched.Processes
}
