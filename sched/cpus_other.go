//go:build !linux

package sched

import "runtime"

func allowedCPUs() ([]int, error) {
	cpus := make([]int, runtime.NumCPU())
	for i := range cpus {
		cpus[i] = i
	}
	return cpus, nil
}

func siblingsOf(cpu int) []int { return []int{cpu} }
