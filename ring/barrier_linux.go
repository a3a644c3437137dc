package ring

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

const (
	membarrierGlobalExpedited         = 1 << 1
	membarrierRegisterGlobalExpedited = 1 << 2
)

var (
	registered sync.Once
	fenced     bool          // this process is not reached by others' barriers and makes its own, at every publication
	unfenced   bool          // this process cannot make others pass a barrier and must not sleep long
	fence      atomic.Uint32 // a locked add to it is the barrier
)

// registerBarrier lets this process be reached by the barriers of others. It is called by Create and Attach, so
// before this process's first publication.
func registerBarrier() {
	registered.Do(func() {
		_, _, e := unix.RawSyscall(unix.SYS_MEMBARRIER, membarrierRegisterGlobalExpedited, 0, 0)
		fenced = e != 0
		_, _, e = unix.RawSyscall(unix.SYS_MEMBARRIER, membarrierGlobalExpedited, 0, 0)
		unfenced = e != 0
	})
}

// barrierAll makes every running thread of every registered process pass a full memory barrier, and is one itself.
func barrierAll() {
	if _, _, e := unix.Syscall(unix.SYS_MEMBARRIER, membarrierGlobalExpedited, 0, 0); e != 0 {
		fence.Add(1)
	}
}
