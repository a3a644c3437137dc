package sched

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/shmath/shmath/arena"
)

// FaultKind is what a planned fault does.
type FaultKind uint8

const (
	FaultKill    FaultKind = iota // the worker's process gets SIGKILL
	FaultDelay                    // the body begins only after Fault.Delay
	FaultNoSpace                  // instead of the body, the block or call fails with arena.ErrNoSpace
)

// Fault is one planned fault, for tests of programs that must survive it: see Options.Faults.
type Fault struct {
	Worker int
	At     int // the block or call that is hit: the At-th, from 1, that this worker and its replacements begin in this pool
	Kind   FaultKind
	Delay  time.Duration // of FaultDelay
}

// checkFaults returns an error that names a fault that cannot be.
func checkFaults(faults []Fault, workers int, b Backend) error {
	for i, f := range faults {
		switch {
		case f.Worker < 0 || f.Worker >= workers:
			return fmt.Errorf("sched: Options.Faults[%d]: worker %d of %d", i, f.Worker, workers)
		case f.At < 1:
			return fmt.Errorf("sched: Options.Faults[%d]: At is %d; blocks and calls are counted from 1", i, f.At)
		case f.Kind > FaultNoSpace || f.Delay < 0:
			return fmt.Errorf("sched: Options.Faults[%d]: kind %d, delay %v", i, f.Kind, f.Delay)
		case f.Kind == FaultKill && b == InProcess:
			return fmt.Errorf("sched: Options.Faults[%d]: a goroutine cannot be killed; use the backend Processes", i)
		}
	}
	return nil
}

// faultVariable carries the faults of one worker to its process: KIND:AT:NANOSECONDS, separated by commas.
const faultVariable = "SHMATH_FAULTS"

// faultsOf picks the faults of one worker.
func faultsOf(faults []Fault, worker int) (own []Fault) {
	for _, f := range faults {
		if f.Worker == worker {
			own = append(own, f)
		}
	}
	return own
}

func encodeFaults(faults []Fault) string {
	var parts []string
	for _, f := range faults {
		parts = append(parts, fmt.Sprintf("%d:%d:%d", f.Kind, f.At, f.Delay))
	}
	return strings.Join(parts, ",")
}

// decodeFaults reads what encodeFaults wrote, and takes it out of the environment.
func decodeFaults() (faults []Fault) {
	text := os.Getenv(faultVariable)
	os.Unsetenv(faultVariable)
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Split(part, ":")
		if len(words) != 3 {
			continue
		}
		kind, _ := strconv.Atoi(words[0])
		at, _ := strconv.Atoi(words[1])
		delay, _ := strconv.ParseInt(words[2], 10, 64)
		faults = append(faults, Fault{Kind: FaultKind(kind), At: at, Delay: time.Duration(delay)})
	}
	return faults
}

// strike counts a block or call that the worker begins, and does what is planned for it. Workers without faults do not come
// here. The count is in the worker's slot, so that a replacement goes on with it and no fault happens twice.
func (w *worker) strike() error {
	n := int(w.slot.steps.Add(1))
	for _, f := range w.faults {
		if f.At != n {
			continue
		}
		switch f.Kind {
		case FaultKill:
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				self.Kill()
			}
			time.Sleep(time.Hour) // SIGKILL is on its way
		case FaultDelay:
			time.Sleep(f.Delay)
		case FaultNoSpace:
			return fmt.Errorf("sched: planned fault at block or call %d of worker %d: %w", n, w.index, arena.ErrNoSpace)
		}
	}
	return nil
}

// withFaults puts the planned faults before a loop's body.
func (w *worker) withFaults(body func(c *Chunk) error) func(c *Chunk) error {
	if w.faults == nil {
		return body
	}
	return func(c *Chunk) error {
		if err := w.strike(); err != nil {
			return err
		}
		return body(c)
	}
}
