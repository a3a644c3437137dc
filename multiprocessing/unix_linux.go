package multiprocessing

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Sockets are made by system calls: package net costs every worker half a millisecond of start.

// showName gives this process a name for ps; without it the name is missing there. Package os would start its poller first.
func showName(name string) {
	fd, err := unix.Open("/proc/self/comm", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	_, _ = unix.Write(fd, []byte(name))
	unix.Close(fd)
}

// listenUnix listens at an abstract address, which goes with the process.
func listenUnix(at string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	f := os.NewFile(uintptr(fd), at)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: at}); err != nil {
		f.Close()
		return nil, fmt.Errorf("multiprocessing: listening at %s: %w", at, err)
	}
	if err := unix.Listen(fd, 128); err != nil {
		f.Close()
		return nil, os.NewSyscallError("listen", err)
	}
	return f, nil
}

// acceptUnix waits for a connection of a process of this user; others are closed.
func acceptUnix(l *os.File) (*os.File, error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil, err
	}
	for {
		fd, failure := -1, error(nil)
		err := raw.Read(func(listener uintptr) bool {
			fd, _, failure = unix.Accept4(int(listener), unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
			return failure != unix.EAGAIN && failure != unix.EINTR
		})
		if err != nil {
			return nil, err
		}
		if failure == unix.ECONNABORTED {
			continue
		}
		if failure != nil {
			return nil, os.NewSyscallError("accept", failure)
		}
		c := os.NewFile(uintptr(fd), l.Name())
		if peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil && int(peer.Uid) == os.Getuid() {
			return c, nil
		}
		c.Close()
	}
}

func dialUnix(at string) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	for {
		if err = unix.Connect(fd, &unix.SockaddrUnix{Name: at}); err != unix.EINTR {
			break
		}
	}
	if err == nil {
		err = unix.SetNonblock(fd, true) // from here on the runtime's poller waits
	}
	if err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("connect", err)
	}
	return os.NewFile(uintptr(fd), at), nil
}

// duplicate returns another descriptor of what from has open.
func duplicate(from syscall.Conn) (*os.File, error) {
	raw, err := from.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd, failure := -1, error(nil)
	err = raw.Control(func(original uintptr) {
		fd, failure = unix.FcntlInt(original, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err != nil {
		return nil, err
	}
	if failure != nil {
		return nil, os.NewSyscallError("fcntl", failure)
	}
	name := "handed descriptor"
	if f, is := from.(*os.File); is {
		name = f.Name()
	}
	return os.NewFile(uintptr(fd), name), nil
}

// sendDescriptor sends one byte and, beside it, a descriptor of f.
func sendDescriptor(c *os.File, b byte, f *os.File) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	from, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var waiting, sending error
	err = from.Control(func(fd uintptr) {
		rights := unix.UnixRights(int(fd))
		waiting = raw.Write(func(socket uintptr) bool {
			sending = unix.Sendmsg(int(socket), []byte{b}, rights, nil, unix.MSG_NOSIGNAL)
			return sending != unix.EAGAIN && sending != unix.EINTR
		})
	})
	return errors.Join(err, waiting, os.NewSyscallError("sendmsg", sending))
}

// receiveDescriptor receives what sendDescriptor has sent. The error is errNoDescriptor when only the byte came.
func receiveDescriptor(c *os.File) (*os.File, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	var b [1]byte
	room := make([]byte, unix.CmsgSpace(4))
	n, beside, failure := 0, 0, error(nil)
	err = raw.Read(func(socket uintptr) bool {
		n, beside, _, _, failure = unix.Recvmsg(int(socket), b[:], room, unix.MSG_CMSG_CLOEXEC)
		return failure != unix.EAGAIN && failure != unix.EINTR
	})
	switch {
	case err != nil:
		return nil, err
	case failure != nil:
		return nil, os.NewSyscallError("recvmsg", failure)
	case n == 0 || beside == 0:
		return nil, errNoDescriptor
	}
	messages, err := unix.ParseSocketControlMessage(room[:beside])
	if err != nil || len(messages) != 1 {
		return nil, errors.Join(errNoDescriptor, err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, errors.Join(errNoDescriptor, err)
	}
	return os.NewFile(uintptr(fds[0]), "handed descriptor"), nil
}
