//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/sched"
)

// gone waits until a process is not there any more, not even as a zombie.
func gone(t *testing.T, pid int) {
	t.Helper()
	until(t, "the process gone", func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
}

var openThree = sched.NewStateWith("open three", func(worker int, pids *Queue[int]) (struct{}, error) {
	if err := pids.TryPut(os.Getpid()); err != nil {
		return struct{}{}, err
	}
	if worker == 3 {
		return struct{}{}, errors.New("worker 3 cannot")
	}
	return struct{}{}, nil
}, nil)

// TestO20_OneWorkerCannotStart: the others are stopped, and the error says what was wrong.
func TestO20_OneWorkerCannotStart(t *testing.T) {
	pids := must[*Queue[int]](t)(NewQueue[int](0))
	_, err := NewPool(watchdog(t), 5, &PoolOptions{Initializer: openThree.With(pids)})
	if err == nil || !strings.Contains(err.Error(), "worker 3 cannot") {
		t.Fatal(err)
	}
	for !pids.Empty() {
		gone(t, must[int](t)(pids.TryGet()))
	}
}

func TestO21_LargePool(t *testing.T) {
	for _, method := range []string{Spawn, Dummy} {
		n := 24
		p := must[*Pool](t)(NewPool(watchdog(t), n, &PoolOptions{Context: must[*Context](t)(GetContext(method))}))
		sum := 0
		for _, y := range must[[]int](t)(Map(watchdog(t), p, square, upTo(1000), sched.MapOptions{Chunk: 1})) {
			sum += y
		}
		if sum != 332833500 || p.Scheduler().Workers() != n {
			t.Fatal(sum)
		}
		ok(t, p.Terminate())
	}
}

var countStart = NewInitializer("count start", func(v *Value[int]) error { v.Add(1); return nil })

var startsSeen = NewFunc("starts seen", func(_ context.Context, v *Value[int]) (int, error) { return v.Get(), nil })

func TestU1_InitializedBeforeTheFirstTask(t *testing.T) {
	seen := func(x Workers, v *Value[int]) {
		if n := must[int](t)(Apply(watchdog(t), x, startsSeen, v)); n != 3 {
			t.Fatalf("%d workers of 3 are initialized", n)
		}
	}
	v := must[*Value[int]](t)(NewValue(0))
	x := must[*ProcessPoolExecutor](t)(NewProcessPoolExecutor(watchdog(t), 3, PoolOptions{Initializer: countStart.With(v)}))
	defer x.Shutdown(true, true)
	seen(x, v)
	w := must[*Value[int]](t)(NewValue(0))
	y := must[*ThreadPoolExecutor](t)(NewThreadPoolExecutor(watchdog(t), 3, PoolOptions{Initializer: countStart.With(w)}))
	defer y.Shutdown(true, true)
	seen(y, w)
}

// TestU4_PendingWorkIsDone: a program that ends by Finish does what it has submitted.
func TestU4_PendingWorkIsDone(t *testing.T) {
	out, failure, err := program(t, proctest.Command("finishing"))
	if err != nil || failure != "" || strings.Count(out, "result") != 3 {
		t.Fatalf("%v %q %q", err, out, failure)
	}
}

func TestU6_CancelJustBeforeShutdown(t *testing.T) {
	for range 5 {
		executors(t, 1, func(t *testing.T, x Executor) {
			for i := range 3 {
				must[*Future[int]](t)(Submit(x, square, i)).Cancel()
			}
			ok(t, x.Shutdown(true, false))
		})
	}
}

func TestU7_ShutdownDoesTheWork(t *testing.T) {
	for _, wait := range []bool{true, false} {
		executors(t, 2, func(t *testing.T, x Executor) {
			var fs []*Future[int]
			for i := range 50 {
				fs = append(fs, must[*Future[int]](t)(Submit(x, square, i)))
			}
			pid := must[int](t)(Apply(watchdog(t), x, whoAt, 0))
			ok(t, x.Shutdown(wait, false))
			for i, f := range fs {
				if y := must[int](t)(f.Result(watchdog(t))); y != i*i {
					t.Fatal(i, y)
				}
			}
			if pid != os.Getpid() {
				gone(t, pid)
			}
		})
	}
}

func TestU11_Sizes(t *testing.T) {
	_, err1 := NewProcessPoolExecutor(watchdog(t), -1)
	_, err2 := NewThreadPoolExecutor(watchdog(t), -1)
	if !errors.Is(err1, ErrValue) || !errors.Is(err2, ErrValue) {
		t.Fatal(err1, err2)
	}
	executors(t, 2, func(t *testing.T, x Executor) {
		if _, err := Map(watchdog(t), x, square, upTo(40), sched.MapOptions{Chunk: -1}); err == nil {
			t.Fatal("chunks of -1")
		}
		for _, chunk := range []int{6, 40, 50} {
			ys := must[[]int](t)(Map(watchdog(t), x, square, upTo(40), sched.MapOptions{Chunk: chunk}))
			if len(ys) != 40 || ys[0] != 0 || ys[39] != 39*39 {
				t.Fatal(chunk, ys)
			}
		}
	})
}

type crowding struct{ Now, Most *Value[int] }

var crowdIn = NewFunc("crowd in", func(_ context.Context, c crowding) (int, error) {
	n := c.Now.Add(1)
	for most := c.Most.Get(); n > most && !c.Most.CompareAndSwap(most, n); most = c.Most.Get() {
	}
	time.Sleep(time.Millisecond)
	c.Now.Add(-1)
	return os.Getpid(), nil
})

func TestU13_Saturation(t *testing.T) {
	executors(t, 3, func(t *testing.T, x Executor) {
		c := crowding{must[*Value[int]](t)(NewValue(0)), must[*Value[int]](t)(NewValue(0))}
		pids := map[int]bool{}
		var fs []*Future[int]
		for range 40 {
			fs = append(fs, must[*Future[int]](t)(Submit(x, crowdIn, c)))
		}
		for _, f := range fs {
			pids[must[int](t)(f.Result(watchdog(t)))] = true
		}
		if c.Most.Get() > 3 || c.Now.Get() != 0 || len(pids) > 3 {
			t.Fatal(c.Most.Get(), pids)
		}
	})
}

func TestU14_MaxTasksPerChild(t *testing.T) {
	x := must[*ProcessPoolExecutor](t)(NewProcessPoolExecutor(watchdog(t), 1, PoolOptions{MaxTasksPerChild: 3}))
	var pids []int
	for range 4 {
		pids = append(pids, must[int](t)(Apply(watchdog(t), x, whoAt, 0)))
	}
	if pids[0] != pids[1] || pids[1] != pids[2] || pids[3] == pids[2] {
		t.Fatal(pids)
	}
	var fs []*Future[int]
	for i := range 10 {
		fs = append(fs, must[*Future[int]](t)(Submit(x, square, i)))
	}
	ok(t, x.Shutdown(true, false))
	for i, f := range fs {
		if y := must[int](t)(f.Result(watchdog(t))); y != i*i {
			t.Fatal(i, y)
		}
	}
}

// TestU17_Traceback: the error of a future says where in the worker's program it panicked.
func TestU17_Traceback(t *testing.T) {
	x := must[*ProcessPoolExecutor](t)(NewProcessPoolExecutor(watchdog(t), 1))
	defer x.Shutdown(true, true)
	_, err := Apply(watchdog(t), x, carry, &trap{place: "run", manner: "panic"})
	var remote *sched.RemoteError
	if !errors.As(err, &remote) || !strings.Contains(string(remote.Stack), "trap_test.go:") {
		t.Fatal(err)
	}
}

func TestU18_ShutdownRace(t *testing.T) {
	for range 3 {
		executors(t, 2, func(t *testing.T, x Executor) {
			var all sync.WaitGroup
			for g := range 4 {
				all.Go(func() {
					for i := range 50 {
						f, err := Submit(x, square, i)
						if errors.Is(err, ErrClosed) || errors.Is(err, sched.ErrClosed) {
							return
						}
						if err != nil {
							t.Error(g, err)
							return
						}
						if y, err := f.Result(watchdog(t)); err != nil || y != i*i {
							t.Error(g, y, err)
						}
					}
				})
			}
			time.Sleep(time.Millisecond)
			ok(t, x.Shutdown(true, false))
			all.Wait()
		})
	}
}

var weigh = NewFunc("weigh", func(_ context.Context, a *patient) (int, error) { return len(a.Ballast), nil })

// TestU19_NothingIsKept: neither the argument of a call that has ended, nor its future.
func TestU19_NothingIsKept(t *testing.T) {
	executors(t, 1, func(t *testing.T, x Executor) {
		gone := make(chan bool, 2)
		func() {
			arg := &patient{Until: must[*Event](t)(NewEvent()), Ballast: make([]byte, 1000)}
			runtime.AddCleanup(arg, func(bool) { gone <- true }, true)
			f := must[*Future[int]](t)(Submit(x, weigh, arg))
			runtime.AddCleanup(f, func(bool) { gone <- true }, true)
			if n := must[int](t)(f.Result(watchdog(t))); n != 1000 {
				t.Fatal(n)
			}
		}()
		must[int](t)(Apply(watchdog(t), x, square, 1)) // the worker has something else to remember
		collected(t, gone)
		collected(t, gone)
	})
}

var slowCount = NewFunc("slow count", func(ctx context.Context, v *Value[int]) (int, error) {
	v.Add(1)
	time.Sleep(time.Millisecond)
	return 0, ctx.Err()
})

// TestU20_LateMapIsCanceled: what has not begun when the time is over is not begun any more.
func TestU20_LateMapIsCanceled(t *testing.T) {
	executors(t, 1, func(t *testing.T, x Executor) {
		v := must[*Value[int]](t)(NewValue(0))
		_, err := Map(briefly(t, patience), x, slowCount, slices.Repeat([]*Value[int]{v}, 5000), sched.MapOptions{Chunk: 1})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		must[int](t)(Apply(watchdog(t), x, square, 1))
		n := v.Get()
		time.Sleep(patience)
		if n == 5000 || v.Get() != n {
			t.Fatal(n, v.Get())
		}
	})
}

var levels = []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}

