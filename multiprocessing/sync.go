package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shmath/shmath/psync"
)

func (o object) psync() *psync.Options { return &psync.Options{Members: o.s.seg} }

// Lock is a mutual exclusion lock between processes. It is not re-entrant, and it is released by the process that holds
// it, from any goroutine. Its holder may be killed: the next Acquire then returns an error that wraps [ErrOwnerDead],
// with the lock held.
type Lock struct {
	object
	m *psync.Mutex
}

// NewLock makes a free lock.
func NewLock() (*Lock, error) {
	l := new(Lock)
	var err error
	if l.object, err = newObject(psync.MutexSize); err == nil {
		l.m, err = psync.CreateMutex(l.mem, l.psync())
	}
	return made(l, err)
}

// made returns x, or nothing when making it failed.
func made[T any](x *T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	return x, nil
}

// UnmarshalBinary makes l the lock that was encoded, perhaps in another process.
func (l *Lock) UnmarshalBinary(b []byte) (err error) {
	if err = l.bind(b); err == nil {
		l.m, err = psync.AttachMutex(l.mem, l.psync())
	}
	return err
}

// Acquire waits for the lock as long as ctx lasts. After an error that wraps [ErrOwnerDead] the lock is held: look after
// what it guards. After any other it is not.
func (l *Lock) Acquire(ctx context.Context) error {
	if l.m == nil {
		return ErrNotMade
	}
	return l.m.Lock(ctx)
}

// TryAcquire takes the lock if it is free and reports whether it did.
func (l *Lock) TryAcquire() (bool, error) {
	if l.m == nil {
		return false, ErrNotMade
	}
	return l.m.TryLock()
}

// Release frees the lock. It returns [ErrNotOwner] when this process does not hold it.
func (l *Lock) Release() error {
	if l.m == nil {
		return ErrNotMade
	}
	return l.m.Unlock()
}

// With runs f with the lock held and frees it whatever f does, panic included. A predecessor that died with the lock is
// not reported: use Acquire where that matters.
func (l *Lock) With(ctx context.Context, f func() error) error {
	if l.m == nil {
		return ErrNotMade
	}
	return l.m.Do(ctx, func(error) error { return f() })
}

// RLock is a lock that its holder may take again. Goroutines have no identity, so a holder is a [psync.Token]: one for each
// RLock handle unless Holder makes others.
type RLock struct {
	object
	m     *psync.RMutex
	token psync.Token
}

// NewRLock makes a free lock.
func NewRLock() (*RLock, error) {
	l := &RLock{token: psync.NewToken()}
	var err error
	if l.object, err = newObject(psync.RMutexSize); err == nil {
		l.m, err = psync.CreateRMutex(l.mem, l.psync())
	}
	return made(l, err)
}

// UnmarshalBinary makes l the lock that was encoded, with a holder of its own.
func (l *RLock) UnmarshalBinary(b []byte) (err error) {
	l.token = psync.NewToken()
	if err = l.bind(b); err == nil {
		l.m, err = psync.AttachRMutex(l.mem, l.psync())
	}
	return err
}

// Holder returns the same lock for another holder of this process, such as another goroutine.
func (l *RLock) Holder() *RLock { return &RLock{l.object, l.m, psync.NewToken()} }

// Acquire waits for the lock as long as ctx lasts; its holder gets it at once. Errors are those of [Lock.Acquire].
func (l *RLock) Acquire(ctx context.Context) error {
	if l.m == nil {
		return ErrNotMade
	}
	return l.m.Lock(ctx, l.token)
}

// TryAcquire takes the lock if it is free or this holder's, and reports whether it did.
func (l *RLock) TryAcquire() (bool, error) {
	if l.m == nil {
		return false, ErrNotMade
	}
	return l.m.TryLock(l.token)
}

// Release undoes one Acquire. It returns [ErrNotOwner] when this holder does not hold the lock.
func (l *RLock) Release() error {
	if l.m == nil {
		return ErrNotMade
	}
	return l.m.Unlock(l.token)
}

// With runs f with the lock held and frees it whatever f does.
func (l *RLock) With(ctx context.Context, f func() error) (err error) {
	if err := l.Acquire(ctx); err != nil && !errors.Is(err, ErrOwnerDead) {
		return err
	}
	defer func() { err = errors.Join(err, l.Release()) }()
	return f()
}

// Semaphore counts permits. The permits of a process that dies come back.
type Semaphore struct {
	object
	sem *psync.Semaphore
}

// BoundedSemaphore is a semaphore that never has more permits than it began with: a Release beyond is psync.ErrBound.
type BoundedSemaphore struct{ Semaphore }

// NewSemaphore makes a semaphore with value permits. Anybody may release, and raise it beyond value: so nobody owns
// permits, and those of the dead are lost, as in Python. See [NewBoundedSemaphore].
func NewSemaphore(value int) (*Semaphore, error) {
	s := new(Semaphore)
	return made(s, s.create(value, psync.SemaphoreOptions{}))
}

