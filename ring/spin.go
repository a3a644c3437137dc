package ring

import (
	"sync"
	"time"

	"github.com/shmath/shmath/asm"
)

// pollCost is how long one poll of a spin takes on this machine: a PAUSE is 10 to 60 ns, by the model of processor.
var pollCost = sync.OnceValue(func() time.Duration {
	const rounds = 32
	best := time.Duration(1 << 62)
	for range 3 {
		begin := time.Now()
		for range rounds {
			asm.Pause(1)
		}
		best = min(best, time.Since(begin))
	}
	return max(best/rounds, 2*time.Nanosecond)
})

// pollsWithin is how many polls fill d.
func pollsWithin(d time.Duration) int {
	if d <= 0 {
		return 0
	}
	return int(d / pollCost())
}
