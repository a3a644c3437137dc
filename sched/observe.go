package sched

import (
	"context"
	"runtime/trace"
)

// LabelTasks makes workers call label with the name of a function or loop before they run a call of it or their part of it,
// in the goroutine that will. It is for profilers: with it, samples of a worker say what they belong to. Package sched does not
// link runtime/pprof for those who do not profile: the packages behind it make the start of a pool a tenth slower. Call
// LabelTasks from a package variable or init.
//
//	sched.LabelTasks(func(name string) {
//		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("task", name)))
//	})
func LabelTasks(label func(name string)) {
	table.Lock()
	defer table.Unlock()
	table.label = label
}

// observed returns the body of a loop with what looks on wrapped around it; without onlookers, the body itself. While
// runtime/trace records, each block is a region of that name.
func (w *worker) observed(l *loopSlot, name string, body func(c *Chunk) error) (func(c *Chunk) error, error) {
	if table.label != nil {
		table.label(name)
	}
	if trace.IsEnabled() {
		inner := body
		body = func(c *Chunk) error {
			defer trace.StartRegion(c.Context(), name).End()
			return inner(c)
		}
	}
	raw, err := getBlob(w.arena, nil, l.trace)
	if err != nil || len(raw) == 0 {
		return body, err
	}
	inner, entries := body, traceEntries(raw)
	return func(c *Chunk) error {
		begin := clock()
		err := inner(c)
		clear(entries[c.Index : c.Index+c.blocks]) // an attempt that a worker did not survive may have begun elsewhere
		entries[c.Index] = traceEntry{begin: begin, end: clock(), worker: uint32(w.index)}
		return err
	}, nil
}

// observeCall does the same for one call; it returns what ends it.
func observeCall(ctx context.Context, name string) func() {
	if table.label != nil {
		table.label(name)
	}
	if !trace.IsEnabled() {
		return func() {}
	}
	return trace.StartRegion(ctx, name).End
}
