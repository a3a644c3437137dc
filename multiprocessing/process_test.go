//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/sched"
)

// report is what a child says of itself.
type report struct {
	Name, Parent string
	PID, Above   int
	Daemon       bool
}

type reporting struct {
	Out  *Queue[report]
	Hold *Event
}

var tellSelf = NewTarget("tell self", func(ctx context.Context, a reporting) error {
	self := CurrentProcess(ctx)
	parent, _ := ParentProcess(ctx)
	if err := a.Out.Put(ctx, report{self.Name, parent.Name, self.PID, parent.PID, self.Daemon}); err != nil {
		return err
	}
	return a.Hold.Wait(ctx)
})

func newReporting(t *testing.T) reporting {
	return reporting{must[*Queue[report]](t)(NewQueue[report](0)), must[*Event](t)(NewEvent())}
}

func TestP1_Current(t *testing.T) {
	self := CurrentProcess(watchdog(t))
	if self.Name != "MainProcess" || self.PID != os.Getpid() || self.Daemon {
		t.Fatalf("%+v", self)
	}
	if _, has := ParentProcess(watchdog(t)); has {
		t.Fatal("the main process has a parent")
	}
}

func TestP2_Process(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		a := newReporting(t)
		p := NewProcess(tellSelf, a, opts)
		if _, has := p.ExitCode(); p.IsAlive() || has || p.PID() != 0 {
			t.Fatal("alive before Start")
		}
		if err := p.Join(watchdog(t)); err != ErrNotStarted {
			t.Fatal(err)
		}
		ok(t, p.Start(watchdog(t)))
		if err := p.Start(watchdog(t)); err != ErrStarted {
			t.Fatal(err)
		}
		r := must[report](t)(a.Out.Get(watchdog(t)))
		if !p.IsAlive() || r.PID != p.PID() || r.Name != p.Name() || r.Parent != "MainProcess" || r.Above != os.Getpid() {
			t.Fatalf("%+v of %v", r, p)
		}
		if !listed(p) {
			t.Fatal("not among the active children")
		}
		a.Hold.Set()
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Join(watchdog(t)))
		if code, has := p.ExitCode(); p.IsAlive() || !has || code != 0 || listed(p) {
			t.Fatal(p, code, has)
		}
	})
}

func listed(p *Process) bool {
	for _, c := range ActiveChildren() {
		if c == p {
			return true
		}
	}
	return false
}

var hang = NewTarget("hang", func(ctx context.Context, e *Event) error { return e.Wait(context.Background()) })

func TestP7_TerminateKill(t *testing.T) {
	never := must[*Event](t)(NewEvent())
	for _, c := range []struct {
		name string
		stop func(*Process) error
		code int
	}{
		{"Terminate", (*Process).Terminate, -int(syscall.SIGTERM)},
		{"Kill", (*Process).Kill, -int(syscall.SIGKILL)},
	} {
		p := start(t, hang, never, nil)
		for _, d := range []time.Duration{0, -time.Second} {
			if ended := must[bool](t)(p.JoinFor(d)); ended {
				t.Fatal("ended by itself")
			}
		}
		ok(t, c.stop(p))
		ok(t, p.Join(watchdog(t)))
		if code, has := p.ExitCode(); !has || code != c.code {
			t.Fatalf("%s: exit code %d, %v", c.name, code, p.Err())
		}
		ok(t, c.stop(p))
	}
}

func TestP8_CPUCount(t *testing.T) {
	if CPUCount() < 1 {
		t.Fatal(CPUCount())
	}
}

func TestP11_Sentinel(t *testing.T) {
	e := must[*Event](t)(NewEvent())
	p := NewProcess(hang, e, nil)
	if _, err := p.Sentinel(); err != ErrNotStarted {
		t.Fatal(err)
	}
	ok(t, p.Start(watchdog(t)))
	s := must[<-chan struct{}](t)(p.Sentinel())
	select {
	case <-s:
		t.Fatal("ready while it runs")
	default:
	}
	e.Set()
	select {
	case <-s:
	case <-watchdog(t).Done():
		t.Fatal("never ready")
	}
}

func TestP12_Close(t *testing.T) {
	e := must[*Event](t)(NewEvent())
	p := start(t, hang, e, nil)
	if err := p.Close(); err != ErrAlive {
		t.Fatal(err)
	}
	e.Set()
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Close())
	ok(t, p.Close())
	if err := p.Join(watchdog(t)); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	if err := p.Kill(); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

type exiting struct {
	How  string
	Code int
}

