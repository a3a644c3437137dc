package arena

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// allocateFile takes size bytes of disk for f, so that no later store can fail.
func allocateFile(f *os.File, size int64) error {
	// Asked first, because fallocate fills the disk before it finds that it cannot.
	if free := freeBytes(f); free >= 0 && size > free {
		return &NoSpaceError{Need: int(size), Largest: int(free), Free: int(free), Place: "the file system"}
	}
	var err error
	for {
		if err = unix.Fallocate(int(f.Fd()), 0, 0, size); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	switch {
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EFBIG), errors.Is(err, unix.EDQUOT):
		free := int(max(freeBytes(f), 0))
		return &NoSpaceError{Need: int(size), Largest: free, Free: free, Place: "the file system"}
	case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
		// The file system cannot promise space: zeros that are written can be relied on as much as it ever will.
		return writeZeros(f, size)
	}
	return err
}

// freeBytes returns what the file system of f has left for this user, or -1 when it does not say.
func freeBytes(f *os.File) int64 {
	var st unix.Statfs_t
	if unix.Fstatfs(int(f.Fd()), &st) != nil || st.Blocks == 0 {
		return -1 // a tmpfs without limit has no blocks
	}
	return int64(st.Bavail) * st.Bsize
}
