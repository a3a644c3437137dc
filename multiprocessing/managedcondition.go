package multiprocessing

import (
	"context"
	"fmt"
	"slices"
)

var _ = RegisterType[managedCondition]("multiprocessing.condition")

// managedCondition is a lock, and those who have freed it until they are notified, the longest first.
type managedCondition struct {
	managedPermits
	sleepers []*sleeper
}

type sleeper struct{ notified bool }

// Wait frees the lock, waits to be notified, and takes the lock again. The notification of one who gives up before the
// reply has arrived is another's.
func (c *managedCondition) Wait(ctx context.Context) error {
	s, v := new(sleeper), visitOf(ctx)
	if !v.hold(&c.managedPermits, -1) {
		return errNotHeld
	}
	c.w.change(func() { // in one step: a notification between the two would be lost
		c.sleepers = append(c.sleepers, s)
		c.free++
	})
	if err := c.w.await(ctx, func() bool { return s.notified && c.take() }); err != nil {
		c.w.change(func() { c.leave(s) })
		return err
	}
	v.hold(&c.managedPermits, 1)
	v.settle = func(taken bool) {
		if !taken {
			c.w.change(func() { c.leave(s) })
		}
	}
	return nil
}

// leave takes a sleeper out, and hands its notification on. The state is locked.
func (c *managedCondition) leave(s *sleeper) {
	if s.notified {
		c.notify(1)
		return
	}
	c.sleepers = slices.DeleteFunc(c.sleepers, func(other *sleeper) bool { return other == s })
}

// notify notifies n sleepers, fewer when fewer sleep. The state is locked.
func (c *managedCondition) notify(n int) {
	n = min(n, len(c.sleepers))
	for _, s := range c.sleepers[:n] {
		s.notified = true
	}
	c.sleepers = slices.Delete(c.sleepers, 0, n)
}

// Notify notifies n sleepers.
func (c *managedCondition) Notify(ctx context.Context, n int) error {
	return c.notifyHeld(ctx, func() int { return n })
}

// NotifyAll notifies all sleepers.
func (c *managedCondition) NotifyAll(ctx context.Context) error {
	return c.notifyHeld(ctx, func() int { return len(c.sleepers) })
}

func (c *managedCondition) notifyHeld(ctx context.Context, n func() int) (err error) {
	if visitOf(ctx).permits[&c.managedPermits] == 0 {
		return errNotHeld
	}
	c.w.change(func() {
		if n() < 0 {
			err = fmt.Errorf("%w: notify %d waiters; give 0 or more", ErrValue, n())
			return
		}
		c.notify(n())
	})
	return err
}