// NewBoundedSemaphore makes a semaphore with value permits that belong to the process that acquires them: only it may
// release them, and they come back when it dies.
func NewBoundedSemaphore(value int) (*BoundedSemaphore, error) {
	if value < 1 {
		return nil, fmt.Errorf("%w: a bounded semaphore of %d permits; give 1 or more", ErrValue, value)
	}
	s := new(BoundedSemaphore)
	return made(s, s.create(value, psync.SemaphoreOptions{Bound: value, ReturnOnDeath: true}))
}

func (s *Semaphore) create(value int, o psync.SemaphoreOptions) error {
	if value < 0 {
		return fmt.Errorf("%w: a semaphore of %d permits; give 0 or more", ErrValue, value)
	}
	var err error
	if s.object, err = newObject(psync.SemaphoreSize(value, &o)); err != nil {
		return err
	}
	o.Members = s.s.seg
	s.sem, err = psync.CreateSemaphore(s.mem, value, &o)
	return err
}

// UnmarshalBinary makes s the semaphore that was encoded.
func (s *Semaphore) UnmarshalBinary(b []byte) (err error) {
	if err = s.bind(b); err == nil {
		s.sem, err = psync.AttachSemaphore(s.mem, &psync.SemaphoreOptions{Members: s.s.seg})
	}
	return err
}

// Acquire takes a permit and waits for one as long as ctx lasts.
func (s *Semaphore) Acquire(ctx context.Context) error {
	if s.sem == nil {
		return ErrNotMade
	}
	return s.sem.Acquire(ctx, 1)
}

// TryAcquire takes a permit if there is one and reports whether it did.
func (s *Semaphore) TryAcquire() (bool, error) {
	if s.sem == nil {
		return false, ErrNotMade
	}
	return s.sem.TryAcquire(1)
}

// Release gives a permit back.
func (s *Semaphore) Release() error {
	if s.sem == nil {
		return ErrNotMade
	}
	return s.sem.Release(1)
}

// Value returns how many permits are free.
func (s *Semaphore) Value() int {
	if s.sem == nil {
		return 0
	}
	return s.sem.Value()
}

// With runs f with a permit and gives it back whatever f does.
func (s *Semaphore) With(ctx context.Context, f func() error) (err error) {
	if err := s.Acquire(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Release()) }()
	return f()
}

// Event is a flag that processes wait for.
type Event struct {
	object
	e *psync.Event
}

// NewEvent makes a clear event.
func NewEvent() (*Event, error) {
	e := new(Event)
	var err error
	if e.object, err = newObject(psync.EventSize); err == nil {
		e.e, err = psync.CreateEvent(e.mem, e.psync())
	}
	return made(e, err)
}

// UnmarshalBinary makes e the event that was encoded.
func (e *Event) UnmarshalBinary(b []byte) (err error) {
	if err = e.bind(b); err == nil {
		e.e, err = psync.AttachEvent(e.mem, e.psync())
	}
	return err
}

// IsSet reports whether the event is set: one load.
func (e *Event) IsSet() bool { return e.e != nil && e.e.IsSet() }

// Set sets the event and wakes whoever waits for it.
func (e *Event) Set() { e.made().Set() }

// Clear takes the flag back.
func (e *Event) Clear() { e.made().Clear() }

// made panics with ErrNotMade in place of a fault that names nothing: Set and Clear have no error to return.
func (e *Event) made() *psync.Event {
	if e.e == nil {
		panic(ErrNotMade)
	}
	return e.e
}

// Wait returns nil when the event is set, or has been since the call; ctx's error when ctx ended first.
func (e *Event) Wait(ctx context.Context) error {
	if e.e == nil {
		return ErrNotMade
	}
	return e.e.Wait(ctx)
}

func (e *Event) String() string {
	if e.e == nil {
		return "Event, not made"
	}
	return "Event " + e.e.String()
}

// Condition is a condition variable with its lock.
type Condition struct {
	object
	c    *psync.Cond
	lock *RLock
}

const conditionLock = 8 // where the lock lies; the condition's word lies at 0

// NewCondition makes a condition variable, and its lock with it.
func NewCondition() (*Condition, error) {
	c := &Condition{lock: &RLock{token: psync.NewToken()}}
	var err error
	if c.object, err = newObject(conditionLock + psync.RMutexSize); err != nil {
		return nil, err
	}
	if c.c, err = psync.CreateCond(c.mem, c.psync()); err == nil {
		c.lock.m, err = psync.CreateRMutex(c.mem[conditionLock:], c.psync())
	}
	return made(c, err)
}

// UnmarshalBinary makes c the condition that was encoded.
func (c *Condition) UnmarshalBinary(b []byte) (err error) {
	if err = c.bind(b); err != nil {
		return err
	}
	c.lock = &RLock{token: psync.NewToken()}
	if c.c, err = psync.AttachCond(c.mem, c.psync()); err == nil {
		c.lock.m, err = psync.AttachRMutex(c.mem[conditionLock:], c.psync())
	}
	return err
}

// Holder returns the same condition for another holder of its lock, such as another goroutine.
func (c *Condition) Holder() *Condition {
	if c.lock == nil {
		return new(Condition)
	}
	return &Condition{c.object, c.c, &RLock{m: c.lock.m, token: psync.NewToken()}}
}

