package sched

import (
	"fmt"
	"time"
)

// Recycle says when a worker leaves and another takes its place: between two pieces of work, so nothing is lost. Its states
// are closed before. A zero field is no limit. In-process, workers close their states and go on.
type Recycle struct {
	Tasks  int           // calls that it has run and loops that it has taken part in
	Age    time.Duration // looked at when there is work
	Memory int           // bytes of its own, without shared memory (Linux); looked at a few times a second while there is work
}

func (r Recycle) check() error {
	if r.Tasks < 0 || r.Tasks > 1<<31-1 || r.Age < 0 || r.Memory < 0 {
		return fmt.Errorf("sched: Options.Recycle: Tasks %d, Age %v, Memory %d: none may be negative, Tasks at most 2147483647",
			r.Tasks, r.Age, r.Memory)
	}
	return nil
}

const memoryPeriod = 200 * time.Millisecond

// tenure is how long a worker has served.
type tenure struct {
	tasks   uint32
	begun   int64 // clock
	weighed int64 // when its memory was last looked at
	fat     bool  // it was too much
}

// spent reports whether the worker has served its time.
func (w *worker) spent() bool {
	h := w.c.controlHeader
	if w.slot.retire.Load() != 0 || w.tenure.fat || h.tasksMax != 0 && w.tenure.tasks >= h.tasksMax {
		return true
	}
	if h.ageMax == 0 && h.memoryMax == 0 {
		return false
	}
	now := clock()
	if h.ageMax != 0 && now-w.tenure.begun >= h.ageMax {
		return true
	}
	if h.memoryMax == 0 || now-w.tenure.weighed < int64(memoryPeriod) {
		return false
	}
	w.tenure.weighed = now
	w.tenure.fat = ownMemoryBytes() > h.memoryMax
	return w.tenure.fat
}
