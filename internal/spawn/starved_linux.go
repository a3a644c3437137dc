package spawn

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Starved returns how long that of the child's threads which has waited longest for a CPU has waited, by the kernel's
// schedstat (sched-stats.rst in Linux); 0 where the kernel does not count, and of a child that has been reaped.
func (c *Child) Starved() time.Duration {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", c.PID))
	var longest uint64
	for _, file := range files {
		text, err := os.ReadFile(file)
		var ran, waited uint64 // nanoseconds
		if err != nil {
			continue // the thread has ended
		}
		if _, err := fmt.Sscan(string(text), &ran, &waited); err == nil {
			longest = max(longest, waited)
		}
	}
	return time.Duration(longest)
}
