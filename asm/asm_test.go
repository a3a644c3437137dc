package asm

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The payload is plain memory: were the release store not ordered after it, the reader would see an old payload.
func TestStoreRelease_PublishesWhatCameBefore(t *testing.T) {
	const rounds = 200_000
	var payload [2]uint64
	var seq, ack atomic.Uint64
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for want := uint64(1); want <= rounds; want++ {
			for seq.Load() != want {
				Pause(1)
				runtime.Gosched()
			}
			if payload[want&1] != want*3 {
				t.Errorf("round %d: payload %d", want, payload[want&1])
			}
			StoreRelease64(&ack, want)
		}
	}()
	for i := uint64(1); i <= rounds; i++ {
		payload[i&1] = i * 3
		StoreRelease64(&seq, i)
		for ack.Load() != i {
			Pause(4)
			runtime.Gosched()
		}
	}
	wg.Wait()
}

func TestStoreRelease32(t *testing.T) {
	var pair [2]atomic.Uint32
	pair[1].Store(9)
	StoreRelease32(&pair[0], 0xfedcba98)
	if pair[0].Load() != 0xfedcba98 || pair[1].Load() != 9 {
		t.Fatalf("words are %#x, %#x", pair[0].Load(), pair[1].Load())
	}
}

// flip stores 1 and 0 many times in one basic block: a compiler that took the stores for ordinary ones would leave out all
// but the last.
//
//go:noinline
func flip(wide *atomic.Uint64, narrow *atomic.Uint32) {
	StoreRelease64(wide, 1)
	StoreRelease64(wide, 0)
	StoreRelease64(wide, 1)
	StoreRelease64(wide, 0)
	StoreRelease32(narrow, 1)
	StoreRelease32(narrow, 0)
	StoreRelease32(narrow, 1)
	StoreRelease32(narrow, 0)
}

func TestStoreRelease_EveryStoreHappens(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("one CPU: nobody can look while the stores happen")
	}
	var wide atomic.Uint64
	var narrow atomic.Uint32
	var stop atomic.Bool
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop.Store(true)
	wg.Go(func() {
		for !stop.Load() {
			flip(&wide, &narrow)
		}
	})
	sawWide, sawNarrow := false, false
	for begin := time.Now(); !sawWide || !sawNarrow; {
		sawWide = sawWide || wide.Load() == 1
		sawNarrow = sawNarrow || narrow.Load() == 1
		if time.Since(begin) > time.Minute {
			t.Fatalf("the stores of 1 are never seen: of 64 bits %v, of 32 bits %v", sawWide, sawNarrow)
		}
	}
}

func BenchmarkStore(b *testing.B) {
	var w atomic.Uint64
	b.Run("impl=release", func(b *testing.B) {
		for i := range b.N {
			StoreRelease64(&w, uint64(i))
		}
	})
	b.Run("impl=atomic", func(b *testing.B) {
		for i := range b.N {
			w.Store(uint64(i))
		}
	})
}
