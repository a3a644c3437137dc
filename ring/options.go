package ring

import (
	"fmt"
	"sync/atomic"
	"time"
)

// Members tells who is alive among the processes that share the memory. *shm.Segment implements it.
type Members interface {
	// Tag is this process: not zero, below 1<<30, never used again by another one.
	Tag() uint32
	// Alive is false only when no thread of that process can ever store again.
	Alive(tag uint32) bool
	// Life returns a futex word and the value it holds while that member lives. The kernel changes it and wakes one
	// sleeper when the member dies; nil when there is no such word.
	Life(tag uint32) (*atomic.Uint32, uint32)
}

// DeathPolicy says what becomes of a message whose consumer died before it released it.
type DeathPolicy uint8

const (
	// Redeliver gives the message to the next consumer.
	Redeliver DeathPolicy = iota
	// Report gives it to the next consumer together with an [*OrphanError].
	Report
)

// Options configures a ring. A nil *Options means the defaults. Members, Spin and Lasting belong to one process; the
// rest is read by Create alone and written into the ring, for everybody.
type Options struct {
	// Members knows who is alive. nil means that no other process ever touches the memory.
	Members Members

	// Spin is how long a wait spins before it sleeps: 0 means 30 µs, about what waking a sleeper costs; negative
	// means not at all.
	Spin time.Duration

	// Lasting makes waits outlive the peer: they go on until somebody takes over the dead process's part, where they
	// would return [ErrPeerDead].
	Lasting bool

	// OnConsumerDeath is for SPSC, MPMC and Record: what becomes of a message whose consumer died before it released it.
	OnConsumerDeath DeathPolicy

	// Producers is for Record: how many producers there may be at once, each with a lane of the full capacity;
	// 0 means 1, at most 64.
	Producers int

	// LongestMessage is for Record, in bytes: 0 means the capacity.
	LongestMessage int

	// Subscribers is for Broadcast: how many there may be at once; 0 means 16, at most 1024.
	Subscribers int
}

const (
	defaultSpin        = 30 * time.Microsecond
	producersMax       = 64
	defaultSubscribers = 16
	subscribersMax     = 1024
	capacityMax        = 1 << 32
)

func (o *Options) withDefaults() Options {
	var c Options
	if o != nil {
		c = *o
	}
	if c.Members == nil {
		c.Members = alone{}
	}
	if c.Spin == 0 {
		c.Spin = defaultSpin
	}
	if c.Producers == 0 {
		c.Producers = 1
	}
	if c.Subscribers == 0 {
		c.Subscribers = defaultSubscribers
	}
	return c
}

func (o *Options) validate() error {
	if tag := o.Members.Tag(); tag == 0 || tag > tagMask {
		return fmt.Errorf("%w: member tag %#x is not between 1 and %#x", ErrOptions, tag, uint32(tagMask))
	}
	switch {
	case o.OnConsumerDeath > Report:
		return fmt.Errorf("%w: OnConsumerDeath is %d; it is Redeliver or Report", ErrOptions, o.OnConsumerDeath)
	case o.Producers < 1 || o.Producers > producersMax:
		return fmt.Errorf("%w: Producers is %d, not between 1 and %d", ErrOptions, o.Producers, producersMax)
	case o.Subscribers < 1 || o.Subscribers > subscribersMax:
		return fmt.Errorf("%w: Subscribers is %d, not between 1 and %d", ErrOptions, o.Subscribers, subscribersMax)
	case o.LongestMessage < 0:
		return fmt.Errorf("%w: LongestMessage is %d", ErrOptions, o.LongestMessage)
	}
	return nil
}

// alone is the membership of memory that one process has for itself.
type alone struct{}

func (alone) Tag() uint32                          { return 1 }
func (alone) Alive(uint32) bool                    { return true }
func (alone) Life(uint32) (*atomic.Uint32, uint32) { return nil, 0 }
