//go:build linux

package multiprocessing

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/proctest"
)

// Features that no row of Python's own tests covers: see features_test.go.

// kibibytes reads a figure of one mapping of this process, the one at an address, or of all its memory for 0: see proc(5), smaps.
func kibibytes(address uintptr, figure string) (int, error) {
	file := "/proc/self/smaps"
	if address == 0 {
		file = "/proc/self/smaps_rollup"
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	here := address == 0
	for line := range strings.Lines(string(text)) {
		var from, to uintptr
		var n int
		if m, _ := fmt.Sscanf(line, "%x-%x ", &from, &to); m == 2 && address != 0 {
			here = from <= address && address < to
		} else if rest, is := strings.CutPrefix(line, figure+":"); is && here {
			_, err := fmt.Sscan(rest, &n)
			return n, err
		}
	}
	return 0, fmt.Errorf("no %s at %#x in %s", figure, address, file)
}

// pages is what a child sees of a frozen array that others have mapped, too.
type pages struct{ Resident, Proportional, Dirty, DirtyAfterOneStore int }

type peering struct {
	Together *Barrier
	Out      *Queue[pages]
}

var frozenPages = NewTarget("frozen pages", func(ctx context.Context, l peering) error {
	w, err := weights.Get()
	if err != nil {
		return err
	}
	sum := 0.0
	for _, x := range w.Slice() {
		sum += x
	}
	if sum != float64(w.Len()) {
		return fmt.Errorf("the sum is %v", sum)
	}
	if _, err := l.Together.Wait(ctx); err != nil { // everybody has looked at all of it
		return err
	}
	var p pages
	at := layout.Address(w.m.Bytes)
	for figure, n := range map[string]*int{"Rss": &p.Resident, "Pss": &p.Proportional, "Private_Dirty": &p.Dirty} {
		var err error
		if *n, err = kibibytes(at, figure); err != nil {
			return err
		}
	}
	if _, err := l.Together.Wait(ctx); err != nil {
		return err
	}
	w.Slice()[0] = 2
	if p.DirtyAfterOneStore, err = kibibytes(at, "Private_Dirty"); err != nil {
		return err
	}
	if _, err := l.Together.Wait(ctx); err != nil { // nobody leaves before: what is left would be the last one's own
		return err
	}
	return l.Out.Put(ctx, p)
})

// TestA1_FrozenPagesAreShared: what children inherit by the method fork is there once, and a store copies the page that it is in.
func TestA1_FrozenPagesAreShared(t *testing.T) {
	const n, crew = 4 << 20, 3 // 32 MiB
	f := must[*Frozen[float64]](t)(NewFrozen(n, func(s []float64) {
		for i := range s {
			s[i] = 1
		}
	}))
	defer f.Close()
	weights.Set(f)
	defer weights.Set(nil)
	l := peering{must[*Barrier](t)(NewBarrier(crew, nil)), must[*Queue[pages]](t)(NewQueue[pages](0))}
	var children []*Process
	for range crew {
		children = append(children, start(t, frozenPages, l, &ProcessOptions{Context: &Context{Fork}}))
	}
	for _, p := range children {
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
		got := must[pages](t)(l.Out.TryGet())
		if got.Resident < 8*n>>10 || got.Proportional > got.Resident/2 || got.Dirty != 0 || got.DirtyAfterOneStore > 64 {
			t.Errorf("KiB of %d: %+v", 8*n>>10, got)
		}
	}
	if f.Slice()[0] != 1 {
		t.Error("a child's store is seen")
	}
}

var ownMemory = NewTarget("own memory", func(ctx context.Context, out *Queue[int]) error {
	n, err := kibibytes(0, "Private_Dirty")
	if err != nil {
		return err
	}
	return out.Put(ctx, n)
})

// TestA13_ChildrenAreSmall: what a parent has on its heap costs its children nothing.
func TestA13_ChildrenAreSmall(t *testing.T) {
	heap := make([]byte, 256<<20)
	for i := 0; i < len(heap); i += os.Getpagesize() {
		heap[i] = 1
	}
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		if opts.Context.Method() == Dummy {
			t.Skip("it is this process")
		}
		out := must[*Queue[int]](t)(NewQueue[int](0))
		p := start(t, ownMemory, out, opts)
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
		if n := must[int](t)(out.TryGet()); n > 24<<10 {
			t.Fatalf("%d KiB of its own", n)
		}
	})
	runtime.KeepAlive(heap)
}

