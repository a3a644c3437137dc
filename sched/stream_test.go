//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
)

type trial struct {
	X   int
	How string
}

var (
	// risky does to the element what its How says, and doubles the others.
	risky = NewFunc("risky", func(_ context.Context, a trial) (string, error) {
		switch a.How {
		case "error":
			return "", errSentinel
		case "panic":
			panic("at the bad element")
		case "kill":
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		case "slow":
			time.Sleep(20 * time.Millisecond)
		}
		return fmt.Sprint(2 * a.X), nil
	})
	riskyAgain = NewFunc("riskyAgain", func(_ context.Context, a trial) (int, error) {
		if a.How == "exit" {
			os.Exit(3)
		}
		return 2 * a.X, nil
	}, FuncOptions{Idempotent: true})
	pids = NewFunc("pids", func(_ context.Context, x int) (int, error) { return os.Getpid(), nil })
	slot = NewFunc("slot", func(_ context.Context, x *arena.Array[float64]) (float64, error) { return x.Slice()[0], nil })
)

// naturals yields 0, 1, 2, ... and counts how many were taken.
func naturals(taken *int) iter.Seq[float64] {
	return func(yield func(float64) bool) {
		for x := 0.0; yield(x); x++ {
			*taken++
		}
	}
}

func Test23_StreamKeepsTheOrder(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		for _, o := range []MapOptions{{}, {Chunk: 1}, {Chunk: 7, Window: 10}, {Window: 1}, {Chunk: 1000}} {
			next := 0.0
			for y, err := range square.Stream(within(t), p, slices.Values(ramp(5000)), o) {
				if err != nil || y != next*next {
					t.Fatalf("%+v: result %v is %v, %v", o, next, y, err)
				}
				next++
			}
			if next != 5000 {
				t.Fatalf("%+v: %v results", o, next)
			}
		}
	})
}

func ramp(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

func Test23_UnorderedEveryResultOnce(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		var got []float64
		for y, err := range square.StreamUnordered(within(t), p, slices.Values(ramp(5000)), MapOptions{Chunk: 3}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, y)
		}
		slices.Sort(got)
		want := ramp(5000)
		for i := range want {
			want[i] *= want[i]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%d results, not those of 5000 elements", len(got))
		}
	})
}

// A result that is slow holds back the ordered stream, and only that.
func Test23_UnorderedInTheOrderOfCompletion(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	seq := slices.Values([]trial{{0, "slow"}, {1, ""}, {2, ""}, {3, ""}})
	var order []string
	for y, err := range risky.StreamUnordered(within(t), p, seq, MapOptions{Chunk: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, y)
	}
	if len(order) != 4 || order[3] != "0" {
		t.Fatalf("results came as %v", order)
	}
}

func Test22_StreamTakesNoMoreThanTheWindow(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		for _, o := range []MapOptions{{Window: 1}, {Window: 10}, {Window: 64, Chunk: 8}, {Chunk: 5, Window: 3}} {
			for _, run := range []func(context.Context, *Pool, iter.Seq[float64], ...MapOptions) iter.Seq2[float64, error]{
				square.Stream, square.StreamUnordered,
			} {
				taken, yielded := 0, 0
				for _, err := range run(within(t), p, naturals(&taken), o) {
					if err != nil {
						t.Fatal(err)
					}
					if taken-yielded > o.Window {
						t.Fatalf("%+v: %d elements taken when %d results were yielded", o, taken, yielded)
					}
					if yielded++; yielded == 1000 {
						break
					}
				}
			}
		}
		if p.calls.running() > 64 {
			t.Fatal("the streams that were left go on")
		}
	})
}

// running counts the calls that have not ended.
func (t *callTable) running() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.active
}

// A stream of a million elements takes the memory of its window.
func Test22_StreamInConstantMemory(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	taken := 0
	var before, after runtime.MemStats
	n := 0
	for _, err := range square.Stream(within(t), p, naturals(&taken)) {
		if err != nil {
			t.Fatal(err)
		}
		switch n++; n {
		case 50_000:
			runtime.GC()
			runtime.ReadMemStats(&before)
		case 500_000:
			runtime.GC()
			runtime.ReadMemStats(&after)
		}
		if n == 500_000 {
			break
		}
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Fatalf("the heap has grown by %d bytes", grown)
	}
	if s, err := p.Arena().Stats(); err != nil || s.Used > 8<<20 {
		t.Fatalf("%d bytes of the arena are in use, %v", s.Used, err)
	}
}

func TestStream_ErrorsKeepTheirPlaces(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		in := make([]trial, 100)
		for i := range in {
			in[i] = trial{X: i}
		}
		in[10].How, in[20].How = "error", "panic"
		i := 0
		for y, err := range risky.Stream(within(t), p, slices.Values(in), MapOptions{Chunk: 25}) {
			var remote *RemoteError
			switch {
			case i == 10 && !errors.Is(err, errSentinel), i == 20 && (!errors.As(err, &remote) || !remote.Panic || remote.Stack == ""):
				t.Fatalf("element %d: %v", i, err)
			case i != 10 && i != 20 && (err != nil || y != fmt.Sprint(2*i)):
				t.Fatalf("element %d: %v, %v", i, y, err)
			}
			i++
		}
		if i != 100 {
			t.Fatalf("%d results", i)
		}
	})
}

