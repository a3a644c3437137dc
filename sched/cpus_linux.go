package sched

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// allowedCPUs returns the CPUs on which this process may run: its affinity mask, which the kernel keeps inside the
// cpuset and the CPUs that are online.
func allowedCPUs() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("sched: reading the affinity mask: %w", err)
	}
	var cpus []int
	for cpu := range len(set) * 64 {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// siblingsOf returns the hardware threads of a CPU's core, itself included.
func siblingsOf(cpu int) []int {
	list, err := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu))
	if err != nil {
		return []int{cpu}
	}
	cpus, err := parseCPUs(string(list))
	if err != nil || len(cpus) == 0 {
		return []int{cpu}
	}
	return cpus
}