func TestA3_ManyJoinOne(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		hold := must[*Event](t)(NewEvent())
		p := start(t, awaitEvent, hold, opts)
		var crowd sync.WaitGroup
		for range 100 {
			crowd.Go(func() {
				if err := p.Join(watchdog(t)); err != nil {
					t.Error(err)
				}
			})
		}
		hold.Set()
		crowd.Wait()
		if code, ended := p.ExitCode(); !ended || code != 0 {
			t.Fatal(code, ended, p.Err())
		}
	})
}

var awaitEvent = NewTarget("await an event", func(ctx context.Context, e *Event) error { return e.Wait(ctx) })

// markingRole says that its main runs, and starts processes in each way.
func markingRole([]string) {
	fmt.Println("main")
	ctx := context.Background()
	for _, method := range []string{Spawn, ForkServer, Fork} {
		p := NewProcess(exits, exiting{How: "return"}, &ProcessOptions{Context: &Context{method}})
		fail(errors.Join(p.Start(ctx), p.Join(ctx), p.Err()))
	}
	pool, err := NewPool(ctx, 2, nil)
	fail(err)
	_, err = Map(ctx, pool, square, []int{1, 2, 3})
	fail(errors.Join(err, pool.Terminate()))
	fmt.Println("the end")
}

// TestA2_MainRunsOnce: children run their targets, and nothing of main.
func TestA2_MainRunsOnce(t *testing.T) {
	out, failure, err := program(t, proctest.Command("marking"))
	if err != nil || out != "main\nthe end\n" || failure != "" {
		t.Fatalf("%v %q %q", err, out, failure)
	}
}

// TestA7_ShortItemsTakeNoMemory: they lie in the queue itself.
func TestA7_ShortItemsTakeNoMemory(t *testing.T) {
	q := must[*Queue[[]byte]](t)(NewQueue[[]byte](200))
	defer q.Free()
	arrays := func() int { return must[*session](t)(home()).arrays(t) }
	before := arrays()
	for range 100 {
		ok(t, q.TryPut(make([]byte, 100)))
	}
	if n := arrays(); n > before {
		t.Fatalf("%d blocks for short items", n-before)
	}
	ok(t, q.TryPut(make([]byte, 1000)))
	if n := arrays(); n != before+1 {
		t.Fatalf("%d blocks for a long item", n-before)
	}
}

func (s *session) arrays(t *testing.T) int {
	stats, err := s.arena.Stats()
	ok(t, err)
	return stats.Arrays
}

var entropy = NewTarget("entropy", func(ctx context.Context, out *Queue[[16]byte]) error {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return err
	}
	return out.Put(ctx, b)
})

// TestA12_Entropy: the system's random bytes differ from process to process, however they were started.
func TestA12_Entropy(t *testing.T) {
	drawn := make(map[[16]byte]bool)
	out := must[*Queue[[16]byte]](t)(NewQueue[[16]byte](0))
	for range 2 {
		bothWays(t, func(t *testing.T, opts *ProcessOptions) {
			p := start(t, entropy, out, opts)
			ok(t, p.Join(watchdog(t)))
			ok(t, p.Err())
			b := must[[16]byte](t)(out.TryGet())
			if drawn[b] {
				t.Fatal("drawn before")
			}
			drawn[b] = true
		})
	}
}
