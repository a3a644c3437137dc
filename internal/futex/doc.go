// Package futex is the only place that calls the kernel's futex: waiting on a 32-bit word that several processes
// share, with an absolute deadline, with a context, or on several words at once.
//
//	Wait         one word, until it changes, is woken, or the deadline passes
//	WaitAny      up to 128 words at once (futex_waitv, Linux 5.16), for a message or a death, whichever comes first
//	WaitUntil    the same, until a context ends; WaitContext without a deadline
//	Wake         wake sleepers of a word
//	WakeOp       change a word and wake its sleepers, so that no death falls between the two
//	SpinFor      how long to look at a word before sleeping on it
//
// Every wait may return early for no reason: callers look at their words again. A signal never ends a wait. Waits go
// through Syscall6, which hands the processor to other goroutines; wakes go through RawSyscall6, which never blocks.
package futex
