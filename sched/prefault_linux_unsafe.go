//go:build linux

package sched

import (
	"errors"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// errNoPage is that the kernel has no page for an address of a mapped file.
var errNoPage error = unix.EFAULT

// populate maps the pages in which mem lies, for stores too if they are writable. The memory is a mapped file's.
func populate(mem []byte, writable bool) error {
	pages := wholePages(mem)
	advice := unix.MADV_POPULATE_READ
	if writable {
		advice = unix.MADV_POPULATE_WRITE
	}
	for {
		err := unix.Madvise(pages, advice)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.EAGAIN):
		case errors.Is(err, unix.EINVAL): // before Linux 5.14
			touchPages(pages, writable)
			return nil
		default:
			return os.NewSyscallError("madvise", err)
		}
	}
}

// wholePages extends mem to the beginning of its first page. Pages of this machine may be larger than pageBytes.
func wholePages(mem []byte) []byte {
	at := unsafe.Pointer(unsafe.SliceData(mem))
	head := int(uintptr(at) % uintptr(os.Getpagesize()))
	return unsafe.Slice((*byte)(unsafe.Add(at, -head)), head+len(mem))
}

// touchPages makes a page fault of each page. Others may store to it at the same time: adding 0 loses nothing of theirs.
func touchPages(pages []byte, writable bool) {
	for i := 0; i < len(pages); i += os.Getpagesize() {
		word := (*atomic.Uint32)(unsafe.Pointer(&pages[i]))
		if writable {
			word.Add(0)
		} else {
			word.Load()
		}
	}
}
