//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"testing"
	"time"
)

// bothWays runs a test on processes and on the in-process context.
func bothWays(t *testing.T, test func(t *testing.T, opts *ProcessOptions)) {
	for _, method := range StartMethods() {
		t.Run(method, func(t *testing.T) { test(t, &ProcessOptions{Context: must[*Context](t)(GetContext(method))}) })
	}
}

func TestQ1_Put(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](6))
	defer q.Free()
	if !q.Empty() || q.Full() {
		t.Fatal("a new queue is not empty, or full")
	}
	for i := range 6 {
		ok(t, q.Put(watchdog(t), i))
	}
	if q.Empty() || !q.Full() {
		t.Fatal("a queue of 6 with 6 items is empty, or not full")
	}
	if err := q.TryPut(6); err != ErrFull {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := q.Put(ctx, 6); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if time.Since(begin) < 40*time.Millisecond {
		t.Fatal("the wait ended early")
	}
}

var produce = NewTarget("produce", func(ctx context.Context, q *Queue[int]) error {
	for i := range 10 {
		if err := q.Put(ctx, 10+i); err != nil {
			return err
		}
	}
	return nil
})

func TestQ3_ChildAppends(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		q := must[*Queue[int]](t)(NewQueue[int](0))
		defer q.Free()
		for i := range 10 {
			ok(t, q.Put(watchdog(t), i))
		}
		p := start(t, produce, q, opts)
		ok(t, p.Join(watchdog(t))) // joined before the drain
		for i := range 20 {
			if got := must[int](t)(q.TryGet()); got != i {
				t.Fatalf("item %d is %d", i, got)
			}
		}
		if code, ended := p.ExitCode(); !ended || code != 0 {
			t.Fatal(code, ended, p.Err())
		}
	})
}

func TestQ4_Qsize(t *testing.T) {
	q := must[*Queue[string]](t)(NewQueue[string](0))
	defer q.Free()
	sizes := func(want int) {
		t.Helper()
		if q.Len() != want {
			t.Fatalf("%d items, want %d", q.Len(), want)
		}
	}
	sizes(0)
	ok(t, q.TryPut("a"))
	sizes(1)
	ok(t, q.TryPut("b"))
	sizes(2)
	must[string](t)(q.TryGet())
	sizes(1)
	must[string](t)(q.TryGet())
	sizes(0)
}

func TestQueue_Grows(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](0))
	const n = 100_000
	for i := range n {
		ok(t, q.TryPut(i))
	}
	if q.Len() != n {
		t.Fatal(q.Len())
	}
	ok(t, q.Close())
	if err := q.TryPut(0); err != ErrClosed {
		t.Fatal(err)
	}
	i := 0
	for v, err := range q.All(watchdog(t)) {
		ok(t, err)
		if v != i {
			t.Fatalf("item %d is %d", i, v)
		}
		i++
	}
	if i != n {
		t.Fatal(i)
	}
	ok(t, q.Free())
}

var large = NewTarget("large", func(ctx context.Context, q *Queue[[]byte]) error {
	for i := range 4 {
		if err := q.Put(ctx, make([]byte, 1<<20<<i)); err != nil {
			return err
		}
	}
	return nil
})

// TestQueue_JoinBeforeDrain is where Python hangs: an item beyond the pipe's 64 KiB keeps its process from ending.
func TestQueue_JoinBeforeDrain(t *testing.T) {
	q := must[*Queue[[]byte]](t)(NewQueue[[]byte](0))
	defer q.Free()
	p := start(t, large, q, nil)
	ok(t, p.Join(watchdog(t)))
	for i := range 4 {
		if b := must[[]byte](t)(q.TryGet()); len(b) != 1<<20<<i {
			t.Fatal(len(b))
		}
	}
}

var finishTasks = NewTarget("finish tasks", func(ctx context.Context, q *JoinableQueue[int]) error {
	for _, err := range q.All(ctx) {
		if err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
		if err := q.TaskDone(); err != nil {
			return err
		}
	}
	return nil
})

func TestQ5_TaskDone(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		q := must[*JoinableQueue[int]](t)(NewJoinableQueue[int](0))
		defer q.Free()
		if err := q.TaskDone(); !errors.Is(err, ErrValue) {
			t.Fatal(err)
		}
		var crew []*Process
		for range 2 {
			crew = append(crew, start(t, finishTasks, q, opts))
		}
		for i := range 100 {
			ok(t, q.Put(watchdog(t), i))
		}
		ok(t, q.Join(watchdog(t)))
		if q.Len() != 0 || q.unfinished() != 0 {
			t.Fatal("joined too early", q.Len(), q.unfinished())
		}
		ok(t, q.Close())
		for _, p := range crew {
			ok(t, p.Join(watchdog(t)))
		}
	})
}
