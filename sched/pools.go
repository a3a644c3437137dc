package sched

import (
	"errors"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/shm"
)

// Pools returns the figures of every pool of worker processes that this user has running, whatever program started it,
// ordered by the names of their control segments. It reads copies of the control blocks: nobody is disturbed and
// nothing is left behind. Counts of work that goes on at this moment may be behind by as much.
//
// Of a pool whose control block has another version, it gives Name, Program and PID; Workers is nil.
func Pools() ([]Stats, error) {
	list, err := shm.List()
	if err != nil {
		return nil, err
	}
	var pools []Stats
	var errs []error
	for _, info := range list {
		if info.Stale() {
			continue
		}
		s, ok, err := peek(info, list)
		if err != nil && !errors.Is(err, shm.ErrNotExist) { // it has just ended
			errs = append(errs, err)
		}
		if ok {
			pools = append(pools, s)
		}
	}
	return pools, errors.Join(errs...)
}

// peek reads one segment; ok tells whether it is the control block of a pool.
func peek(info shm.Info, all []shm.Info) (s Stats, ok bool, err error) {
	head := layout.Aligned(controlSize(0, 0), layout.Line)
	n, err := shm.Peek(info.Name, head)
	if err != nil || n < len(head) {
		return s, false, err
	}
	h, _ := viewControl(head, 0, 0)
	if h.magic.Load() != controlMagic {
		return s, false, nil
	}
	s = Stats{Name: info.Name, Program: info.Program, PID: info.PID}
	workers, tasks := int(h.workers), int(h.tasks)
	if h.version != controlVersion || workers < 1 || workers > workersMax || tasks < 1 || tasks > depthMax || tasks%64 != 0 ||
		int64(controlSize(workers, tasks)) != info.Size {
		return s, true, nil
	}
	whole := layout.Aligned(int(info.Size), layout.Line)
	if n, err = shm.Peek(info.Name, whole); err != nil || n < len(whole) {
		return s, false, err
	}
	c, _ := viewControl(whole, workers, tasks)
	if int(c.workers) != workers || int(c.tasks) != tasks {
		return s, true, nil // somebody writes there what no pool does
	}
	s = c.stats()
	s.Name, s.Program, s.PID, s.Bytes = info.Name, info.Program, info.PID, info.Reserved
	for _, other := range all {
		if other.Name == c.about.arena.get() {
			s.Bytes += other.Reserved
		}
	}
	return s, true, nil
}
