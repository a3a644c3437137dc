package psync

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"
)

// FuzzAttach attaches to arbitrary bytes as each of the structures and uses it: every call returns (with its context at
// the latest), nothing panics, and no byte outside the memory changes.
func FuzzAttach(f *testing.F) {
	word := func(v ...uint32) (b []byte) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
		return b
	}
	for _, seed := range [][]byte{
		nil, word(0), word(1), word(7), word(1<<31 | 9), word(3 << 30), word(1<<30 | 1), word(0xffffffff, 0xffffffff, 0xffffffff),
		word(semaphoreMagic, 0, 2, 2), word(semaphoreMagic, 2, 2, 2, 3, 0, 0, 0, 9, 1, 1, 1), word(semaphoreMagic, 1<<20, 2, 2),
		word(semaphoreMagic, 1, 0xffffffff, 2), word(semaphoreMagic, 2, 2, 2, 0, 5, 0, 0, 9, 0xffffffff, 1, 0xffffffff),
		word(rwmutexMagic, 2, 0, 0, 9, 1, 7, 0xffffffff), word(rwmutexMagic, 1, 1, 3), word(rwmutexMagic, 0xffffffff, 1, 3),
		word(barrierMagic, 2), word(barrierMagic, 2, 9, 1, 0, 0, 5, 0, 8, 9, 1<<31|4, 1<<31|1),
		word(barrierMagic, 3, 0, 77, 1, 6, 0xffffffff, 0, 0, 0xffffffff, 1, 2, 3), word(barrierMagic, 1<<30),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:min(len(data), 512)]
		const guard = 64
		for _, use := range []func(*testing.T, []byte){useWords, useSemaphore, useRWMutex, useBarrier} {
			whole := heap(guard + len(data) + guard)
			for i := range whole {
				whole[i] = 0xa5
			}
			before := bytes.Clone(whole)
			mem := whole[guard : guard+len(data) : guard+len(data)]
			copy(mem, data)
			use(t, mem)
			if !bytes.Equal(whole[:guard], before[:guard]) || !bytes.Equal(whole[guard+len(data):], before[guard+len(data):]) {
				t.Fatal("bytes outside the memory have changed")
			}
		}
	})
}

func brief() context.Context {
	ctx, cancel := context.WithTimeout(background, time.Millisecond)
	time.AfterFunc(50*time.Millisecond, cancel)
	return ctx
}

func known(t *testing.T, err error) {
	t.Helper()
	for _, e := range []error{ErrOwnerDead, ErrNotOwner, ErrBroken, ErrBound, ErrFull, ErrNegative, ErrMemory, ErrCorrupt, context.DeadlineExceeded} {
		if err == nil || errors.Is(err, e) {
			return
		}
	}
	t.Fatalf("an error nobody expects: %v", err)
}

func useWords(t *testing.T, mem []byte) {
	if m, err := AttachMutex(mem, nil); err == nil {
		if err := m.Lock(brief()); err == nil || errors.Is(err, ErrOwnerDead) {
			check(t, m.Unlock())
		}
		_, err := m.TryLock()
		known(t, err)
	} else {
		want(t, err, ErrMemory)
	}
	if m, err := AttachRMutex(mem, nil); err == nil {
		known(t, m.Lock(brief(), 5))
		known(t, m.Unlock(5))
	}
	if c, err := AttachCond(mem, nil); err == nil && len(mem) >= 16 {
		c.Signal(1)
		m := must(CreateMutex(mem[8:], nil))(t)
		check(t, m.Lock(background))
		known(t, c.Wait(brief(), m))
		c.Broadcast()
		check(t, m.Unlock())
	}
	if o, err := AttachOnce(mem, nil); err == nil {
		known(t, o.Do(brief(), func(error) error { return nil }))
	}
	if g, err := AttachWaitGroup(mem, nil); err == nil {
		known(t, g.Wait(brief()))
		known(t, g.Add(1))
		known(t, g.Done())
	}
	if e, err := AttachEvent(mem, nil); err == nil {
		known(t, e.Wait(brief()))
		e.Clear()
		e.Set()
		check(t, e.Wait(background))
	}
}

func useSemaphore(t *testing.T, mem []byte) {
	s, err := AttachSemaphore(mem, nil)
	known(t, err)
	if err != nil {
		return
	}
	known(t, s.Acquire(brief(), 1))
	if s.s.guard.Load()&tagMask == soloTag {
		return // as in useBarrier
	}
	_, err = s.TryAcquire(2)
	known(t, err)
	known(t, s.Release(1))
	s.Value()
	s.Held()
}

func useRWMutex(t *testing.T, mem []byte) {
	m, err := AttachRWMutex(mem, nil)
	known(t, err)
	if err != nil {
		return
	}
	known(t, m.RLock(brief()))
	known(t, m.RUnlock())
	known(t, m.Lock(brief()))
	_, err = m.TryRLock()
	known(t, err)
	known(t, m.Unlock())
	_, err = m.TryLock()
	known(t, err)
}

func useBarrier(t *testing.T, mem []byte) {
	b, err := AttachBarrier(mem, &BarrierOptions{Timeout: time.Millisecond})
	known(t, err)
	if err != nil {
		return
	}
	if b.w.guard.Load()&tagMask == soloTag {
		return // calls that take no context return after stuckAfter, which is too long for a fuzzer
	}
	known(t, b.Join())
	_, err = b.Wait(brief())
	known(t, err)
	known(t, b.Leave())
	known(t, b.Broken())
	b.Waiting()
	check(t, b.Reset())
	check(t, b.Abort())
	_, err = b.Wait(brief())
	want(t, err, ErrBroken)
}
