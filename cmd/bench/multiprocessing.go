package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

// What the children of the suite do.
var (
	mpNothing = mp.NewFunc("bench.mp.nothing", func(_ context.Context, x int) (int, error) { return x, nil })
	mpFill    = mp.NewTarget("bench.mp.fill", func(_ context.Context, x *mp.Array[uint8]) error { x.Slice()[0]++; return nil })
	mpEcho    = mp.NewTarget("bench.mp.echo", func(ctx context.Context, c *mp.Connection[[]byte]) error {
		for {
			b, err := c.Recv(ctx)
			if err != nil {
				return ended(err)
			}
			if err := c.Send(ctx, b); err != nil {
				return ended(err)
			}
		}
	})
	mpFeed = mp.NewTarget("bench.mp.feed", func(ctx context.Context, a mpFeeding) error {
		for n, err := range a.Orders.All(ctx) {
			for i := 0; err == nil && i < n; i++ {
				err = a.Out.Put(ctx, i)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	mpAnswer = mp.NewTarget("bench.mp.answer", func(ctx context.Context, a [2]*mp.Event) error {
		for {
			if err := a[0].Wait(ctx); err != nil {
				return err
			}
			a[0].Clear()
			a[1].Set()
		}
	})
	mpMeet = mp.NewTarget("bench.mp.meet", func(ctx context.Context, b *mp.Barrier) error {
		for {
			if _, err := b.Wait(ctx); err != nil {
				return nil // aborted: the suite is over
			}
		}
	})
	mpAdd = mp.NewTarget("bench.mp.add", func(ctx context.Context, a mpAdding) error {
		for n, err := range a.Orders.All(ctx) {
			if err != nil {
				return err
			}
			for range n {
				a.Value.Add(1)
			}
			a.Done.Set()
		}
		return nil
	})
)

type mpFeeding struct{ Out, Orders *mp.Queue[int] }

type mpAdding struct {
	Value  *mp.Value[int64]
	Orders *mp.Queue[int]
	Done   *mp.Event
}

func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, mp.ErrBrokenPipe) {
		return nil
	}
	return err
}

// mpCase is one line of the table: what CPython's own program calls it, and ours.
type mpCase struct {
	name, peer string
	ops        int // ours; the peer does as many as it does in a comparable time
	peerOps    int
	open       func(ctx context.Context) (func(ops int) error, error)
}

// multiprocessings is the suite "multiprocessing": the table of what Python users pay, ours beside CPython's.
func multiprocessings(c *config) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	peer, err := scripted("multiprocessing_peer.py", nil)
	if err != nil {
		c.absent("CPython", err.Error())
	} else {
		defer peer.stop() // its daemons end with it
	}
	defer func() {
		for _, p := range mp.ActiveChildren() {
			_ = p.Kill()
			_ = p.Join(context.Background())
		}
		_ = mp.Finish(context.Background()) // ends pools, and removes what lies in /dev/shm
	}()
	for _, k := range mpCases {
		run, err := k.open(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		all := []contender{{name: "impl=shmath", ops: k.ops, turn: func(ops int) (time.Duration, error) {
			begin := time.Now()
			err := run(ops)
			return time.Since(begin), err
		}}}
		if peer != nil {
			all = append(all, contender{name: "impl=cpython", peer: peer.version, ops: k.peerOps, turn: peer.turns(k.peer)})
		}
		if err := contest("Multiprocessing/op="+k.name, c, all); err != nil {
			return err
		}
	}
	return nil
}

// repeated does f ops times.
func repeated(f func() error) func(ops int) error {
	return func(ops int) error {
		for range ops {
			if err := f(); err != nil {
				return err
			}
		}
		return nil
	}
}

var mpCases = []mpCase{
	{"process-start-join", "process", 20, 5, func(ctx context.Context) (func(int) error, error) {
		return repeated(func() error {
			p := mp.NewProcess(mpNothing, 1, nil)
			if err := p.Start(ctx); err != nil {
				return err
			}
			return p.Join(ctx)
		}), nil
	}},
	{"pool-apply", "apply", 20_000, 2_000, func(ctx context.Context) (func(int) error, error) {
		pool, err := openPool(ctx, 2)
		return repeated(func() error { _, err := mp.Apply(ctx, pool, mpNothing, 1); return err }), err
	}},
	{"executor-submit-result", "submit", 20_000, 2_000, func(ctx context.Context) (func(int) error, error) {
		ex, err := mp.NewProcessPoolExecutor(ctx, 2)
		return repeated(func() error {
			f, err := mp.Submit(ex, mpNothing, 1)
			if err == nil {
				_, err = f.Result(ctx)
			}
			return err
		}), err
	}},
	{"pool-map-item/chunk=1", "map-chunk-1", 100_000, 10_000, openMap(1)},
	{"pool-map-item/chunk=auto", "map-chunk-auto", 1_000_000, 100_000, openMap(0)},
	{"return-100MB", "return-100MB", 2_000, 2, func(ctx context.Context) (func(int) error, error) {
		pool, err := openPool(ctx, 1)
		if err != nil {
			return nil, err
		}
		x, err := mp.NewRawArray[uint8](100_000_000) // where the result goes: nothing is returned but that it is there
		return repeated(func() error { _, err := mp.Apply(ctx, pool, mpFill, x); return err }), err
	}},
	{"pipe-ping-pong/bytes=64", "pipe-64", 20_000, 2_000, openPipe(64)},
	{"pipe-ping-pong/bytes=1MiB", "pipe-1MiB", 500, 200, openPipe(1 << 20)},
	{"queue-item", "queue", 200_000, 20_000, func(ctx context.Context) (func(int) error, error) {
		out, err1 := mp.NewQueue[int](0)
		orders, err2 := mp.NewQueue[int](0)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		p := mp.NewProcess(mpFeed, mpFeeding{out, orders}, nil)
		return func(n int) error {
			if err := orders.Put(ctx, n); err != nil {
				return err
			}
			for range n {
				if _, err := out.Get(ctx); err != nil {
					return err
				}
			}
			return nil
		}, p.Start(ctx)
	}},
	{"lock-uncontended", "lock", 1_000_000, 100_000, func(ctx context.Context) (func(int) error, error) {
		l, err := mp.NewLock()
		return repeated(func() error {
			if err := l.Acquire(ctx); err != nil {
				return err
			}
			return l.Release()
		}), err
	}},
	{"value-add-by-two", "value-add", 1_000_000, 20_000, func(ctx context.Context) (func(int) error, error) {
		v, err1 := mp.NewValue[int64](0)
		orders, err2 := mp.NewQueue[int](0)
		done, err3 := mp.NewEvent()
		if err := errors.Join(err1, err2, err3); err != nil {
			return nil, err
		}
		p := mp.NewProcess(mpAdd, mpAdding{v, orders, done}, nil)
		return func(n int) error {
			done.Clear()
			if err := orders.Put(ctx, n); err != nil {
				return err
			}
			for range n {
				v.Add(1)
			}
			return done.Wait(ctx)
		}, p.Start(ctx)
	}},
	{"event-ping-pong", "event", 20_000, 2_000, func(ctx context.Context) (func(int) error, error) {
		ask, err1 := mp.NewEvent()
		reply, err2 := mp.NewEvent()
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		p := mp.NewProcess(mpAnswer, [2]*mp.Event{ask, reply}, nil)
		return repeated(func() error {
			ask.Set()
			err := reply.Wait(ctx)
			reply.Clear()
			return err
		}), p.Start(ctx)
	}},
	{"barrier-of-two", "barrier", 20_000, 2_000, func(ctx context.Context) (func(int) error, error) {
		b, err := mp.NewBarrier(2, nil)
		if err != nil {
			return nil, err
		}
		p := mp.NewProcess(mpMeet, b, nil)
		return repeated(func() error { _, err := b.Wait(ctx); return err }), p.Start(ctx)
	}},
	{"shared-memory-create-unlink/bytes=4KiB", "shm-create", 2_000, 500, func(context.Context) (func(int) error, error) {
		return repeated(func() error {
			m, err := mp.NewSharedMemory("", 4096)
			if err != nil {
				return err
			}
			return errors.Join(m.Unlink(), m.Close())
		}), nil
	}},
	{"shared-memory-attach/bytes=1MiB", "shm-attach", 2_000, 500, func(ctx context.Context) (func(int) error, error) {
		m, err := mp.NewSharedMemory("", 1<<20)
		if err != nil {
			return nil, err
		}
		mp.AtExit(ctx, func() { _ = errors.Join(m.Unlink(), m.Close()) })
		return repeated(func() error {
			again, err := mp.OpenSharedMemory(m.Name())
			if err != nil {
				return err
			}
			return again.Close()
		}), nil
	}},
	{"dict-set/impl-of-ours=shared-memory", "manager-dict", 500_000, 5_000, func(ctx context.Context) (func(int) error, error) {
		d, err := mp.NewDict[int64, int64]()
		i := int64(0)
		return repeated(func() error { i++; return d.Set(ctx, i%1000, i) }), err
	}},
	{"dict-set/impl-of-ours=manager", "manager-dict", 5_000, 5_000, func(ctx context.Context) (func(int) error, error) {
		m, err := mp.NewManager(ctx, nil)
		if err != nil {
			return nil, err
		}
		d, err := mp.ManagerDict[int, int](ctx, m)
		i := 0
		return repeated(func() error { i++; return d.Set(ctx, i%1000, i) }), err
	}},
}

// openPool makes a pool that ends with the suite.
func openPool(ctx context.Context, workers int) (*mp.Pool, error) {
	pool, err := mp.NewPool(ctx, workers, nil)
	if err == nil {
		mp.AtExit(ctx, func() { _ = pool.Terminate() })
	}
	return pool, err
}

func openMap(chunk int) func(ctx context.Context) (func(int) error, error) {
	return func(ctx context.Context) (func(int) error, error) {
		pool, err := openPool(ctx, 2)
		return func(n int) error {
			_, err := mp.Map(ctx, pool, mpNothing, make([]int, n), sched.MapOptions{Chunk: chunk})
			return err
		}, err
	}
}

func openPipe(size int) func(ctx context.Context) (func(int) error, error) {
	return func(ctx context.Context) (func(int) error, error) {
		a, b, err := mp.NewPipe[[]byte](true)
		if err != nil {
			return nil, err
		}
		p := mp.NewProcess(mpEcho, b, nil)
		message := make([]byte, size)
		return repeated(func() error {
			if err := a.Send(ctx, message); err != nil {
				return err
			}
			_, err := a.Recv(ctx)
			return err
		}), p.Start(ctx)
	}
}
