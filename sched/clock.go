package sched

import (
	"time"

	"github.com/shmath/shmath/internal/futex"
)

// clock is the system's monotonic clock in nanoseconds, the same for every process of this machine to within
// clockError. Package time reads that clock without a system call, but counts from a moment of this process.
func clock() int64 { return clockBase + int64(time.Since(clockOrigin)) }

const clockError = 500 * time.Nanosecond

var clockBase, clockOrigin = relateClocks()

// relateClocks reads both clocks at one moment: the system's between two readings of package time that are close
// together, which they are unless this thread loses its processor just there.
func relateClocks() (base int64, origin time.Time) {
	best := time.Duration(1 << 62)
	for range 20 {
		before := time.Now()
		system := int64(futex.After(0))
		gap := time.Since(before)
		if gap < best {
			best, base, origin = gap, system, before.Add(gap/2)
		}
		if gap < clockError {
			break
		}
	}
	return base, origin
}