type logging struct {
	Enabled *Queue[string]
	Say     string
}

var logSome = NewTarget("log some", func(ctx context.Context, l logging) error {
	on := ""
	for _, level := range levels {
		if slog.Default().Enabled(ctx, level) {
			on += level.String() + " "
		}
		slog.Log(ctx, level, l.Say+level.String())
	}
	return l.Enabled.Put(ctx, on)
})

// TestX1_Level: the level that is set in the parent is the child's; what is below it does not arrive, all else does.
func TestX1_Level(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		for _, c := range []struct {
			level slog.Level
			on    string
		}{{slog.LevelWarn, "WARN ERROR "}, {slog.LevelDebug, "DEBUG INFO WARN ERROR "}} {
			said := new(safeBuffer)
			slog.SetDefault(slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: c.level})))
			l := logging{must[*Queue[string]](t)(NewQueue[string](0)), "by " + opts.Context.Method() + ": "}
			p := start(t, logSome, l, opts)
			ok(t, p.Join(watchdog(t)))
			ok(t, p.Err())
			if on := must[string](t)(l.Enabled.TryGet()); on != c.on {
				t.Fatalf("%v: the child logs %q", c.level, on)
			}
			for _, level := range levels {
				has := strings.Contains(said.String(), l.Say+level.String())
				if has != (level >= c.level) {
					t.Fatalf("%v: %v came through: %v", c.level, level, has)
				}
			}
		}
	})
}

