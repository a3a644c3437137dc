package spawn

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Schedule is what became of a child's threads so far.
type Schedule struct {
	Ran      time.Duration // on a CPU
	Waited   time.Duration // for a CPU, up to when each got it last
	Runnable bool          // one of them runs now or waits for a CPU
}

// Schedule asks the kernel (schedstat, sched-stats.rst in Linux; proc_pid_stat(5)) about the threads that the child has now. It
// is zero where the kernel does not count, and of a child that has been reaped.
func (c *Child) Schedule() (s Schedule) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", c.PID))
	for _, task := range tasks {
		text, err := os.ReadFile(filepath.Join(task, "schedstat"))
		if err != nil {
			continue // the thread has ended
		}
		var ran, waited time.Duration // nanoseconds
		if _, err := fmt.Sscan(string(text), &ran, &waited); err != nil {
			continue
		}
		s.Ran += ran
		s.Waited += waited
		stat, _ := os.ReadFile(filepath.Join(task, "stat"))
		_, state, _ := bytes.Cut(stat, []byte(") "))
		s.Runnable = s.Runnable || bytes.HasPrefix(state, []byte("R"))
	}
	return s
}
