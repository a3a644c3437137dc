// Package shm provides named segments of memory that processes share, and knows which processes are alive in each.
//
//	Create, Open   a segment by name: /dev/shm/NAME; Segment.Bytes is its memory
//	Segment        memory, and membership: Tag, Alive, Life
//	List, Reap     what is there, whose it is; removal of what the dead left
//
// A segment in memory. The payload comes first, so that a program that knows nothing of shmath maps the same bytes from
// offset 0 (Python's SharedMemory, np.load, C); the record that makes it a segment lies behind it:
//
//	+0                payload, Size bytes, padded to 4096
//	+len-16384        record   magic u64 | version u32 | lifetime u32 | size u64 | created i64 | pid, uid u32 | program
//	+len-16384+256    members  252 entries of 64 bytes: life word, epoch, robust-list node, pid, since, program
//
// docs/FORMAT.md lists every byte.
//
// # Processes
//
// A process joins a segment by taking an exclusive open-file-description lock on one byte far behind the end of the
// file: the byte's number is its member number, and the kernel drops the lock when the process dies, whatever killed
// it. Number and epoch (raised at each join) make its tag. Creation is atomic: a segment appears under its name whole,
// with its creator in it, or not at all.
//
// An [Ephemeral] segment in which nobody lives is garbage: the last member to close it removes its name, and [Reap]
// removes what was left by processes that were killed. A [Persistent] one stays until [Remove]. A [Private] one has no
// name (memfd) and lives as long as somebody has it open.
//
// # Example
//
//	seg, err := shm.Create("prices", 1<<20, nil)
//	defer seg.Close()
//	copy(seg.Bytes(), "hello")      // another process: shm.Open("prices", nil)
//
// # Caveats
//
// Slices of Bytes are invalid after Close. Segments need Linux; elsewhere every call returns [ErrUnsupported].
package shm
