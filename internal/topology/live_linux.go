package topology

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Live reads this machine. The affinity mask is that of the calling thread: on a thread that was pinned to start a
// child, the answer would be wrong.
func Live() (*Topology, error) {
	affinity, err := Affinity()
	if err != nil {
		return nil, err
	}
	l := loader{root: os.DirFS("/")}
	return l.load(affinity)
}

// Affinity returns the CPUs on which the calling thread may run: the kernel keeps the mask inside the cpuset and what is
// online.
func Affinity() (Set, error) {
	var mask unix.CPUSet
	if err := unix.SchedGetaffinity(0, &mask); err != nil {
		return Set{}, fmt.Errorf("topology: reading the affinity mask: %w", err)
	}
	var s Set
	for cpu := range len(mask) * 64 {
		if mask.IsSet(cpu) {
			s.Add(cpu)
		}
	}
	return s, nil
}
