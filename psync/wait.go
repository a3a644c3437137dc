package psync

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/futex"
)

const (
	firstPauses = 2                      // before the first look at a word that is awaited
	lockPauses  = 16                     // before the first look at a lock: who has it is left alone for a while, with its cache line
	lookPauses  = 32                     // pauses between two looks at a contended word
	freeLooks   = 4                      // looks before the first one at the clock, which costs more than a look
	lookAgain   = 50 * time.Millisecond  // how long a second death at the wrong instant may go unseen; PROTOCOL.md, "Two deaths"
	predAgain   = 250 * time.Millisecond // how long a waiter for a predicate trusts that somebody who lives was signalled
	dyingPeriod = 100 * time.Microsecond // from a changed life word to the first question whether that was the end
	askPeriod   = 20 * time.Millisecond  // between two questions about a member without a life word
	stuckAfter  = 3 * time.Second        // how long a guard that is held for a few stores is waited for
	livesMax    = 100                    // life words in one sleep; the kernel takes 128 words
	everyone    = math.MaxInt32
)

// wait is one blocking call: it looks for a while, then it sleeps. Eight waits in a row that looked in vain halve the time
// for which the same handle's next ones look, down to a 32nd, but for every sixteenth: where more processes wait than CPUs
// run, looking keeps the owner from running. One wait that did not have to sleep restores it.
type wait struct {
	*member
	patience time.Duration // how long it looks
	begin    time.Time     // of look number freeLooks
	done     uint32        // looks
	first    uint32        // pauses before the first look; doubled from look to look, up to lookPauses
	slept    bool
	ask      time.Duration // until the next question about a member without a life word
}

func (p *member) wait() wait {
	patience := futex.SpinFor()
	if vain := p.vain.Load(); vain%16 != 0 {
		patience >>= min(vain/8, 5)
	}
	return wait{member: p, patience: patience, first: firstPauses, ask: dyingPeriod}
}

// pause lets a moment pass before the next look, and is false when patience is at its end.
func (w *wait) pause() bool {
	switch {
	case w.patience == 0:
		return false
	case w.done == freeLooks:
		w.begin = time.Now()
	case w.done > freeLooks && time.Since(w.begin) > w.patience:
		return false
	}
	asm.Pause(min(w.first<<min(w.done, 8), lookPauses))
	w.done++
	return true
}

// end remembers whether spinning was worth it.
func (w *wait) end() {
	switch vain := w.vain.Load(); {
	case w.slept:
		w.vain.Store(vain + 1)
	case vain > 0 && w.done > 0:
		w.vain.Store(0)
	}
}

// sleep waits until word changes or is woken, one of the members in watch dies, or limit passes (0: no limit); each
// of these returns nil and the caller looks at its words again. It returns ctx's error when ctx has ended.
func (w *wait) sleep(ctx context.Context, word futex.Word, limit time.Duration, watch ...uint32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.slept = true
	words, limit := w.lives(word, limit, watch)
	var deadline futex.Deadline
	if limit > 0 {
		deadline = futex.After(limit)
	}
	err := futex.WaitUntil(ctx, deadline, words...)
	for _, life := range words[1:] {
		if life.Addr.Load() != life.Val {
			futex.Wake(life.Addr, everyone) // the kernel woke one: the others have to hear of it too
		}
	}
	if errors.Is(err, futex.ErrTimeout) {
		return nil
	}
	return err
}

// lives appends to word the life words of watch. A member without one, which includes a member at its very end,
// has to be asked about: soon, then less and less often.
func (w *wait) lives(word futex.Word, limit time.Duration, watch []uint32) ([]futex.Word, time.Duration) {
	words := append(make([]futex.Word, 0, 8), word)
	asks := false
	for _, tag := range watch {
		if tag == w.tag || tag == 0 {
			continue
		}
		life, while := w.others.Life(tag)
		if life == nil || life.Load() != while || len(words) > livesMax {
			asks = true
			continue
		}
		words = append(words, futex.Word{Addr: life, Val: while})
	}
	if asks {
		if limit == 0 || w.ask < limit {
			limit = w.ask
		}
		w.ask = min(2*w.ask, askPeriod)
	}
	return words, limit
}
