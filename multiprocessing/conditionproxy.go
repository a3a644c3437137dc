package multiprocessing

import (
	"context"
	"errors"
	"fmt"
)

// errNotHeld is the error of what needs a condition's lock.
var errNotHeld = fmt.Errorf("%w: acquire the condition first", ErrNotOwner)

// RLockProxy is a lock in a manager that its holder may take again. Goroutines have no identity, so each handle is a holder:
// Holder makes others, and one that travels is another where it arrives. Calls of one holder go one after the other. What a
// process holds comes back when it dies. An RLockProxy travels as a pointer.
type RLockProxy struct {
	Proxy
	turn  chan struct{} // has room for the one whose call it is
	lock  LockProxy
	depth int
}

// RLock makes a free re-entrant lock in a manager.
func (m *Manager) RLock(ctx context.Context) (*RLockProxy, error) {
	p, err := m.granted(ctx, "multiprocessing.permits")
	if err != nil {
		return nil, err
	}
	return p.holder(), nil
}

// granted makes an object with one permit.
func (m *Manager) granted(ctx context.Context, typeName string) (Proxy, error) {
	p, err := m.New(ctx, typeName)
	if err == nil {
		err = do(ctx, p, "Grant", 1)
	}
	return p, err
}

func (p Proxy) holder() *RLockProxy {
	l := new(RLockProxy)
	l.bind(p)
	return l
}

func (l *RLockProxy) bind(p Proxy) {
	l.Proxy, l.lock.Proxy, l.turn = p, p, make(chan struct{}, 1)
}

// Holder returns the same lock for another holder of this process, such as another goroutine.
func (l *RLockProxy) Holder() *RLockProxy { return l.Proxy.holder() }

// MarshalBinary encodes where the lock is.
func (l *RLockProxy) MarshalBinary() ([]byte, error) { return encode(&l.Proxy) }

// UnmarshalBinary makes l that lock, with a holder of its own.
func (l *RLockProxy) UnmarshalBinary(b []byte) error {
	p, err := decode[Proxy](b)
	if err == nil {
		l.bind(p)
	}
	return err
}

// enter waits until it is the caller's turn.
func (l *RLockProxy) enter(ctx context.Context) error {
	if l.turn == nil {
		return ErrNotMade
	}
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *RLockProxy) leave() { <-l.turn }

// Acquire waits for the lock as long as ctx lasts; its holder gets it at once.
func (l *RLockProxy) Acquire(ctx context.Context) error {
	_, err := l.acquire(ctx, func() (bool, error) { return true, l.lock.Acquire(ctx) })
	return err
}

// TryAcquire takes the lock if it is free or this holder's, and reports whether it did.
func (l *RLockProxy) TryAcquire(ctx context.Context) (bool, error) {
	return l.acquire(ctx, func() (bool, error) { return l.lock.TryAcquire(ctx) })
}

func (l *RLockProxy) acquire(ctx context.Context, first func() (bool, error)) (got bool, err error) {
	if err := l.enter(ctx); err != nil {
		return false, err
	}
	defer l.leave()
	if l.depth == 0 {
		if got, err = first(); err != nil || !got {
			return false, err
		}
	}
	l.depth++
	return true, nil
}

// Release undoes one Acquire. It returns [ErrNotOwner] when this holder does not hold the lock.
func (l *RLockProxy) Release(ctx context.Context) error {
	if err := l.enter(ctx); err != nil {
		return err
	}
	defer l.leave()
	if l.depth == 0 {
		return ErrNotOwner
	}
	if l.depth--; l.depth > 0 {
		return nil
	}
	return l.lock.Release(ctx)
}

// With runs f with the lock held and frees it whatever f does.
func (l *RLockProxy) With(ctx context.Context, f func() error) (err error) {
	if err := l.Acquire(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Release(context.WithoutCancel(ctx))) }()
	return f()
}

// ConditionProxy is a condition variable in a manager with its lock, an [RLockProxy].
type ConditionProxy struct{ RLockProxy }

// Condition makes a condition variable in a manager, and its lock with it.
func (m *Manager) Condition(ctx context.Context) (*ConditionProxy, error) {
	p, err := m.granted(ctx, "multiprocessing.condition")
	if err != nil {
		return nil, err
	}
	return p.conditionHolder(), nil
}

func (p Proxy) conditionHolder() *ConditionProxy {
	c := new(ConditionProxy)
	c.bind(p)
	return c
}

// Holder returns the same condition for another holder of its lock, such as another goroutine.
func (c *ConditionProxy) Holder() *ConditionProxy { return c.Proxy.conditionHolder() }

func (c *ConditionProxy) held(ctx context.Context) error {
	if err := c.enter(ctx); err != nil {
		return err
	}
	defer c.leave()
	if c.depth == 0 {
		return errNotHeld
	}
	return nil
}

// ask calls a method over the connection that holds the lock.
func (c *ConditionProxy) ask(ctx context.Context, method string, args ...any) (conn *wire, err error) {
	if c.depth == 0 {
		return nil, errNotHeld
	}
	raw, err := callParts(method, args)
	if err != nil {
		return nil, err
	}
	conn = c.lock.held[0]
	_, err = ask(ctx, conn, c.Proxy, "call", raw...)
	return conn, err
}

// again takes the lock again if err says that Wait has given up the connection over which it was held.
func (c *ConditionProxy) again(ctx context.Context, err error) error {
	if !isGivenUp(err) {
		return err
	}
	c.lock.held = nil
	lost := c.lock.Acquire(context.WithoutCancel(ctx))
	if lost != nil {
		c.depth = 0
	}
	return errors.Join(err, lost)
}

// Wait frees the lock however often it was acquired, sleeps until it is notified or ctx ends, and takes the lock again as
// often. It is held when Wait returns, whatever the error, unless the manager has ended. The error is ctx's when that ended
// first, [ErrNotOwner] when this holder does not hold the lock.
func (c *ConditionProxy) Wait(ctx context.Context) error {
	if err := c.enter(ctx); err != nil {
		return err
	}
	defer c.leave()
	conn, err := c.ask(ctx, "Wait")
	if err == nil {
		err = confirm(conn, c.Proxy)
	}
	return c.again(ctx, err)
}

// WaitFor waits until pred, called with the lock held, returns true; ctx's error when ctx ended first.
func (c *ConditionProxy) WaitFor(ctx context.Context, pred func() bool) error {
	if err := c.held(ctx); err != nil {
		return err
	}
	for !pred() {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Notify wakes n waiters, fewer when fewer wait; whoever waits longest is first. The caller holds the lock. A waiter that is
// killed, or gives up, before its Wait returns leaves its notification to another.
func (c *ConditionProxy) Notify(ctx context.Context, n int) error {
	return c.notify(ctx, "Notify", n)
}

// NotifyAll wakes all waiters. The caller holds the lock.
func (c *ConditionProxy) NotifyAll(ctx context.Context) error { return c.notify(ctx, "NotifyAll") }

func (c *ConditionProxy) notify(ctx context.Context, method string, args ...any) error {
	if err := c.enter(ctx); err != nil {
		return err
	}
	defer c.leave()
	// The end of ctx would close the connection that holds the lock. The manager answers at once.
	_, err := c.ask(context.WithoutCancel(ctx), method, args...)
	if isGivenUp(err) {
		c.lock.held, c.depth = nil, 0
	}
	return err
}
