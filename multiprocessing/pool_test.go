//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"

	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/sched"
)

var errOdd = sched.RegisterError(errors.New("an odd number"))

var (
	square = NewFunc("square", func(_ context.Context, x int) (int, error) { return x * x, nil })
	halve  = NewFunc("halve", func(_ context.Context, x int) (int, error) {
		if x%2 != 0 {
			return 0, fmt.Errorf("%w: %d", errOdd, x)
		}
		return x / 2, nil
	})
	multiply = NewFunc2("multiply", func(_ context.Context, a, b int) (int, error) { return a * b, nil })
	upper    = NewFunc("upper", func(_ context.Context, s string) (string, error) { return strings.ToUpper(s), nil })
	await    = NewFunc("await", func(ctx context.Context, e *Event) (int, error) {
		if err := e.Wait(ctx); err != nil {
			return 0, err
		}
		return os.Getpid(), nil
	})
	suicide = NewFunc("suicide", func(_ context.Context, x int) (int, error) {
		if x == 0 {
			return 0, syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return x, nil
	})
)

// pools runs a test on a pool of each start method.
func pools(t *testing.T, n int, test func(t *testing.T, p *Pool)) {
	for _, method := range StartMethods() {
		t.Run(method, func(t *testing.T) {
			p := must[*Pool](t)(NewPool(watchdog(t), n, &PoolOptions{Context: must[*Context](t)(GetContext(method))}))
			t.Cleanup(func() { ok(t, p.Terminate()) })
			test(t, p)
		})
	}
}

func upTo(n int) []int {
	xs := make([]int, n)
	for i := range xs {
		xs[i] = i
	}
	return xs
}

func TestO1_ApplyMapStarmap(t *testing.T) {
	pools(t, 2, func(t *testing.T, p *Pool) {
		ctx := watchdog(t)
		if y := must[int](t)(Apply(ctx, p, square, 7)); y != 49 {
			t.Fatal(y)
		}
		if y := must[int](t)(ApplyAsync(p, square, 8).Get(ctx)); y != 64 {
			t.Fatal(y)
		}
		for _, chunk := range []int{0, 1, 7, 2000} {
			ys := must[[]int](t)(Map(ctx, p, square, upTo(1000), sched.MapOptions{Chunk: chunk}))
			for i, y := range ys {
				if y != i*i {
					t.Fatalf("chunk %d: element %d is %d", chunk, i, y)
				}
			}
		}
		if ys := must[[]int](t)(Starmap(ctx, p, multiply, Zip2([]int{1, 3, 5}, []int{2, 4, 6}))); !slices.Equal(ys, []int{2, 12, 30}) {
			t.Fatal(ys)
		}
		if ys := must[[]string](t)(MapAsync(p, upper, []string{"a", "b"}).Get(ctx)); !slices.Equal(ys, []string{"A", "B"}) {
			t.Fatal(ys)
		}
	})
}

func TestO2_Callbacks(t *testing.T) {
	pools(t, 2, func(t *testing.T, p *Pool) {
		got, failed := make(chan []int, 2), make(chan error, 2)
		c := Callbacks[[]int]{func(ys []int) { got <- ys }, func(err error) { failed <- err }}
		MapAsync(p, square, upTo(3), c)
		if ys := <-got; !slices.Equal(ys, []int{0, 1, 4}) {
			t.Fatal(ys)
		}
		MapAsync(p, halve, []int{1}, c)
		if err := <-failed; !errors.Is(err, errOdd) {
			t.Fatal(err)
		}
		if len(got)+len(failed) != 0 {
			t.Fatal("called twice")
		}
		r := ApplyAsync(p, square, 3, Callbacks[int]{Callback: func(int) { panic("in a callback") }})
		if y := must[int](t)(r.Get(watchdog(t))); y != 9 {
			t.Fatal(y)
		}
		if y := must[int](t)(Apply(watchdog(t), p, square, 3)); y != 9 {
			t.Fatal(y)
		}
	})
}

func TestO4_Empty(t *testing.T) {
	pools(t, 1, func(t *testing.T, p *Pool) {
		if ys := must[[]int](t)(Map(watchdog(t), p, square, nil, sched.MapOptions{Chunk: 3})); len(ys) != 0 {
			t.Fatal(ys)
		}
		for y, err := range Imap(watchdog(t), p, square, slices.Values([]int{})) {
			t.Fatal(y, err)
		}
		for y, err := range ImapUnordered(watchdog(t), p, square, slices.Values([]int{})) {
			t.Fatal(y, err)
		}
	})
}

func TestO6_AsyncTimeout(t *testing.T) {
	pools(t, 1, func(t *testing.T, p *Pool) {
		e := must[*Event](t)(NewEvent())
		r := ApplyAsync(p, await, e)
		brief, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		if _, err := r.Get(brief); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if _, err := r.Successful(); !errors.Is(err, ErrValue) || r.Ready() {
			t.Fatal(err)
		}
		e.Set()
		must[int](t)(r.Get(watchdog(t)))
		if well := must[bool](t)(r.Successful()); !well {
			t.Fatal("the task did not go on")
		}
	})
}

func TestO7_Imap(t *testing.T) {
	pools(t, 2, func(t *testing.T, p *Pool) {
		for _, chunk := range []int{1, 100} {
			i := 0
			for y, err := range Imap(watchdog(t), p, square, slices.Values(upTo(1000)), sched.MapOptions{Chunk: chunk}) {
				if err != nil || y != i*i {
					t.Fatal(i, y, err)
				}
				i++
			}
			sum := 0
			for y, err := range ImapUnordered(watchdog(t), p, square, slices.Values(upTo(1000)), sched.MapOptions{Chunk: chunk}) {
				ok(t, err)
				sum += y
			}
			if i != 1000 || sum != 332833500 {
				t.Fatal(i, sum)
			}
		}
	})
}

// TestImap_Lazy: Python drains the whole input; here it may be endless.
func TestImap_Lazy(t *testing.T) {
	pools(t, 2, func(t *testing.T, p *Pool) {
		taken := 0
		endless := iter.Seq[int](func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
				taken++
			}
		})
		n := 0
		for y, err := range Imap(watchdog(t), p, square, endless, sched.MapOptions{Chunk: 1, Window: 8}) {
			if err != nil || y != n*n {
				t.Fatal(n, y, err)
			}
			if n++; n == 100 {
				break
			}
		}
		if taken > 100+8 {
			t.Fatalf("%d elements were taken for 100 results", taken)
		}
	})
}