var exits = NewTarget("exits", func(ctx context.Context, a exiting) error {
	switch a.How {
	case "Exit":
		return Exit(a.Code)
	case "os.Exit":
		os.Exit(a.Code)
	case "error":
		return errors.New("out of cheese")
	case "panic":
		panic("a bad panic")
	case "signal":
		return syscall.Kill(os.Getpid(), syscall.Signal(a.Code))
	}
	return nil
})

func TestP22_ExitCodes(t *testing.T) {
	for _, c := range []struct {
		exiting
		code int
	}{
		{exiting{"return", 0}, 0},
		{exiting{"Exit", 3}, 3},
		{exiting{"Exit", 256}, 0},
		{exiting{"Exit", -1}, 255},
		{exiting{"os.Exit", 7}, 7},
		{exiting{"error", 0}, 1},
		{exiting{"panic", 0}, 2},
		{exiting{"signal", int(syscall.SIGKILL)}, -9},
	} {
		p := start(t, exits, c.exiting, nil)
		ok(t, p.Join(watchdog(t)))
		if code, _ := p.ExitCode(); code != c.code {
			t.Errorf("%+v: exit code %d, want %d (%v)", c.exiting, code, c.code, p.Err())
		}
	}
	p := start(t, exits, exiting{How: "error"}, nil)
	ok(t, p.Join(watchdog(t)))
	var remote *sched.RemoteError
	if !errors.As(p.Err(), &remote) || !strings.Contains(remote.Message, "out of cheese") {
		t.Fatal(p.Err())
	}
}

func TestP13_ManyProcesses(t *testing.T) {
	n := 10
	var crew []*Process
	for range n {
		crew = append(crew, start(t, exits, exiting{How: "return"}, nil))
	}
	for _, p := range crew {
		ok(t, p.Join(watchdog(t)))
		if code, _ := p.ExitCode(); code != 0 {
			t.Fatal(p)
		}
	}
	never := must[*Event](t)(NewEvent())
	crew = nil
	for range n {
		p := start(t, hang, never, nil)
		ok(t, p.Terminate())
		crew = append(crew, p)
	}
	for _, p := range crew {
		ok(t, p.Join(watchdog(t)))
		if code, _ := p.ExitCode(); code != -15 {
			t.Fatal(p, p.Err())
		}
	}
}

var countFiles = NewTarget("count files", func(ctx context.Context, q *Queue[int]) error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	return q.Put(ctx, len(entries))
})

func TestP15_DescriptorsDoNotPileUp(t *testing.T) {
	never := must[*Event](t)(NewEvent())
	q := must[*Queue[int]](t)(NewQueue[int](0))
	count := func() int {
		p := start(t, countFiles, q, nil)
		ok(t, p.Join(watchdog(t)))
		return must[int](t)(q.TryGet())
	}
	alone := count()
	for range 3 {
		start(t, hang, never, nil)
	}
	if among := count(); among != alone {
		t.Fatalf("%d descriptors alone, %d among siblings", alone, among)
	}
}

func TestProcess_NameInPS(t *testing.T) {
	a := newReporting(t)
	p := start(t, tellSelf, a, &ProcessOptions{Name: "accountant"})
	must[report](t)(a.Out.Get(watchdog(t)))
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", p.PID()))
	if err != nil || strings.TrimSpace(string(comm)) != "accountant" {
		t.Fatalf("%q %v", comm, err)
	}
	a.Hold.Set()
	ok(t, p.Join(watchdog(t)))
}

var countCPUs = NewTarget("count CPUs", func(ctx context.Context, q *Queue[int]) error { return q.Put(ctx, CPUCount()) })

func TestProcess_RunsAnywhere(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](0))
	p := start(t, countCPUs, q, nil)
	ok(t, p.Join(watchdog(t)))
	if n := must[int](t)(q.TryGet()); n != CPUCount() {
		t.Fatalf("the child may use %d CPUs, its parent %d", n, CPUCount())
	}
}

func TestSM1_Contexts(t *testing.T) {
	if _, err := GetContext("telepathy"); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
	for _, m := range StartMethods() {
		if c := must[*Context](t)(GetContext(m)); c.Method() != m {
			t.Fatal(c.Method())
		}
	}
	if err := SetStartMethod("telepathy"); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
}

type descent struct {
	Path string
	Out  *Queue[string]
}

var descend *Func[descent, struct{}]

