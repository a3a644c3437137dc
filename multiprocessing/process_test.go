package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"os"
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