func TestO8_BadSizes(t *testing.T) {
	if _, err := NewPool(watchdog(t), -1, nil); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
	p := must[*Pool](t)(NewPool(watchdog(t), 3, nil))
	if n := p.Scheduler().Workers(); n != 3 {
		t.Fatal(n)
	}
	ok(t, p.Terminate())
}

func TestO9_TerminateWithQueuedWork(t *testing.T) {
	p := must[*Pool](t)(NewPool(watchdog(t), 2, nil))
	never := must[*Event](t)(NewEvent())
	var results []*AsyncResult[int]
	for range 2000 {
		results = append(results, ApplyAsync(p, await, never))
	}
	ok(t, p.Terminate())
	ok(t, p.Join(watchdog(t)))
	for _, r := range results {
		if _, err := r.Get(watchdog(t)); err == nil {
			t.Fatal("a task ended well in a pool that was terminated")
		}
	}
}

func TestO10_ClosedPool(t *testing.T) {
	pools(t, 1, func(t *testing.T, p *Pool) {
		if err := p.Join(watchdog(t)); !errors.Is(err, ErrValue) {
			t.Fatal(err)
		}
		r := ApplyAsync(p, square, 5)
		p.Close()
		if _, err := Apply(watchdog(t), p, square, 5); !errors.Is(err, ErrClosed) {
			t.Fatal(err)
		}
		ok(t, p.Join(watchdog(t)))
		if y := must[int](t)(r.Get(watchdog(t))); y != 25 {
			t.Fatal("work that was accepted before Close is lost")
		}
	})
}

func TestO11_Traceback(t *testing.T) {
	pools(t, 1, func(t *testing.T, p *Pool) {
		_, err := Apply(watchdog(t), p, halve, 3)
		var remote *sched.RemoteError
		if !errors.Is(err, errOdd) || !errors.As(err, &remote) || !strings.Contains(err.Error(), "3") {
			t.Fatal(err)
		}
	})
}

// TestPool_WorkerKilled is where Python's Pool.map never returns.
func TestPool_WorkerKilled(t *testing.T) {
	p := must[*Pool](t)(NewPool(watchdog(t), 2, nil))
	defer p.Terminate()
	var dead *sched.DeathError
	if _, err := Map(watchdog(t), p, suicide, upTo(10)); !errors.As(err, &dead) {
		t.Fatal(err)
	}
	if ys := must[[]int](t)(Map(watchdog(t), p, suicide, []int{1, 2, 3})); !slices.Equal(ys, []int{1, 2, 3}) {
		t.Fatal(ys)
	}
}

func executors(t *testing.T, n int, test func(t *testing.T, x Executor)) {
	t.Run("processes", func(t *testing.T) {
		x := must[*ProcessPoolExecutor](t)(NewProcessPoolExecutor(watchdog(t), n))
		defer x.Shutdown(true, true)
		test(t, x)
	})
	t.Run("threads", func(t *testing.T) {
		x := must[*ThreadPoolExecutor](t)(NewThreadPoolExecutor(watchdog(t), n))
		defer x.Shutdown(true, true)
		test(t, x)
	})
}

