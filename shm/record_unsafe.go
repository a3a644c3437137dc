package shm

import (
	"sync/atomic"
	"unsafe"

	"github.com/shmath/shmath/internal/layout"
)

// The record lies behind the payload of each segment. Who writes what:
//
//	word              writer            readers   published by   invariant
//	magic             creator           all       itself, last   0 until the record is whole
//	version .. program creator          all       magic          never change
//	member.epoch      holder of lock n  all       itself         never decreases: tags are unique for 4 million joins
//	member.life       holder, kernel    all       itself         keeper's thread id while it lives
//	member.node       holder            kernel                   private to the holder's address space
//	member.pid ..     holder of lock n  all       life           for people only: nothing is decided by a pid
const (
	magicValue = 0x3174616d68736d73 // "smshmat1"
	version    = 1
	page       = 4096

	recordSize = 16384

	// headSize is the part of the record that is reserved with the segment: the page with its first members. Whoever joins
	// beyond them reserves the page of its entry first: an entry out there may be touched only while its lock is held.
	headSize    = page
	headMembers = (headSize - 256) / 64

	// MembersMax is how many processes may live in one segment at a time.
	MembersMax = 252
)

type record struct {
	magic    atomic.Uint64
	version  uint32
	lifetime Lifetime
	size     uint64
	created  int64 // Unix time, nanoseconds
	pid      uint32
	uid      uint32
	program  [64]byte
	_        [152]byte
	members  [MembersMax]member
}

type member struct {
	life    atomic.Uint32 // 0 free; thread id | waiters while its holder lives; the kernel sets ownerDied
	epoch   atomic.Uint32
	node    robustNode
	pid     atomic.Uint32
	_       uint32
	pidns   atomic.Uint64 // inode of the pid namespace that pid belongs to
	joined  atomic.Int64  // Unix time, nanoseconds
	program [24]byte
}

// robustNode is struct robust_list of linux/futex.h: a link of the list that the kernel walks when a thread dies.
type robustNode struct{ next uintptr }

var (
	_ = [1]struct{}{}[unsafe.Sizeof(record{})-recordSize]
	_ = [1]struct{}{}[unsafe.Offsetof(record{}.members)-256]
	_ = [1]struct{}{}[unsafe.Sizeof(member{})-64]
)

// entryPage is where the page with a member's entry begins, in the record.
func entryPage(number int) int { return (256 + 64*(number-1)) / page * page }

// fileSize is how long the file of a segment with size bytes of payload is.
func fileSize(size int) int { return layout.RoundUp(size, page) + recordSize }

func recordOf(file []byte) *record { return layout.View[record](file, len(file)-recordSize) }

// A tag is a member number (low 8 bits, 1 to MembersMax) and the epoch of its join (next 22 bits).
const (
	numberBits = 8
	epochMask  = 1<<22 - 1
)

func makeTag(number int, epoch uint32) uint32 { return (epoch&epochMask)<<numberBits | uint32(number) }

func splitTag(tag uint32) (number int, epoch uint32) {
	return int(tag & (1<<numberBits - 1)), tag >> numberBits & epochMask
}

func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
