package psync

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// RWMutexWord is the front of a reader-writer lock; its table of readers follows. It has [RWMutexSize] bytes with it.
type RWMutexWord struct {
	magic   atomic.Uint32 // written last by Create
	holders uint32        // entries of the table
	writer  atomic.Uint32 // owner word of the writer
	bell    bell          // where the writer waits for the readers
}

const (
	rwmutexMagic   = 0x52570001 // "RW", layout 1
	rwmutexHeader  = 16
	rwmutexHolders = 64
)

// RWMutexOptions configures an RWMutex. A nil *RWMutexOptions means the defaults. Attach uses Members alone.
type RWMutexOptions struct {
	Members Members // nil means that only this process uses the memory
	Holders int     // processes that can read at once; 0 means 64
}

func (o *RWMutexOptions) withDefaults() (RWMutexOptions, error) {
	var c RWMutexOptions
	if o != nil {
		c = *o
	}
	if c.Holders == 0 {
		c.Holders = rwmutexHolders
	}
	if c.Holders < 0 || c.Holders > holdersMax {
		return c, fmt.Errorf("psync: %d holders are not between 1 and %d", c.Holders, holdersMax)
	}
	return c, nil
}

// RWMutexSize is the size of a reader-writer lock with o: 16 bytes, and 8 per holder.
func RWMutexSize(o *RWMutexOptions) int {
	c, err := o.withDefaults()
	if err != nil {
		return rwmutexHeader
	}
	return rwmutexHeader + 8*c.Holders
}

// RWMutex is this process's handle of a lock that many processes may hold to read, or one to write. All its methods may
// be called by any goroutine. A writer that waits keeps new readers out, so a goroutine that reads must not ask to
// read again. A reader that dies leaves nothing behind. After a writer's death the data may be half changed: RLock
// returns an error until a writer, which Lock tells of the death, has repaired it.
type RWMutex struct {
	*member
	w       *RWMutexWord
	readers holders
}

// CreateRWMutex makes the front of mem, [RWMutexSize] bytes from a multiple of 8, an unlocked reader-writer lock.
func CreateRWMutex(mem []byte, o *RWMutexOptions) (*RWMutex, error) {
	c, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	size := rwmutexHeader + 8*c.Holders
	if err := place(mem, size, wordAlign); err != nil {
		return nil, err
	}
	w := layout.View[RWMutexWord](mem, 0)
	w.magic.Store(0)
	clear(mem[4:size])
	w.holders = uint32(c.Holders)
	w.magic.Store(rwmutexMagic) // SYNC(rwmutex.magic): the rest is whole
	return newRWMutex(mem, w, c.Holders, c.Members), nil
}

// AttachRWMutex returns a handle of the reader-writer lock at the front of mem.
func AttachRWMutex(mem []byte, o *RWMutexOptions) (*RWMutex, error) {
	if err := place(mem, rwmutexHeader, wordAlign); err != nil {
		return nil, err
	}
	w := layout.View[RWMutexWord](mem, 0)
	if m := w.magic.Load(); m != rwmutexMagic { // SYNC(rwmutex.magic)
		return nil, fmt.Errorf("%w: magic %#x is not a reader-writer lock's", ErrCorrupt, m)
	}
	n := int(w.holders)
	if n < 1 || n > holdersMax || len(mem) < rwmutexHeader+8*n {
		return nil, fmt.Errorf("%w: a reader-writer lock of %d holders in %d bytes", ErrCorrupt, n, len(mem))
	}
	var m Members
	if o != nil {
		m = o.Members
	}
	return newRWMutex(mem, w, n, m), nil
}

func newRWMutex(mem []byte, w *RWMutexWord, n int, m Members) *RWMutex {
	return &RWMutex{newMember(m), w, layout.Slice[atomic.Uint64](mem, rwmutexHeader, n)}
}

