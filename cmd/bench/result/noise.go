package result

import "fmt"

// Noise is what else happened on the CPUs that a measurement may use, while it ran.
type Noise struct {
	Wall   float64 `json:"wall_seconds"`
	CPUs   int     `json:"cpus"`
	Others float64 `json:"others_cpu_seconds"` // CPU time of other programs
	Steal  float64 `json:"steal_seconds"`      // taken by the hypervisor
	Waited float64 `json:"waited_seconds"`     // for others to be quiet; nothing was measured meanwhile
	Known  bool    `json:"known"`              // false where the system does not tell
}

// noisyShare is from what share of the CPU time on others are said to disturb.
const noisyShare = 0.05

// Share is the part of the CPU time that was others', 0 to 1.
func (n *Noise) Share() float64 {
	return min(1, ratio(n.Others+n.Steal, n.Wall*float64(n.CPUs)))
}

// Noisy says whether others disturbed.
func (n *Noise) Noisy() bool { return n.Known && n.Share() > noisyShare }

// Add adds what happened in another span.
func (n *Noise) Add(o Noise) {
	n.Known = o.Known && (n.Known || n.Wall == 0)
	n.Wall, n.Others, n.Steal, n.Waited, n.CPUs = n.Wall+o.Wall, n.Others+o.Others, n.Steal+o.Steal, n.Waited+o.Waited, o.CPUs
}

// String says it in words.
func (n *Noise) String() string {
	switch {
	case !n.Known:
		return "the CPU time of other programs is unknown"
	case n.Noisy():
		return fmt.Sprintf("noisy: others used %.0f %% of the CPU time (%.1f s of %.1f s), of it steal %.1f s",
			100*n.Share(), n.Others+n.Steal, n.Wall*float64(n.CPUs), n.Steal)
	}
	return fmt.Sprintf("quiet: others used %.1f %% of the CPU time", 100*n.Share())
}
