//go:build !linux

package futex

import (
	"sync/atomic"
	"time"
)

var start = time.Now()

func now() int64 { return int64(time.Since(start)) + 1 }

// HasWaitAny tells whether the kernel can wait for several words at once.
func HasWaitAny() bool { return false }

// Wait returns [ErrUnsupported]: this system has no futex.
func Wait(addr *atomic.Uint32, val uint32, deadline Deadline) error { return ErrUnsupported }

// WaitAny returns [ErrUnsupported]: this system has no futex.
func WaitAny(deadline Deadline, words ...Word) error { return ErrUnsupported }

// Wake does nothing: nobody can sleep.
func Wake(addr *atomic.Uint32, n int) int { return 0 }

// WakeOp changes w by op: nobody can sleep.
func WakeOp(w *atomic.Uint32, op Op, operand uint32, n int) int {
	op.apply(w, operand)
	return 0
}

func wakeCost() time.Duration { return 0 }
