//go:build linux

package sched

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
)

// tarry sleeps in each block for Times[block] milliseconds, whatever its context says, negative ones until it ends; then it
// writes its block.
var tarry = NewLoop("tarry", func(c *Chunk, a tarryArgs) error {
	x := a.X.Slice()[c.Lo:c.Hi]
	for i := range x {
		x[i]++
	}
	switch ms := a.Times.Slice()[c.Index]; {
	case ms < 0:
		<-c.Context().Done()
		return c.Context().Err()
	default:
		time.Sleep(time.Duration(ms) * time.Millisecond)
	}
	return nil
})

type tarryArgs struct{ X, Times *arena.Array[int64] }

// newTarry makes arguments for ten blocks of ten, of which some tarry.
func newTarry(t *testing.T, p *Pool, times map[int]int64) tarryArgs {
	t.Helper()
	var a tarryArgs
	var err1, err2 error
	a.X, err1 = arena.New[int64](p.Arena(), 100)
	a.Times, err2 = arena.New[int64](p.Arena(), 10)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for at, ms := range times {
		a.Times.Slice()[at] = ms
	}
	return a
}

func Test14_HungBlockLosesItsWorker(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	before := p.PIDs()
	a := newTarry(t, p, map[int]int64{7: 60_000})
	err := tarry.RunWith(within(t), p, 100, a, LoopOptions{Block: 10, Timeout: 300 * time.Millisecond, Snapshot: true})
	var late *TimeoutError
	var death *DeathError
	if !errors.As(err, &late) || late.Lo != 70 || late.Hi != 80 || late.Limit != 300*time.Millisecond {
		t.Fatalf("%v", err)
	}
	if !errors.As(err, &death) || death.Cause != CauseTimeout || death.PID != before[late.Worker] || death.Worker != late.Worker {
		t.Fatalf("worker %d of %v: %v", late.Worker, before, err)
	}
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	for i, v := range a.X.Slice()[70:80] {
		if v != 0 {
			t.Errorf("element %d of the block was not put back: %d", i, v)
		}
	}
	if err := filled(t, p, 1000, LoopOptions{Block: 1}); err != nil {
		t.Fatal(err)
	}
	if after := p.PIDs(); after[1-late.Worker] != before[1-late.Worker] {
		t.Errorf("the other worker was replaced: %v became %v", before, after)
	}
}

func Test14_BlockThatWatchesItsContext(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		before := p.PIDs()
		a := newTarry(t, p, map[int]int64{3: -1})
		err := tarry.RunWith(within(t), p, 100, a, LoopOptions{Block: 10, Timeout: 300 * time.Millisecond})
		var late *TimeoutError
		var remote *RemoteError
		if !errors.As(err, &late) || late.Lo != 30 || !errors.As(err, &remote) || !strings.Contains(remote.Message, "deadline") {
			t.Fatalf("%v", err)
		}
		if err := filled(t, p, 1000, LoopOptions{Block: 1}); err != nil || !slices.Equal(before, p.PIDs()) {
			t.Fatalf("workers %v became %v, %v", before, p.PIDs(), err)
		}
	})
}

// A goroutine cannot be killed: Run waits for it, then says what happened.
func Test14_HungBlockInProcess(t *testing.T) {
	p := start(t, &Options{Workers: 2, Backend: InProcess})
	a := newTarry(t, p, map[int]int64{0: 300})
	err := tarry.RunWith(within(t), p, 100, a, LoopOptions{Block: 10, Timeout: 10 * time.Millisecond})
	if err != nil && !errors.Is(err, ErrTimeout) { // the other may have done all blocks but this one, which ended well
		t.Fatal(err)
	}
	if err := filled(t, p, 1000, LoopOptions{Block: 1}); err != nil {
		t.Fatal(err)
	}
}

func Test14_MapHasTheLimitOfItsFunction(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	limited := nap.With(FuncOptions{Timeout: 400 * time.Millisecond})
	if ys, err := limited.Map(within(t), p, []int{1, 2, 3, 4}); err != nil || !slices.Equal(ys, []int{1, 2, 3, 4}) {
		t.Fatalf("%v, %v", ys, err)
	}
	var late *TimeoutError
	if _, err := limited.Map(within(t), p, []int{1, 2, 60_000, 3}); !errors.As(err, &late) || late.Lo != 2 || late.Hi != 3 {
		t.Fatalf("%v", err)
	}
	if l := limited.opts.loop(MapOptions{Chunk: 4}); l.Block != 4 || l.Timeout != 1600*time.Millisecond {
		t.Fatalf("%+v", l)
	}
}

// A context that ends leaves bodies that do not look at it; with a limit, Run does not wait for them for ever.
func Test14_ContextEndsBesideAHungBlock(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	ctx, cancel := context.WithTimeout(within(t), 20*time.Millisecond)
	defer cancel()
	a := newTarry(t, p, map[int]int64{0: 60_000})
	err := tarry.RunWith(ctx, p, 100, a, LoopOptions{Block: 10, Timeout: 200 * time.Millisecond})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrTimeout) {
		t.Fatalf("%v", err)
	}
}

// A worker that is stopped is alive, and keeps its block for ever; a limit ends that.
func Test14_StoppedWorker(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	a := newTarry(t, p, map[int]int64{0: 1000})
	pid := p.PIDs()[0]
	stopped := time.AfterFunc(100*time.Millisecond, func() { syscall.Kill(pid, syscall.SIGSTOP) })
	defer stopped.Stop()
	err := tarry.RunWith(within(t), p, 100, a, LoopOptions{Block: 10, Timeout: 2 * time.Second})
	var death *DeathError
	if !errors.As(err, &death) || death.PID != pid || death.Cause != CauseTimeout {
		t.Fatalf("%v", err)
	}
}

// Blocks that end at about the time at which their worker is killed: calls that are not idempotent never notice.
func Test14_KillNeverHitsOtherWork(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := square.Call(within(t), p, 2); err != nil {
					t.Errorf("a call: %v", err)
					return
				}
			}
		})
	}
	killed := 0
	for range 12 {
		a := newTarry(t, p, map[int]int64{rand.IntN(10): int64(timeoutGrace/time.Millisecond) + rand.Int64N(8)})
		err := tarry.RunWith(within(t), p, 100, a, LoopOptions{Block: 10, Timeout: 2 * time.Millisecond})
		if err != nil && !errors.Is(err, ErrTimeout) {
			t.Fatal(err)
		}
		if errors.Is(err, ErrWorkerDied) {
			killed++
		}
		a.X.Free()
		a.Times.Free()
	}
	close(stop)
	wg.Wait()
	t.Logf("%d of 12 killed", killed)
}

func TestLoopOptions_Bad(t *testing.T) {
	p := start(t, &Options{Workers: 1, Backend: InProcess})
	for _, o := range []LoopOptions{{Block: -1}, {Timeout: -1}} {
		if err := noop.RunWith(within(t), p, 1, struct{}{}, o); err == nil || !strings.Contains(err.Error(), "LoopOptions") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := nap.With(FuncOptions{Timeout: -1}).Map(within(t), p, []int{1}); err == nil {
		t.Error("a map with a negative limit")
	}
}
