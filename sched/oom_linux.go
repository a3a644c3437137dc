package sched

import "golang.org/x/sys/unix"

// volunteer makes this worker dearer to the out-of-memory killer than the program that started it: half of all memory is
// added to its score (proc(5), oom_score_adj). A kernel that refuses leaves things as they are.
func volunteer() {
	fd, err := unix.Open("/proc/self/oom_score_adj", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	unix.Write(fd, []byte("500"))
	unix.Close(fd)
}
