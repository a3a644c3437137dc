package ring

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/layout"
)

// The storms kill real processes at random instants. Each victim keeps a journal in the shared memory: how many of its
// pushes have returned, and what it has received, written down before the message is released. Afterwards:
//
//   - every push that returned was received;
//   - nothing was received twice, but what a victim had written down and not released when it died;
//   - of each dead producer at most one more message than its journal says was received, and none twice.

const journalMax = 20_000

type journal struct {
	pushed atomic.Uint64
	logged atomic.Uint64
	_      [layout.Line - 16]byte
	log    [journalMax]uint64
}

const journalSize = layout.Line + journalMax*8

func (j *journal) write(id uint64) {
	n := j.logged.Load()
	j.log[n] = id
	j.logged.Store(n + 1)
}

func (j *journal) full() bool {
	return j.logged.Load() >= journalMax-1 || j.pushed.Load() >= journalMax
}

// storm is the accounts of a test.
type storm struct {
	*family
	ringSize int
	pushed   map[uint64]uint64 // by producer: pushes that returned
	received map[uint64]int    // by message
	excused  map[uint64]int    // receptions by victims that died with the message in their hands
	random   *rand.Rand

	kills, busy int // victims, and those that were not done with their journal
}

const journals = 3

func newStorm(t *testing.T, ringSize int) *storm {
	t.Helper()
	ringSize = layout.RoundUp(ringSize, layout.Line)
	return &storm{family: newFamily(t, ringSize+journals*journalSize), ringSize: ringSize,
		pushed: map[uint64]uint64{}, received: map[uint64]int{}, excused: map[uint64]int{},
		random: rand.New(rand.NewPCG(7, uint64(time.Now().UnixNano())))}
}

func journalAt(mem []byte, ringSize, i int) *journal {
	return layout.View[journal](mem, ringSize+i*journalSize)
}

// self is message i of this process.
func (s *storm) self(i uint64) uint64 { return uint64(s.Tag())<<32 | i }

// victim starts a process on a clean journal and returns once it works.
func (s *storm) victim(role string, i int, args ...any) *child {
	s.tb.Helper()
	j := journalAt(s.Bytes(), s.ringSize, i)
	j.pushed.Store(0)
	j.logged.Store(0)
	c := s.start(role, append([]any{s.ringSize, i}, args...)...)
	eventually(s.tb, role+" working", func() bool { return j.pushed.Load()+j.logged.Load() > 0 })
	return c
}

// slay kills a victim at a random instant and books its journal.
func (s *storm) slay(c *child, i int) {
	time.Sleep(time.Duration(s.random.Int64N(int64(time.Millisecond))))
	c.Kill()
	j := journalAt(s.Bytes(), s.ringSize, i)
	if s.kills++; !j.full() {
		s.busy++
	}
	s.pushed[uint64(c.tag)] = j.pushed.Load()
	n := j.logged.Load()
	for _, id := range j.log[:n] {
		s.received[id]++
	}
	if n > 0 {
		s.excused[j.log[n-1]]++
	}
}

// settle holds the accounts against the contract.
func (s *storm) settle(t *testing.T) {
	t.Helper()
	t.Logf("%d killed, %d of them at work; %d messages received", s.kills, s.busy, len(s.received))
	if s.busy == 0 {
		t.Error("every victim was idle when it was killed: the storm shows nothing")
	}
	for id, n := range s.received {
		producer, i := id>>32, id&0xffffffff
		if n > 1+s.excused[id] {
			t.Errorf("message %d of member %d was received %d times, %d of them by victims that held it", i, producer, n, s.excused[id])
		}
		if pushed, ok := s.pushed[producer]; !ok || i > pushed {
			t.Errorf("message %d of member %d was received; it has pushed %d", i, producer, pushed)
		}
	}
	for producer, n := range s.pushed {
		for i := range n {
			if s.received[producer<<32|i] == 0 {
				t.Errorf("message %d of member %d is lost; its push had returned", i, producer)
			}
		}
	}
}
