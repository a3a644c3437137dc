//go:build linux

package multiprocessing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/sched"
)

// The mistakes that every introduction to Python's multiprocessing warns of. Here each is impossible, or an error that says
// what to do: one test for each.

func TestMistake_NoMainGuard(t *testing.T) {
	if _, failure, err := program(t, proctest.Command("forgetful")); err == nil || !strings.Contains(failure, "must call sched.Main() first in main") {
		t.Fatal(err, failure)
	}
}

// closureRole makes a function where only this process knows it.
func closureRole([]string) {
	greeting := "hello"
	late := NewTarget("a late one", func(context.Context, int) error { fmt.Println(greeting); return nil })
	p := NewProcess(late, 1, nil)
	err := p.Start(context.Background())
	if err == nil {
		_ = p.Join(context.Background())
		err = p.Err()
	}
	fail(err)
}

func TestMistake_Closure(t *testing.T) {
	out, failure, err := program(t, proctest.Command("closure"))
	if err == nil || out != "" || !strings.Contains(failure, "package variable") {
		t.Fatalf("%v %q %q", err, out, failure)
	}
}

func TestMistake_HugeObjects(t *testing.T) {
	small := must[*Array[float64]](t)(NewArrayOf[float64](1))
	large := must[*Array[float64]](t)(NewArrayOf[float64](1 << 23))
	defer large.Free()
	a, b := must[[]byte](t)(small.MarshalBinary()), must[[]byte](t)(large.MarshalBinary())
	if len(a) != len(b) || len(b) > 64 {
		t.Fatalf("8 bytes travel as %d, 64 MiB as %d", len(a), len(b))
	}
}

// TestMistake_ForkAfterThreads: no process is ever forked; what its goroutines hold does not matter.
func TestMistake_ForkAfterThreads(t *testing.T) {
	var held sync.Mutex
	held.Lock()
	stop := make(chan bool)
	var crowd sync.WaitGroup
	for range 200 {
		crowd.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					fmt.Fprint(new(bytes.Buffer), "busy")
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		p := start(t, exits, exiting{How: "return"}, opts)
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
	})
	close(stop)
	crowd.Wait()
	held.Unlock()
}

// TestMistake_ManagersForThroughput: what is meant for throughput has no server.
func TestMistake_ManagersForThroughput(t *testing.T) {
	children := len(ActiveChildren())
	d := must[*Dict[int64, int64]](t)(NewDict[int64, int64]())
	for i := range int64(10_000) {
		ok(t, d.Set(watchdog(t), i, i))
	}
	if d.Len() != 10_000 || len(ActiveChildren()) != children {
		t.Fatal(d.Len())
	}
}

var putBlocks = NewTarget("put blocks", func(ctx context.Context, q *Queue[[]byte]) error {
	for i := byte(1); ; i++ {
		if err := q.Put(ctx, bytes.Repeat([]byte{i}, 200_000)); err != nil {
			return err
		}
	}
})

// TestMistake_Terminating: whoever is killed in the middle of a message leaves none, or a whole one.
func TestMistake_Terminating(t *testing.T) {
	q := must[*Queue[[]byte]](t)(NewQueue[[]byte](4))
	for i := range 5 {
		p := start(t, putBlocks, q, nil)
		for range i + 1 {
			must[[]byte](t)(q.Get(watchdog(t)))
		}
		time.Sleep(time.Duration(i) * 300 * time.Microsecond)
		ok(t, p.Kill())
		ok(t, p.Join(watchdog(t)))
		for {
			b, err := q.TryGet()
			if err == ErrEmpty {
				break
			}
			if ok(t, err); len(b) != 200_000 || !bytes.Equal(b, bytes.Repeat(b[:1], len(b))) {
				t.Fatal("half a message")
			}
		}
	}
}

var assumed = 1 // a variable of the program, as any other

var (
	setAssumed  = NewTarget("set assumed", func(_ context.Context, x int) error { assumed = x; return nil })
	readMissing = NewTarget("read missing", func(context.Context, int) error { _, err := missing.Get(); return err })
	missing     = NewGlobal("missing", 5)
)

// TestMistake_AssumingGlobalsAreShared: variables are each process's own. One that is declared says by which method it comes.
func TestMistake_AssumingGlobalsAreShared(t *testing.T) {
	p := start(t, setAssumed, 7, nil)
	ok(t, p.Join(watchdog(t)))
	if assumed != 1 {
		t.Fatal("a child changed its parent's variable")
	}
	p = start(t, readMissing, 0, nil)
	ok(t, p.Join(watchdog(t)))
	if err := p.Err(); !errors.Is(err, ErrNotInherited) || !strings.Contains(err.Error(), `start the child by the method "fork"`) {
		t.Fatal(err)
	}
}

// TestMistake_ForgettingToJoin: no zombie is left of children that nobody joins.
func TestMistake_ForgettingToJoin(t *testing.T) {
	var crew []*Process
	for range 5 {
		crew = append(crew, start(t, exits, exiting{How: "os.Exit", Code: 3}, nil))
	}
	for _, p := range crew {
		gone(t, p.PID())
	}
}

var printMuch = NewTarget("print much", func(_ context.Context, s string) error {
	for range 200 {
		fmt.Println(strings.Repeat(s, 2000))
		fmt.Fprint(os.Stdout, s) // a line in two pieces
		time.Sleep(time.Microsecond)
		fmt.Fprintln(os.Stdout, s)
	}
	return nil
})

