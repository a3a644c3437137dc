package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/shm"
)

// sharedRoom is how many bytes of shared memory may be filled without pushing others out: three quarters of what is
// available and of what is free where segments lie.
func sharedRoom() int {
	room := shm.MachineMemory()
	var fs unix.Statfs_t
	if unix.Statfs("/dev/shm", &fs) == nil {
		room = min(room, int(fs.Bavail)*int(fs.Bsize))
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		_, rest, _ := strings.Cut(string(text), "MemAvailable:")
		kib := 0
		if _, err := fmt.Sscan(rest, &kib); err == nil {
			room = min(room, kib<<10)
		}
	}
	return room / 4 * 3
}

// What a segment takes of its process.
const (
	segmentMappings    = 2
	segmentDescriptors = 1
)

// segmentRoom is how many segments this process may still have, and what limits that.
func segmentRoom() (most int, limit string) {
	most, limit = 1<<31, "nothing known"
	consider := func(allowed, used, each int, name string) {
		if n := (allowed - used) / each; allowed > 0 && n < most {
			most, limit = n, fmt.Sprintf("%s is %d, and a segment takes %d", name, allowed, each)
		}
	}
	const spare = 200 // for all else that this process does meanwhile
	if text, err := os.ReadFile("/proc/sys/vm/max_map_count"); err == nil {
		allowed, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		maps, _ := os.ReadFile("/proc/self/maps")
		consider(allowed, bytes.Count(maps, []byte("\n"))+spare, segmentMappings, "vm.max_map_count")
	}
	var files unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &files) == nil && files.Cur < 1<<31 {
		open, _ := os.ReadDir("/proc/self/fd")
		consider(int(files.Cur), len(open)+spare, segmentDescriptors, "the limit of open files")
	}
	return most, limit
}
