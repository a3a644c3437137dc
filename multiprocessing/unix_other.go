//go:build !linux

package multiprocessing

import (
	"os"
	"syscall"

	"github.com/shmath/shmath/shm"
)

func showName(string) {}

func listenUnix(string) (*os.File, error) { return nil, shm.ErrUnsupported }

func acceptUnix(*os.File) (*os.File, error) { return nil, shm.ErrUnsupported }

func dialUnix(string) (*os.File, error) { return nil, shm.ErrUnsupported }

func newUnixConn(f *os.File, err error) (Conn, error) { return f, err }

func duplicate(syscall.Conn) (*os.File, error) { return nil, shm.ErrUnsupported }

func sendDescriptor(*os.File, byte, *os.File) error { return shm.ErrUnsupported }

func receiveDescriptor(*os.File) (*os.File, error) { return nil, shm.ErrUnsupported }
