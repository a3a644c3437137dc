package sched

import (
	"context"
	"errors"
	"fmt"
)

// Resize gives the pool as many workers: n is 1 to Options.MaxWorkers, or what the pool began with. It returns when those that
// are too many have left and all others are ready. Those that leave finish the loops and calls that they are in; other work is not
// touched. CPUs are claimed for new workers, and given back after those that have left; places are chosen by Start, so a CPU on
// which another program's pool has come to live meanwhile is shared. Loops that run keep to the workers that they
// have.
//
// When ctx ends first, Resize returns its error and the change goes on. Errors: what keeps a worker from starting: the pool
// keeps the workers that it had; [ErrClosed].
func (p *Pool) Resize(ctx context.Context, n int) error {
	if n < 1 || n > len(p.cpus) {
		return fmt.Errorf("sched: a pool that may have 1 to %d workers cannot have %d; raise Options.MaxWorkers", len(p.cpus), n)
	}
	if p.self() != nil {
		return fmt.Errorf("%w: another size", ErrInBody)
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.users.Done()
	p.resizing.Lock()
	defer p.resizing.Unlock()
	was := p.Workers()
	if n <= was { // of the same size, too: an earlier call may not have waited
		if err := p.shrink(ctx, n); err != nil {
			return err
		}
		was = n
	}
	p.claimAlso(was, n)
	p.c.about.places.Store(max(p.c.about.places.Load(), uint32(n)))
	err := p.crew.grow(ctx, was, n)
	if err != nil && ctx.Err() == nil {
		return errors.Join(fmt.Errorf("sched: the pool keeps its %d workers: %w", was, err), p.shrink(context.WithoutCancel(ctx), was))
	}
	return err
}

// claimAlso claims the CPUs of more places. One that another program has taken is shared.
func (p *Pool) claimAlso(was, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.claims.hold(p.plan.Workers[:n]) {
		for i := range p.plan.Workers[was:n] {
			p.plan.Workers[was+i].Shared = true
		}
		p.claims.hold(p.plan.Workers[:n])
	}
}

// shrink has the last workers leave. Also those are awaited that an earlier call has not.
func (p *Pool) shrink(ctx context.Context, n int) error {
	p.wanted.Store(int32(n))
	for i := n; i < len(p.cpus); i++ {
		p.c.crew[i].retire.Store(1)
	}
	p.c.publish()
	p.c.ring()
	if err := p.crew.awaitLeave(ctx, n); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.claims.hold(p.plan.Workers[:n])
	return nil
}

// grow fills the places from was to n.
func (w *crew) grow(ctx context.Context, was, n int) error {
	if w.p.opts.Backend == InProcess {
		return w.growLocal(ctx, was, n)
	}
	w.mu.Lock()
	w.refused = nil
	w.mu.Unlock()
	w.p.wanted.Store(int32(n))
	w.p.c.ring() // the monitor has them move in
	return w.awaitChange(ctx, func() (bool, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		ready := 0
		for i := range n {
			if w.p.c.crew[i].state.Load() == workerReady {
				ready++
			}
		}
		return ready == n, w.refused
	})
}

func (w *crew) growLocal(ctx context.Context, was, n int) error {
	for _, h := range w.members[was:n] {
		if h.local != nil {
			select {
			case <-h.local.ended: // it was told to leave
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := w.startLocal(h); err != nil {
			return err
		}
		w.p.wanted.Store(int32(h.index + 1))
	}
	return nil
}

// awaitLeave returns when the places from n on are empty, and their processes have been reaped.
func (w *crew) awaitLeave(ctx context.Context, n int) error {
	if w.p.opts.Backend == Processes {
		return w.awaitChange(ctx, func() (bool, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			for i, h := range w.members {
				if i >= n && (w.p.c.crew[i].state.Load() != workerEmpty || h.record != nil && !ended(h.record.child)) {
					return false, nil
				}
			}
			return true, nil
		})
	}
	for _, h := range w.members[n:] {
		if h.local == nil {
			continue
		}
		select {
		case <-h.local.ended:
			w.p.c.crew[h.index].state.Store(workerEmpty)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// awaitChange asks whether something is so whenever the monitor has looked at the workers.
func (w *crew) awaitChange(ctx context.Context, so func() (bool, error)) error {
	for {
		if yes, err := so(); yes || err != nil {
			return err
		}
		if broken := w.p.broken.Load(); broken != nil {
			return *broken
		}
		select {
		case <-w.changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-w.p.watching:
			return ErrClosed
		}
	}
}

// moveIn starts a worker in a place that was vacant, if the pool is to have more. The monitor calls it.
func (w *crew) moveIn(h *hand) {
	if h.index < w.p.Workers() {
		h.vacant, h.trial, h.misfires = false, true, 0
		w.launch(h)
	}
}

// giveUp leaves a place vacant in which no worker could start.
func (w *crew) giveUp(h *hand, err error) {
	w.mu.Lock()
	w.refused = err
	w.mu.Unlock()
	for v := w.p.wanted.Load(); int(v) > h.index && !w.p.wanted.CompareAndSwap(v, int32(h.index)); v = w.p.wanted.Load() {
	}
	h.vacant = true
	w.p.c.crew[h.index].state.Store(workerEmpty)
	w.discharge(h)
}
