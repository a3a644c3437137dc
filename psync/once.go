package psync

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/shmath/shmath/internal/invariants"
)

// OnceSize is the size of a [OnceWord].
const OnceSize = 4

// OnceWord is an action that is done once among all processes: an owner word that ends, for ever, as onceDone. Zero
// means not done yet.
type OnceWord struct{ state atomic.Uint32 }

const onceDone = flagHalf // no owner, and the bit that no unlock of a Once leaves behind otherwise

// Once is this process's handle of an action that is done once.
type Once struct {
	*member
	w *atomic.Uint32
}

// CreateOnce makes the first [OnceSize] bytes of mem, a multiple of 4 in address, an action not done yet.
func CreateOnce(mem []byte, o *Options) (*Once, error) {
	w, err := view[OnceWord](mem, OnceSize, true)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// AttachOnce returns a handle of the Once at the front of mem.
func AttachOnce(mem []byte, o *Options) (*Once, error) {
	w, err := view[OnceWord](mem, OnceSize, false)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// Attach returns a handle of the Once.
func (w *OnceWord) Attach(o *Options) *Once { return &Once{o.member(), &w.state} }

// Done tells whether the action has been done.
func (o *Once) Done() bool { return o.w.Load() == onceDone } // SYNC(once): sees what the action did

// Do runs f unless it has been done, in any process, and returns when it has. While another process runs it, Do
// waits, until ctx ends. When that process dies inside, or its f returns an error or panics, the action is not done
// and one of those who wait runs its own f: died then wraps [ErrOwnerDead] if a death was the reason, so that f can
// clear away what was half made. Do returns f's error, or the reason why it did not wait for the end.
func (o *Once) Do(ctx context.Context, f func(died error) error) error {
	if o.Done() {
		return nil
	}
	died := o.lock(ctx, o.w, onceDone)
	if errors.Is(died, errFinal) {
		return nil
	}
	if died != nil && !errors.Is(died, ErrOwnerDead) {
		return died
	}
	toBit := -1
	defer func() { o.unlock(o.w, toBit, everyone) }()
	if err := f(died); err != nil {
		return err
	}
	invariants.Point("once.ran")
	toBit = halfBit // SYNC(once): publishes what f did
	return nil
}
