//go:build !(amd64 || arm64) || noasm || race

package asm

import "sync/atomic"

// StoreRelease64 stores v so that whoever loads it sees every store made before it.
func StoreRelease64(addr *atomic.Uint64, v uint64) { addr.Store(v) }

// StoreRelease32 is [StoreRelease64] for 32-bit words.
func StoreRelease32(addr *atomic.Uint32, v uint32) { addr.Store(v) }

func pause(n uint32) {
	for range n {
		spins.Load()
	}
}

var spins atomic.Uint32 // read by the generic pause, so that its loop is not removed
