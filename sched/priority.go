package sched

import (
	"fmt"
	"slices"
)

// Priority orders calls that wait: workers take those of a higher priority first, and those of one priority in the order in
// which they were submitted. A call that runs is not interrupted. While there are enough calls of a higher priority, those
// of a lower one wait.
type Priority int8

const (
	PriorityLow    Priority = -1 // when nothing else waits
	PriorityNormal Priority = 0  // the zero value
	PriorityHigh   Priority = 1  // before all others

	classes = 3 // one queue for each
)

func (p Priority) check() error {
	if p < PriorityLow || p > PriorityHigh {
		return fmt.Errorf("sched: priority %d; there are PriorityLow, PriorityNormal and PriorityHigh", p)
	}
	return nil
}

// class numbers the priorities from the highest.
func (p Priority) class() int { return int(PriorityHigh - p) }

// backlog holds calls that wait for a slot, by class.
type backlog [classes][]*call

func (b *backlog) push(c *call) { b[c.class] = append(b[c.class], c) }

// pop returns the call that is to be served next, nil if none waits.
func (b *backlog) pop() *call {
	for class, waiting := range b {
		if len(waiting) > 0 {
			c := waiting[0]
			waiting[0] = nil
			b[class] = waiting[1:]
			return c
		}
	}
	return nil
}

func (b *backlog) remove(c *call) bool {
	at := slices.Index(b[c.class], c)
	if at < 0 {
		return false
	}
	b[c.class] = slices.Delete(b[c.class], at, at+1)
	return true
}
