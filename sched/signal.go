package sched

import (
	"fmt"
	"os"
)

// Signal sends sig to the process of a worker, never to another process that got its number. A worker that is being
// replaced is no error. It returns an error in-process, where there is nobody to send it to.
func (p *Pool) Signal(worker int, sig os.Signal) error {
	if n := p.Workers(); worker < 0 || worker >= n {
		return fmt.Errorf("sched: no worker %d in a pool of %d", worker, n)
	}
	if p.opts.Backend == InProcess {
		return fmt.Errorf("sched: worker %d is a goroutine of this process: it cannot get %v; cancel its context", worker, sig)
	}
	p.crew.mu.Lock()
	child := p.crew.members[worker].child
	p.crew.mu.Unlock()
	if child == nil {
		return nil
	}
	return child.Signal(sig)
}
