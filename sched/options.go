package sched

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/shm"
)

// Backend says what a worker is.
type Backend uint8

const (
	Processes Backend = iota // each worker is a process, pinned to a CPU
	InProcess                // each worker is a goroutine of this process: for tests, debuggers and comparison
)

// Placement says on which CPUs workers live.
type Placement uint8

const (
	PerCore          Placement = iota // one per physical core on which this process may run; fewer workers take neighbours
	PerThread                         // one per hardware thread; fewer workers take one of each core first
	Unpinned                          // anywhere this process may run; as many as there are such CPUs. OpenMP: OMP_PROC_BIND=false
	Spread                            // one per core; fewer workers are as far apart as they can be: the most memory bandwidth
	Compact                           // one per hardware thread; fewer workers are as close as they can be: the most shared cache
	PerL3                             // one per third level cache
	PerNode                           // one per NUMA node
	PerformanceCores                  // one per core of the fastest kind, on hybrid processors
)

// placements are the names of the policies, as commands write them.
var placements = [...]string{"cores", "threads", "unpinned", "spread", "compact", "l3", "nodes", "performance"}

// String returns the name that commands use.
func (p Placement) String() string {
	if int(p) >= len(placements) {
		return fmt.Sprintf("Placement(%d)", p)
	}
	return placements[p]
}

// ParsePlacement reads the name of a policy: cores, threads, unpinned, spread, compact, l3, nodes, performance.
func ParsePlacement(name string) (Placement, error) {
	i := slices.Index(placements[:], name)
	if i < 0 {
		return 0, fmt.Errorf("sched: %q is no placement; write one of %s", name, strings.Join(placements[:], ", "))
	}
	return Placement(i), nil
}

// Options configures a pool. A nil *Options means the defaults.
type Options struct {
	Workers   int       // 0 means one for each place that Placement finds, within the CPU quota; more than places share CPUs
	Placement Placement // the zero value is PerCore
	CPUs      []int     // the CPUs themselves, instead of Placement, also if other pools have workers there
	Backend   Backend   // the zero value is Processes
	Unlisted  bool      // its memory has no name: shmath ls and top do not see it, and it leaves nothing, however the program ends

	MaxWorkers int // how many Resize can give the pool; 0 means no more than it begins with

	ArenaBytes int          // bound of Pool.Arena in bytes; 0 means the machine's memory. It is reserved as it is used
	Depth      int          // calls that wait or run in shared memory; 0 means 256; rounded up to a multiple of 64
	Seed       uint64       // of random calls that are run on the pool without a seed of their own
	Logger     *slog.Logger // gets what workers log; nil means slog.Default(), as it is when a record comes
	Stdout     io.Writer    // gets the lines that workers write to standard output; nil means os.Stdout
	Stderr     io.Writer    // and those of standard error; nil means os.Stderr

	States  []AnyState // opened in each worker before it takes work; a first worker in which one fails makes Start fail
	Recycle Recycle    // when workers are replaced by fresh ones; the zero value is never

	Start  time.Duration // how long a worker may take to report, waiting for a CPU apart; 0 means 1.5 seconds
	Faults []Fault       // planned: for tests of programs that must survive them
	Grace  time.Duration // how long a worker may take to stop, and after SIGTERM, when a Shutdown is late; 0 means 0.2 seconds
}

const (
	defaultDepth = 256
	depthMax     = 1 << 16
	defaultStart = 1500 * time.Millisecond
	workersMax   = shm.MembersMax - 1 // the parent is a member, too
)

// withDefaults returns a copy in which every field has its value, or an error that names the field.
func (o *Options) withDefaults() (Options, error) {
	var r Options
	if o != nil {
		r = *o
	}
	switch {
	case r.Workers < 0 || r.Workers > workersMax:
		return r, fmt.Errorf("sched: Options.Workers is %d, must be between 1 and %d, or 0 for one per core", r.Workers, workersMax)
	case r.MaxWorkers < 0 || r.MaxWorkers > workersMax || r.MaxWorkers > 0 && r.MaxWorkers < r.Workers:
		return r, fmt.Errorf("sched: Options.MaxWorkers is %d, must be between Options.Workers, which is %d, and %d, or 0 for no more", r.MaxWorkers, r.Workers, workersMax)
	case int(r.Placement) >= len(placements):
		return r, fmt.Errorf("sched: Options.Placement is %d, there are %d", r.Placement, len(placements))
	case r.ArenaBytes < 0 || r.Depth < 0 || r.Depth > depthMax || r.Start < 0 || r.Grace < 0:
		return r, fmt.Errorf("sched: Options: ArenaBytes %d, Depth %d, Start %v, Grace %v: none may be negative, Depth at most 65536",
			r.ArenaBytes, r.Depth, r.Start, r.Grace)
	}
	if err := r.Recycle.check(); err != nil {
		return r, err
	}
	if r.Depth == 0 {
		r.Depth = defaultDepth
	}
	r.Depth = layout.RoundUp(r.Depth, 64)
	if r.Grace == 0 {
		r.Grace = defaultGrace
	}
	if r.Start == 0 {
		r.Start = defaultStart
	}
	return r, nil
}
