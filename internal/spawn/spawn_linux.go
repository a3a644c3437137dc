package spawn

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// executable names the running program even after its file was replaced or deleted.
const executable = "/proc/self/exe"

type request struct {
	spec  Spec
	reply chan result
}

type result struct {
	child *Child
	err   error
}

// nursesMax is how many children are started at the same time. Who starts one waits in the kernel until the child runs its own
// program, which takes longer than all else in a start.
const nursesMax = 8

// nursery is the goroutines that start every child of this process: as many as there ever were starts at the same time.
var nursery struct {
	requests chan request
	nurses   atomic.Int32
}

func init() { nursery.requests = make(chan request) }

// nurse starts children, r first.
func nurse(r request) {
	runtime.LockOSThread() // for ever, see the package comment
	for ; ; r = <-nursery.requests {
		child, err := start(r.spec)
		r.reply <- result{child, err}
	}
}

// Start starts a program as described. The child inherits no descriptor but standard input (/dev/null), output
// and error, and gets SIGKILL when this process dies.
func Start(spec Spec) (*Child, error) {
	r := request{spec, make(chan result, 1)}
	select {
	case nursery.requests <- r:
	default:
		if nursery.nurses.Add(1) <= nursesMax {
			go nurse(r)
			break
		}
		nursery.nurses.Add(-1)
		nursery.requests <- r
	}
	got := <-r.reply
	return got.child, got.err
}

func start(spec Spec) (*Child, error) {
	release, err := pin(spec.CPU)
	if err != nil {
		return nil, err
	}
	defer release()
	fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0) // package os would offer it to its poller
	if err != nil {
		return nil, fmt.Errorf("spawn: opening %s: %w", os.DevNull, err)
	}
	null := os.NewFile(uintptr(fd), os.DevNull)
	defer null.Close()
	// What this process itself inherited without the close-on-exec flag, or C code opened, is not for the child. (Kernels
	// before 5.11 refuse, and the child then inherits what it would from any parent.)
	unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
	path := spec.Path
	if path == "" {
		path = executable
	}
	pidfd := -1
	process, err := os.StartProcess(path, spec.Args, &os.ProcAttr{
		Env:   spec.Env,
		Files: []*os.File{null, spec.Stdout, spec.Stderr},
		Sys:   &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, PidFD: &pidfd},
	})
	if err != nil {
		return nil, fmt.Errorf("spawn: starting %s: %w", path, err)
	}
	c := &Child{PID: process.Pid, process: process, ended: make(chan struct{})}
	go c.reap(pidfd)
	return c, nil
}

func (c *Child) reap(pidfd int) {
	defer close(c.ended)
	if pidfd >= 0 { // Linux 5.3
		awaitEnd(pidfd)
	}
	state, err := c.process.Wait()
	if err != nil {
		c.exit = Exit{Code: -1}
		return
	}
	c.exit = exitOf(state)
}

// awaitEnd returns when the process of a pidfd has ended, and closes it. It waits in the runtime's poller: a goroutine that waits
// in a system call keeps one of GOMAXPROCS from all others until the runtime looks after it, up to 10 ms later.
func awaitEnd(pidfd int) {
	_ = unix.SetNonblock(pidfd, true) // what package os asks of a descriptor for the poller
	f := os.NewFile(uintptr(pidfd), "pidfd")
	defer f.Close()
	if conn, err := f.SyscallConn(); err == nil {
		_ = conn.Read(func(uintptr) bool {
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, 0)
			return n > 0 || err != nil && err != unix.EINTR
		})
	}
	_ = unix.SetNonblock(pidfd, false) // os.Process has a duplicate, whose waits are to wait
}

// pin gives the calling thread the mask of one CPU and returns what gives it its own mask back.
func pin(cpu int) (release func(), err error) {
	if cpu == AnyCPU {
		return func() {}, nil
	}
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return nil, fmt.Errorf("spawn: reading the affinity mask: %w", err)
	}
	one.Set(cpu)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return nil, fmt.Errorf("spawn: pinning to CPU %d: %w; allowed are those of Cpus_allowed_list in /proc/self/status", cpu, err)
	}
	return func() {
		if err := unix.SchedSetaffinity(0, &before); err != nil {
			panic(err) // the mask was this thread's own a moment ago
		}
	}, nil
}

func exitOf(state *os.ProcessState) Exit {
	e := Exit{Code: state.ExitCode(), CPU: state.UserTime() + state.SystemTime()}
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		e.Signal, e.Core = w.Signal(), w.CoreDump()
	}
	if u, ok := state.SysUsage().(*syscall.Rusage); ok {
		e.MaxRSS = u.Maxrss << 10
	}
	return e
}
