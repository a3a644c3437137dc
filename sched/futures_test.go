//go:build linux

package sched

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
)

// nap sleeps for so many milliseconds, whatever its context says, and returns its argument; negative ones fail after theirs.
var (
	nap = NewFunc("nap", func(_ context.Context, ms int) (int, error) {
		if ms < 0 {
			time.Sleep(time.Duration(-ms) * time.Millisecond)
			return 0, errSentinel
		}
		time.Sleep(time.Duration(ms) * time.Millisecond)
		return ms, nil
	})
	note = NewFunc("note", func(_ context.Context, a noteArgs) (int, error) {
		s := a.Log.Slice()
		s[0]++
		s[s[0]] = a.ID
		return 0, nil
	})
)

type noteArgs struct {
	Log *arena.Array[int64]
	ID  int64
}

func submit(t *testing.T, fn *Func[int, int], p *Pool, args ...int) []*Future[int] {
	t.Helper()
	var fs []*Future[int]
	for _, a := range args {
		f, err := fn.Submit(within(t), p, a)
		if err != nil {
			t.Fatal(err)
		}
		fs = append(fs, f)
	}
	return fs
}

func TestAsCompleted(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		fs := submit(t, nap, p, 400, 0, -1, 1)
		fs = append(fs, fs[1])
		var order []*Future[int]
		for f, err := range AsCompleted(within(t), fs...) {
			if (f == fs[2]) != errors.Is(err, errSentinel) {
				t.Fatalf("future %d: %v", slices.Index(fs, f), err)
			}
			order = append(order, f)
		}
		if len(order) != 5 || order[4] != fs[0] {
			t.Fatalf("%d futures, the slow one is number %d", len(order), slices.Index(order, fs[0]))
		}
	})
}

func TestAsCompleted_ContextEnds(t *testing.T) {
	p := start(t, &Options{Workers: 1, Backend: InProcess})
	ctx, cancel := context.WithTimeout(within(t), 20*time.Millisecond)
	defer cancel()
	late := 0
	for _, err := range AsCompleted(ctx, submit(t, nap, p, 300, 0)...) {
		if errors.Is(err, context.DeadlineExceeded) {
			late++
		}
	}
	if late != 2 {
		t.Fatalf("%d futures had not ended, of two that could not", late)
	}
}

func TestWait_AnyAllError(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		slow := submit(t, nap, p, 400, 1)
		if i, err := WaitAny(within(t), slow...); i != 1 || err != nil {
			t.Errorf("any: %d, %v", i, err)
		}
		WaitAll(within(t), slow...)
		got, err := WaitAll(within(t), submit(t, nap, p, 5, -1, 0)...)
		if !slices.Equal(got, []int{5, 0, 0}) || !errors.Is(err, errSentinel) {
			t.Errorf("all: %v, %v", got, err)
		}
		fs := submit(t, nap, p, 400, -1)
		if err := WaitError(within(t), fs...); !errors.Is(err, errSentinel) || isClosed(fs[0].Done()) {
			t.Errorf("first error: %v, when the slow one had ended: %v", err, isClosed(fs[0].Done()))
		}
		if err := WaitError(within(t), submit(t, nap, p, 1, 2)...); err != nil {
			t.Errorf("no error: %v", err)
		}
		if i, err := WaitAny[int](within(t)); i != -1 || err == nil {
			t.Errorf("any of none: %d, %v", i, err)
		}
	})
}

func TestFuture_OnDone(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		f := submit(t, nap, p, 7)[0]
		results := make(chan int, 3)
		f.OnDone(func(int, error) { panic("in a callback") })
		f.OnDone(func(int, error) { select {} }) // a callback that blocks keeps nobody waiting
		f.OnDone(func(x int, err error) { results <- x })
		if _, err := f.Wait(within(t)); err != nil {
			t.Fatal(err)
		}
		f.OnDone(func(x int, err error) { results <- x + 1 })
		if sum := <-results + <-results; sum != 15 {
			t.Fatalf("the callbacks were told numbers with the sum %d", sum)
		}
		if y, err := square.Call(within(t), p, 3); err != nil || y != 9 {
			t.Fatalf("a call after it: %v, %v", y, err)
		}
	})
}

