//go:build (amd64 || arm64) && !noasm && !race

package asm

import "sync/atomic"

// StoreRelease64 stores v so that whoever loads it sees every store made before it. sync/atomic's Store is a full
// barrier (XCHG on amd64), which costs ten times as much and stalls the stores behind it.
//
//go:noescape
func StoreRelease64(addr *atomic.Uint64, v uint64)

// StoreRelease32 is [StoreRelease64] for 32-bit words.
//
//go:noescape
func StoreRelease32(addr *atomic.Uint32, v uint32)

func pause(n uint32)
