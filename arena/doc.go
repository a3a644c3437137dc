// Package arena keeps typed n-dimensional arrays in a block of memory that processes share, named or by handle, and
// maps .npy files as such arrays.
//
//	New, Named, Lookup     arrays in an Arena, which allocates and frees them; Empty, without zeros
//	Handle, Descriptor     what crosses to another process: a whole array in 16 bytes, any view without pointers
//	Format, OpenBytes      one array that is a whole segment, which NumPy opens by its name
//	MapFile, CreateFile    one array that is a .npy file on disk, mapped, not read
//	Save                   any array, as a .npy file
//	Wrap                   a plain slice as an array
//	AnyArray, NewAny ...   the same for element types known at run time only
//
//	a, err := arena.Create(seg.Bytes(), nil)               // another process: arena.Attach
//	x, err := arena.Named[float64](a, "prices", 1000, 3)   // zeros; another process: arena.Lookup[float64](a, "prices")
//	for i, v := range x.Slice() { ... }                    // the elements themselves, no copy
//	last := x.Rows(990, 1000).T()                          // a view, 3 by 10
//	err = x.Free()
//
// # Memory
//
// There is no pointer in it: every place is an offset from its start. All words are little-endian, as the
// machines are that this package is for (amd64, arm64).
//
//	+0       magic u64 "SHMARENA" | version u32 | names u32 | capacity u64 | first u64
//	+128     lock u32: 0, or broken:1 | waiters:1 | tag of the process that changes the arena:30
//	+256     gen u64 | fresh u64 | reserved u64 | mallocs u64 | frees u64 | used u64 | live u64 | named u64
//	+384     first-level bitmap u64 | second-level bitmaps [40]u16          free lists, derived from the tiling
//	+512     list heads [40*16]u64
//	+6144    catalogue: names slots of 64 bytes
//	         { block offset, low bits: 1 a name, 2 a tombstone: u64 | length u8 | name [55]byte }
//	+first   blocks, which tile the rest to capacity
//
// A block:
//
//	+0       state u64: marker 0xa7ea:16 | size:42 in units of 64 bytes | kind:6
//	         kind 1 free, 2 used, 3 being made, 4 being freed
//	+8       left u64 | next u64 | prev u64                                 derived: left neighbour, free list
//	+32      gen u64 | owner u32 | flags u32 | bytes u64 | npy u32 | slot u32
//	+64      npy bytes: a .npy header, version 1.0
//	+64+npy  the elements, at a multiple of 64; the next block begins at state's size
//
// Two arrays are never neighbours without at least 128 bytes of headers between them.
//
// # When a process dies
//
// The sizes and kinds in the state words are the truth; free lists, left neighbours and counters are derived from
// them. Each change commits by one store of one state word: an allocation that splits a block, a free that merges
// three. What was about to happen is recorded in the block before it happens: being made, being freed. So at every
// instruction at which a process can be killed the blocks tile the memory, and whoever takes the lock next, having
// asked [Members] and learnt that its holder is dead, completes or undoes what the state words say, removes the names
// that lead nowhere, and rebuilds what is derived. PROTOCOL.md in this directory goes through every step.
//
// An array belongs to nobody: any process may free it. [Arena.Reap] frees what dead processes made and told nobody of.
//
// # Caveats
//
// An arena does not grow. Its memory must outlive every array in it. Slices taken from an array are valid until Free or
// Close: what is used later may be another array's elements, or a fault. Elements are not locked. A .npy file with
// bytes other than 0 and 1 in an array of bool gives Go bools that are neither true nor false; NumPy writes no such
// file. A mapped file that somebody truncates is a fault at the next access, as every mapped file is.
package arena
