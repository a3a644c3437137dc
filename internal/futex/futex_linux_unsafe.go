//go:build linux

package futex

import (
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	opWaitBitset = 9     // FUTEX_WAIT_BITSET: absolute deadline on CLOCK_MONOTONIC
	opWake       = 1     // FUTEX_WAKE
	opWakeOp     = 5     // FUTEX_WAKE_OP
	neverMore    = 0xfff // "wake more if the old value was -1": asked of no sleepers, so it does not matter
	matchAny     = 0xffffffff
	sizeU32      = 0x02 // FUTEX2_SIZE_U32, shared between processes
	sysWaitv     = 449  // the same number on every architecture
	waitvMax     = 128
	pollPeriod   = 5 * time.Millisecond // without futex_waitv, how long a change of the second word may go unseen
)

// waitv mirrors struct futex_waitv of linux/futex.h.
type waitv struct {
	val      uint64
	uaddr    uint64
	flags    uint32
	reserved uint32
}

var haveWaitv = func() bool {
	_, _, e := syscall.RawSyscall6(sysWaitv, 0, 0, 0, 0, 0, 0)
	return e != unix.ENOSYS
}()

// HasWaitAny tells whether the kernel can wait for several words at once (Linux 5.16); without it WaitAny polls.
func HasWaitAny() bool { return haveWaitv }

func now() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err)
	}
	return ts.Nano()
}

// Wait sleeps while *addr holds val, until it is woken or deadline passes.
func Wait(addr *atomic.Uint32, val uint32, deadline Deadline) error {
	ts := unix.NsecToTimespec(int64(deadline))
	timeout := &ts
	if deadline == 0 {
		timeout = nil
	}
	for {
		_, _, e := syscall.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(addr)), opWaitBitset, uintptr(val),
			uintptr(unsafe.Pointer(timeout)), 0, matchAny)
		switch e {
		case 0, unix.EAGAIN:
			return nil
		case unix.EINTR:
			if addr.Load() != val {
				return nil
			}
		case unix.ETIMEDOUT:
			return ErrTimeout
		default:
			return e
		}
	}
}

// WaitAny sleeps while every word holds its value, until one is woken or deadline passes; at most 128 words.
func WaitAny(deadline Deadline, words ...Word) error {
	switch {
	case len(words) == 1:
		return Wait(words[0].Addr, words[0].Val, deadline)
	case !haveWaitv:
		return poll(deadline, words)
	}
	var room [8]waitv
	list := room[:0]
	for _, w := range words {
		list = append(list, waitv{uint64(w.Val), uint64(uintptr(unsafe.Pointer(w.Addr))), sizeU32, 0})
	}
	ts := unix.NsecToTimespec(int64(deadline))
	timeout := &ts
	if deadline == 0 {
		timeout = nil
	}
	for {
		_, _, e := syscall.Syscall6(sysWaitv, uintptr(unsafe.Pointer(unsafe.SliceData(list))), uintptr(len(list)), 0,
			uintptr(unsafe.Pointer(timeout)), unix.CLOCK_MONOTONIC, 0)
		switch e {
		case 0, unix.EAGAIN:
			return nil
		case unix.EINTR:
			if changed(words) {
				return nil
			}
		case unix.ETIMEDOUT:
			return ErrTimeout
		default:
			return e
		}
	}
}

// poll serves kernels before 5.16: it sleeps on the first word and looks at the others every few milliseconds.
func poll(deadline Deadline, words []Word) error {
	for !changed(words) {
		next := After(pollPeriod)
		if deadline != 0 && deadline < next {
			next = deadline
		}
		err := Wait(words[0].Addr, words[0].Val, next)
		if err != ErrTimeout {
			return err
		}
		if deadline != 0 && Deadline(now()) >= deadline {
			return ErrTimeout
		}
	}
	return nil
}

func changed(words []Word) bool {
	for _, w := range words {
		if w.Addr.Load() != w.Val {
			return true
		}
	}
	return false
}

// Wake wakes up to n sleepers of addr and returns how many it woke.
func Wake(addr *atomic.Uint32, n int) int {
	woken, _, _ := syscall.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(addr)), opWake, uintptr(n), 0, 0, 0)
	return int(woken)
}

// WakeOp changes w by op and wakes n of its sleepers in one system call: a SIGKILL comes before both or after both, so
// that no killed process leaves a changed word behind with its sleepers still asleep. The operand has 12 bits. It returns
// how many it woke.
func WakeOp(w *atomic.Uint32, op Op, operand uint32, n int) int {
	w.Or(0) // tells the race detector, which cannot see the kernel's store, that w publishes what came before
	at := uintptr(unsafe.Pointer(w))
	code := uint32(op)<<28 | (operand&0xfff)<<12 | neverMore
	woken, _, e := syscall.RawSyscall6(unix.SYS_FUTEX, at, opWakeOp, uintptr(n), 0, at, uintptr(code))
	if e != 0 { // a sandbox without the operation: a death in between is for the sleepers to notice
		op.apply(w, operand)
		return Wake(w, n)
	}
	return int(woken)
}
