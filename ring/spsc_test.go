package ring

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/layout"
)

type small struct {
	A uint16
	B float32
	C [3]byte
}

type large struct {
	Seq  uint64
	Body [100]byte
}

func heap(n int) []byte { return layout.Aligned(n, layout.Line) }

func newTestSPSC[T any](t testing.TB, capacity int) *SPSC[T] {
	t.Helper()
	q, err := CreateSPSC[T](heap(SizeSPSC[T](capacity)), capacity, nil)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// watchdog ends what would otherwise wait for ever: a minute is very long for anything here but a long storm.
func watchdog(t testing.TB) context.Context { return within(t, time.Duration(stress())*time.Minute) }

// queue is what SPSC and MPMC have in common: the rows of the catalogue apply to both.
type queue interface {
	TryPush(uint64) error
	TryPop() (uint64, error)
	Push(context.Context, uint64) error
	Pop(context.Context) (uint64, error)
	Len() int
	Cap() int
	Close()
}

func eachQueue(t *testing.T, capacity int, f func(t *testing.T, q queue)) {
	t.Run("type=SPSC", func(t *testing.T) { f(t, newTestSPSC[uint64](t, capacity)) })
	t.Run("type=MPMC", func(t *testing.T) { f(t, newTestMPMC[uint64](t, capacity, nil)) })
}

// The seventh item does not fit, at once or after the time that was given.
func TestQ1_PutIntoBoundedQueue(t *testing.T) {
	eachQueue(t, 6, func(t *testing.T, q queue) {
		if _, err := q.TryPop(); err != ErrEmpty || q.Len() != 0 {
			t.Fatalf("a new ring: %v, length %d", err, q.Len())
		}
		for i := range uint64(6) {
			if err := q.TryPush(i); err != nil || q.Len() != int(i)+1 {
				t.Fatalf("item %d: %v, length %d", i, err, q.Len())
			}
		}
		if err := q.TryPush(6); err != ErrFull {
			t.Fatalf("the seventh: %v", err)
		}
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		if err := q.Push(ended, 6); !errors.Is(err, context.Canceled) { // "non-blocking with a timeout": at once
			t.Fatalf("the seventh with a context that has ended: %v", err)
		}
		begin := time.Now()
		if err := q.Push(within(t, 20*time.Millisecond), 6); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("the seventh with a deadline: %v", err)
		}
		if d := time.Since(begin); d < 20*time.Millisecond {
			t.Fatalf("it waited %v", d)
		}
		if v, err := q.TryPop(); v != 0 || err != nil {
			t.Fatalf("the first out is %d, %v", v, err)
		}
		if err := q.TryPush(6); err != nil {
			t.Fatalf("after one was taken: %v", err)
		}
		if err := q.TryPush(7); err != ErrFull || q.Len() != 6 {
			t.Fatalf("full again: %v, length %d", err, q.Len())
		}
	})
}

func TestQ2_GetFromQueue(t *testing.T) {
	eachQueue(t, 6, func(t *testing.T, q queue) {
		ctx := watchdog(t)
		for lap := range uint64(5) {
			for i := range uint64(6) {
				if err := q.Push(ctx, lap*6+i); err != nil {
					t.Fatal(err)
				}
			}
			for i := range uint64(6) {
				if v, err := q.Pop(ctx); v != lap*6+i || err != nil {
					t.Fatalf("got %d, %v; want %d", v, err, lap*6+i)
				}
			}
			if _, err := q.TryPop(); err != ErrEmpty {
				t.Fatalf("drained: %v", err)
			}
		}
	})
}

func TestQ4_Length(t *testing.T) {
	eachQueue(t, 3, func(t *testing.T, q queue) {
		want := func(n int) {
			t.Helper()
			if q.Len() != n {
				t.Fatalf("length %d, want %d", q.Len(), n)
			}
		}
		want(0)
		_ = q.TryPush(1)
		want(1)
		_ = q.TryPush(2)
		want(2)
		_, _ = q.TryPop()
		want(1)
		_, _ = q.TryPop()
		want(0)
	})
}

func TestQ6_Timeout(t *testing.T) {
	eachQueue(t, 3, func(t *testing.T, q queue) {
		begin := time.Now()
		if _, err := q.Pop(within(t, 30*time.Millisecond)); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if d := time.Since(begin); d < 30*time.Millisecond {
			t.Fatalf("it waited %v", d)
		}
	})
}

