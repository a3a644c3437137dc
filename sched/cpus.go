package sched

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shmath/shmath/internal/spawn"
)

// place chooses the CPU of each worker: Options.CPUs if given, else what Placement finds among the CPUs on which this
// process may run. Workers beyond the last place begin again at the first.
func (o Options) place() ([]int, error) {
	allowed, err := allowedCPUs()
	if err != nil {
		return nil, err
	}
	places := o.CPUs
	for _, cpu := range places {
		if !slices.Contains(allowed, cpu) {
			return nil, fmt.Errorf("%w: %d; this process may run on %s", ErrCPU, cpu, formatCPUs(allowed))
		}
	}
	if len(places) == 0 {
		switch o.Placement {
		case PerCore:
			places = onePerCore(allowed, siblingsOf)
		case PerThread:
			places = allowed
		case Unpinned:
			places = slices.Repeat([]int{spawn.AnyCPU}, len(allowed))
		}
	}
	n := o.Workers
	if n == 0 {
		n = min(len(places), workersMax)
	}
	cpus := make([]int, n)
	for i := range cpus {
		cpus[i] = places[i%len(places)]
	}
	return cpus, nil
}

// onePerCore keeps the first allowed hardware thread of each core.
func onePerCore(allowed []int, siblings func(cpu int) []int) []int {
	var places []int
	taken := make(map[int]bool)
	for _, cpu := range allowed {
		if taken[cpu] {
			continue
		}
		places = append(places, cpu)
		for _, s := range siblings(cpu) {
			taken[s] = true
		}
	}
	return places
}

// parseCPUs reads the kernel's list format: 0-3,8.
func parseCPUs(s string) ([]int, error) {
	var cpus []int
	for part := range strings.SplitSeq(strings.TrimSpace(s), ",") {
		if part == "" {
			continue
		}
		first, last, isRange := strings.Cut(part, "-")
		lo, err := strconv.Atoi(first)
		hi := lo
		if err == nil && isRange {
			hi, err = strconv.Atoi(last)
		}
		if err != nil || lo < 0 || hi < lo || hi > 1<<16 {
			return nil, fmt.Errorf("sched: %q is no list of CPUs, such as 0-3,8", s)
		}
		for cpu := lo; cpu <= hi; cpu++ {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// ParseCPUs reads a list of CPUs as the kernel and taskset write it: 0-3,8.
func ParseCPUs(s string) ([]int, error) {
	cpus, err := parseCPUs(s)
	if err == nil && len(cpus) == 0 {
		err = fmt.Errorf("sched: %q names no CPU; write a list such as 0-3,8", s)
	}
	return cpus, err
}

func formatCPUs(cpus []int) string {
	cpus = slices.Compact(slices.Sorted(slices.Values(cpus)))
	var parts []string
	for i := 0; i < len(cpus); {
		j := i
		for j+1 < len(cpus) && cpus[j+1] == cpus[j]+1 {
			j++
		}
		part := strconv.Itoa(cpus[i])
		if j > i {
			part += "-" + strconv.Itoa(cpus[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ",")
}
