package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/topology"
	"github.com/shmath/shmath/sched"
)

const shmFolder = "/dev/shm"

// gather looks at this machine.
func gather() (*facts, error) {
	t, err := topology.Live()
	if err != nil {
		return nil, err
	}
	f := &facts{topo: t, waitAny: futex.HasWaitAny(), ofd: haveOFD(), pidfd: havePidfd()}
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return nil, fmt.Errorf("doctor: sysinfo: %w", err)
	}
	f.memory, f.swap = int64(info.Totalram)*int64(info.Unit), int64(info.Totalswap)*int64(info.Unit)
	f.load = float64(info.Loads[0]) / (1 << 16)
	var fs unix.Statfs_t
	if unix.Statfs(shmFolder, &fs) == nil && fs.Type == unix.TMPFS_MAGIC {
		f.shm, f.shmFree = int64(fs.Blocks)*fs.Bsize, int64(fs.Bavail)*fs.Bsize
	}
	if fd, err := unix.Open(shmFolder, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600); err == nil {
		f.shmWritable = true
		unix.Close(fd)
	}
	f.hugeShm = chosen(text("/sys/kernel/mm/transparent_hugepage/shmem_enabled"))
	frequency := fmt.Sprintf("/sys/devices/system/cpu/cpu%d/cpufreq/", t.Allowed.First())
	f.governor, f.driver = text(frequency+"scaling_governor"), text(frequency+"scaling_driver")
	f.locked = -1
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit) == nil && limit.Cur != unix.RLIM_INFINITY {
		f.locked = int64(limit.Cur)
	}
	f.neighbours, err = sched.ClaimedCPUs()
	return f, err
}

func text(path string) string {
	b, _ := os.ReadFile(path)
	return strings.TrimSpace(string(b))
}

// chosen returns the word in brackets.
func chosen(words string) string {
	_, rest, _ := strings.Cut(words, "[")
	word, _, _ := strings.Cut(rest, "]")
	return word
}

func havePidfd() bool {
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err == nil {
		unix.Close(fd)
	}
	return err == nil
}

// haveOFD takes a lock on a file in memory, and looks whether another description of the same file sees it.
func haveOFD() bool {
	fd, err := unix.MemfdCreate("shmath-doctor", unix.MFD_CLOEXEC)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	other, err := unix.Open("/proc/self/fd/"+strconv.Itoa(fd), unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(other)
	lock := unix.Flock_t{Type: unix.F_WRLCK, Len: 1}
	if unix.FcntlFlock(uintptr(fd), unix.F_OFD_SETLK, &lock) != nil {
		return false
	}
	seen := unix.Flock_t{Type: unix.F_WRLCK, Len: 1}
	return unix.FcntlFlock(uintptr(other), unix.F_OFD_GETLK, &seen) == nil && seen.Type == unix.F_WRLCK
}
