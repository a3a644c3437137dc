package shm

import "time"

// Info describes a segment to people.
type Info struct {
	Name     string
	Lifetime Lifetime
	Size     int64 // bytes of payload
	Reserved int64 // bytes of memory that it occupies now
	Created  time.Time
	Program  string // that created it
	PID      int    // of the creator; it may be dead
	UID      int
	Members  []MemberInfo // who lives in it
}

// MemberInfo describes a process that lives in a segment.
type MemberInfo struct {
	Tag     uint32
	PID     int // in its own pid namespace
	Program string
	Joined  time.Time
}

// Stale reports whether the segment is garbage: ephemeral, with nobody in it.
func (i Info) Stale() bool { return i.Lifetime == Ephemeral && len(i.Members) == 0 }