// RLock takes the lock to read. It waits while a living writer has it or waits for it, until ctx ends. Of any error the
// lock is not held: [ErrOwnerDead] says that a writer died with it, and stays until one has repaired the data under
// Lock; [ErrFull] that more processes read than it was created for.
func (m *RWMutex) RLock(ctx context.Context) error {
	wait := m.wait()
	defer wait.end()
	for {
		v, err := m.tryRLock()
		if err != nil || v == 0 {
			return err
		}
		if wait.pause() {
			continue
		}
		if !m.alive(v & tagMask) {
			return &OwnerDeadError{v & tagMask}
		}
		if v&flagWaiters == 0 {
			if !m.w.writer.CompareAndSwap(v, v|flagWaiters) {
				continue
			}
			v |= flagWaiters
			invariants.Point("rlock.announced")
		}
		// SYNC(owner.sleep): pairs with the wake in unlock.
		if err := wait.sleep(ctx, futex.Word{Addr: &m.w.writer, Val: v}, lookAgain, v&tagMask); err != nil {
			return err
		}
	}
}

// TryRLock takes the lock to read if no living writer has it or waits for it. Errors are those of RLock.
func (m *RWMutex) TryRLock() (bool, error) {
	v, err := m.tryRLock()
	if err == nil && v != 0 && !m.alive(v&tagMask) {
		err = &OwnerDeadError{v & tagMask}
	}
	return err == nil && v == 0, err
}

// tryRLock counts this process among the readers unless a writer is there: its owner word then, 0 otherwise.
func (m *RWMutex) tryRLock() (writer uint32, err error) {
	if v := m.w.writer.Load(); v&tagMask != 0 {
		return v, nil
	}
	if !m.readers.add(m.tag, 1) { // SYNC(rwmutex): before the look at the writer
		m.readers.bury(m.alive)
		if !m.readers.add(m.tag, 1) {
			return 0, ErrFull
		}
	}
	v := m.w.writer.Load() // SYNC(owner): sees what the last writer did
	if v&(tagMask|flagHalf) == 0 {
		return 0, nil
	}
	if err := m.RUnlock(); err != nil {
		return 0, err
	}
	if v&tagMask == 0 {
		return 0, &OwnerDeadError{}
	}
	return v, nil
}

// RUnlock undoes one RLock of this process. It returns [ErrNotOwner] when it does not read.
func (m *RWMutex) RUnlock() error {
	if !m.readers.sub(m.tag, 1) { // SYNC(rwmutex): publishes that the reads are over
		return ErrNotOwner
	}
	m.w.bell.ring(1) // only the writer waits there
	return nil
}

// Lock takes the lock to write: it keeps new readers out and waits for those that read, until ctx ends. An error that
// wraps [ErrOwnerDead] means, as for [Mutex.Lock], that the lock is held and the data has to be repaired.
func (m *RWMutex) Lock(ctx context.Context) error {
	died := m.lock(ctx, &m.w.writer, 0)
	if died != nil && !errors.Is(died, ErrOwnerDead) {
		return died
	}
	if err := m.drain(ctx); err != nil {
		return errors.Join(err, m.release(died != nil))
	}
	return died
}

// TryLock takes the lock to write if nobody alive holds it.
func (m *RWMutex) TryLock() (bool, error) {
	ok, died := m.tryLock(&m.w.writer, 0)
	if !ok {
		return false, died
	}
	if m.readers.held() > 0 {
		m.readers.bury(m.alive)
	}
	if m.readers.held() > 0 { // SYNC(rwmutex)
		return false, m.release(died != nil)
	}
	return true, died
}

// drain waits until no living process reads. No new reader stays once it has seen the owner word.
func (m *RWMutex) drain(ctx context.Context) error {
	if m.readers.held() == 0 { // SYNC(rwmutex): after the owner word was taken
		return nil
	}
	wait := m.wait()
	defer wait.end()
	for {
		if wait.pause() {
			if m.readers.held() == 0 {
				return nil
			}
			continue
		}
		m.readers.bury(m.alive)
		word := m.w.bell.arm(false)
		tags, held, _ := m.readers.scan(m.tag) // SYNC(rwmutex)
		if held == 0 {
			return nil
		}
		if err := wait.sleep(ctx, word, lookAgain, tags...); err != nil {
			return err
		}
	}
}

// Unlock frees the lock and vouches for the data. It returns [ErrNotOwner] when this process does not hold it.
func (m *RWMutex) Unlock() error { return m.release(false) }

// Abandon frees the lock without vouching for the data: the next Lock returns [ErrOwnerDead], as after a death.
func (m *RWMutex) Abandon() error { return m.release(true) }

func (m *RWMutex) release(half bool) error {
	toBit := -1
	if half {
		toBit = halfBit
	}
	return m.unlock(&m.w.writer, toBit, everyone) // readers wait there, any number of which may go on
}
