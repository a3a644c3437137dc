package psync

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// SemaphoreWord is the front of a semaphore; its table of holders follows. It has [SemaphoreSize] bytes with it.
type SemaphoreWord struct {
	magic   atomic.Uint32 // written last by Create
	holders uint32        // entries of the table; 0 when permits belong to nobody
	value   atomic.Uint32 // without a table: the free permits. With one: all permits, which never changes
	bound   uint32
	bell    bell
	guard   atomic.Uint32 // owner word: who takes permits that are counted by holder
	_       [2]uint32
}

const (
	semaphoreMagic  = 0x53450001 // "SE", layout 1
	semaphoreHeader = 32
	holdersMax      = 1 << 16
)

// SemaphoreOptions configures a semaphore. A nil *SemaphoreOptions means the defaults. Attach uses Members alone: the
// rest is read from the memory.
type SemaphoreOptions struct {
	Members       Members // nil means that only this process uses the memory
	Bound         int     // Release beyond it is an error; 0 means none but 2147483647
	ReturnOnDeath bool    // permits belong to the process that acquired them, and come back when it dies
	Holders       int     // with ReturnOnDeath: processes that can hold permits at once; 0 means as many as permits, at most 252
}

func (o *SemaphoreOptions) withDefaults(value int) (SemaphoreOptions, error) {
	var c SemaphoreOptions
	if o != nil {
		c = *o
	}
	if c.Bound == 0 {
		c.Bound = math.MaxInt32
	}
	if c.ReturnOnDeath && c.Holders == 0 {
		c.Holders = min(max(value, 1), 252)
	}
	if !c.ReturnOnDeath {
		c.Holders = 0
	}
	if c.Bound < 0 || c.Bound > math.MaxInt32 || value < 0 || value > c.Bound {
		return c, fmt.Errorf("%w: value %d, bound %d", ErrBound, value, c.Bound)
	}
	if c.Holders < 0 || c.Holders > holdersMax {
		return c, fmt.Errorf("psync: %d holders are not between 1 and %d", c.Holders, holdersMax)
	}
	return c, nil
}

// SemaphoreSize is the size of a semaphore with o: 32 bytes, and 8 per holder with ReturnOnDeath.
func SemaphoreSize(value int, o *SemaphoreOptions) int {
	c, err := o.withDefaults(value)
	if err != nil {
		return semaphoreHeader
	}
	return semaphoreHeader + 8*c.Holders
}

// Semaphore is this process's handle of a counter of permits. All its methods may be called by any goroutine.
//
// Without ReturnOnDeath permits belong to nobody: any process may release, more than was acquired too, up to the
// bound, and what a dead process had acquired is gone. With it, they belong to the process that acquired them; only
// that process can release them, and they return when it dies.
type Semaphore struct {
	*member
	s     *SemaphoreWord
	table holders
	bound int
	total int // with a table
}

// CreateSemaphore makes the front of mem, [SemaphoreSize] bytes from a multiple of 8, a semaphore with value permits.
func CreateSemaphore(mem []byte, value int, o *SemaphoreOptions) (*Semaphore, error) {
	c, err := o.withDefaults(value)
	if err != nil {
		return nil, err
	}
	size := semaphoreHeader + 8*c.Holders
	if err := place(mem, size, wordAlign); err != nil {
		return nil, err
	}
	s := layout.View[SemaphoreWord](mem, 0)
	s.magic.Store(0)
	clear(mem[4:size])
	s.holders, s.bound = uint32(c.Holders), uint32(c.Bound)
	s.value.Store(uint32(value))
	s.magic.Store(semaphoreMagic) // SYNC(semaphore.magic): the rest is whole
	return newSemaphore(mem, s, c.Holders, c.Members), nil
}

// AttachSemaphore returns a handle of the semaphore at the front of mem.
func AttachSemaphore(mem []byte, o *SemaphoreOptions) (*Semaphore, error) {
	if err := place(mem, semaphoreHeader, wordAlign); err != nil {
		return nil, err
	}
	s := layout.View[SemaphoreWord](mem, 0)
	if m := s.magic.Load(); m != semaphoreMagic { // SYNC(semaphore.magic)
		return nil, fmt.Errorf("%w: magic %#x is not a semaphore's", ErrCorrupt, m)
	}
	n, bound, value := int(s.holders), s.bound, s.value.Load()
	if n > holdersMax || bound > math.MaxInt32 || value > math.MaxInt32 || len(mem) < semaphoreHeader+8*n {
		return nil, fmt.Errorf("%w: a semaphore of value %d, bound %d, %d holders in %d bytes", ErrCorrupt, value, bound, n, len(mem))
	}
	var m Members
	if o != nil {
		m = o.Members
	}
	return newSemaphore(mem, s, n, m), nil
}

func newSemaphore(mem []byte, s *SemaphoreWord, n int, m Members) *Semaphore {
	sem := &Semaphore{member: newMember(m), s: s, bound: int(s.bound)}
	if n > 0 {
		sem.table = layout.Slice[atomic.Uint64](mem, semaphoreHeader, n)
		sem.total = int(s.value.Load())
	}
	return sem
}

