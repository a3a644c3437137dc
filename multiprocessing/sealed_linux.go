package multiprocessing

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// sealedFile makes a file without a name, has it filled through a descriptor that fill closes, and seals it: nobody can
// change it any more.
func sealedFile(size int64, fill func(f *os.File) error) (*os.File, error) {
	fd, err := unix.MemfdCreate("shmath-frozen", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "frozen array")
	if err := unix.Fallocate(fd, 0, 0, size); err != nil {
		return nil, errors.Join(os.NewSyscallError("fallocate", err), f.Close())
	}
	again, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, errors.Join(os.NewSyscallError("fcntl", err), f.Close())
	}
	if err := fill(os.NewFile(uintptr(again), "frozen array")); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	seals := unix.F_SEAL_WRITE | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return nil, errors.Join(os.NewSyscallError("sealing", err), f.Close())
	}
	return f, nil
}
