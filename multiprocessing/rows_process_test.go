//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// collected fails the test unless something comes from c, which the garbage collector is what brings about.
func collected(t *testing.T, c <-chan bool) {
	t.Helper()
	for ctx := watchdog(t); ; {
		runtime.GC()
		select {
		case <-c:
			return
		case <-time.After(time.Millisecond):
		}
		if ctx.Err() != nil {
			t.Fatal("somebody still refers to it")
		}
	}
}

type assortment struct {
	List  []int
	Fixed [3]string
	Map   map[string]float64
	Deep  *assortment
}

type sorting struct {
	In  assortment
	Out *Queue[assortment]
}

var handBack = NewTarget("hand back", func(ctx context.Context, a sorting) error { return a.Out.Put(ctx, a.In) })

func TestP3_AnyContainer(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		a := sorting{assortment{List: []int{1, 2}, Fixed: [3]string{"x", "", "ü"}, Map: map[string]float64{"pi": 3.14},
			Deep: &assortment{List: []int{}}}, must[*Queue[assortment]](t)(NewQueue[assortment](0))}
		p := start(t, handBack, a, opts)
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
		if got := must[assortment](t)(a.Out.TryGet()); !reflect.DeepEqual(got, a.In) {
			t.Fatalf("%+v", got)
		}
	})
}

type lineage struct {
	Child, Grandchild *Queue[Info]
	Tags              *Queue[uint32]
	Never             *Event
}

var bePupil = NewTarget("be pupil", func(ctx context.Context, l lineage) error {
	parent, has := ParentProcess(ctx)
	if !has || !parent.IsAlive() {
		return errors.New("no parent that is alive")
	}
	if err := l.Grandchild.Put(ctx, Info{PID: os.Getpid(), Name: parent.Name}); err != nil {
		return err
	}
	return parent.Join(ctx)
})

var beTeacher = NewTarget("be teacher", func(ctx context.Context, l lineage) error {
	s, err := home()
	if err != nil {
		return err
	}
	if err := l.Tags.Put(ctx, s.seg.Tag()); err != nil {
		return err
	}
	if err := NewProcess(bePupil, l, nil).Start(ctx); err != nil {
		return err
	}
	return l.Never.Wait(ctx)
})

// TestP6_ParentDies: whoever knows a process as its parent sees it alive, can wait for its end, and sees that, too. A
// grandchild goes with it: here that is the end which it waits for.
func TestP6_ParentDies(t *testing.T) {
	l := lineage{nil, must[*Queue[Info]](t)(NewQueue[Info](0)), must[*Queue[uint32]](t)(NewQueue[uint32](0)), must[*Event](t)(NewEvent())}
	p := start(t, beTeacher, l, &ProcessOptions{Name: "teacher"})
	pupil := must[Info](t)(l.Grandchild.Get(watchdog(t)))
	parent := Info{Name: "teacher", PID: p.PID(), tag: must[uint32](t)(l.Tags.TryGet())}
	if pupil.Name != "teacher" || !parent.IsAlive() {
		t.Fatal(pupil, parent)
	}
	brief, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := parent.Join(brief); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	ok(t, p.Terminate())
	ok(t, parent.Join(watchdog(t)))
	if parent.IsAlive() {
		t.Fatal("dead, and alive")
	}
	for ctx := watchdog(t); syscall.Kill(pupil.PID, 0) == nil; time.Sleep(time.Millisecond) {
		ok(t, ctx.Err())
	}
}

func TestP9_ActiveChildren(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		e := must[*Event](t)(NewEvent())
		p := NewProcess(hang, e, opts)
		if listed(p) {
			t.Fatal("listed before its start")
		}
		ok(t, p.Start(watchdog(t)))
		if !listed(p) {
			t.Fatal("not listed while it runs")
		}
		e.Set()
		ok(t, p.Join(watchdog(t)))
		if listed(p) {
			t.Fatal("listed after its end")
		}
	})
}

func TestP14_ArgumentsAreLetGo(t *testing.T) {
	e := must[*Event](t)(NewEvent())
	gone := make(chan bool, 1)
	p := func() *Process {
		args := &patient{Until: e, Ballast: make([]byte, 1<<16)}
		runtime.AddCleanup(args, func(bool) { gone <- true }, true)
		return start(t, bePatient, args, nil)
	}()
	collected(t, gone)
	e.Set()
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
}

type patient struct {
	Until   *Event
	Ballast []byte
}

var bePatient = NewTarget("be patient", func(ctx context.Context, a *patient) error { return a.Until.Wait(ctx) })

var leaveGoroutine = NewTarget("leave goroutine", func(ctx context.Context, e *Event) error {
	go e.Wait(context.Background())
	return nil
})

