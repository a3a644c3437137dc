//go:build !noasm && !race

package asm

import "sync/atomic"

// StoreRelease64 stores v so that whoever loads it sees every store made before it. sync/atomic's Store is also ordered
// before every load that follows.
//
//go:noescape
func StoreRelease64(addr *atomic.Uint64, v uint64)

// StoreRelease32 is [StoreRelease64] for 32-bit words.
//
//go:noescape
func StoreRelease32(addr *atomic.Uint32, v uint32)