// safeBuffer is what several goroutines may write to.
type safeBuffer struct {
	mu sync.Mutex
	b  []byte
}

func (s *safeBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b = append(s.b, b...)
	return len(b), nil
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.b)
}

// preloadedRole is a program whose forkserver's processes load something in advance.
func preloadedRole([]string) {
	ctx := context.Background()
	if err := SetForkServerPreload(nil); !errors.Is(err, ErrValue) {
		fail(errors.Join(errors.New("a nil preload was taken"), err))
	}
	fail(SetForkServerPreload(setAddend.With(10)))
	c, err := GetContext(ForkServer)
	fail(err)
	q, err := NewQueue[int](0)
	fail(err)
	for range 4 { // some of them were started in advance
		p := NewProcess(tellAddend, q, &ProcessOptions{Context: c})
		fail(p.Start(ctx))
		fail(p.Join(ctx))
		if v, err := q.TryGet(); err != nil || v != 10 {
			fail(errors.Join(errors.New("not preloaded"), err))
		}
	}
	if err := SetForkServerPreload(setAddend.With(20)); !errors.Is(err, ErrValue) {
		fail(errors.Join(errors.New("a preload that comes too late was taken"), err))
	}
}

var tellAddend = NewTarget("tell addend", func(ctx context.Context, q *Queue[int]) error { return q.Put(ctx, int(addend.Load())) })

func TestSM2_Preload(t *testing.T) {
	if out, failure, err := program(t, proctest.Command("preloaded")); err != nil || out+failure != "" {
		t.Fatalf("%v %q %q", err, out, failure)
	}
}

// TestSM3_NothingGrowsWithDepth: what a child registers for its own children does not come to theirs.
func TestSM3_NothingGrowsWithDepth(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](0))
	p := start(t, countRegistered, depth{q, 3}, nil)
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	first := must[int](t)(q.TryGet())
	for !q.Empty() {
		if n := must[int](t)(q.TryGet()); n != first {
			t.Fatal(first, n)
		}
	}
}

type depth struct {
	Out  *Queue[int]
	Left int
}

var countRegistered *Func[depth, struct{}]

func init() {
	countRegistered = NewTarget("count registered", func(ctx context.Context, d depth) error {
		finalizers.Lock()
		n := len(finalizers.list) + len(ActiveChildren())
		finalizers.Unlock()
		AtExit(ctx, func() {})
		if err := d.Out.Put(ctx, n); err != nil || d.Left == 0 {
			return err
		}
		p := NewProcess(countRegistered, depth{d.Out, d.Left - 1}, nil)
		return errors.Join(p.Start(ctx), p.Join(ctx))
	})
}
