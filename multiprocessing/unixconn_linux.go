package multiprocessing

import (
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/futex"
)

// unixConn is a socket of this machine, whose other side often answers within the time that falling asleep would take.
type unixConn struct {
	*os.File
	raw  syscall.RawConn
	skip int // so many reads more do not look
	lost int // how many shall be skipped after the next look that is in vain
}

const skipMax = 63

// lookers is how many goroutines of this process look at a socket: never so many that the others wait for a processor.
var lookers atomic.Int32

func newUnixConn(f *os.File, err error) (Conn, error) {
	if err != nil {
		return nil, err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &unixConn{File: f, raw: raw}, nil
}

// ReadPrompt is Read that looks for a while, where that has paid lately, before it sleeps.
func (c *unixConn) ReadPrompt(b []byte) (n int, err error) {
	looked := false
	waiting := c.raw.Read(func(fd uintptr) bool {
		n, err = readNow(fd, b)
		if err == unix.EAGAIN && !looked {
			looked = true
			n, err = c.look(fd, b)
		}
		return err != unix.EAGAIN
	})
	switch {
	case waiting != nil:
		return 0, waiting
	case err != nil:
		return 0, os.NewSyscallError("read", err)
	case n == 0 && len(b) > 0:
		return 0, io.EOF
	}
	return n, nil
}

// look reads again and again for as long as waking up would take.
func (c *unixConn) look(fd uintptr, b []byte) (n int, err error) {
	if c.skip > 0 {
		c.skip--
		return 0, unix.EAGAIN
	}
	patience := futex.SpinFor()
	defer lookers.Add(-1)
	if int(lookers.Add(1)) > max(runtime.GOMAXPROCS(0)/2, 1) || patience == 0 {
		return 0, unix.EAGAIN
	}
	for until := time.Now().Add(patience); time.Now().Before(until); {
		if n, err = readNow(fd, b); err != unix.EAGAIN {
			c.lost /= 2
			return n, err
		}
	}
	c.lost = min(2*c.lost+1, skipMax)
	c.skip = c.lost
	return 0, unix.EAGAIN
}

// readNow reads what there is, or returns EAGAIN.
func readNow(fd uintptr, b []byte) (int, error) {
	for {
		n, err := unix.Read(int(fd), b)
		if err != unix.EINTR {
			return n, err
		}
	}
}
