//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestQ2_Get(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		q := must[*Queue[int]](t)(NewQueue[int](0))
		if _, err := q.TryGet(); err != ErrEmpty {
			t.Fatal(err)
		}
		p := start(t, produce, q, opts)
		for want := 10; want < 20; want += 2 {
			if got := must[int](t)(q.Get(watchdog(t))); got != want {
				t.Fatal(got, want)
			}
			until(t, "the next item", func() bool { return !q.Empty() })
			if got := must[int](t)(q.TryGet()); got != want+1 {
				t.Fatal(got, want+1)
			}
		}
		ok(t, p.Join(watchdog(t)))
		if _, err := q.TryGet(); err != ErrEmpty || !q.Empty() {
			t.Fatal(err)
		}
	})
}

func TestQ6_Timeout(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](1))
	begin := time.Now()
	if _, err := q.Get(briefly(t, patience)); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) < patience {
		t.Fatal(err, time.Since(begin))
	}
	ok(t, q.Put(watchdog(t), 1))
	begin = time.Now()
	if err := q.Put(briefly(t, patience), 2); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) < patience || q.Len() != 1 {
		t.Fatal(err, time.Since(begin))
	}
}

// TestQ8_WhoPutsIsTold: what cannot be encoded is the error of its Put, to whoever called it.
func TestQ8_WhoPutsIsTold(t *testing.T) {
	q := must[*Queue[*trap]](t)(NewQueue[*trap](0))
	bad := []*trap{{place: "encode 0", manner: "error"}, {}, {place: "encode 0", manner: "error"}}
	var failed []*trap
	for _, x := range bad {
		if err := q.Put(watchdog(t), x); err != nil {
			failed = append(failed, x)
		}
	}
	if !slices.Equal(failed, []*trap{bad[0], bad[2]}) || q.Len() != 1 {
		t.Fatal(failed, q.Len())
	}
}

// TestQ10_ClosedQueue: emptiness can be asked for before and after Close.
func TestQ10_ClosedQueue(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](0))
	ok(t, q.Put(watchdog(t), 1))
	ok(t, q.Close())
	if q.Empty() {
		t.Fatal("the item is lost")
	}
	never := must[*Queue[int]](t)(NewQueue[int](0))
	if ok(t, never.Close()); !never.Empty() {
		t.Fatal("items out of nothing")
	}
}

type relayed struct{ In, Out *SimpleQueue[int] }

var takeAndTell = NewTarget("take and tell", func(ctx context.Context, r relayed) error {
	for r.In.Empty() {
		time.Sleep(100 * time.Microsecond)
	}
	v, err := r.In.Get(ctx)
	if err != nil {
		return err
	}
	if !r.In.Empty() {
		return errors.New("not empty after the last item")
	}
	return r.Out.Put(ctx, v)
})

func TestQ11_Empty(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		r := relayed{must[*SimpleQueue[int]](t)(NewSimpleQueue[int]()), must[*SimpleQueue[int]](t)(NewSimpleQueue[int]())}
		p := start(t, takeAndTell, r, opts)
		if !r.In.Empty() || !r.Out.Empty() {
			t.Fatal("items out of nothing")
		}
		ok(t, r.In.Put(watchdog(t), 5))
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
		if r.Out.Empty() || !r.In.Empty() || must[int](t)(r.Out.TryGet()) != 5 || !r.Out.Empty() {
			t.Fatal("what is empty, and what is not, differs between processes")
		}
	})
}

// TestQ12_SimpleQueueClose: any number of times, by anybody, and for everybody.
func TestQ12_SimpleQueueClose(t *testing.T) {
	q := must[*SimpleQueue[int]](t)(NewSimpleQueue[int]())
	p := start(t, closeQueue, q, nil)
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	ok(t, q.Close())
	if err := q.Put(watchdog(t), 1); err != ErrClosed {
		t.Fatal(err)
	}
}

var closeQueue = NewTarget("close queue", func(ctx context.Context, q *Queue[int]) error {
	return errors.Join(q.Close(), q.Close())
})

// early is made and used while the program starts.
var early = func() int {
	q, err := NewQueue[int](0)
	if err != nil {
		return -1
	}
	defer q.Free()
	if err := q.TryPut(7); err != nil {
		return -2
	}
	v, err := q.TryGet()
	if err != nil {
		return -3
	}
	return v
}

// TestQ13_WhileTheProgramStarts: init may use a queue.
func TestQ13_WhileTheProgramStarts(t *testing.T) {
	if earlyResult != 7 {
		t.Fatal(earlyResult)
	}
}

var earlyResult = early()

// TestQ15_WhatCannotBeSharedIsRefused: an object that was not made is an error of Start, and nothing is started.
func TestQ15_WhatCannotBeSharedIsRefused(t *testing.T) {
	p := NewProcess(setEvent, new(Event), nil)
	if err := p.Start(watchdog(t)); err == nil || !strings.Contains(err.Error(), "New function") || p.IsAlive() {
		t.Fatal(err)
	}
}
