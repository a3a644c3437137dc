package shm

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// reserveStep is how much one call of fallocate asks for: 64 MiB take a few milliseconds, so that a signal, which
// interrupts the call and undoes it, costs little.
const (
	reserveStep  = 64 << 20
	reserveSmall = 1 << 20 // the kernel is not asked first whether it has so little: it says so when it has not
)

// Reserve makes sure that n bytes from off on are backed by memory. Create has done it for segments that are not
// Sparse. The error is a *[SpaceError] when there is not enough.
func (s *Segment) Reserve(off, n int) error {
	if off < 0 || n < 0 || off > s.size || n > s.size-off {
		return fmt.Errorf("shm: reserving [%d, %d) of segment %q, which has %d bytes", off, off+n, s.name, s.size)
	}
	return reserve(s.m.File, s.label(), int64(off), int64(n))
}

func (s *Segment) label() string {
	if s.name == "" {
		return "a private segment"
	}
	return directory + "/" + s.name
}

func reserveFile(file *os.File, name string, size int, o Options) error {
	total := int64(fileSize(size))
	from, end := int64(0), total-recordSize+headSize
	if o.Sparse {
		from = end - headSize
	}
	if err := reserve(file, file.Name(), from, end-from); err != nil {
		return err
	}
	if err := file.Truncate(total); err != nil {
		return fmt.Errorf("shm: sizing segment %q: %w", name, err)
	}
	return nil
}

func reserve(file *os.File, label string, off, n int64) error {
	if n > reserveSmall {
		if have := availableFor(file, n); n > have {
			return spaceError(label, n, have)
		}
	}
	for end := off + n; off < end; {
		step := min(reserveStep, end-off)
		err := unix.Fallocate(int(file.Fd()), 0, off, step)
		switch {
		case err == nil:
			off += step
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.ENOMEM), errors.Is(err, unix.EFBIG):
			return spaceError(label, n, available(file))
		default:
			return fmt.Errorf("shm: reserving memory for %s: %w", label, err)
		}
	}
	return nil
}

func spaceError(label string, need, have int64) error {
	return &SpaceError{Name: label, Need: need, Available: max(have, 0),
		Remedy: fmt.Sprintf("enlarge it (mount -o remount,size=%s %s; docker run --shm-size=%s) or work on less at a time",
			mebi(need), directory, mebi(need))}
}

func mebi(n int64) string { return fmt.Sprintf("%dm", (n+n/8)>>20+1) }

// availableFor is enough for n bytes, or else exactly what is available. The kernel counts free pages anyway; what it could
// free besides it has to add up.
func availableFor(file *os.File, n int64) int64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil && n < int64(info.Freeram)*int64(info.Unit)/2 {
		return leftOn(file, math.MaxInt64)
	}
	return available(file)
}

// available is the smaller of what the file system has left and what the machine has left.
func available(file *os.File) int64 { return leftOn(file, memoryAvailable()) }

// leftOn is what the file system has left, and no more than left.
func leftOn(file *os.File, left int64) int64 {
	var st unix.Statfs_t
	if unix.Fstatfs(int(file.Fd()), &st) == nil && st.Blocks > 0 { // memfd's file system has no limit and says 0
		left = min(left, int64(st.Bavail)*st.Bsize)
	}
	return left
}

func memoryAvailable() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return math.MaxInt64
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib int64
		if strings.HasPrefix(lines.Text(), "MemAvailable:") {
			if _, err := fmt.Sscanf(lines.Text(), "MemAvailable: %d kB", &kib); err == nil {
				return kib << 10
			}
		}
	}
	return math.MaxInt64
}
