package spawn

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ErrUnsupported is returned by Start on systems other than Linux.
var ErrUnsupported = errors.New("spawn: worker processes need Linux")

// AnyCPU leaves a child unpinned.
const AnyCPU = -1

// Spec says what to start: this program again, or another, with these arguments.
type Spec struct {
	Path   string   // of the other program; empty for this one
	Args   []string // Args[0] is what ps shows
	Env    []string
	CPU    int // the one CPU on which every thread of the child may run, or AnyCPU
	Stdout *os.File
	Stderr *os.File
}

// Child is a started process. Its methods may be called by any goroutine.
type Child struct {
	PID     int
	process *os.Process
	ended   chan struct{}
	exit    Exit
}

// Exit says how a child ended and what it had used.
type Exit struct {
	Code   int            // exit code, -1 when a signal ended it
	Signal syscall.Signal // 0 when it exited
	Core   bool
	MaxRSS int64 // bytes; never less than what its parent had in use when the child was started (exec_mmap in Linux)
	CPU    time.Duration
}

func (e Exit) String() string {
	if e.Signal != 0 {
		return fmt.Sprintf("killed by signal %d (%v)", int(e.Signal), e.Signal)
	}
	return fmt.Sprintf("exited with code %d", e.Code)
}

// Done is closed when the child has ended and has been reaped.
func (c *Child) Done() <-chan struct{} { return c.ended }

// Exit waits for the child's end and says how it came.
func (c *Child) Exit() Exit {
	<-c.ended
	return c.exit
}

// Signal sends sig to the child, never to another process that got its pid. A child that has ended is no error.
func (c *Child) Signal(sig os.Signal) error {
	err := c.process.Signal(sig)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
