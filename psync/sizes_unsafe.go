package psync

import "unsafe"

// The layouts, asserted at compile time.
var (
	_ = [1]struct{}{}[unsafe.Sizeof(MutexWord{})-MutexSize]
	_ = [1]struct{}{}[unsafe.Sizeof(EventWord{})-EventSize]
	_ = [1]struct{}{}[unsafe.Sizeof(CondWord{})-CondSize]
	_ = [1]struct{}{}[unsafe.Sizeof(OnceWord{})-OnceSize]
	_ = [1]struct{}{}[unsafe.Sizeof(WaitGroupWord{})-WaitGroupSize]
	_ = [1]struct{}{}[unsafe.Sizeof(RMutexWord{})-RMutexSize]
	_ = [1]struct{}{}[unsafe.Sizeof(SemaphoreWord{})-semaphoreHeader]
	_ = [1]struct{}{}[unsafe.Sizeof(RWMutexWord{})-rwmutexHeader]
	_ = [1]struct{}{}[unsafe.Sizeof(BarrierWord{})-barrierHeader]
)
