package ring

import "fmt"

// slot is the word of an MPMC slot: which lap it is in, what state, and whose. Every change of hands is one
// compare-and-swap on it, so at each instant the memory itself says who owns what.
//
//	bits 0-2    state
//	bits 3-32   tag of the owner, 0 in states that have none
//	bits 33-63  lap: position / capacity, modulo 1<<31
type slot uint64

type state uint8

const (
	free    state = iota // the lap's message is still to come
	claimed              // a producer writes it
	ready                // it can be taken
	taken                // a consumer has it
	void                 // its producer died, or was too late for Close: consumers pass it by
	states
)

const (
	tagShift = 3
	lapShift = 33
	lapMask  = 1<<31 - 1
)

func makeSlot(s state, lap uint64, tag uint32) slot {
	return slot(lap&lapMask)<<lapShift | slot(tag)<<tagShift | slot(s)
}

func (s slot) state() state { return state(s & 7) }
func (s slot) tag() uint32  { return uint32(s>>tagShift) & tagMask }

// ahead says how many laps the slot is ahead of lap, negative when it is behind.
func (s slot) ahead(lap uint64) int32 {
	return int32(uint32(s>>lapShift)-uint32(lap&lapMask)) << 1 >> 1
}

func (s slot) String() string {
	names := [...]string{"free", "claimed", "ready", "taken", "void", "bad", "bad", "bad"}
	return fmt.Sprintf("%s in lap %d by %d", names[s.state()], uint64(s)>>lapShift, s.tag())
}