func TestTimeout_HungBodyLosesItsWorker(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	others := submit(t, nap, p, 400)
	limited := nap.With(FuncOptions{Timeout: 30 * time.Millisecond, Idempotent: true})
	_, err := limited.Call(within(t), p, 60_000)
	var late *TimeoutError
	var death *DeathError
	if !errors.As(err, &late) || !errors.As(err, &death) || death.Cause != CauseTimeout || late.Limit != 30*time.Millisecond {
		t.Fatalf("%v", err)
	}
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	if x, err := others[0].Wait(within(t)); x != 400 || err != nil {
		t.Errorf("the other call: %v, %v", x, err)
	}
	for range 10 {
		if x, err := nap.Call(within(t), p, 1); x != 1 || err != nil {
			t.Errorf("a call after it: %v, %v", x, err)
		}
	}
}

func TestTimeout_BodyThatWatchesItsContext(t *testing.T) {
	backends(t, 1, func(t *testing.T, p *Pool) {
		before := p.PIDs()
		limited := faulty.With(FuncOptions{Timeout: 20 * time.Millisecond})
		_, err := limited.Call(within(t), p, "wait")
		var remote *RemoteError
		if !errors.Is(err, ErrTimeout) || !errors.As(err, &remote) {
			t.Fatalf("%v", err)
		}
		if _, err := square.Call(within(t), p, 1); err != nil || !slices.Equal(before, p.PIDs()) {
			t.Fatalf("workers %v became %v, %v", before, p.PIDs(), err)
		}
	})
}

func TestTimeout_HungBodyInProcess(t *testing.T) {
	p := start(t, &Options{Workers: 1, Backend: InProcess})
	limited := nap.With(FuncOptions{Timeout: 10 * time.Millisecond})
	if _, err := limited.Call(within(t), p, 400); !errors.Is(err, ErrTimeout) {
		t.Fatalf("%v", err)
	}
	if x, err := limited.Call(within(t), p, 1); x != 1 || err != nil {
		t.Fatalf("a call that had to wait for its worker: %v, %v", x, err)
	}
	if n := p.calls.running(); n != 0 {
		t.Fatalf("%d calls have not ended", n)
	}
}

// The time in the queue does not count.
func TestTimeout_OfRunningOnly(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	fs := submit(t, nap.With(FuncOptions{Timeout: time.Second}), p, 400, 400, 400, 400)
	if _, err := WaitAll(within(t), fs...); err != nil {
		t.Fatal(err)
	}
}

func Test23_TimeoutInAStream(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	i := 0
	for y, err := range nap.With(FuncOptions{Timeout: 50 * time.Millisecond}).Stream(within(t), p, slices.Values([]int{1, 2, 60_000, 3, 4})) {
		if i == 2 && !errors.Is(err, ErrTimeout) || i != 2 && (err != nil || y == 0) {
			t.Errorf("element %d: %v, %v", i, y, err)
		}
		i++
	}
	if i != 5 {
		t.Fatalf("%d results", i)
	}
}

func TestFuture_KillTakesOneWorker(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	fs := submit(t, nap, p, 60_000, 300)
	for len(p.calls.taken()) < 2 {
		time.Sleep(time.Millisecond)
	}
	if !fs[0].Kill() || fs[0].Kill() {
		t.Error("Kill of a running call says that it did nothing, or does it twice")
	}
	if _, err := fs[0].Wait(within(t)); !errors.Is(err, ErrCanceled) {
		t.Errorf("%v", err)
	}
	if x, err := fs[1].Wait(within(t)); x != 300 || err != nil {
		t.Errorf("the other call: %v, %v", x, err)
	}
	if fs[1].Kill() {
		t.Error("Kill of a call that has ended says that it stopped it")
	}
}

// taken returns the calls that workers have.
func (t *callTable) taken() (list []*call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.bySlot {
		if c != nil {
			if _, _, state := unpackTask(c.where.state.Load()); state == taskClaimed {
				list = append(list, c)
			}
		}
	}
	return list
}

