package ring

import (
	"fmt"
	"sync/atomic"

	"github.com/shmath/shmath/internal/futex"
)

// Roster: who writes what.
//
//	word     writer                   readers    invariant
//	tags[i]  the member, its menders  everybody  each member that may own a slot is in it

const rosterMax = 256 // as many as a segment has members

// roster lists the members that use a ring of many producers and consumers, so that sleepers know whose death matters.
type roster struct {
	tags [rosterMax]atomic.Uint32
}

// enroll puts this process into the roster, before it owns anything in the ring. A dead member leaves the roster only
// after its slots have been mended: mend is asked to do that when there is no place.
func (c *core) enroll(r *roster, mend func()) error {
	for i := range r.tags {
		if r.tags[i].Load() == c.tag {
			return nil
		}
	}
	for range 2 {
		for i := range r.tags {
			if r.tags[i].CompareAndSwap(0, c.tag) { // SYNC(roster.tags): pairs with watchRoster.
				c.ringAll() // sleepers have to watch another life from now on
				return nil
			}
		}
		mend()
	}
	return fmt.Errorf("%w: %d members use the ring", ErrTaken, rosterMax)
}

// watchRoster adds the life words of the other members. It reports in dead whether one of them is dead already.
func (c *core) watchRoster(r *roster, words []futex.Word) (_ []futex.Word, poll, dead bool) {
	for i := range r.tags {
		tag := r.tags[i].Load() & tagMask // SYNC(roster.tags): pairs with enroll.
		if tag == 0 || tag == c.tag {
			continue
		}
		addr, val := c.opts.Members.Life(tag)
		if addr != nil && addr.Load() == val {
			words = append(words, futex.Word{Addr: addr, Val: val})
			continue
		}
		if c.opts.Members.Alive(tag) {
			poll = true
		} else {
			dead = true
		}
	}
	return words, poll, dead
}

// dead returns the members of the roster that are dead.
func (c *core) dead(r *roster) []uint32 {
	var tags []uint32
	for i := range r.tags {
		tag := r.tags[i].Load() & tagMask
		if tag != 0 && tag != c.tag && !c.opts.Members.Alive(tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// strike takes a dead member out of the roster: nothing in the ring is its any more.
func (c *core) strike(r *roster, tag uint32) {
	for i := range r.tags {
		r.tags[i].CompareAndSwap(tag, 0)
	}
}
