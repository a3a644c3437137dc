//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/proctest"
)

func TestMain(m *testing.M) {
	Main()
	bootstrap(m)
	proctest.Main(m, proctest.Roles{"parent": parentRole, "forgetful": forgetfulRole, "idle": idleRole, "tenant": tenantRole, "onlooker": onlookerRole})
}

var errSentinel = RegisterError(errors.New("the sentinel"))

type point struct{ X, Y float64 }

type deep struct {
	Name  string
	Parts []point
	Table map[string]int
	Next  *deep
	When  time.Time
}

var (
	square = NewFunc("square", func(_ context.Context, x float64) (float64, error) { return x * x, nil })
	echo   = NewFunc("echo", func(_ context.Context, d deep) (deep, error) { return d, nil })
	faulty = NewFunc("faulty", func(ctx context.Context, how string) (int, error) {
		switch how {
		case "error":
			return 0, fmt.Errorf("wrapped: %w", errSentinel)
		case "panic":
			var m map[string]int
			m["x"] = 1
		case "goexit":
			runtime.Goexit()
		case "exit":
			os.Exit(7)
		case "kill":
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		case "wait":
			<-ctx.Done()
			return 0, ctx.Err()
		case "long":
			return 0, errors.New(strings.Repeat("m", 1<<20))
		}
		return os.Getpid(), nil
	})
	makeArray = NewFunc("makeArray", func(_ context.Context, x *arena.Array[float64]) (*arena.Array[float64], error) {
		x.Slice()[1] = 42
		return x.Rows(1, 3), nil
	})
	fill = NewLoop("fill", func(c *Chunk, x *arena.Array[int64]) error {
		for i := c.Lo; i < c.Hi; i++ {
			x.Slice()[i] = int64(i)*3 + 1
		}
		return nil
	}, LoopOptions{Idempotent: true})
	touch = NewLoop("touch", func(c *Chunk, a touchArgs) error {
		if c.Index == a.Bad {
			switch a.How {
			case "error":
				return errSentinel
			case "panic":
				panic("at the bad block")
			case "kill":
				syscall.Kill(os.Getpid(), syscall.SIGKILL)
			case "goexit":
				runtime.Goexit()
			case "slow":
				<-c.Context().Done()
				return c.Context().Err()
			}
		}
		return nil
	})
	poison = NewLoop("poison", func(c *Chunk, a touchArgs) error {
		if c.Index == a.Bad {
			os.Exit(3)
		}
		return nil
	}, LoopOptions{Idempotent: true})
)

type touchArgs struct {
	Bad int
	How string
}

// backends runs a test on both backends.
func backends(t *testing.T, workers int, f func(t *testing.T, p *Pool)) {
	for name, b := range map[string]Backend{"processes": Processes, "inprocess": InProcess} {
		t.Run("backend="+name, func(t *testing.T) {
			f(t, start(t, &Options{Workers: workers, Backend: b}))
		})
	}
}

// start starts a pool that the end of the test closes, and checks that nothing is left of it.
func start(t testing.TB, o *Options) *Pool {
	t.Helper()
	p, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("closing the pool: %v", err)
		}
		if p.seg != nil {
			for _, name := range []string{p.seg.Name(), p.mem.Name()} {
				if _, err := os.Stat("/dev/shm/" + name); err == nil {
					t.Errorf("segment %s is left", name)
				}
			}
		}
	})
	return p
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestFunc_Call(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		for x := range 100 {
			y, err := square.Call(within(t), p, float64(x))
			if err != nil || y != float64(x*x) {
				t.Fatalf("square of %d: %v, %v", x, y, err)
			}
		}
	})
}

