package psync

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
)

// CondSize is the size of a [CondWord].
const CondSize = 4

// CondWord is a condition variable. Zero is one that nobody waits for. It may be a field of any pointer-free struct.
//
//	bits   meaning                        set by                        cleared by
//	0      somebody may sleep on it       a waiter, under its lock      Broadcast
//	1-31   how often it was signalled     Signal, Broadcast             -
//
// Nothing counts the waiters, so a death cannot unbalance anything: whoever sleeps is known to the kernel alone, which
// forgets a process that it kills.
type CondWord struct{ state atomic.Uint32 }

const (
	condWaiters = 1
	condSignal  = 2
)

// Locker is what a Cond frees while it waits: a [Mutex], or one holder's side of an [RMutex].
type Locker interface {
	Lock(ctx context.Context) error
	Unlock() error
}

// Cond is this process's handle of a condition variable. All its methods may be called by any goroutine.
type Cond struct {
	*member
	w *atomic.Uint32
}

// CreateCond makes the first [CondSize] bytes of mem, a multiple of 4 in address, a condition nobody waits for.
func CreateCond(mem []byte, o *Options) (*Cond, error) {
	w, err := view[CondWord](mem, CondSize, true)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// AttachCond returns a handle of the condition at the front of mem. Any four bytes are a condition.
func AttachCond(mem []byte, o *Options) (*Cond, error) {
	w, err := view[CondWord](mem, CondSize, false)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// Attach returns a handle of the condition.
func (w *CondWord) Attach(o *Options) *Cond { return &Cond{o.member(), &w.state} }

// Wait frees l, sleeps until it is signalled or ctx ends, and takes l again. l is held when Wait returns, unless the
// error is [ErrNotOwner], which l's Unlock returned. The error is nil after a signal, ctx's error when ctx ended first;
// it wraps [ErrOwnerDead] if a process died with l meanwhile (see [Mutex.Lock]). As everywhere, a signal says only
// that the state may have changed: look at it again, or call WaitFor.
//
// A waiter that is killed after it was woken has had its signal. Where others could go on in its place, use WaitFor, which
// finds that out by itself.
func (c *Cond) Wait(ctx context.Context, l Locker) error { return c.waitOnce(ctx, l, 0) }

// waitOnce is Wait, which also ends, as if signalled, after limit; 0 means none.
func (c *Cond) waitOnce(ctx context.Context, l Locker, limit time.Duration) error {
	word := c.arm()
	if err := l.Unlock(); err != nil {
		return err
	}
	invariants.Point("cond.unlocked")
	err := c.await(ctx, word, limit)
	// l has to be held on return whatever became of ctx; its owner lives, or death hands it over.
	return errors.Join(err, l.Lock(context.Background()))
}

// WaitFor waits until pred, called with l held, returns true. It returns nil then; ctx's error when ctx ended first and
// pred is still false; and what l's Lock says after a death, at once, so that the caller can repair what pred reads. It
// calls pred after each signal, and now and then without: the one that was woken in its place may have been killed.
func (c *Cond) WaitFor(ctx context.Context, l Locker, pred func() bool) error {
	for {
		if pred() {
			return nil
		}
		err := c.waitOnce(ctx, l, predAgain)
		if err == nil {
			continue
		}
		if !errors.Is(err, ErrOwnerDead) && !errors.Is(err, ErrNotOwner) && pred() {
			return nil
		}
		return err
	}
}

// arm announces a waiter. The caller holds the lock under which the state is changed.
func (c *Cond) arm() futex.Word {
	for {
		v := c.w.Load()
		if v&condWaiters != 0 || c.w.CompareAndSwap(v, v|condWaiters) { // SYNC(cond)
			invariants.Point("cond.armed")
			return futex.Word{Addr: c.w, Val: v | condWaiters}
		}
	}
}

// await sleeps until the count of signals differs from word's, or limit has passed.
func (c *Cond) await(ctx context.Context, word futex.Word, limit time.Duration) error {
	wait := c.wait()
	defer wait.end()
	for {
		v := c.w.Load()
		if v/condSignal != word.Val/condSignal { // SYNC(cond)
			return nil
		}
		if wait.pause() {
			continue
		}
		err := wait.sleep(ctx, word, limit)
		if c.w.Load()/condSignal != word.Val/condSignal {
			return nil // a signal that came together with the end of ctx counts
		}
		if err != nil || limit > 0 {
			return err
		}
	}
}

// Signal wakes n waiters, or all there are if there are fewer. Call it with the lock held or after its release; held,
// those who began to wait later are not woken. A waiter that has not fallen asleep yet may return too.
func (c *Cond) Signal(n int) {
	if n < 1 || c.w.Load()&condWaiters == 0 { // SYNC(cond): after the change of the state
		return
	}
	invariants.Point("cond.signalling")
	futex.WakeOp(c.w, futex.Add, condSignal, n) // SYNC(cond): the count and the wake are one step
}

// Broadcast wakes all waiters.
func (c *Cond) Broadcast() {
	if c.w.Load()&condWaiters == 0 {
		return
	}
	invariants.Point("cond.broadcasting")
	// Adding 1 to a count whose lowest bit says "waiters" clears the bit and counts one signal.
	futex.WakeOp(c.w, futex.Add, condWaiters, everyone) // SYNC(cond)
}
