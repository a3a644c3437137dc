//go:build amd64 && !noasm && !race

package asm

import (
	"sync/atomic"
	"unsafe"
)

// On x86 a release store is an ordinary store: the processor never moves one before an earlier load or store (Intel SDM
// vol. 3A, 9.2). Nor does Go's compiler, to which stores form a chain: each takes the memory that the one before it left,
// and a load comes before the store that follows it in the chain. But the compiler leaves out a store when another to
// the same word follows and nothing in between looks at memory. The atomic load behind each store looks, at a word that
// nobody writes: to load the stored word itself would wait for its cache line.

var look atomic.Uint32

// StoreRelease64 stores v so that whoever loads it sees every store made before it. sync/atomic's Store is a full
// barrier (XCHG on amd64), which costs ten times as much and stalls the stores behind it.
func StoreRelease64(addr *atomic.Uint64, v uint64) {
	*(*uint64)(unsafe.Pointer(addr)) = v
	look.Load()
}

// StoreRelease32 is [StoreRelease64] for 32-bit words.
func StoreRelease32(addr *atomic.Uint32, v uint32) {
	*(*uint32)(unsafe.Pointer(addr)) = v
	look.Load()
}
