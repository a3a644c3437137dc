//go:build linux

package sched

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Of the kernel's uapi/linux/mempolicy.h.
const (
	mpolPreferred = 1
	mpolMove      = 1 << 1 // move pages that only this process has mapped
	nodesMax      = 1024
)

const pageBytes = 4096

// pagesBefore returns how far mem begins behind the beginning of its first page.
func pagesBefore(mem []byte) int {
	return int(uintptr(unsafe.Pointer(unsafe.SliceData(mem))) % pageBytes)
}

// preferNode makes the kernel take the pages of mem from a node while that has free ones. The policy belongs to the file
// that is mapped, so it holds for whoever touches the pages, and for fallocate. With move, pages that are there already
// are moved.
func preferNode(mem []byte, node int, move bool) error {
	if len(mem) == 0 || node < 0 || node >= nodesMax {
		return nil
	}
	head := pagesBefore(mem)
	pages := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(mem)), -head)), head+len(mem))
	flags := 0
	if move {
		flags = mpolMove
		// mbind moves what this process has in its page tables. Before Linux 5.14 that is what it has touched.
		_ = unix.Madvise(pages, unix.MADV_POPULATE_READ)
	}
	var mask [nodesMax / 64]uint64
	mask[node/64] = 1 << (node % 64)
	_, _, errno := unix.Syscall6(unix.SYS_MBIND, uintptr(unsafe.Pointer(&pages[0])), uintptr(len(pages)), mpolPreferred,
		uintptr(unsafe.Pointer(&mask)), nodesMax, uintptr(flags))
	if errno != 0 {
		return fmt.Errorf("mbind to node %d: %w", node, errno)
	}
	return nil
}
