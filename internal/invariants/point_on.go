//go:build invariants

package invariants

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// Failpoints tells whether failpoints are compiled in.
const Failpoints = true

var (
	target    string
	countdown atomic.Int64
	trap      atomic.Pointer[func(string)]
)

func init() {
	name, count, _ := strings.Cut(os.Getenv("SHMATH_FAILPOINT"), ":")
	target = name
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		n = 1
	}
	countdown.Store(n)
}

// Point marks a step at which a process may die.
func Point(name string) {
	if f := trap.Load(); f != nil {
		(*f)(name)
	}
	if name == target && countdown.Add(-1) == 0 {
		p, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = p.Kill()
		}
		if err != nil {
			panic(err)
		}
		select {} // SIGKILL is on its way: not one more instruction of the protocol runs
	}
}

// Trap makes f run at every passage of a failpoint of this process, in builds with failpoints; nil removes it.
func Trap(f func(name string)) {
	if f == nil {
		trap.Store(nil)
		return
	}
	trap.Store(&f)
}
