package psync_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/psync"
)

// peer starts the other process of a benchmark, which does the same n operations.
func peer(b *testing.B, kind string) *world {
	b.Helper()
	w := newWorld(b)
	p := proctest.Start(b, "echo", kind, w.seg.Name(), "0", strconv.Itoa(b.N))
	p.Expect("ready")
	b.Cleanup(func() { p.Expect("done") })
	return w
}

// pong is the event that answers w.e.
func pong(w *world) *psync.Event {
	e, err := psync.AttachEvent(w.seg.Bytes()[recordsAt:], &psync.Options{Members: w.seg})
	if err != nil {
		panic(err)
	}
	return e
}

func pair(w *world) *psync.Barrier {
	mem := w.seg.Bytes()[recordsAt+4096:]
	o := &psync.BarrierOptions{Members: w.seg}
	bar, err := psync.AttachBarrier(mem, o)
	if err != nil {
		bar, err = psync.CreateBarrier(mem, 2, o)
	}
	if err != nil {
		panic(err)
	}
	return bar
}

func raw(w *world) *atomic.Uint32 { return layout.View[atomic.Uint32](w.seg.Bytes(), recordsAt) }

func benchmarkPeer(w *world, kind string, n int) {
	var bar *psync.Barrier
	if kind == "barrier" {
		bar = pair(w)
	}
	fmt.Println("ready")
	e := pong(w)
	for range n {
		switch kind {
		case "mutex":
			w.m.Lock(background)
			w.m.Unlock()
		case "cas":
			for v := raw(w).Load(); !raw(w).CompareAndSwap(v, v+1); v = raw(w).Load() {
			}
		case "event":
			w.e.Wait(background)
			w.e.Clear()
			e.Set()
		case "semaphore":
			w.s.Acquire(background, 1)
			w.s.Release(1)
		case "barrier":
			bar.Wait(background)
		case "add":
			w.a.Add(1)
		}
	}
	fmt.Println("done")
}

func BenchmarkMutex(b *testing.B) {
	b.Run("impl=ours/case=uncontended", func(b *testing.B) {
		m := newWorld(b).m
		for range b.N {
			m.Lock(background)
			m.Unlock()
		}
	})
	b.Run("impl=sync/case=uncontended", func(b *testing.B) {
		var m sync.Mutex
		for range b.N {
			m.Lock()
			m.Unlock()
		}
	})
	b.Run("impl=two-cas/case=uncontended", func(b *testing.B) {
		w := raw(newWorld(b))
		for range b.N {
			w.CompareAndSwap(0, 1)
			w.CompareAndSwap(1, 0)
		}
	})
	b.Run("impl=ours/case=two-processes", func(b *testing.B) {
		w := peer(b, "mutex")
		b.ResetTimer()
		for range b.N {
			w.m.Lock(background)
			w.m.Unlock()
		}
	})
	b.Run("impl=sync/case=two-goroutines", func(b *testing.B) {
		var m sync.Mutex
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for range b.N {
					m.Lock()
					m.Unlock()
				}
			})
		}
		wg.Wait()
	})
	b.Run("impl=cas-loop/case=two-processes", func(b *testing.B) {
		w := peer(b, "cas")
		b.ResetTimer()
		for range b.N {
			for v := raw(w).Load(); !raw(w).CompareAndSwap(v, v+1); v = raw(w).Load() {
			}
		}
	})
}

func BenchmarkEvent(b *testing.B) {
	b.Run("op=ping-pong/case=two-processes", func(b *testing.B) {
		w := peer(b, "event")
		e := pong(w)
		b.ResetTimer()
		for range b.N {
			w.e.Set()
			e.Wait(background)
			e.Clear()
		}
	})
	b.Run("op=is-set", func(b *testing.B) {
		e := newWorld(b).e
		for range b.N {
			e.IsSet()
		}
	})
}

func BenchmarkSemaphore(b *testing.B) {
	b.Run("permits=counted-by-holder/case=uncontended", func(b *testing.B) {
		s := newWorld(b).s
		for range b.N {
			s.Acquire(background, 1)
			s.Release(1)
		}
	})
	b.Run("permits=plain/case=uncontended", func(b *testing.B) {
		w := newWorld(b)
		s, err := psync.CreateSemaphore(w.seg.Bytes()[recordsAt:], 1, &psync.SemaphoreOptions{Members: w.seg})
		if err != nil {
			b.Fatal(err)
		}
		for range b.N {
			s.Acquire(background, 1)
			s.Release(1)
		}
	})
	b.Run("permits=counted-by-holder/case=two-processes", func(b *testing.B) {
		w := peer(b, "semaphore")
		b.ResetTimer()
		for range b.N {
			w.s.Acquire(background, 1)
			w.s.Release(1)
		}
	})
}

func BenchmarkBarrier(b *testing.B) {
	b.Run("parties=2/case=two-processes", func(b *testing.B) {
		w := peer(b, "barrier")
		bar := pair(w)
		b.ResetTimer()
		for range b.N {
			bar.Wait(background)
		}
	})
}

func BenchmarkRWMutex(b *testing.B) {
	b.Run("op=read/case=uncontended", func(b *testing.B) {
		rw := newWorld(b).rw
		for range b.N {
			rw.RLock(background)
			rw.RUnlock()
		}
	})
	b.Run("op=read/impl=sync", func(b *testing.B) {
		var rw sync.RWMutex
		for range b.N {
			rw.RLock()
			rw.RUnlock()
		}
	})
}

func BenchmarkCell(b *testing.B) {
	b.Run("op=add/case=uncontended", func(b *testing.B) {
		w := newWorld(b)
		for range b.N {
			w.a.Add(1)
		}
	})
	b.Run("op=add/case=two-processes", func(b *testing.B) {
		w := peer(b, "add")
		b.ResetTimer()
		for range b.N {
			w.a.Add(1)
		}
	})
}
