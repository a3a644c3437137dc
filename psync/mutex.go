package psync

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/shmath/shmath/internal/invariants"
)

// MutexSize is the size of a [MutexWord].
const MutexSize = 4

// MutexWord is a mutex in shared memory: one owner word. Zero is an unlocked mutex. It may be a field of any
// pointer-free struct.
type MutexWord struct{ state atomic.Uint32 }

// Mutex is this process's handle of a mutex. All its methods may be called by any goroutine. Goroutines of one process
// exclude each other too, but the owner is the process: another goroutine may unlock.
type Mutex struct {
	*member
	w *atomic.Uint32
}

// CreateMutex makes the first [MutexSize] bytes of mem, a multiple of 4 in address, an unlocked mutex.
func CreateMutex(mem []byte, o *Options) (*Mutex, error) {
	w, err := view[MutexWord](mem, MutexSize, true)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// AttachMutex returns a handle of the mutex at the front of mem. Any four bytes are a mutex: bytes that name an owner
// who does not live are a mutex whose owner died.
func AttachMutex(mem []byte, o *Options) (*Mutex, error) {
	w, err := view[MutexWord](mem, MutexSize, false)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// Attach returns a handle of the mutex.
func (w *MutexWord) Attach(o *Options) *Mutex { return &Mutex{o.member(), &w.state} }

// Lock takes the mutex. It waits while a living process has it, until ctx ends.
//
// An error that wraps [ErrOwnerDead] means: the mutex IS held by the caller, the process that had it before died
// with it, and what it guards may be half changed. The caller repairs that and goes on; its Unlock vouches for
// the data, so nobody else hears of this death. A caller that cannot repair calls Abandon. Of any other error the
// mutex is not held.
func (m *Mutex) Lock(ctx context.Context) error {
	if m.w.CompareAndSwap(0, m.tag) { // SYNC(owner)
		invariants.Point("lock.taken")
		return nil
	}
	return m.lock(ctx, m.w, 0)
}

// TryLock takes the mutex if no living process has it. ok tells whether it is held now; err then is nil or, as in
// Lock, wraps [ErrOwnerDead].
func (m *Mutex) TryLock() (ok bool, err error) { return m.tryLock(m.w, 0) }

// Unlock frees the mutex, and vouches for what it guards. It returns [ErrNotOwner], and changes nothing, when this
// process does not hold it.
func (m *Mutex) Unlock() error {
	if m.w.CompareAndSwap(m.tag, 0) { // SYNC(owner)
		invariants.Point("unlock.freed")
		return nil
	}
	return m.unlock(m.w, -1, wakeHeir)
}

// Abandon frees the mutex without vouching for what it guards: the next Lock returns an error that wraps
// [ErrOwnerDead], as if this process had died.
func (m *Mutex) Abandon() error { return m.unlock(m.w, halfBit, wakeHeir) }

// Do runs f with the mutex held, and frees it whatever f does, panic included. f is told of the death of the previous
// owner (died wraps [ErrOwnerDead]; nil otherwise): if it then fails, by an error or a panic, the next owner is told
// again. Do returns f's error, or the reason why f did not run.
func (m *Mutex) Do(ctx context.Context, f func(died error) error) (err error) {
	died := m.Lock(ctx)
	if died != nil && !errors.Is(died, ErrOwnerDead) {
		return died
	}
	repaired := false
	defer func() {
		free := m.Unlock
		if died != nil && !repaired {
			free = m.Abandon
		}
		if e := free(); e != nil && err == nil {
			err = e // f has unlocked it itself
		}
	}()
	err = f(died)
	repaired = err == nil
	return err
}

// Owner returns the tag of the process that has the mutex, alive or not; 0 when it is free.
func (m *Mutex) Owner() uint32 { return m.w.Load() & tagMask }
