//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

type getting struct {
	Queue QueueProxy[int]
	Got   *Array[int32] // by item: how often somebody was about to confirm it
	Any   *Event
}

// getAndMark is Get, with a mark before what makes the item this process's.
var getAndMark = NewTarget("get and mark", func(ctx context.Context, x getting) error {
	c, err := dial(ctx, x.Queue.At)
	for err == nil {
		var reply []byte
		if reply, err = ask(ctx, c, x.Queue.Proxy, "call", []byte("Get")); err != nil {
			break
		}
		raw, err1 := resultOf[[]byte](reply, nil)
		item, err2 := decode[int](raw)
		if err = errors.Join(err1, err2); err != nil {
			break
		}
		x.Got.Slice()[item]++
		x.Any.Set()
		err = confirm(c, x.Queue.Proxy)
	}
	return err
})

// TestManager_GetterKilled kills getters wherever they are: an item that none of them has confirmed is in the queue.
func TestManager_GetterKilled(t *testing.T) {
	const items, kills = 8000, 60
	m, ctx := newManager(t), watchdog(t)
	x := getting{must[QueueProxy[int]](t)(ManagerQueue[int](ctx, m, 0)), must[*Array[int32]](t)(NewArrayOf[int32](items)), nil}
	next := 0
	for range kills {
		for range items / kills {
			ok(t, x.Queue.Put(ctx, next))
			next++
		}
		x.Any = must[*Event](t)(NewEvent())
		p := start(t, getAndMark, x, nil)
		ok(t, x.Any.Wait(ctx))
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
		ok(t, p.Kill())
		ok(t, p.Join(ctx))
	}
	ok(t, x.Queue.Close(ctx)) // what is still lent keeps Get from ErrClosed
	left := make(map[int]bool)
	for {
		item, err := x.Queue.Get(ctx)
		if errors.Is(err, ErrClosed) {
			break
		}
		ok(t, err)
		if left[item] {
			t.Fatal("twice in the queue:", item)
		}
		left[item] = true
	}
	for item := range next {
		switch marks := x.Got.Slice()[item]; {
		case marks == 0 && !left[item]:
			t.Fatal("lost:", item)
		case marks > 1:
			t.Logf("item %d came back %d times", item, marks-1)
		}
	}
	t.Logf("%d of %d items left", len(left), next)
}

var getAndDie = NewTarget("get and die", func(ctx context.Context, x getting) error {
	c, err := dial(ctx, x.Queue.At)
	if err != nil {
		return err
	}
	if _, err = ask(ctx, c, x.Queue.Proxy, "call", []byte("Get")); err != nil {
		return err
	}
	x.Any.Set()
	<-ctx.Done()
	return c.Close()
})

// TestManager_GetterKilledWithItem: an item that has arrived where nobody lives to take it is the first again.
func TestManager_GetterKilledWithItem(t *testing.T) {
	m, ctx := newManager(t), watchdog(t)
	x := getting{Queue: must[QueueProxy[int]](t)(ManagerQueue[int](ctx, m, 2)), Got: must[*Array[int32]](t)(NewArrayOf[int32](1))}
	ok(t, errors.Join(x.Queue.Put(ctx, 0), x.Queue.Put(ctx, 1)))
	for range 10 {
		x.Any = must[*Event](t)(NewEvent())
		p := start(t, getAndDie, x, nil)
		ok(t, x.Any.Wait(ctx))
		ok(t, p.Kill())
		until(t, "both back", func() bool { return must[int](t)(x.Queue.Len(ctx)) == 2 })
	}
	for i := range 2 {
		if item := must[int](t)(x.Queue.Get(ctx)); item != i {
			t.Fatal(item)
		}
	}
	ok(t, errors.Join(x.Queue.TaskDone(ctx), x.Queue.TaskDone(ctx), x.Queue.Join(ctx)))
}

// TestManager_GetGivesUp: contexts that end at any moment of a Get lose and double nothing.
func TestManager_GetGivesUp(t *testing.T) {
	const items = 2000
	m, ctx := newManager(t), watchdog(t)
	q := must[QueueProxy[int]](t)(ManagerQueue[int](ctx, m, 0))
	for i := range items {
		ok(t, q.Put(ctx, i))
	}
	var got [items]int
	gaveUp := 0
	for range items {
		short, cancel := context.WithTimeout(ctx, time.Duration(rand.IntN(60))*time.Microsecond)
		item, err := q.Get(short)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) {
			gaveUp++
			continue
		}
		ok(t, err)
		got[item]++
	}
	ok(t, q.Close(ctx))
	for item, err := q.Get(ctx); !errors.Is(err, ErrClosed); item, err = q.Get(ctx) {
		ok(t, err)
		got[item]++
	}
	for item, n := range got {
		if n != 1 {
			t.Fatalf("item %d was got %d times", item, n)
		}
	}
	if gaveUp == 0 {
		t.Fatal("no Get gave up: the test shows nothing")
	}
}