func TestStream_ContextEndsIt(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		for _, run := range []func(context.Context, *Pool, iter.Seq[float64], ...MapOptions) iter.Seq2[float64, error]{
			square.Stream, square.StreamUnordered,
		} {
			ctx, cancel := context.WithCancel(within(t))
			defer cancel()
			taken, n := 0, 0
			var last error
			for _, err := range run(ctx, p, naturals(&taken)) {
				if n++; n == 500 {
					cancel()
				}
				last = err
			}
			if !errors.Is(last, context.Canceled) {
				t.Fatalf("the last error is %v", last)
			}
		}
	})
}

func TestStream_WaitsOnAHungBodyNoLongerThanItsContext(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		for _, err := range faulty.Stream(ctx, p, slices.Values([]string{"wait"})) {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("it ended with %v", err)
			}
		}
	})
}

func TestStream_ClosedPool(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	taken := 0
	var last error
	for y, err := range square.Stream(within(t), p, naturals(&taken)) {
		if last = err; y == 100 {
			if err := p.Terminate(); err != nil { // from inside the loop
				t.Fatal(err)
			}
		}
	}
	if !errors.Is(last, ErrClosed) {
		t.Fatalf("the last error is %v", last)
	}
}

// A chunk that dies with its worker fails whole when it may not be run again; everything else goes on.
func TestStream_DeathOfAChunk(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	in := make([]trial, 40)
	for i := range in {
		in[i] = trial{X: i}
	}
	in[13].How = "kill"
	i := 0
	for y, err := range risky.Stream(within(t), p, slices.Values(in), MapOptions{Chunk: 10}) {
		if i/10 == 1 {
			if !errors.Is(err, ErrWorkerDied) {
				t.Fatalf("element %d: %v, %v", i, y, err)
			}
		} else if err != nil || y != fmt.Sprint(2*i) {
			t.Fatalf("element %d: %v, %v", i, y, err)
		}
		i++
	}
	if i != 40 {
		t.Fatalf("%d results", i)
	}
}

// Of an idempotent function only the element fails that ends its workers.
func Test45_PoisonedElement(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	in := make([]trial, 40)
	for i := range in {
		in[i] = trial{X: i}
	}
	in[13].How = "exit"
	for _, ordered := range []bool{true, false} {
		run := riskyAgain.StreamUnordered
		if ordered {
			run = riskyAgain.Stream
		}
		sum, failures, i := 0, 0, 0
		for y, err := range run(within(t), p, slices.Values(in), MapOptions{Chunk: 10}) {
			var death *DeathError
			if err != nil {
				failures++
				if !errors.As(err, &death) || death.Exit.Code != 3 {
					t.Fatalf("element %d: %v", i, err)
				}
			} else if ordered && y != 2*i {
				t.Fatalf("element %d is %d", i, y)
			}
			sum += y
			i++
		}
		if failures != 1 || sum != 40*39-26 {
			t.Fatalf("%d failures, sum %d", failures, sum)
		}
	}
}

func TestStream_ArgumentsThatCannotTravel(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		shared, err := arena.New[float64](p.Arena(), 1)
		if err != nil {
			t.Fatal(err)
		}
		shared.Slice()[0] = 5
		private, err := arena.New[float64](privateArena(t), 1)
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for y, err := range slot.Stream(within(t), p, slices.Values([]*arena.Array[float64]{shared, shared, private, shared})) {
			if i == 2 && !errors.Is(err, ErrPrivate) || i != 2 && (err != nil || y != 5) {
				t.Fatalf("element %d: %v, %v", i, y, err)
			}
			i++
		}
		if i != 4 {
			t.Fatalf("%d results", i)
		}
	})
}

func privateArena(t *testing.T) *arena.Arena {
	a, err := arena.Create(make([]byte, 1<<20), nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestStream_BadOptions(t *testing.T) {
	p := start(t, &Options{Workers: 1, Backend: InProcess})
	taken, n := 0, 0
	for _, err := range square.Stream(within(t), p, naturals(&taken), MapOptions{Window: -1}) {
		if n++; err == nil {
			t.Fatal("a window of -1 is accepted")
		}
	}
	if n != 1 || taken != 0 {
		t.Fatalf("%d pairs, %d elements taken", n, taken)
	}
}

// Workers are killed all the time while streams run: every result is there, once, and right.
func TestStream_KillStorm(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	defer storm(t, p)()
	for round := range 6 {
		ordered, sum, next := round%2 == 0, 0, 0
		run := riskyAgain.StreamUnordered
		if ordered {
			run = riskyAgain.Stream
		}
		seq := func(yield func(trial) bool) {
			for i := 0; i < 20_000 && yield(trial{X: i}); i++ {
			}
		}
		for y, err := range run(within(t), p, seq) {
			if err != nil || ordered && y != 2*next {
				t.Fatalf("round %d, result %d: %d, %v", round, next, y, err)
			}
			sum += y
			next++
		}
		if next != 20_000 || sum != 20_000*19_999 {
			t.Fatalf("round %d: %d results with the sum %d", round, next, sum)
		}
	}
}

// storm kills workers of the pool at random moments, about 200 a second, until the returned function is called.
func storm(t *testing.T, p *Pool) (stop func()) {
	quit, gone := make(chan struct{}), make(chan struct{})
	kills := 0
	go func() {
		defer close(gone)
		for {
			select {
			case <-quit:
				return
			case <-time.After(time.Duration(rand.IntN(10_000)) * time.Microsecond):
			}
			kills += killWorker(p, rand.IntN(len(p.crew.members)))
			mercy(p, kills)
		}
	}()
	return func() {
		close(quit)
		<-gone
		if t.Logf("%d kills", kills); kills == 0 {
			t.Error("nobody was killed")
		}
	}
}
