//go:build !linux

package ring

import "sync/atomic"

// Without Linux there is no way to make others pass a barrier: everybody makes one at every publication.
const (
	fenced   = true
	unfenced = true
)

var fence atomic.Uint32

func registerBarrier() {}

func barrierAll() { fence.Add(1) }
