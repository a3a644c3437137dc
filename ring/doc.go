// Package ring provides bounded queues in memory that processes share. They survive the death of any process at any
// instruction: nothing is wedged, nothing leaks, and only the dead one's unfinished message is gone.
//
//	SPSC       one producer, one consumer        items of one type, one or many at a time
//	MPMC       many producers, many consumers    items of one type, taken once each; leases
//	Record     some producers, one consumer      messages of any length, written and read in place
//	Broadcast  one publisher, many subscribers   items of one type, seen by all from where they joined
//
// Each is laid out by Create in a block of memory (any bytes: a segment, a file that is mapped, the heap) of the size that
// Size says, and opened by Attach in any process that has the same bytes, at whatever address. Nothing is allocated
// there, and nothing in there is a pointer.
//
//	q, err := ring.CreateMPMC[Task](mem, 1024, &ring.Options{Members: segment})
//	err = q.Push(ctx, task)                     // or TryPush: ErrFull at once
//
//	q, err := ring.AttachMPMC[Task](mem, &ring.Options{Members: segment})
//	for task, err := range q.All(ctx) { ... }   // until Close, after the drain
//
// A ring in memory, one row per 128 bytes, each written by one side:
//
//	+0     magic, kind, version, capacity, element     Create, once; magic last
//	+128   closed, producer, consumer                  rarely written
//	+256   bell "items"                                sleepers raise its flag, wakers lower it
//	+384   bell "room"
//	+512   SPSC:      tail | head | slots ...          small items behind an echo in each cache line
//	       MPMC:      tail | head | roster | slots ... each slot in cache lines of its own, its owner in its word
//	       Record:    owner, tail, head of each lane | frames of each lane ...
//	       Broadcast: tail | member, cursor of each seat | slots ...
//
// Waits spin for about as long as waking a sleeper costs, then sleep in the kernel; each takes a context, and each ends
// when only a dead process could have ended it. Nobody makes a system call for sleepers unless there are some.
// [Select] waits for several rings and deaths at once, [Ready] makes one wait a channel for a select statement.
// PROTOCOL.md has the states, the crash at each step and why no wake-up is lost.
//
// # Processes
//
// Options.Members says who is alive; without it no other process may touch the memory. A stopped process is alive: it
// keeps what it has claimed for as long as it is stopped. Parts that only one process may have (producer of an SPSC,
// consumer of a Record, publisher) go to whoever acts first, and to whoever acts after that one's death.
//
// # Caveats
//
// A ring does not grow, and its memory must outlive every handle, wait and lease. Items are copied as bytes: a type whose
// bytes mean something in one process only (a file descriptor, say) passes the check for pointers and still means
// nothing elsewhere. Bytes are not checked for meaning: a hostile peer can put any value into an item, but not make this
// process read outside of the memory. Waiting needs Linux; the operations that do not wait work everywhere.
//
// An SPSC, MPMC or Broadcast copies each item in and out. From about 1 KiB on, copying costs more than sending: write and
// read large messages in place, by [SPSC.Claim] and [SPSC.Peek], by [MPMC.TryTake], or in a [Record].
package ring
