package psync

import (
	"context"
	"errors"
	"math"
	"sync/atomic"

	"github.com/shmath/shmath/internal/invariants"
)

// RMutexSize is the size of an [RMutexWord].
const RMutexSize = 16

// RMutexWord is a re-entrant mutex. Zero is an unlocked one.
type RMutexWord struct {
	state atomic.Uint32 // owner word
	depth atomic.Uint32 // written by the holder
	token atomic.Uint64 // written by the holder: its process's tag, and its token above that
}

// Token stands for one holder of re-entrant mutexes in this process: goroutines have no identity. See [NewToken].
type Token uint32

var tokens atomic.Uint32

// NewToken returns a token that no other holder of this process has.
func NewToken() Token { return Token(tokens.Add(1)) }

// RMutex is this process's handle of a mutex that its holder may take again. All its methods may be called by any
// goroutine; who calls is told by the token.
type RMutex struct {
	*member
	w *RMutexWord
}

// CreateRMutex makes the first [RMutexSize] bytes of mem, a multiple of 8 in address, an unlocked re-entrant mutex.
func CreateRMutex(mem []byte, o *Options) (*RMutex, error) {
	w, err := view[RMutexWord](mem, RMutexSize, true)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// AttachRMutex returns a handle of the re-entrant mutex at the front of mem.
func AttachRMutex(mem []byte, o *Options) (*RMutex, error) {
	w, err := view[RMutexWord](mem, RMutexSize, false)
	if err != nil {
		return nil, err
	}
	return w.Attach(o), nil
}

// Attach returns a handle of the re-entrant mutex.
func (w *RMutexWord) Attach(o *Options) *RMutex { return &RMutex{o.member(), w} }

// holds tells whether t has the mutex. Nobody but t's holder stores t, and it takes it back before it unlocks; one
// that died left a token with another tag.
func (m *RMutex) holds(t Token) bool {
	return m.w.state.Load()&tagMask == m.tag && m.w.token.Load() == m.name(t)
}

// name is t as the others see it.
func (m *RMutex) name(t Token) uint64 { return uint64(m.tag) | uint64(t)<<32 }

// Lock takes the mutex for t, once more if t has it. Errors are those of [Mutex.Lock].
func (m *RMutex) Lock(ctx context.Context, t Token) error {
	if m.holds(t) {
		return m.deepen()
	}
	err := m.lock(ctx, &m.w.state, 0)
	if err == nil || errors.Is(err, ErrOwnerDead) {
		m.enter(t)
	}
	return err
}

// TryLock takes the mutex for t if t has it, or no living holder does.
func (m *RMutex) TryLock(t Token) (ok bool, err error) {
	if m.holds(t) {
		err = m.deepen()
		return err == nil, err
	}
	if ok, err = m.tryLock(&m.w.state, 0); ok {
		m.enter(t)
	}
	return ok, err
}

var errDeep = errors.New("psync: a re-entrant mutex cannot be taken that often")

func (m *RMutex) enter(t Token) {
	invariants.Point("rmutex.taken")
	m.w.depth.Store(1)
	m.w.token.Store(m.name(t))
}

func (m *RMutex) deepen() error {
	if m.w.depth.Load() == math.MaxUint32 {
		return errDeep
	}
	m.w.depth.Add(1)
	return nil
}

// Unlock undoes one Lock of t, and frees the mutex with the last. It returns [ErrNotOwner] when t does not hold it.
func (m *RMutex) Unlock(t Token) error {
	if !m.holds(t) {
		return ErrNotOwner
	}
	if m.w.depth.Load() > 1 {
		m.w.depth.Add(^uint32(0))
		return nil
	}
	m.w.token.Store(0)
	invariants.Point("rmutex.leaving")
	return m.unlock(&m.w.state, -1, wakeHeir)
}

// Depth returns how often t holds the mutex.
func (m *RMutex) Depth(t Token) int {
	if !m.holds(t) {
		return 0
	}
	return int(m.w.depth.Load())
}

// Locker returns t's side of the mutex, for [Cond.Wait]: it frees the mutex however deep t holds it, and takes it again
// as deep.
func (m *RMutex) Locker(t Token) Locker { return &rlocker{m, t, 0} }

type rlocker struct {
	m     *RMutex
	t     Token
	depth uint32
}

// Lock takes the mutex as deep as Unlock found it, at least once.
func (l *rlocker) Lock(ctx context.Context) error {
	err := l.m.Lock(ctx, l.t)
	if (err == nil || errors.Is(err, ErrOwnerDead)) && l.depth > 1 {
		l.m.w.depth.Store(l.depth)
	}
	return err
}

// Unlock frees the mutex however deep it is held.
func (l *rlocker) Unlock() error {
	if !l.m.holds(l.t) {
		return ErrNotOwner
	}
	l.depth = l.m.w.depth.Load()
	l.m.w.depth.Store(1)
	return l.m.Unlock(l.t)
}
