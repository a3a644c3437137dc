package asm

// PauseMax bounds one call of [Pause]: about a microsecond, because nothing can stop a goroutine inside machine code.
const PauseMax = 64

// Pause tells the processor n times that this thread is spinning (PAUSE, YIELD); n is 1 to [PauseMax].
//
// It must not be inlined, and must not be a leaf: its own prologue is where the runtime can stop a goroutine that
// spins. A loop over the bare instruction delays every garbage collection by seconds (golang/go#64417).
//
//go:noinline
func Pause(n uint32) { pause(min(max(n, 1), PauseMax)) }