// TestP16_GoroutinesDoNotKeepAProcess: it ends when its target returns.
func TestP16_GoroutinesDoNotKeepAProcess(t *testing.T) {
	p := start(t, leaveGoroutine, must[*Event](t)(NewEvent()), nil)
	ok(t, p.Join(watchdog(t)))
	if code, _ := p.ExitCode(); code != 0 {
		t.Fatal(p.Err())
	}
	if err := syscall.Kill(p.PID(), 0); err != syscall.ESRCH {
		t.Fatal("the process is there:", err)
	}
}

// shouter is Python's subclass of Process with pipes of its own: a type that holds what it needs.
type shouter struct {
	process  *Process
	in, back *Connection[string]
}

func newShouter() (*shouter, error) {
	a, b, err := NewPipe[string](true)
	if err != nil {
		return nil, err
	}
	return &shouter{process: NewProcess(shout, b, nil), in: a, back: b}, nil
}

var shout = NewTarget("shout", func(ctx context.Context, c *Connection[string]) error {
	for {
		s, err := c.Recv(ctx)
		if err != nil || s == "" {
			return err
		}
		if err := c.Send(ctx, s+"!"); err != nil {
			return err
		}
	}
})

func TestP20_Embedding(t *testing.T) {
	s := must[*shouter](t)(newShouter())
	ok(t, s.process.Start(watchdog(t)))
	ok(t, s.back.Close())
	for _, word := range []string{"a", "äöü", "long enough"} {
		ok(t, s.in.Send(watchdog(t), word))
		if got := must[string](t)(s.in.Recv(watchdog(t))); got != word+"!" {
			t.Fatal(got)
		}
	}
	ok(t, s.in.Send(watchdog(t), ""))
	ok(t, s.process.Join(watchdog(t)))
	ok(t, s.process.Err())
}

var mainThread = NewTarget("main thread", func(ctx context.Context, q *Queue[int]) error {
	return q.Put(ctx, os.Getpid()) // the main thread's number is the process's: gettid(2)
})

func TestP23_AThreadOfItsOwn(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](0))
	p := start(t, mainThread, q, nil)
	ok(t, p.Join(watchdog(t)))
	if tid := must[int](t)(q.TryGet()); tid == os.Getpid() || tid != p.PID() {
		t.Fatal(tid)
	}
}

// signals has signal sig sent to this process all the time until the test ends.
func signals(t *testing.T, sig syscall.Signal) {
	arrived := make(chan os.Signal, 16)
	signal.Notify(arrived, sig)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan bool)
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if err := unix.Kill(os.Getpid(), sig); err != nil {
				t.Error(err)
			}
			time.Sleep(100 * time.Microsecond)
			for len(arrived) > 0 {
				<-arrived
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		signal.Stop(arrived)
	})
}

// TestP25_SignalsDoNotDisturb: a wait that a signal interrupts goes on, and tells the exit code.
func TestP25_SignalsDoNotDisturb(t *testing.T) {
	e := must[*Event](t)(NewEvent())
	signals(t, syscall.SIGUSR1)
	p := start(t, bePatient, &patient{Until: e}, nil)
	if ended := must[bool](t)(p.JoinFor(100 * time.Millisecond)); ended {
		t.Fatal("ended by itself", p.Err())
	}
	e.Set()
	ok(t, p.Join(watchdog(t)))
	if code, _ := p.ExitCode(); code != 0 {
		t.Fatal(p.Err())
	}
}

type flagging struct {
	Out   *Queue[[]string]
	Depth int
}

var tellFlags *Func[flagging, struct{}]

func init() {
	tellFlags = NewTarget("tell flags", func(ctx context.Context, a flagging) error {
		if a.Depth > 0 {
			p := NewProcess(tellFlags, flagging{a.Out, a.Depth - 1}, nil)
			return errors.Join(p.Start(ctx), p.Join(ctx))
		}
		here, err := os.Getwd()
		percent := debug.SetGCPercent(100)
		return errors.Join(err, a.Out.Put(ctx, []string{os.Getenv("GODEBUG"), os.Getenv("ANYTHING"), fmt.Sprint(percent), here}))
	})
}

// TestP27_FlagsReachGrandchildren: what configures the runtime comes by the environment.
func TestP27_FlagsReachGrandchildren(t *testing.T) {
	t.Setenv("GODEBUG", "gctrace=0,panicnil=1")
	t.Setenv("GOGC", "77")
	t.Setenv("ANYTHING", "any thing")
	q := must[*Queue[[]string]](t)(NewQueue[[]string](0))
	p := start(t, tellFlags, flagging{q, 2}, nil)
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	want := []string{"gctrace=0,panicnil=1", "any thing", "77", must[string](t)(os.Getwd())}
	if got := must[[]string](t)(q.TryGet()); !slices.Equal(got, want) {
		t.Fatal(got)
	}
}
