package shm

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/shmath/shmath/internal/mapping"
)

// Segment is a piece of memory that this process shares with others, and its membership among them. It is safe for
// use by several goroutines, Close excepted.
type Segment struct {
	name     string
	m        *mapping.Mapping
	rec      *record
	size     int
	tag      uint32
	id       fileID
	creator  bool
	unlinked atomic.Bool // by this process: nothing is left to remove
	closing  sync.Once
}

// fileID tells a file from every other.
type fileID struct{ device, inode uint64 }

// Name returns the name under which other processes open the segment; empty for a [Private] one.
func (s *Segment) Name() string { return s.name }

// Bytes returns the segment's memory. It is valid until Close, and nil from then on.
func (s *Segment) Bytes() []byte {
	if s.m.Bytes == nil {
		return nil
	}
	return s.m.Bytes[:s.size:s.size]
}

// Descriptor returns the open file behind the segment. Another process of the same user that knows this one reaches the
// segment through it: OpenPath("/proc/PID/fd/N"). It must not be passed on by inheritance: the membership would go along.
func (s *Segment) Descriptor() int { return int(s.m.File.Fd()) }

// Lifetime returns what was chosen at creation.
func (s *Segment) Lifetime() Lifetime { return s.rec.lifetime }

// Tag returns this process's tag in the segment: not zero, below 1<<30, never used before.
func (s *Segment) Tag() uint32 { return s.tag }

// Alive reports whether the process with that tag can still store into the segment. It says no only when none of its
// threads will ever run again, and asks the kernel: half a microsecond, for slow paths.
func (s *Segment) Alive(tag uint32) bool {
	number, epoch := splitTag(tag)
	if number < 1 || number > MembersMax {
		return false
	}
	m := s.entry(number)
	switch {
	case tag == s.tag:
		return true
	case m == nil:
		return false
	case m.epoch.Load()&epochMask != epoch:
		return false // somebody joined under that number since, which takes the dead one's lock
	case !locked(s.m.File, number, 1):
		return false
	}
	return m.life.Load()&ownerDied == 0 || !exiting(m)
}

// Left reports whether the process with that tag has given back its lock, which a dying one does when its memory has been torn
// down. It is sure, and later than Alive, but never looks into /proc: whoever reaps a child whose threads were looked at there
// may find the kernel busy for milliseconds (d_invalidate in Linux).
func (s *Segment) Left(tag uint32) bool {
	number, epoch := splitTag(tag)
	if number < 1 || number > MembersMax {
		return true
	}
	m := s.entry(number)
	return m == nil || m.epoch.Load()&epochMask != epoch || tag != s.tag && !locked(s.m.File, number, 1)
}

// Life returns a futex word, and the value it holds while the member with that tag lives. When the process dies, the
// kernel changes the word within a fraction of a millisecond, however much memory it had mapped, and wakes one sleeper:
// whoever is woken wakes the others. It is nil when that member has no such word; then Alive must be polled.
func (s *Segment) Life(tag uint32) (*atomic.Uint32, uint32) {
	number, epoch := splitTag(tag)
	if number < 1 || number > MembersMax {
		return nil, 0
	}
	m := s.entry(number)
	if m == nil {
		return nil, 0
	}
	val := m.life.Load()
	if val&threadID == 0 || m.epoch.Load()&epochMask != epoch {
		return nil, 0
	}
	return &m.life, val
}

// Members returns the tags of the processes that live in the segment, this one included.
func (s *Segment) Members() []uint32 {
	var tags []uint32
	last := MembersMax
	if number, _ := splitTag(s.tag); number <= headMembers && !locked(s.m.File, headMembers+1, MembersMax-headMembers) {
		last = headMembers
	}
	for number := 1; number <= last; number++ {
		if m := s.entry(number); m != nil {
			if tag := makeTag(number, m.epoch.Load()); s.Alive(tag) {
				tags = append(tags, tag)
			}
		}
	}
	return tags
}

// entry returns a member's entry; nil for one beyond the head of the record whose page need not be there: nobody lives there.
func (s *Segment) entry(number int) *member {
	if own, _ := splitTag(s.tag); number > headMembers && number != own && !locked(s.m.File, number, 1) {
		return nil
	}
	return &s.rec.members[number-1]
}

// Close ends this process's membership and unmaps the memory; the name of an Ephemeral segment goes with the last
// member. Later calls do nothing.
func (s *Segment) Close() error {
	var err error
	s.closing.Do(func() {
		err = errors.Join(s.leave(), s.m.Close())
	})
	return err
}

// Unlink removes the segment's name; processes that have it open keep it. Only its creator may, before it closes it.
func (s *Segment) Unlink() error {
	if !s.creator {
		return ErrNotCreator
	}
	if s.m.Bytes == nil {
		return ErrClosed
	}
	if s.rec.lifetime == Private {
		return nil
	}
	return s.unlink()
}
