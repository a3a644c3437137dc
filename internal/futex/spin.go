package futex

import (
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
)

// SpinFor is how long a waiter should look at its word before it sleeps: somewhat longer than waking it would take, so
// that it meets one who is just waking, and never spends much more than twice what the best choice in hindsight would
// have cost (competitive spinning: Karlin, Li, Manasse and Owicki, SOSP 1991). It is 0 where only one CPU is at work.
//
// The first call measures, for less than a millisecond.
func SpinFor() time.Duration { return spinFor() }

const (
	spinMin = 10 * time.Microsecond
	spinMax = 100 * time.Microsecond
)

var spinFor = sync.OnceValue(func() time.Duration {
	if oneCPU() {
		return 0
	}
	return min(max(2*wakeCost(), spinMin), spinMax)
})

// oneCPU tells whether nobody can run while this thread does. A process that may use one CPU only, as a pinned worker, is
// no sign of that: its peers are pinned to others.
func oneCPU() bool {
	if runtime.NumCPU() > 1 {
		return false
	}
	online, err := os.ReadFile("/sys/devices/system/cpu/online") // as "0", or "0-3,8-11"
	return err == nil && !strings.ContainsAny(string(online), "-,")
}
