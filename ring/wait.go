package ring

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/futex"
)

const (
	deathPoll   = 20 * time.Millisecond // how long a sleep may miss the death of a member without a life word
	dyingPoll   = 50 * time.Microsecond // between the first two questions whether such a member is dead
	unfencedNap = time.Millisecond      // how long it may miss a publication when no barrier can be asked for
	wordsMax    = 120                   // words in one sleep; the kernel takes 128
	pausesMin   = 16                    // the shortest back-off
	pausesMax   = 256                   // the longest
	soonPolls   = 3                     // an item that is found within so many polls came soon
	streamFinds = 32                    // so many that came soon, one after another, may be a stream
	batchMost   = 64                    // items after a back-off that need no longer one, whatever their size
	batchBytes  = 4096                  // and the bytes of items that need none
)

// source is one side of a handle as waits see it.
type source struct {
	core *core
	bell *bell
	// ready returns how many items or places there are, at least 1 when the next try will not say empty or full.
	ready func() int
	// watch adds the life words of those whose death has to end the sleep, says whether there are some without, and
	// returns an error when the wait cannot end any more.
	watch func(words []futex.Word) ([]futex.Word, bool, error)
	back  backoff
}

func (s *source) set(c *core, b *bell, ready func() int, watch func([]futex.Word) ([]futex.Word, bool, error)) {
	s.core, s.bell, s.ready, s.watch = c, b, ready, watch
	s.back.enough = batchMost
}

// backoff is how many PAUSEs a side that has used up what it knew waits before it looks again. Reading the line that the
// other side is about to write costs both of them a transfer; in a stream it pays to let a batch gather. In ping-pong the
// item comes alone, and the back-off goes to zero; it may come as soon as in a stream, so that a back-off is tried after
// many such items only.
//
// Goroutines may share it: it is a habit, and a lost update is none the worse.
type backoff struct {
	pauses, soon atomic.Uint32
	enough       uint64 // items after a back-off that need no longer one
}

// batches sets what is enough for a ring of so many items of that size.
func (b *backoff) batches(capacity, size uint64) {
	b.enough = min(batchMost, batchBytes/max(size, 1), capacity/4)
}

// gathers lets a batch gather, if the back-off says so.
func (b *backoff) gathers() bool {
	n := b.pauses.Load()
	if n == 0 {
		return false
	}
	for ; n > 0; n -= min(n, asm.PauseMax) {
		asm.Pause(min(n, asm.PauseMax))
	}
	return true
}

// waited adapts the back-off to how many items there were after it.
func (b *backoff) waited(n uint64) {
	pauses := b.pauses.Load()
	switch {
	case b.enough <= 1 || n <= 1 && pauses <= pausesMin:
		pauses = 0
	case n <= 1:
		pauses /= 4
	case n < b.enough:
		pauses = min(2*pauses, pausesMax)
	case n >= 4*b.enough:
		pauses = max(pauses/2, pausesMin)
	}
	asm.StoreRelease32(&b.pauses, pauses)
}

// found begins a back-off when items have come soon, after so many polls, many times.
func (b *backoff) found(polls int) {
	soon := b.soon.Load() + 1
	if polls > soonPolls {
		soon = 0
	} else if soon == streamFinds {
		soon = 0
		if b.pauses.Load() == 0 {
			asm.StoreRelease32(&b.pauses, pausesMin)
		}
	}
	asm.StoreRelease32(&b.soon, soon)
}

// patience is how long a wait sleeps before it asks again about a member without a life word. One that has just lost its
// word is at its very end, while other threads of it may still run: it is asked soon, then less and less often.
type patience time.Duration

func (p *patience) next() time.Duration {
	d := max(time.Duration(*p), dyingPoll)
	*p = patience(min(2*d, deathPoll))
	return d
}

// wait returns when the source may be ready: it backs off, if that has become a habit, spins, then sleeps.
func (s *source) wait(ctx context.Context) error {
	if s.back.gathers() {
		n := s.ready()
		s.back.waited(uint64(n))
		if n > 0 {
			return nil
		}
	}
	return s.await(ctx)
}

// await is wait for a side that has backed off by itself.
func (s *source) await(ctx context.Context) error {
	if s.spin() {
		return nil
	}
	var p patience
	for {
		if err := sleep(ctx, &p, s); err != nil {
			return err
		}
		if s.ready() > 0 {
			return nil
		}
	}
}

// spin polls for as long as the options say and reports whether the source became ready.
func (s *source) spin() bool {
	for polls, most := 0, pollsWithin(s.core.opts.Spin); polls < most; polls++ {
		if s.ready() > 0 {
			s.back.found(polls)
			return true
		}
		asm.Pause(1)
	}
	return s.ready() > 0
}

// sleep waits in the kernel until one of the sources may be ready, somebody died whose death matters to one, or ctx
// ends. It returns without sleeping when a source is ready. PROTOCOL.md, "Sleeping", has the argument.
func sleep(ctx context.Context, p *patience, sources ...*source) error {
	words := make([]futex.Word, 0, 8)
	for _, s := range sources {
		words = append(words, futex.Word{Addr: &s.bell.seq, Val: s.bell.seq.Load()}) // SYNC(bell.seq): pairs with ringNow.
	}
	bells := len(words)
	limit := time.Duration(math.MaxInt64)
	if unfenced {
		limit = unfencedNap
	}
	ask := false
	// Who is found dead here cannot lower the flag that goes up below, and who is alive is watched.
	for _, s := range sources {
		more, poll, err := s.watch(words)
		if err != nil {
			return err
		}
		words = more
		ask = ask || poll
	}
	if len(words) > wordsMax {
		words, ask = words[:max(bells, wordsMax)], true
	}
	if ask {
		limit = min(limit, p.next())
	}
	for _, s := range sources {
		s.bell.flag.Store(1) // SYNC(bell.flag): pairs with ring.
	}
	barrierAll()
	for _, s := range sources {
		if s.ready() > 0 {
			return nil
		}
	}
	err := sleepOn(ctx, limit, words)
	for _, w := range words[bells:] {
		if w.Addr.Load() != w.Val {
			futex.Wake(w.Addr, math.MaxInt32) // the kernel woke one sleeper; the others hear of it from here
			*p = 0
		}
	}
	return err
}

func sleepOn(ctx context.Context, limit time.Duration, words []futex.Word) error {
	if limit == math.MaxInt64 {
		return futex.WaitContext(ctx, words...)
	}
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := futex.WaitContext(short, words...)
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// watchOne is the watch of a side whose only peer is whoever holds a part: tag is 0 while nobody does.
func (c *core) watchOne(words []futex.Word, tag uint32) ([]futex.Word, bool, error) {
	tag &= tagMask
	if tag == 0 || tag == c.tag {
		return words, false, nil
	}
	addr, val := c.opts.Members.Life(tag)
	if addr != nil && addr.Load() == val {
		return append(words, futex.Word{Addr: addr, Val: val}), false, nil
	}
	switch alive := c.opts.Members.Alive(tag); {
	case alive:
		return words, true, nil
	case c.opts.Lasting:
		return words, false, nil // whoever takes the part over rings the bell
	}
	return words, false, ErrPeerDead
}
