//go:build linux

package shm

import (
	"runtime"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Bits of a life word, as in linux/futex.h.
const (
	ownerDied = 0x40000000
	waiters   = 0x80000000
	threadID  = 0x3fffffff
)

// keeper is a thread that lives as long as the process does. The kernel walks its robust list when it dies, which is at the
// very start of the process's end, and marks each life word in it (set_robust_list(2)). It is the main thread, which Go never
// ends; where that has a list already, of a C library, it is one that does nothing else.
//
// Entries lie in the segments, at a fixed distance from their life words, because the list has one distance for all.
// Every change is one store, so that the list is whole whenever the process is killed.
type keeper struct {
	mu      sync.Mutex
	started bool
	tid     uint32 // 0 where the kernel refuses robust lists: life words stay 0 and Alive asks the locks alone
	head    robustHead
	members []*member // in list order
}

// robustHead is struct robust_list_head.
type robustHead struct {
	next    uintptr
	offset  int
	pending uintptr
}

var keepers keeper

func init() {
	var list *robustHead
	var length uintptr
	_, _, e := unix.RawSyscall(unix.SYS_GET_ROBUST_LIST, 0, uintptr(unsafe.Pointer(&list)), uintptr(unsafe.Pointer(&length)))
	main := unix.Gettid() == unix.Getpid() // init runs elsewhere in a program that was loaded as a library
	if e == 0 && list == nil && main && keepers.watch() {
		keepers.started, keepers.tid = true, uint32(unix.Gettid())
	}
}

// watch gives the list to the calling thread.
func (k *keeper) watch() bool {
	k.head.next = uintptr(unsafe.Pointer(&k.head))
	k.head.offset = int(unsafe.Offsetof(member{}.life)) - int(unsafe.Offsetof(member{}.node))
	_, _, e := unix.RawSyscall(unix.SYS_SET_ROBUST_LIST, uintptr(unsafe.Pointer(&k.head)), unsafe.Sizeof(k.head), 0)
	return e == 0
}

func (k *keeper) start() {
	k.started = true
	ready := make(chan uint32)
	go func() {
		runtime.LockOSThread() // for ever: this thread's end must mean the process's end
		if !k.watch() {
			ready <- 0
			return
		}
		ready <- uint32(unix.Gettid())
		select {}
	}()
	k.tid = <-ready
}

func (k *keeper) add(m *member) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.started {
		k.start()
	}
	if k.tid == 0 {
		return
	}
	m.life.Store(k.tid | waiters)
	m.node.next = k.head.next
	k.head.next = uintptr(unsafe.Pointer(&m.node))
	k.members = slices.Insert(k.members, 0, m)
}

func (k *keeper) remove(m *member) {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := slices.Index(k.members, m)
	if at < 0 {
		return
	}
	if at == 0 {
		k.head.next = m.node.next
	} else {
		k.members[at-1].node.next = m.node.next
	}
	k.members = slices.Delete(k.members, at, at+1)
}
