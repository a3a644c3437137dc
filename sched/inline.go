package sched

import (
	"fmt"
	"runtime/debug"
)

// Err returns nil while the pool takes work, else why it does not: [ErrClosed], [ErrNoPool], what broke it. After Close no
// array in the pool's arena may be touched, not even to look at its shape.
func (p *Pool) Err() error {
	if err := p.check(); err != nil {
		return err
	}
	if err := p.enter(); err != nil {
		return err
	}
	p.users.Done()
	return nil
}

// Inline runs f in the calling goroutine as work of the pool: Close waits for it. It is for work that is done before the
// workers would have come, and that cannot fail but by its error.
//
// Errors: f's; [ErrClosed] and what else ended the pool; one that wraps the runtime's when the file of a mapped array has
// become too short. Other panics of f go on.
func (p *Pool) Inline(f func() error) (err error) {
	if err := p.check(); err != nil {
		return err
	}
	if err := p.enter(); err != nil {
		return err
	}
	defer p.users.Done()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		fault, ok := v.(interface {
			error
			Addr() uintptr
		})
		if !ok {
			panic(v)
		}
		err = fmt.Errorf("sched: memory at %#x is gone; was the file of an array truncated, or an array closed? %w", fault.Addr(), fault)
	}()
	return f()
}