func init() {
	descend = NewTarget("descend", func(ctx context.Context, d descent) error {
		if err := d.Out.Put(ctx, d.Path); err != nil {
			return err
		}
		if len(d.Path) == 3 {
			return nil
		}
		for _, branch := range []string{"0", "1"} {
			p := NewProcess(descend, descent{d.Path + branch, d.Out}, nil)
			if err := p.Start(ctx); err != nil {
				return err
			}
			if err := p.Join(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestP10_Recursion(t *testing.T) {
	q := must[*Queue[string]](t)(NewQueue[string](0))
	p := start(t, descend, descent{"", q}, nil)
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	var got []string
	for !q.Empty() {
		got = append(got, must[string](t)(q.TryGet()))
	}
	want := []string{"", "0", "00", "000", "001", "01", "010", "011", "1", "10", "100", "101", "11", "110", "111"}
	if !slices.Equal(got, want) {
		t.Fatal(got)
	}
}

type family struct {
	Out   *Queue[report]
	Never *Event
}

var beGrandchild = NewTarget("be grandchild", func(ctx context.Context, f family) error {
	parent, _ := ParentProcess(ctx)
	if !parent.IsAlive() {
		return errors.New("the parent is dead already")
	}
	self := CurrentProcess(ctx)
	if err := f.Out.Put(ctx, report{self.Name, parent.Name, self.PID, parent.PID, false}); err != nil {
		return err
	}
	return f.Never.Wait(ctx)
})

var beChild = NewTarget("be child", func(ctx context.Context, f family) error {
	p := NewProcess(beGrandchild, f, nil)
	if err := p.Start(ctx); err != nil {
		return err
	}
	return p.Join(ctx)
})

// TestP5_Ancestors also shows that nobody outlives its parent, whatever kills it.
func TestP5_Ancestors(t *testing.T) {
	f := family{must[*Queue[report]](t)(NewQueue[report](0)), must[*Event](t)(NewEvent())}
	p := start(t, beChild, f, &ProcessOptions{Name: "child"})
	r := must[report](t)(f.Out.Get(watchdog(t)))
	if r.Parent != "child" || r.Above != p.PID() || r.Name != "child:1" {
		t.Fatalf("%+v", r)
	}
	ok(t, p.Kill())
	ok(t, p.Join(watchdog(t)))
	for syscall.Kill(r.PID, 0) == nil {
		if watchdog(t).Err() != nil {
			t.Fatal("the grandchild lives on")
		}
		time.Sleep(time.Millisecond)
	}
}

var startChild = NewTarget("start child", func(ctx context.Context, e *Event) error {
	err := NewProcess(hang, e, nil).Start(ctx)
	if errors.Is(err, ErrDaemon) {
		return nil
	}
	return fmt.Errorf("a daemon's child: %v", err)
})

func TestP4_Daemon(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		a := newReporting(t)
		daemonic := *opts
		daemonic.Daemon = true
		p := start(t, tellSelf, a, &daemonic)
		if r := must[report](t)(a.Out.Get(watchdog(t))); !r.Daemon || !p.Daemon() {
			t.Fatalf("%+v", r)
		}
		a.Hold.Set()
		ok(t, p.Join(watchdog(t)))
		p = start(t, startChild, a.Hold, &daemonic)
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
	})
}

var passOn = NewTarget("pass on", func(ctx context.Context, q *Queue[int]) error {
	if err := q.Put(ctx, 1); err != nil {
		return err
	}
	p := NewProcess(produce, q, nil)
	if err := p.Start(ctx); err != nil {
		return err
	}
	return p.Join(ctx)
})

func TestQ14_QueueHandedOn(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](0))
	p := start(t, passOn, q, nil)
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	if q.Len() != 11 || must[int](t)(q.TryGet()) != 1 || must[int](t)(q.TryGet()) != 10 {
		t.Fatal(q.Len())
	}
}

var poolInside = NewFunc("pool inside", func(ctx context.Context, n int) (int, error) {
	pool, err := NewPool(ctx, 1, nil)
	if err != nil {
		return 0, err
	}
	defer pool.Terminate()
	ys, err := Map(ctx, pool, square, upTo(n))
	sum := 0
	for _, y := range ys {
		sum += y
	}
	return sum, err
})

func TestO23_PoolInProcess(t *testing.T) {
	pool := must[*Pool](t)(NewPool(watchdog(t), 1, nil))
	defer pool.Terminate()
	if sum := must[int](t)(Apply(watchdog(t), pool, poolInside, 1000)); sum != 332833500 {
		t.Fatal(sum)
	}
}