func TestQ9_ClosedQueue(t *testing.T) {
	eachQueue(t, 3, func(t *testing.T, q queue) {
		ctx := watchdog(t)
		_ = q.TryPush(1)
		_ = q.TryPush(2)
		q.Close()
		if err := q.TryPush(3); err != ErrClosed {
			t.Fatalf("TryPush: %v", err)
		}
		if err := q.Push(ctx, 3); err != ErrClosed {
			t.Fatalf("Push: %v", err)
		}
		for want := range uint64(2) {
			if v, err := q.Pop(ctx); v != want+1 || err != nil {
				t.Fatalf("the drain: %d, %v", v, err)
			}
		}
		for range 2 {
			if _, err := q.Pop(ctx); err != ErrClosed {
				t.Fatalf("Pop: %v", err)
			}
			if _, err := q.TryPop(); err != ErrClosed {
				t.Fatalf("TryPop: %v", err)
			}
		}
	})
}

// A length is a length, whether the ring is closed or not and whether it was used or not.
func TestQ10_ClosedQueueEmpty(t *testing.T) {
	eachQueue(t, 3, func(t *testing.T, q queue) {
		q.Close()
		if _, err := q.TryPop(); err != ErrClosed || q.Len() != 0 {
			t.Fatalf("never used: %v, length %d", err, q.Len())
		}
	})
	eachQueue(t, 3, func(t *testing.T, q queue) {
		_ = q.TryPush(1)
		q.Close()
		if q.Len() != 1 {
			t.Fatalf("closed before the drain: length %d", q.Len())
		}
		if _, err := q.TryPop(); err != nil || q.Len() != 0 {
			t.Fatalf("the drain: %v, length %d", err, q.Len())
		}
		if _, err := q.TryPop(); err != ErrClosed || q.Len() != 0 {
			t.Fatalf("used: %v, length %d", err, q.Len())
		}
	})
}

func TestQ12_CloseTwice(t *testing.T) {
	eachQueue(t, 1, func(t *testing.T, q queue) {
		q.Close()
		q.Close()
		if _, err := q.TryPop(); err != ErrClosed {
			t.Fatal(err)
		}
	})
}

// A ring works before main, as a package's variable is made.
var fromInit = func() (v uint64) {
	if os.Getenv("SHMATH_FAILPOINT") != "" {
		return 0 // a process that is to die in its role, not before
	}
	q, err := CreateSPSC[uint64](heap(SizeSPSC[uint64](2)), 2, nil)
	if err == nil && q.Push(context.Background(), 7) == nil {
		v, _ = q.Pop(context.Background())
	}
	return v
}()

func TestQ13_UsableFromInit(t *testing.T) {
	if fromInit != 7 {
		t.Fatalf("a ring used during initialisation gave %d", fromInit)
	}
}

func TestQ15_PointersAreRefused(t *testing.T) {
	type inner struct{ Name string }
	type outer struct {
		N    int
		Deep [2]inner
	}
	_, err := CreateSPSC[outer](heap(4096), 2, nil)
	if !errors.Is(err, ErrElement) || !strings.Contains(err.Error(), "outer.Deep[...].Name") {
		t.Fatalf("creation: %v", err)
	}
	if _, err = AttachSPSC[*int](heap(4096), nil); !errors.Is(err, ErrElement) {
		t.Fatalf("attach: %v", err)
	}
}

func TestSPSC_EveryGeometry(t *testing.T) {
	t.Run("item=byte", geometryOf[byte])
	t.Run("item=small", geometryOf[small])
	t.Run("item=uint64", geometryOf[uint64])
	t.Run("item=56", geometryOf[[7]uint64])
	t.Run("item=64", geometryOf[[8]uint64])
	t.Run("item=large", geometryOf[large])
	t.Run("item=none", geometryOf[struct{}])
}