func TestU3_SubmitAfterShutdown(t *testing.T) {
	executors(t, 1, func(t *testing.T, x Executor) {
		f := must[*Future[int]](t)(Submit(x, square, 3))
		ok(t, x.Shutdown(true, false))
		if _, err := Submit(x, square, 3); !errors.Is(err, ErrClosed) {
			t.Fatal(err)
		}
		if y := must[int](t)(f.Result(watchdog(t))); y != 9 {
			t.Fatal(y)
		}
	})
}

func TestU5_CancelFutures(t *testing.T) {
	executors(t, 1, func(t *testing.T, x Executor) {
		e := must[*Event](t)(NewEvent())
		first := must[*Future[int]](t)(Submit(x, await, e))
		for !first.Running() {
			time.Sleep(time.Millisecond)
		}
		var rest []*Future[int]
		for range 500 {
			rest = append(rest, must[*Future[int]](t)(Submit(x, await, e)))
		}
		ok(t, x.Shutdown(false, true))
		e.Set()
		must[int](t)(first.Result(watchdog(t)))
		for _, f := range rest {
			if err := f.Exception(watchdog(t)); !f.Cancelled() {
				t.Fatal(err)
			}
		}
		ok(t, x.Shutdown(true, false))
	})
}

func TestU8_Wait(t *testing.T) {
	executors(t, 2, func(t *testing.T, x Executor) {
		e := must[*Event](t)(NewEvent())
		slow := must[*Future[int]](t)(Submit(x, await, e))
		quick := must[*Future[int]](t)(Submit(x, square, 2))
		done, left := WaitFutures(watchdog(t), FirstCompleted, slow, quick, quick)
		if !slices.Equal(done, []*Future[int]{quick}) || !slices.Equal(left, []*Future[int]{slow}) {
			t.Fatal(done, left)
		}
		bad := must[*Future[int]](t)(Submit(x, halve, 1))
		done, left = WaitFutures(watchdog(t), FirstException, slow, bad)
		if !slices.Equal(done, []*Future[int]{bad}) || len(left) != 1 {
			t.Fatal(done, left)
		}
		brief, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		if done, left = WaitFutures(brief, AllCompleted, slow, quick); len(done) != 1 || len(left) != 1 {
			t.Fatal(done, left)
		}
		e.Set()
		if done, left = WaitFutures(watchdog(t), AllCompleted, slow, quick, bad); len(done) != 3 || len(left) != 0 {
			t.Fatal(done, left)
		}
	})
}

func TestU9_AsCompleted(t *testing.T) {
	executors(t, 2, func(t *testing.T, x Executor) {
		e := must[*Event](t)(NewEvent())
		slow := must[*Future[int]](t)(Submit(x, await, e))
		quick := must[*Future[int]](t)(Submit(x, square, 2))
		must[int](t)(quick.Result(watchdog(t)))
		var got []*Future[int]
		var last error
		for f, err := range AsCompleted(expired, slow, quick, quick) {
			if last = err; err == nil {
				got = append(got, f)
			}
		}
		if !slices.Equal(got, []*Future[int]{quick}) || last == nil || !strings.Contains(last.Error(), "1 (of 2) futures unfinished") {
			t.Fatal(got, last)
		}
		e.Set()
		n := 0
		for _, err := range AsCompleted(watchdog(t), slow, quick) {
			ok(t, err)
			n++
		}
		if n != 2 {
			t.Fatal(n)
		}
	})
}

func TestU12_KilledChild(t *testing.T) {
	x := must[*ProcessPoolExecutor](t)(NewProcessPoolExecutor(watchdog(t), 1))
	defer x.Shutdown(true, true)
	f := must[*Future[int]](t)(Submit(x, suicide, 0))
	next := must[*Future[int]](t)(Submit(x, suicide, 5))
	var dead *sched.DeathError
	if err := f.Exception(watchdog(t)); !errors.As(err, &dead) {
		t.Fatal(err)
	}
	if y := must[int](t)(next.Result(watchdog(t))); y != 5 {
		t.Fatal("the death of one worker broke the executor")
	}
}

func TestU16_Callbacks(t *testing.T) {
	executors(t, 1, func(t *testing.T, x Executor) {
		e := must[*Event](t)(NewEvent())
		f := must[*Future[int]](t)(Submit(x, await, e))
		order := make(chan int, 4)
		f.AddDoneCallback(func(*Future[int]) { order <- 1 })
		f.AddDoneCallback(func(*Future[int]) { panic("in a callback") })
		f.AddDoneCallback(func(*Future[int]) { order <- 2 })
		if f.Done() || f.Cancelled() {
			t.Fatal("done before its time")
		}
		e.Set()
		must[int](t)(f.Result(watchdog(t)))
		f.AddDoneCallback(func(*Future[int]) { order <- 3 })
		for want := 1; want <= 3; want++ {
			if got := <-order; got != want {
				t.Fatal(got, want)
			}
		}
		if f.Cancel() || f.Running() {
			t.Fatal("a call that has ended was canceled, or runs")
		}
	})
}
