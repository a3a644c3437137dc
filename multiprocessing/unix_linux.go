package multiprocessing

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Sockets are made by system calls: package net costs every worker half a millisecond of start.

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
