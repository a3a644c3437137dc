package sched

import (
	"context"
	"slices"
	"sync"

	"github.com/shmath/shmath/asm"
)

// inbox collects calls in the order in which they end, for one goroutine that waits for several.
type inbox struct {
	mu    sync.Mutex
	calls []*call       // that have ended and have not been taken
	left  []*call       // that had not ended when last looked at
	news  chan struct{} // holds a token when calls have come since it was last emptied
}

func newInbox() *inbox { return &inbox{news: make(chan struct{}, 1)} }

// follow has the call put itself in when it ends, or now if it has ended.
func (b *inbox) follow(c *call) {
	if len(b.left) == cap(b.left) {
		b.left = slices.Grow(b.unended(), len(b.left)+1)
	}
	b.left = append(b.left, c)
	c.onEnd(func() {
		b.mu.Lock()
		b.calls = append(b.calls, c)
		b.mu.Unlock()
		select {
		case b.news <- struct{}{}:
		default:
		}
	})
}

// take returns the call that came first, nil if there is none.
func (b *inbox) take() *call {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.calls) == 0 {
		return nil
	}
	c := b.calls[0]
	b.calls = b.calls[1:]
	return c
}

func (b *inbox) empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.calls) == 0
}

// unended returns the calls that have not ended. It is for the goroutine that waits.
func (b *inbox) unended() []*call {
	b.left = slices.DeleteFunc(b.left, func(c *call) bool { return c.over.Load() })
	return b.left
}

// await waits for a call that has ended: it looks for itself for about as long as a short call takes, then sleeps.
func (b *inbox) await(ctx context.Context, t *callTable) (*call, error) {
	for range spinLooks * t.p.spin {
		if c := b.take(); c != nil {
			return c, nil
		}
		t.collectCompleted()
		asm.Pause(1)
	}
	for {
		if c := b.take(); c != nil {
			return c, nil
		}
		if me := t.p.self(); me != nil && t.help(me, b.unended()...) {
			continue
		}
		select {
		case <-b.news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// onEnd has f called when the call has ended, or now if it has. f must not block, nor use the call table.
func (c *call) onEnd(f func()) {
	c.mu.Lock()
	over := c.over.Load()
	if !over {
		c.listeners = append(c.listeners, f)
	}
	c.mu.Unlock()
	if over {
		f()
	}
}
