package psync

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func newRW(t testing.TB, o *RWMutexOptions) (*RWMutex, []byte) {
	t.Helper()
	mem := heap(RWMutexSize(o))
	return must(CreateRWMutex(mem, o))(t), mem
}

func TestRWMutex_ManyReadersOrOneWriter(t *testing.T) {
	linuxOnly(t)
	_, mem := newRW(t, nil)
	var readers, writers atomic.Int32
	var shared [4]int
	var wg sync.WaitGroup
	for g := range 6 {
		m := must(AttachRWMutex(mem, nil))(t)
		wg.Go(func() {
			for i := range 400 {
				if (g+i)%5 == 0 {
					check(t, m.Lock(background))
					if writers.Add(1) != 1 || readers.Load() != 0 {
						t.Error("a writer is not alone")
					}
					for k := range shared {
						shared[k]++
					}
					writers.Add(-1)
					check(t, m.Unlock())
					continue
				}
				check(t, m.RLock(background))
				readers.Add(1)
				if writers.Load() != 0 {
					t.Error("a reader beside a writer")
				}
				if a := shared; a[0] != a[3] {
					t.Errorf("torn: %v", a)
				}
				readers.Add(-1)
				check(t, m.RUnlock())
			}
		})
	}
	soon(t, "readers and writers", wg.Wait)
	if shared[0] != 480 {
		t.Fatalf("%d writes", shared[0])
	}
}

func TestRWMutex_Rules(t *testing.T) {
	linuxOnly(t)
	m, _ := newRW(t, nil)
	want(t, m.RUnlock(), ErrNotOwner)
	want(t, m.Unlock(), ErrNotOwner)
	check(t, m.RLock(background))
	check(t, m.RLock(background))
	if ok, err := m.TryLock(); ok || err != nil {
		t.Fatal(ok, err)
	}
	want(t, m.Lock(timeout(t, time.Millisecond)), context.DeadlineExceeded)
	check(t, m.RUnlock())
	done := make(chan error)
	go func() { done <- m.Lock(background) }()
	eventually(t, "the writer waits", func() bool { return m.w.writer.Load() != 0 })
	if ok, err := m.TryRLock(); ok || err != nil {
		t.Fatal("a reader passes a writer that waits", err)
	}
	check(t, m.RUnlock())
	check(t, <-done)
	want(t, m.RLock(timeout(t, time.Millisecond)), context.DeadlineExceeded)
	check(t, m.Unlock())
	if ok, err := m.TryRLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
}

func TestRWMutex_ReaderDies(t *testing.T) {
	linuxOnly(t)
	v := newVillage()
	m, mem := newRW(t, &RWMutexOptions{Members: villager{v, 1}})
	mortal := must(AttachRWMutex(mem, &RWMutexOptions{Members: villager{v, 2}}))(t)
	check(t, mortal.RLock(background))
	check(t, mortal.RLock(background))
	done := make(chan error)
	go func() { done <- m.Lock(background) }()
	awaitSleepers(t, &m.w.bell.state, 1)
	v.die(2)
	soon(t, "the writer", func() { check(t, <-done) })
}

// Readers hear of a writer's death until a writer has repaired the data, which one writer is asked to do.
func TestRWMutex_WriterDies(t *testing.T) {
	linuxOnly(t)
	v := newVillage()
	m, mem := newRW(t, &RWMutexOptions{Members: villager{v, 1}})
	mortal := must(AttachRWMutex(mem, &RWMutexOptions{Members: villager{v, 2}}))(t)
	check(t, mortal.Lock(background))
	done := make(chan error)
	go func() { done <- m.RLock(background) }()
	awaitSleepers(t, &m.w.writer, 1)
	v.die(2)
	soon(t, "a reader", func() { want(t, <-done, ErrOwnerDead) })
	_, err := m.TryRLock()
	want(t, err, ErrOwnerDead)
	want(t, m.Lock(background), ErrOwnerDead)
	check(t, m.Abandon())
	want(t, m.RLock(background), ErrOwnerDead)
	ok, err := m.TryLock()
	want(t, err, ErrOwnerDead)
	if !ok {
		t.Fatal("not held after the report")
	}
	check(t, m.Unlock())
	check(t, m.RLock(background))
	check(t, m.RUnlock())
	check(t, m.Lock(background))
}

func TestRWMutex_FullTable(t *testing.T) {
	v := newVillage()
	a, mem := newRW(t, &RWMutexOptions{Holders: 1, Members: villager{v, 1}})
	b := must(AttachRWMutex(mem, &RWMutexOptions{Members: villager{v, 2}}))(t)
	check(t, a.RLock(background))
	want(t, b.RLock(background), ErrFull)
	v.die(1)
	check(t, b.RLock(background))
}
