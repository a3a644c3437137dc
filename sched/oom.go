package sched

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// oomCounter counts how many processes of this program's memory cgroup the kernel has killed for want of memory. The kernel
// counts before it sends the signal, in the victim's own cgroup, whichever limit was the cause (mm/oom_kill.c).
type oomCounter struct {
	root string // of the file system: "/", but for tests
	once sync.Once
	file *os.File // nil where the kernel does not say; kept open, since each start of a worker counts
	mu   sync.Mutex
	told int // kills that have been the verdict on some worker
}

// oomFile is where the kernel counts for this process.
var oomFile = sync.OnceValue(func() string { return findOOM("/") })

// count returns the kills so far, 0 where the kernel does not say.
func (o *oomCounter) count() int {
	if o == nil {
		return 0
	}
	o.once.Do(func() {
		path := oomFile()
		if o.root != "/" {
			path = findOOM(o.root)
		}
		o.file, _ = os.Open(path)
	})
	if o.file == nil {
		return 0
	}
	return oomKillsIn(o.file)
}

func (o *oomCounter) close() {
	if o != nil && o.file != nil {
		o.file.Close()
	}
}

// claim reports whether there was a kill since then that is not another worker's.
func (o *oomCounter) claim(since int) bool {
	if o == nil {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = max(o.told, since)
	if o.count() <= o.told {
		return false
	}
	o.told++
	return true
}

// findOOM returns the file that counts: of this process's cgroup, version 2 or 1, else of the whole machine.
func findOOM(root string) string {
	list, _ := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	for line := range strings.Lines(string(list)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		base := filepath.Join(root, "sys/fs/cgroup")
		var candidates []string
		switch {
		case parts[0] == "0" && parts[1] == "":
			candidates = []string{filepath.Join(base, parts[2], "memory.events"), filepath.Join(base, "unified", parts[2], "memory.events")}
		case strings.Contains(","+parts[1]+",", ",memory,"):
			candidates = []string{filepath.Join(base, "memory", parts[2], "memory.oom_control"), filepath.Join(base, "memory/memory.oom_control")}
		}
		for _, file := range candidates {
			if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte("oom_kill ")) {
				return file
			}
		}
	}
	return filepath.Join(root, "proc/vmstat")
}

func oomKillsIn(f *os.File) int {
	for s := bufio.NewScanner(io.NewSectionReader(f, 0, math.MaxInt64)); s.Scan(); {
		if n, ok := strings.CutPrefix(s.Text(), "oom_kill "); ok {
			count, _ := strconv.Atoi(n)
			return count
		}
	}
	return 0
}