// printingRole has four children that print at the same time.
func printingRole([]string) {
	ctx := context.Background()
	defer func() { fail(Finish(ctx)) }()
	for _, s := range []string{"a", "b", "c", "d"} {
		fail(NewProcess(printMuch, s, nil).Start(ctx))
	}
}

func TestMistake_PrintingFromMany(t *testing.T) {
	out, failure, err := program(t, proctest.Command("printing"))
	if err != nil || failure != "" {
		t.Fatal(err, failure)
	}
	n := 0
	for line := range strings.Lines(out) {
		if line = strings.TrimSuffix(line, "\n"); len(line) != 2000 && len(line) != 2 || strings.Trim(line, line[:1]) != "" {
			t.Fatalf("a torn line of %d bytes: %.40q", len(line), line)
		}
		n++
	}
	if n != 4*400 {
		t.Fatalf("%d lines of 1600", n)
	}
}

func TestMistake_JoiningBeforeDraining(t *testing.T) {
	q := must[*Queue[[]byte]](t)(NewQueue[[]byte](0))
	p := start(t, putOnce, q, nil)
	ok(t, p.Join(watchdog(t)))
	if b := must[[]byte](t)(q.TryGet()); len(b) != 8<<20 {
		t.Fatal(len(b))
	}
}

var putOnce = NewTarget("put once", func(ctx context.Context, q *Queue[[]byte]) error { return q.Put(ctx, make([]byte, 8<<20)) })

// TestMistake_LocksInArguments: what knows one process only is refused, and the error names the field and what to take.
func TestMistake_LocksInArguments(t *testing.T) {
	type job struct {
		Name string
		Lock sync.Mutex
	}
	type plainJob struct {
		Count int
		Once  sync.Once
	}
	for _, c := range []struct {
		err  error
		says []string
	}{
		{refusal[job](), []string{".Lock", "NewLock"}},
		{refusal[plainJob](), []string{".Once", "one process only"}},
		{refusal[struct{ Pool *Pool }](), []string{".Pool"}},
		{refusal[struct{ P *Process }](), []string{".P"}},
		{refusal[struct{ F func() }](), []string{".F", "func"}},
		{refusal[struct{ C chan int }](), []string{".C", "chan"}},
		{refusal[struct{ Q Queue[int] }](), []string{".Q", "make it a *"}},
	} {
		for _, word := range c.says {
			if c.err == nil || !strings.Contains(c.err.Error(), word) {
				t.Errorf("%v: it does not say %q", c.err, word)
			}
		}
	}
	if _, err := NewStruct(plainJob{}); !errors.Is(err, ErrValue) {
		t.Error(err)
	}
}

func refusal[T any]() error {
	_, err := sched.CodecOf[T]()
	return err
}

// TestMistake_ZeroValues: what was not made by its New function is an error that says so, and no crash.
func TestMistake_ZeroValues(t *testing.T) {
	ctx := watchdog(t)
	tried := func(_ bool, err error) error { return err }
	got := func(_ int, err error) error { return err }
	for what, err := range map[string]error{
		"Queue.Put":               new(Queue[int]).Put(ctx, 1),
		"Queue.TryPut":            new(Queue[int]).TryPut(1),
		"Queue.Get":               got(new(Queue[int]).Get(ctx)),
		"Queue.TryGet":            got(new(Queue[int]).TryGet()),
		"Queue.Close":             new(Queue[int]).Close(),
		"JoinableQueue.Get":       got(new(JoinableQueue[int]).Get(ctx)),
		"JoinableQueue.Join":      new(JoinableQueue[int]).Join(ctx),
		"Connection.Send":         new(Connection[int]).Send(ctx, 1),
		"Connection.Recv":         got(new(Connection[int]).Recv(ctx)),
		"Connection.Poll":         tried(new(Connection[int]).Poll(ctx)),
		"Lock.Acquire":            new(Lock).Acquire(ctx),
		"Lock.TryAcquire":         tried(new(Lock).TryAcquire()),
		"Lock.Release":            new(Lock).Release(),
		"Lock.With":               new(Lock).With(ctx, func() error { return nil }),
		"RLock.Acquire":           new(RLock).Acquire(ctx),
		"RLock.TryAcquire":        tried(new(RLock).TryAcquire()),
		"RLock.Release":           new(RLock).Release(),
		"Semaphore.Acquire":       new(Semaphore).Acquire(ctx),
		"Semaphore.TryAcquire":    tried(new(Semaphore).TryAcquire()),
		"Semaphore.Release":       new(Semaphore).Release(),
		"Event.Wait":              new(Event).Wait(ctx),
		"Condition.Acquire":       new(Condition).Acquire(ctx),
		"Condition.Wait":          new(Condition).Wait(ctx),
		"Condition.Notify":        new(Condition).Notify(1),
		"Barrier.Wait":            got(new(Barrier).Wait(ctx)),
		"Barrier.Abort":           new(Barrier).Abort(),
		"Dict.Set":                new(Dict[int, int]).Set(ctx, 1, 1),
		"List.Append":             new(List[int]).Append(ctx, 1),
		"SharedMemory.Close":      new(SharedMemory).Close(),
		"SharedMemory.Unlink":     new(SharedMemory).Unlink(),
		"Struct.Set":              new(Struct[int]).Set(ctx, 1),
		"Frozen.Close":            new(Frozen[int]).Close(),
		"File.Close":              new(File).Close(),
		"Process (without start)": new(Process).Join(ctx),
	} {
		if !errors.Is(err, ErrNotMade) && !errors.Is(err, ErrNotStarted) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
