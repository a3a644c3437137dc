package psync

import "sync/atomic"

// Members tells who is alive among the processes that share the memory. *shm.Segment implements it. A tag is a
// non-zero number below 1<<30 that no two processes of one memory ever have in common, not even one after the other.
type Members interface {
	// Tag is this process.
	Tag() uint32
	// Alive is false only when no thread of the process with that tag can ever store again.
	Alive(tag uint32) bool
	// Life returns a futex word and the value it holds while the member lives: the kernel changes it at the member's
	// death and wakes one sleeper. It returns nil when there is no such word, and Alive has to be asked now and then.
	Life(tag uint32) (word *atomic.Uint32, while uint32)
}

// Options says among whom a structure is shared. A nil *Options means the defaults.
type Options struct {
	Members Members // nil means that only this process uses the memory
}

func (o *Options) member() *member {
	if o == nil {
		return newMember(nil)
	}
	return newMember(o.Members)
}

const (
	tagMask = 1<<30 - 1 // the part of an owner word that names the owner
	soloTag = 1
	badTag  = "psync: Members.Tag is zero or does not fit 30 bits"
)

// solo is the Members of memory that one process uses: whoever else a word names cannot come back.
type solo struct{}

func (solo) Tag() uint32                              { return soloTag }
func (solo) Alive(tag uint32) bool                    { return tag == soloTag }
func (solo) Life(tag uint32) (*atomic.Uint32, uint32) { return nil, 0 }

// member is what a handle knows about this process and the others. It lives in this process only.
type member struct {
	others Members
	tag    uint32
	vain   atomic.Uint32 // waits in a row that spun and slept all the same; see wait
}

func newMember(m Members) *member {
	if m == nil {
		m = solo{}
	}
	tag := m.Tag()
	if tag == 0 || tag > tagMask {
		panic(badTag)
	}
	return &member{others: m, tag: tag}
}

// alive asks the kernel, at about 0.3 microseconds; this process needs no question.
func (p *member) alive(tag uint32) bool { return tag == p.tag || p.others.Alive(tag) }

// marked tells, by one load where there is a life word, whether the member may have died: then alive decides.
func (p *member) marked(tag uint32) bool {
	if tag == p.tag {
		return false
	}
	life, while := p.others.Life(tag)
	return life == nil || life.Load() != while
}