// Acquire takes n permits at once, and waits until there are so many, or ctx ends. Waiting for several is unfair: those
// who want one may go first for ever. It returns [ErrBound] when there can never be n, and [ErrStuck].
func (s *Semaphore) Acquire(ctx context.Context, n int) error {
	if err := s.check(n); err != nil {
		return err
	}
	if ok, err := s.try(ctx, n); ok || err != nil {
		return err
	}
	wait := s.wait()
	wait.first = lockPauses
	defer wait.end()
	for wait.pause() {
		if s.free() < n {
			continue
		}
		if ok, err := s.try(ctx, n); ok || err != nil {
			return err
		}
	}
	for {
		word := s.s.bell.arm(n > 1)
		ok, holders := s.look(n)
		if ok {
			if ok, err := s.try(ctx, n); ok || err != nil {
				return err
			}
			continue
		}
		if err := wait.sleep(ctx, word, lookAgain, holders...); err != nil {
			return err
		}
		s.collect()
	}
}

// look tells whether n permits could be had, and if not, who can change that by giving back or by dying.
func (s *Semaphore) look(n int) (ok bool, holders []uint32) {
	if s.table == nil {
		return int(s.s.value.Load()) >= n, nil // SYNC(semaphore)
	}
	holders, held, room := s.table.scan(s.tag)
	return room && s.total-held >= n, holders
}

// TryAcquire takes n permits if they are free now.
func (s *Semaphore) TryAcquire(n int) (bool, error) {
	if err := s.check(n); err != nil {
		return false, err
	}
	ok, err := s.try(context.Background(), n)
	if !ok && err == nil && s.collect() {
		ok, err = s.try(context.Background(), n)
	}
	return ok, err
}

func (s *Semaphore) check(n int) error {
	limit := s.bound
	if s.table != nil {
		limit = min(limit, s.total)
	}
	if n < 1 || n > limit {
		return fmt.Errorf("%w: %d permits of at most %d", ErrBound, n, limit)
	}
	return nil
}

func (s *Semaphore) try(ctx context.Context, n int) (bool, error) {
	if s.table != nil {
		return s.tryCounted(ctx, n)
	}
	for {
		v := s.s.value.Load()
		if int64(v) < int64(n) {
			return false, nil
		}
		if s.s.value.CompareAndSwap(v, v-uint32(n)) { // SYNC(semaphore): sees what was done before the Release
			return true, nil
		}
	}
}

// free is a glance at the free permits, which may be wrong while others take and release.
func (s *Semaphore) free() int {
	if s.table == nil {
		return int(s.s.value.Load())
	}
	return s.total - s.table.held()
}

// tryCounted takes permits in this process's entry. Takers exclude each other, so that the sum they read cannot
// rise; releases only lower it and need no guard.
func (s *Semaphore) tryCounted(ctx context.Context, n int) (bool, error) {
	if err := s.enterGuard(ctx, &s.s.guard, lockPauses); err != nil && !errors.Is(err, ErrOwnerDead) {
		return false, err
	} // a death under the guard leaves nothing half done: one CAS is all that happens there
	ok := s.free() >= n && s.table.add(s.tag, n)
	invariants.Point("semaphore.counted")
	return ok, s.unlock(&s.s.guard, -1, wakeHeir)
}

// Release gives n permits back. It returns [ErrBound] when that would pass the bound, and [ErrNotOwner] when permits
// belong to processes and this one holds fewer; nothing is changed then.
func (s *Semaphore) Release(n int) error {
	if n < 1 || n > s.bound {
		return fmt.Errorf("%w: release of %d permits of at most %d", ErrBound, n, s.bound)
	}
	if s.table != nil {
		if !s.table.sub(s.tag, n) {
			return fmt.Errorf("%w: %d permits", ErrNotOwner, n)
		}
		s.s.bell.ring(n + 1)
		return nil
	}
	for {
		v := s.s.value.Load()
		if int64(v)+int64(n) > int64(s.bound) {
			return fmt.Errorf("%w: %d free and %d released, of at most %d", ErrBound, v, n, s.bound)
		}
		if s.s.value.CompareAndSwap(v, v+uint32(n)) { // SYNC(semaphore)
			break
		}
	}
	invariants.Point("semaphore.released")
	s.s.bell.ring(n + 1) // one more than can go on: a sleeper that is killed while it wakes costs nobody his turn
	return nil
}

// collect takes back the permits of the dead, and tells whether there were any.
func (s *Semaphore) collect() bool {
	freed := s.table.bury(s.alive)
	if freed == 0 {
		return false
	}
	s.s.bell.ring(freed + 1)
	return true
}

// Value returns how many permits are free. With ReturnOnDeath those of processes that are known to be dead count as
// free.
func (s *Semaphore) Value() int {
	s.collect()
	return max(s.free(), 0)
}

// Held returns how many permits this process holds; 0 without ReturnOnDeath.
func (s *Semaphore) Held() (n int) {
	for i := range s.table {
		if tag, count := splitEntry(s.table[i].Load()); tag == s.tag {
			n += count
		}
	}
	return n
}
