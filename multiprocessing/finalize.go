package multiprocessing

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Finalizer is a function that runs once: when it is called, when the object that it belongs to is dropped, or when its
// process ends in order, which is at [Finish] or when its target has returned. Python: multiprocessing.util.Finalize.
type Finalizer struct {
	f    func()
	opts FinalizerOptions
	of   *identity
	over atomic.Bool
}

// FinalizerOptions configures a finalizer. A nil *FinalizerOptions means the defaults.
type FinalizerOptions struct {
	AtExit   bool // it runs when the process ends in order, too
	Priority int  // at the end the highest runs first, of equal ones the youngest; negative ones after the children's end
}

// finalizers are those of this operating-system process that run at an end, in the order in which they were made.
var finalizers struct {
	sync.Mutex
	list []*Finalizer
}

// Finalize makes a finalizer of the process whose code runs under ctx.
func Finalize(ctx context.Context, f func(), opts *FinalizerOptions) *Finalizer {
	x := &Finalizer{f: f, of: identityOf(ctx)}
	if opts != nil {
		x.opts = *opts
	}
	if x.opts.AtExit {
		finalizers.Lock()
		defer finalizers.Unlock()
		finalizers.list = append(finalizers.list, x)
	}
	return x
}

// FinalizeObject makes a finalizer that also runs when nobody refers to obj any more, in a goroutine of its own. f must not
// refer to obj: that would keep it.
func FinalizeObject[T any](ctx context.Context, obj *T, f func(), opts *FinalizerOptions) *Finalizer {
	x := Finalize(ctx, f, opts)
	runtime.AddCleanup(obj, func(x *Finalizer) { go x.Call() }, x)
	return x
}

// AtExit has f run when the process whose code runs under ctx ends in order. Python: atexit.register.
func AtExit(ctx context.Context, f func()) *Finalizer {
	return Finalize(ctx, f, &FinalizerOptions{AtExit: true})
}

// Call runs the function, unless it has run or was cancelled, and reports whether it did. A panic in it is logged.
func (x *Finalizer) Call() bool {
	if !x.Cancel() {
		return false
	}
	contained(x.f)
	return true
}

// Cancel prevents the function from running and reports whether it did.
func (x *Finalizer) Cancel() bool {
	if x.over.Swap(true) {
		return false
	}
	if x.opts.AtExit {
		finalizers.Lock()
		defer finalizers.Unlock()
		finalizers.list = slices.DeleteFunc(finalizers.list, func(y *Finalizer) bool { return y == x })
	}
	return true
}

// StillActive reports whether the function may yet run.
func (x *Finalizer) StillActive() bool { return !x.over.Load() }

// finalize runs what a process has to run at its end, down to a priority; also what is registered meanwhile.
func finalize(of *identity, lowest int) {
	for {
		finalizers.Lock()
		var next []*Finalizer
		for _, x := range slices.Backward(finalizers.list) {
			if x.of == of && x.opts.Priority >= lowest {
				next = append(next, x)
			}
		}
		finalizers.Unlock()
		if len(next) == 0 {
			return
		}
		slices.SortStableFunc(next, func(a, b *Finalizer) int { return cmp.Compare(b.opts.Priority, a.opts.Priority) })
		next[0].Call()
	}
}