// geometryOf passes random numbers of items through rings of awkward capacities, and compares with a slice.
func geometryOf[T comparable](t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 6, 7, 8, 13, 100} {
		q := newTestSPSC[T](t, capacity)
		var model []T
		made := uint64(0)
		next := func() (v T) {
			made++
			b := layout.BytesOf(&v)
			for i := range b {
				b[i] = byte(made>>(8*(i%8))) + byte(i/8)
			}
			return clean(v)
		}
		for step := range 2000 {
			switch n := 1 + step*7%9; step % 5 {
			case 0, 1:
				v := next()
				if err := q.TryPush(v); (err == nil) != (len(model) < capacity) {
					t.Fatalf("push at %d of %d: %v", len(model), capacity, err)
				} else if err == nil {
					model = append(model, v)
				}
			case 2:
				var vs []T
				for range n {
					vs = append(vs, next())
				}
				k, err := q.TryPushBatch(vs)
				if k != min(n, capacity-len(model)) || (k == 0) != (err == ErrFull) {
					t.Fatalf("batch of %d at %d of %d: %d, %v", n, len(model), capacity, k, err)
				}
				model = append(model, vs[:k]...)
			case 3:
				v, err := q.TryPop()
				if (err == nil) != (len(model) > 0) || err == nil && v != model[0] {
					t.Fatalf("pop: %v, %v", v, err)
				} else if err == nil {
					model = model[1:]
				}
			case 4:
				vs := make([]T, n)
				k, err := q.TryPopBatch(vs)
				if k != min(n, len(model)) || (k == 0) != (err == ErrEmpty) {
					t.Fatalf("pop of %d at %d: %d, %v", n, len(model), k, err)
				}
				for i := range k {
					if vs[i] != model[i] {
						t.Fatalf("item %d of a batch: %v", i, vs[i])
					}
				}
				model = model[k:]
			}
			if q.Len() != len(model) {
				t.Fatalf("length %d, want %d", q.Len(), len(model))
			}
		}
	}
}

// clean zeroes what may not hold any bytes: values are compared.
func clean[T any](v T) T {
	if s, ok := any(&v).(*small); ok {
		s.B = float32(s.A)
	}
	return v
}

func TestSPSC_SpansStayUnseenUntilCommit(t *testing.T) {
	q := newTestSPSC[uint64](t, 20)
	s, err := q.Claim(15)
	if err != nil || s.Len() != 15 {
		t.Fatalf("claim: %d, %v", s.Len(), err)
	}
	i := uint64(0)
	for chunk := range s.Chunks() {
		for j := range chunk {
			chunk[j] = i
			i++
		}
	}
	if _, err := q.TryPop(); err != ErrEmpty || q.Len() != 0 {
		t.Fatal("an uncommitted span is seen")
	}
	q.Commit(10)
	p, err := q.Peek(100)
	if err != nil || p.Len() != 10 {
		t.Fatalf("peek: %d, %v", p.Len(), err)
	}
	q.Release(3)
	p, err = q.Peek(2)
	if err != nil || p.Len() != 2 {
		t.Fatalf("second peek: %d, %v", p.Len(), err)
	}
	for chunk := range p.Chunks() {
		if chunk[0] != 3 {
			t.Fatalf("the first left is %d", chunk[0])
		}
		break
	}
	if q.Len() != 7 {
		t.Fatalf("length %d", q.Len())
	}
}

func TestSPSC_Stream(t *testing.T) {
	for _, spin := range []time.Duration{0, -1} {
		t.Run("spin="+spin.String(), func(t *testing.T) {
			t.Run("item=8", func(t *testing.T) { stream[uint64](t, spin, func(i uint64) uint64 { return i }) })
			t.Run("item=large", func(t *testing.T) { stream[large](t, spin, func(i uint64) large { return large{Seq: i} }) })
		})
	}
}

