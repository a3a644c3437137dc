package futex

import (
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	wakeSamples = 7
	wakeNap     = 60 * time.Microsecond // long enough for the processor to go idle
)

// wakeCost is about how long it takes until a sleeper that is woken runs: 1 µs where the processor is busy, up to 50 where
// it has to leave its idle state, most under a hypervisor. It is how late sleeps with a deadline end, because a timer rouses
// a processor as a wake-up does, and one thread can measure that whatever CPUs it may use. The interrupt that a waker
// would have to send is not in it.
func wakeCost() time.Duration {
	runtime.LockOSThread() // the slack of timers is the thread's
	defer runtime.UnlockOSThread()
	if slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0); err == nil {
		// Where it is refused the sleeps end 50 µs later still.
		defer unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0)
		unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	}
	late := make([]time.Duration, wakeSamples)
	for i := range late {
		var nobody atomic.Uint32
		end := After(wakeNap)
		for Wait(&nobody, 0, end) == nil { // roused for no reason
		}
		late[i] = time.Duration(now() - int64(end))
	}
	slices.Sort(late)
	return late[len(late)/2]
}