// Acquire takes the condition's lock; see [Lock.Acquire].
func (c *Condition) Acquire(ctx context.Context) error {
	if c.lock == nil {
		return ErrNotMade
	}
	return c.lock.Acquire(ctx)
}

// Release frees the condition's lock.
func (c *Condition) Release() error {
	if c.lock == nil {
		return ErrNotMade
	}
	return c.lock.Release()
}

// With runs f with the condition's lock held.
func (c *Condition) With(ctx context.Context, f func() error) error {
	if c.lock == nil {
		return ErrNotMade
	}
	return c.lock.With(ctx, f)
}

// Wait frees the lock, sleeps until it is notified or ctx ends, and takes the lock again.
func (c *Condition) Wait(ctx context.Context) error {
	if err := c.held(); err != nil {
		return err
	}
	return c.c.Wait(ctx, c.lock.m.Locker(c.lock.token))
}

// WaitFor waits until pred, called with the lock held, returns true; ctx's error when ctx ended first.
func (c *Condition) WaitFor(ctx context.Context, pred func() bool) error {
	if err := c.held(); err != nil {
		return err
	}
	return c.c.WaitFor(ctx, c.lock.m.Locker(c.lock.token), pred)
}

// Notify wakes n waiters, fewer when fewer wait. The caller holds the lock.
func (c *Condition) Notify(n int) error {
	if err := c.held(); err != nil {
		return err
	}
	if n < 0 {
		return fmt.Errorf("%w: notifying %d waiters; give 0 or more, or call NotifyAll", ErrValue, n)
	}
	c.c.Signal(n)
	return nil
}

// NotifyAll wakes all waiters. The caller holds the lock.
func (c *Condition) NotifyAll() error {
	if err := c.held(); err != nil {
		return err
	}
	c.c.Broadcast()
	return nil
}

func (c *Condition) held() error {
	if c.lock == nil {
		return ErrNotMade
	}
	if c.lock.m.Depth(c.lock.token) == 0 {
		return fmt.Errorf("%w: acquire the condition first", ErrNotOwner)
	}
	return nil
}

// Barrier is a place where parties meet. When one of them dies it breaks, for all.
type Barrier struct {
	object
	b *psync.Barrier
}

// BarrierOptions configures a barrier. A nil *BarrierOptions means the defaults.
type BarrierOptions struct {
	Action  func()        // the last to arrive runs its own Action before anyone goes on; not sent to other processes
	Timeout time.Duration // of waits whose context has no deadline; 0 means none
}

// NewBarrier makes a barrier for that many parties.
func NewBarrier(parties int, o *BarrierOptions) (*Barrier, error) {
	if parties < 1 {
		return nil, fmt.Errorf("%w: a barrier for %d parties; give 1 or more", ErrValue, parties)
	}
	b := new(Barrier)
	var err error
	if b.object, err = newObject(psync.BarrierSize(parties)); err != nil {
		return nil, err
	}
	opts := psync.BarrierOptions{Members: b.s.seg}
	if o != nil {
		opts.Action, opts.Timeout = o.Action, o.Timeout
	}
	b.b, err = psync.CreateBarrier(b.mem, parties, &opts)
	return made(b, err)
}

// UnmarshalBinary makes b the barrier that was encoded, without action and timeout.
func (b *Barrier) UnmarshalBinary(raw []byte) (err error) {
	if err = b.bind(raw); err == nil {
		err = b.Configure(nil)
	}
	return err
}

// Configure gives this process's handle an action and a timeout, which do not travel.
func (b *Barrier) Configure(o *BarrierOptions) (err error) {
	if b.s == nil {
		return ErrNotMade
	}
	opts := psync.BarrierOptions{Members: b.s.seg}
	if o != nil {
		opts.Action, opts.Timeout = o.Action, o.Timeout
	}
	b.b, err = psync.AttachBarrier(b.mem, &opts)
	return err
}

// Wait meets the other parties and returns this one's place in the order of arrival; exactly one gets 0. The error wraps
// [ErrBrokenBarrier] when the barrier is or gets broken; the end of ctx breaks it for everyone.
func (b *Barrier) Wait(ctx context.Context) (int, error) {
	if b.b == nil {
		return 0, ErrNotMade
	}
	return b.b.Wait(ctx)
}

// Abort breaks the barrier.
func (b *Barrier) Abort() error {
	if b.b == nil {
		return ErrNotMade
	}
	return b.b.Abort()
}

// Reset makes the barrier whole and empty; whoever waits gets [ErrBrokenBarrier].
func (b *Barrier) Reset() error {
	if b.b == nil {
		return ErrNotMade
	}
	return b.b.Reset()
}

// Broken reports whether the barrier is broken.
func (b *Barrier) Broken() bool { return b.b != nil && b.b.Broken() != nil }

// Parties returns how many have to meet.
func (b *Barrier) Parties() int {
	if b.b == nil {
		return 0
	}
	return b.b.Parties()
}

// Waiting returns how many wait now.
func (b *Barrier) Waiting() int {
	if b.b == nil {
		return 0
	}
	return b.b.Waiting()
}