func stream[T comparable](t *testing.T, spin time.Duration, value func(uint64) T) {
	const n = 20_000
	mem := heap(SizeSPSC[T](13))
	o := &Options{Spin: spin}
	q, err := CreateSPSC[T](mem, 13, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx := watchdog(t)
	go func() {
		for i := range uint64(n) {
			if err := q.Push(ctx, value(i)); err != nil {
				return // the consumer says what is wrong
			}
		}
		q.Close()
	}()
	r, err := AttachSPSC[T](mem, o)
	if err != nil {
		t.Fatal(err)
	}
	i := uint64(0)
	for v, err := range r.All(ctx) {
		if err != nil || v != value(i) {
			t.Fatalf("item %d: %v, %v", i, v, err)
		}
		i++
	}
	if i != n {
		t.Fatalf("%d items of %d", i, n)
	}
}

// Each side takes its items by ones, spans and batches in turn, so that each finds what another left behind.
func TestSPSC_StreamOfAllWays(t *testing.T) {
	for _, capacity := range []int{1, 13, 256} {
		t.Run(fmt.Sprint("capacity=", capacity), func(t *testing.T) {
			t.Run("item=8", func(t *testing.T) { streamAllWays(t, capacity, func(i uint64) uint64 { return i }) })
			t.Run("item=large", func(t *testing.T) { streamAllWays(t, capacity, func(i uint64) large { return large{Seq: i} }) })
		})
	}
}

func streamAllWays[T comparable](t *testing.T, capacity int, value func(uint64) T) {
	const n = 20_000
	q := newTestSPSC[T](t, capacity)
	ctx := watchdog(t)
	done := make(chan error, 1)
	go func() { done <- sendAllWays(ctx, q, n, value) }()
	for i, way := uint64(0), 0; i < n; way++ {
		var got []T
		var err error
		switch way % 3 {
		case 0:
			var v T
			v, err = q.Pop(ctx)
			got = []T{v}
		case 1:
			got = make([]T, 1+way%40)
			var k int
			k, err = q.PopBatch(ctx, got)
			got = got[:k]
		case 2:
			var s Span[T]
			s, err = q.PeekWait(ctx, 1+way%40)
			for chunk := range s.Chunks() {
				got = append(got, chunk...)
			}
			got = got[:(len(got)+1)/2] // the others come again
			q.Release(len(got))
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range got {
			if v != value(i) {
				t.Fatalf("item %d is %v", i, v)
			}
			i++
		}
	}
	if err := <-done; err != nil || q.Len() != 0 {
		t.Fatalf("%d left; %v", q.Len(), err)
	}
}

func sendAllWays[T any](ctx context.Context, q *SPSC[T], n uint64, value func(uint64) T) error {
	for i, way := uint64(0), uint64(0); i < n; way++ {
		count := min(1+way%50, n-i)
		switch way % 3 {
		case 0:
			if err := q.Push(ctx, value(i)); err != nil {
				return err
			}
			i++
		case 1:
			var batch []T
			for k := range count {
				batch = append(batch, value(i+k))
			}
			k, err := q.PushBatch(ctx, batch)
			if err != nil {
				return err
			}
			i += uint64(k)
		case 2:
			s, err := q.ClaimWait(ctx, int(count))
			if err != nil {
				return err
			}
			for chunk := range s.Chunks() {
				for k := range chunk {
					chunk[k] = value(i)
					i++
				}
			}
			q.Commit(s.Len())
		}
	}
	return nil
}

func TestSPSC_SelectAndReady(t *testing.T) {
	a, b := newTestSPSC[uint64](t, 2), newTestSPSC[uint64](t, 2)
	ctx := watchdog(t)
	go func() { _ = b.TryPush(5) }()
	i, err := Select(ctx, a.Readable(), b.Readable())
	if i != 1 || err != nil {
		t.Fatalf("select: %d, %v", i, err)
	}
	if v, err := b.TryPop(); v != 5 || err != nil {
		t.Fatal(v, err)
	}
	if i, err := Select(within(t, 5*time.Millisecond), a.Readable(), b.Readable()); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("select with nothing ready: %d, %v", i, err)
	}
	done := make(chan uint64, 1)
	go func() { done <- 1 }()
	for got := 0; got < 2; {
		wait, cancel := context.WithCancel(ctx)
		select {
		case <-Ready(wait, a.Readable()):
			if _, err := a.TryPop(); err == nil {
				got++
			}
		case <-done:
			got++
			go func() { _ = a.TryPush(1) }()
		case <-ctx.Done():
			t.Fatal("never ready")
		}
		cancel()
	}
}

func TestSPSC_AttachRefuses(t *testing.T) {
	mem := heap(SizeSPSC[uint64](8))
	if _, err := AttachSPSC[uint64](mem, nil); !errors.Is(err, ErrCorrupt) {
		t.Fatalf("no ring: %v", err)
	}
	if _, err := CreateSPSC[uint64](mem[:len(mem)-64], 8, nil); !errors.Is(err, ErrMemory) {
		t.Fatalf("short memory: %v", err)
	}
	if _, err := CreateSPSC[uint64](mem[8:], 4, nil); !errors.Is(err, ErrMemory) {
		t.Fatalf("crooked memory: %v", err)
	}
	if _, err := CreateSPSC[uint64](mem, 0, nil); !errors.Is(err, ErrOptions) {
		t.Fatalf("no capacity: %v", err)
	}
	q, err := CreateSPSC[uint64](mem, 8, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := AttachSPSC[float64](mem, nil); !errors.Is(err, ErrElement) {
		t.Fatalf("another type of the same size: %v", err)
	}
	for name, spoil := range map[string]func(){
		"version":  func() { q.pre.version++ },
		"kind":     func() { q.pre.kind = kindMPMC },
		"capacity": func() { q.pre.capacity = 1 << 20 },
		"enormous": func() { q.pre.capacity = ^uint64(0) },
		"none":     func() { q.pre.capacity = 0 },
		"magic":    func() { q.pre.magic.Add(1) },
	} {
		t.Run("field="+name, func(t *testing.T) {
			saved := q.pre.facts
			defer func() { q.pre.facts = saved; q.publish() }()
			spoil()
			if _, err := AttachSPSC[uint64](mem, nil); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("got %v", err)
			}
		})
	}
}
