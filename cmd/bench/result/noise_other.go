//go:build !linux

package result

import (
	"runtime"
	"time"
)

// Meter knows the time alone where the system is not Linux.
type Meter struct{ at time.Time }

// NewMeter returns a Meter that looks now.
func NewMeter() *Meter { return &Meter{time.Now()} }

// Lap says how long it is since the last look.
func (m *Meter) Lap() Noise {
	n := Noise{Wall: time.Since(m.at).Seconds(), CPUs: runtime.NumCPU()}
	m.at = time.Now()
	return n
}
