//go:build !invariants

package invariants

// Failpoints tells whether failpoints are compiled in.
const Failpoints = false

// Point marks a step at which a process may die.
func Point(name string) {}

// Trap makes f run at every passage of a failpoint of this process, in builds with failpoints; nil removes it.
func Trap(f func(name string)) {}
