package sched

import (
	"os"

	"golang.org/x/sys/unix"
)

// pipe returns a pipe whose reader waits in the runtime's poller, not in a thread, and whose writer blocks, as programs
// expect of standard output.
func pipe() (read, write *os.File, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	if err := unix.SetNonblock(fds[0], true); err != nil {
		unix.Close(fds[0])
		unix.Close(fds[1])
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(fds[0]), "worker's output"), os.NewFile(uintptr(fds[1]), "output"), nil
}

// readNow reads from a descriptor that does not block.
func readNow(fd int, b []byte) (int, error) { return unix.Read(fd, b) }