func TestFunc_DeepValuesArriveWhole(t *testing.T) {
	when := time.Date(2026, 5, 4, 3, 2, 1, 7, time.UTC)
	d := deep{"a", []point{{1, 2}, {3, 4}}, map[string]int{"k": 5}, &deep{Name: strings.Repeat("long", 1000), When: when}, when}
	backends(t, 1, func(t *testing.T, p *Pool) {
		got, err := echo.Call(within(t), p, d)
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != "a" || !slices.Equal(got.Parts, d.Parts) || got.Table["k"] != 5 || got.Next.Name != d.Next.Name || !got.Next.When.Equal(when) {
			t.Fatalf("%+v", got)
		}
	})
}

func TestFunc_ArraysTravelAsHandles(t *testing.T) {
	backends(t, 1, func(t *testing.T, p *Pool) {
		x, err := arena.New[float64](p.Arena(), 4)
		if err != nil {
			t.Fatal(err)
		}
		v, err := makeArray.Call(within(t), p, x)
		if err != nil {
			t.Fatal(err)
		}
		if x.Slice()[1] != 42 || v.Len() != 2 || v.Slice()[0] != 42 {
			t.Fatalf("%v, view %v", x.Slice(), v)
		}
		v.Slice()[1] = 7
		if x.Slice()[2] != 7 {
			t.Fatal("the returned view is other memory")
		}
		private := make([]float64, 4)
		w := arena.Wrap(private, 4)
		if _, err := makeArray.Call(within(t), p, w); !errors.Is(err, ErrPrivate) {
			t.Fatalf("private memory was passed: %v", err)
		}
	})
}

