package sched

import (
	"runtime"
	"time"

	"github.com/shmath/shmath/internal/futex"
)

// monitor is the parent's one goroutine that sleeps until a worker rings, or dies. It sleeps on the bell and on the life
// words of all workers at once.
func (p *Pool) monitor() {
	defer close(p.watching)
	for {
		seen := p.c.bell.Load()                       // SYNC(sched.bell): what was written before is seen; pairs with control.ring.
		last := p.c.stop.Load() != 0 && p.crew.gone() // asked first: the dead are still buried below
		p.crew.inspect()
		p.calls.collectCompleted()
		p.loops.wakeAll()
		p.relay.look()
		if last {
			return
		}
		runtime.Gosched() // who was woken runs now: asleep in the kernel, this goroutine keeps its P for up to 10 ms
		p.c.parentAsleep.Store(1)
		if p.c.bell.Load() == seen {
			p.sleep(seen)
		}
		p.c.parentAsleep.Store(0)
	}
}

// sleep returns on news. A life word that has changed while its owner is still on the way out keeps its new value: it
// must not be slept on, nor spun on for long.
func (p *Pool) sleep(seen uint32) {
	words := []futex.Word{{Addr: &p.c.bell, Val: seen}}
	leaving := false
	for _, w := range p.crew.lives() {
		if w.Addr.Load() == w.Val {
			words = append(words, w)
		} else {
			leaving = true
		}
	}
	var deadline futex.Deadline
	if leaving && p.c.stop.Load() == 0 { // when all are to go, the bell rings for each
		deadline = futex.After(20 * time.Microsecond)
	}
	if err := futex.WaitAny(deadline, words...); err != nil && err != futex.ErrTimeout {
		time.Sleep(time.Millisecond) // a wait that the kernel refuses must not become a spin
	}
}

// gone reports whether every worker has left.
func (w *crew) gone() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.members {
		if h.child != nil && !ended(h.child) {
			return false
		}
	}
	return w.leaving
}

// alive reports whether a worker may still be at work.
func (w *crew) alive() bool {
	if w.p.opts.Backend == InProcess {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.members {
		if h.child != nil && !ended(h.child) {
			return true
		}
	}
	return false
}
