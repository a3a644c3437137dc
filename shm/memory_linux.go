package shm

import "golang.org/x/sys/unix"

// MachineMemory returns how many bytes of memory the machine has: a natural bound for a sparse segment.
func MachineMemory() int {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil || info.Totalram == 0 {
		return 1 << 33
	}
	return int(info.Totalram) * int(info.Unit)
}