func TestFunc_MappedFilesTravel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	made, err := arena.CreateFile[float64](path, 4)
	if err == nil {
		err = errors.Join(made.Commit(), made.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	backends(t, 2, func(t *testing.T, p *Pool) {
		for range 5 { // again and again: slots are reused for other mappings
			x, err := arena.MapFile[float64](path, arena.ReadWrite)
			if err != nil {
				t.Fatal(err)
			}
			x.Slice()[1] = 0
			if _, err := makeArray.Call(within(t), p, x); err != nil || x.Slice()[1] != 42 {
				t.Fatalf("%v, %v", x.Slice(), err)
			}
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func Test24_Failures(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		_, err := faulty.Call(within(t), p, "error")
		var remote *RemoteError
		if !errors.Is(err, errSentinel) || !errors.As(err, &remote) || remote.Panic || !strings.Contains(err.Error(), "wrapped: the sentinel") {
			t.Fatalf("%#v", err)
		}
		_, err = faulty.Call(within(t), p, "panic")
		if !errors.As(err, &remote) || !remote.Panic || !strings.Contains(remote.Stack, "sched_test.go") || !strings.Contains(err.Error(), "nil map") {
			t.Fatalf("%v\n%s", err, remote.Stack)
		}
		if _, err = faulty.Call(within(t), p, "long"); err == nil || len(err.Error()) < 1<<20 {
			t.Fatalf("a long message: %d bytes", len(fmt.Sprint(err)))
		}
		if _, err = faulty.Call(within(t), p, "goexit"); err == nil || !strings.Contains(err.Error(), goexitMessage) {
			t.Fatalf("%v", err)
		}
		if y, err := square.Call(within(t), p, 3); err != nil || y != 9 {
			t.Fatalf("after all that: %v, %v", y, err)
		}
	})
}

func Test6_DeathCostsOnlyItsTask(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	for _, c := range []struct {
		how    string
		code   int
		signal syscall.Signal
	}{{"exit", 7, 0}, {"kill", -1, syscall.SIGKILL}} {
		f, err := faulty.Submit(within(t), p, c.how)
		if err != nil {
			t.Fatal(err)
		}
		ys, err := square.Map(within(t), p, []float64{1, 2, 3, 4})
		if err != nil && !errors.Is(err, ErrWorkerDied) {
			t.Fatalf("map beside a death: %v, %v", ys, err)
		}
		_, err = f.Wait(within(t))
		var death *DeathError
		if !errors.As(err, &death) || death.Exit.Code != c.code || death.Exit.Signal != c.signal || death.PID == 0 {
			t.Fatalf("%s: %v", c.how, err)
		}
		if y, err := square.Call(within(t), p, 5); err != nil || y != 25 {
			t.Fatalf("after %s: %v, %v", c.how, y, err)
		}
	}
}

func TestFuture_ManyAtOnce(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		var fs []*Future[float64]
		for i := range 5000 { // far more than there are slots
			f, err := square.Submit(within(t), p, float64(i))
			if err != nil {
				t.Fatal(err)
			}
			fs = append(fs, f)
		}
		for i, f := range fs {
			if y, err := f.Wait(within(t)); err != nil || y != float64(i*i) {
				t.Fatalf("%d: %v, %v", i, y, err)
			}
		}
	})
}

func TestFuture_Cancel(t *testing.T) {
	backends(t, 1, func(t *testing.T, p *Pool) {
		running, err := faulty.Submit(within(t), p, "wait")
		if err != nil {
			t.Fatal(err)
		}
		queued, err := square.Submit(within(t), p, 2)
		if err != nil {
			t.Fatal(err)
		}
		for p.c.tallies[0].since.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		if !queued.Cancel() || queued.Cancel() {
			t.Fatal("a queued call is canceled once")
		}
		if _, err := queued.Wait(within(t)); !errors.Is(err, ErrCanceled) {
			t.Fatal(err)
		}
		if running.Cancel() {
			t.Fatal("a running call was taken back")
		}
		if _, err := running.Wait(within(t)); !errors.Is(err, context.Canceled) {
			t.Fatalf("the running body saw %v", err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		if _, err := faulty.Call(ctx, p, "wait"); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a call with a deadline: %v", err)
		}
	})
}

func TestFunc_Map(t *testing.T) {
	backends(t, 3, func(t *testing.T, p *Pool) {
		for _, n := range []int{0, 1, 2, 511, 512, 513, 100_000} {
			xs := make([]float64, n)
			for i := range xs {
				xs[i] = float64(i)
			}
			ys, err := square.Map(within(t), p, xs)
			if err != nil || len(ys) != n {
				t.Fatalf("n=%d: %d results, %v", n, len(ys), err)
			}
			for i, y := range ys {
				if y != float64(i*i) {
					t.Fatalf("n=%d: result %d is %v", n, i, y)
				}
			}
		}
		ds := make([]deep, 1000)
		for i := range ds {
			ds[i].Name = fmt.Sprint("d", i)
		}
		got, err := echo.Map(within(t), p, ds)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if got[i].Name != ds[i].Name {
				t.Fatalf("result %d is %q", i, got[i].Name)
			}
		}
		_, err = faulty.Map(within(t), p, []string{"", "", "error", ""})
		if !errors.Is(err, errSentinel) || !strings.Contains(err.Error(), "element 2") {
			t.Fatal(err)
		}
		s, err := p.Arena().Stats()
		if err != nil {
			t.Fatal(err)
		}
		if s.Mallocs != s.Frees {
			t.Fatalf("%d arrays made, %d freed", s.Mallocs, s.Frees)
		}
	})
}

func TestPool_Refuses(t *testing.T) {
	for name, o := range map[string]*Options{
		"workers": {Workers: -1}, "too many": {Workers: 1000}, "cpu": {CPUs: []int{1023}}, "depth": {Depth: -1},
	} {
		if p, err := Start(within(t), o); err == nil {
			p.Close()
			t.Errorf("%s: started", name)
		}
	}
	p := start(t, &Options{Workers: 1, Backend: InProcess})
	if err := errors.Join(p.Close(), p.Close(), p.Terminate()); err != nil {
		t.Fatal(err)
	}
	if _, err := square.Call(within(t), p, 1); !errors.Is(err, ErrClosed) {
		t.Fatalf("a call on a closed pool: %v", err)
	}
	if err := fill.Run(within(t), p, 1, nil); !errors.Is(err, ErrClosed) {
		t.Fatalf("a loop on a closed pool: %v", err)
	}
}
