package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// pair returns the first two CPUs that this process may use.
func pair() (home, away int, err error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return 0, 0, err
	}
	var found []int
	for cpu := 0; len(found) < 2; cpu++ {
		if cpu == 64*len(set) {
			return 0, 0, errors.New("two processes need two CPUs: see Cpus_allowed_list in /proc/self/status")
		}
		if set.IsSet(cpu) {
			found = append(found, cpu)
		}
	}
	return found[0], found[1], nil
}

// pin binds every thread of this process to a CPU, until release is called. To lock one goroutine to one thread would
// make the runtime hand every wake-up over from another thread, which a process that is pinned whole, as away is, is
// spared.
func pin(cpu int) (release func() error, err error) {
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return nil, err
	}
	one.Set(cpu)
	if err := bind(&one); err != nil {
		return nil, fmt.Errorf("pinning to CPU %d: %w", cpu, err)
	}
	return func() error { return bind(&before) }, nil
}

// bind gives every thread the mask. A thread that one of them starts meanwhile has its parent's, so a second look finds
// any that were missed.
func bind(mask *unix.CPUSet) error {
	for range 2 {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, t := range threads {
			tid, err := strconv.Atoi(t.Name())
			if err != nil {
				return err
			}
			if err := unix.SchedSetaffinity(tid, mask); err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
		}
	}
	return nil
}

// onCPU runs f on a thread of its own, which is bound to the CPU and ends with it. f is told if it could not be bound.
func onCPU(cpu int, f func(err error)) {
	go func() {
		runtime.LockOSThread() // and never unlocked: no other goroutine shall have a thread that is bound
		var one unix.CPUSet
		one.Set(cpu)
		f(unix.SchedSetaffinity(0, &one))
	}()
}