// A worker may take a call before the monitor has read its report: the sentence waits for that.
func TestFuture_KillBeforeTheReportIsRead(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	f := submit(t, nap, p, 60_000)[0]
	for len(p.calls.taken()) < 1 || p.c.parentAsleep.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	h := p.crew.members[0]
	p.crew.mu.Lock()
	h.tag.Store(0) // as it is until inspectStarting
	h.record = &record{child: h.record.child, output: h.record.output, ready: make(chan struct{}), oomBefore: h.record.oomBefore}
	p.crew.mu.Unlock()
	if !f.Kill() {
		t.Error("Kill of a running call says that it did nothing")
	}
	p.c.ring()
	if _, err := f.Wait(within(t)); !errors.Is(err, ErrCanceled) {
		t.Errorf("%v", err)
	}
	if x, err := square.Call(within(t), p, 3); x != 9 || err != nil {
		t.Errorf("the replacement: %v, %v", x, err)
	}
}

// Calls are killed at random moments: only they fail, though the workers that they take with them are busy all the time.
func TestFuture_KillNeverHitsAnother(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	kills := 0
	for end := time.Now().Add(stormTime()); time.Now().Before(end); {
		fs := submit(t, nap, p, 0, 1, 0, 1, 0, 1, 0, 1)
		victim := fs[rand.IntN(len(fs))]
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
		killed := victim.Kill()
		if killed {
			kills++
		}
		for i, f := range fs {
			if x, err := f.Wait(within(t)); f == victim && killed {
				if !errors.Is(err, ErrCanceled) {
					t.Fatalf("the victim: %v, %v", x, err)
				}
			} else if err != nil || x != i%2 {
				t.Fatalf("call %d after %d kills: %v, %v", i, kills, x, err)
			}
		}
	}
	if t.Logf("%d kills", kills); kills < 10 {
		t.Errorf("only %d kills", kills)
	}
}

func TestPriority_OrdersThoseThatWait(t *testing.T) {
	for name, depth := range map[string]int{"in shared memory": 256, "in the parent": 64} {
		t.Run(name, func(t *testing.T) {
			p := start(t, &Options{Workers: 1, Depth: depth})
			const each = 60
			log, err := arena.New[int64](p.Arena(), 3*each+1)
			if err != nil {
				t.Fatal(err)
			}
			blocker := submit(t, nap, p, 200)
			for len(p.calls.taken()) == 0 {
				time.Sleep(time.Millisecond)
			}
			var wg sync.WaitGroup
			for _, priority := range []Priority{PriorityLow, PriorityNormal, PriorityHigh} {
				for range each {
					f, err := note.With(FuncOptions{Priority: priority}).Submit(within(t), p, noteArgs{log, int64(priority)})
					if err != nil {
						t.Fatal(err)
					}
					wg.Go(func() { f.Wait(within(t)) })
				}
			}
			wg.Wait()
			if !isClosed(blocker[0].Done()) {
				t.Fatal("the calls did not wait")
			}
			got := log.Slice()[1:]
			if got[0] != int64(PriorityHigh) && depth == 256 {
				t.Errorf("the first call has priority %d", got[0])
			}
			if depth == 256 && !slices.IsSortedFunc(got, func(a, b int64) int { return int(b - a) }) {
				t.Errorf("calls ran in the order %v", got)
			}
			// With 64 slots, 59 of them taken by low ones before the others came, high ones still come first of those left.
			if last := got[len(got)-1]; last != int64(PriorityLow) && last != int64(PriorityNormal) {
				t.Errorf("the last call has priority %d", last)
			}
		})
	}
}

func TestFuncOptions_Bad(t *testing.T) {
	p := start(t, &Options{Workers: 1, Backend: InProcess})
	for _, o := range []FuncOptions{{Timeout: -1}, {Priority: 2}, {Priority: -2}} {
		if _, err := nap.With(o).Call(within(t), p, 1); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

// A worker that dies by itself within the grace of a timeout is an ordinary death.
func TestTimeout_OtherDeathsKeepTheirCause(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	f, err := nap.With(FuncOptions{Timeout: time.Hour}).Submit(within(t), p, 60_000)
	if err != nil {
		t.Fatal(err)
	}
	for len(p.calls.taken()) == 0 {
		time.Sleep(time.Millisecond)
	}
	syscall.Kill(p.PIDs()[0], syscall.SIGKILL)
	var death *DeathError
	if _, err := f.Wait(within(t)); !errors.As(err, &death) || errors.Is(err, ErrTimeout) {
		t.Fatalf("%v", err)
	}
	if os.Getpid() == death.PID {
		t.Fatal("the parent is said to have died")
	}
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
