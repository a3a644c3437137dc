//go:build linux

package multiprocessing

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"
)

var echo = NewTarget("echo", func(ctx context.Context, c *Connection[[]byte]) error {
	defer c.Close()
	for {
		b, err := c.Recv(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := c.Send(ctx, b); err != nil {
			return err
		}
	}
})

func TestN1_Connection(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		a, b, err := NewPipe[[]byte](true)
		ok(t, err)
		p := start(t, echo, b, opts)
		ok(t, b.Close()) // N3: at once after Start
		for _, n := range []int{0, 1, 40, 48, 49, 1000, 16 << 20} {
			sent := bytes.Repeat([]byte{byte(n)}, n)
			ok(t, a.Send(watchdog(t), sent))
			if got := must[[]byte](t)(a.Recv(watchdog(t))); !bytes.Equal(got, sent) {
				t.Fatalf("%d bytes came back as %d", n, len(got))
			}
		}
		if ready := must[bool](t)(a.PollFor(0)); ready {
			t.Fatal("ready without a message")
		}
		ok(t, a.Close())
		ok(t, p.Join(watchdog(t)))
		if code, _ := p.ExitCode(); code != 0 {
			t.Fatal(p.Err())
		}
		if err := a.Send(watchdog(t), nil); err != ErrClosed {
			t.Fatal(err)
		}
	})
}

func TestN2_OneWay(t *testing.T) {
	r, w, err := NewPipe[int](false)
	ok(t, err)
	if r.Writable() || !r.Readable() || w.Readable() || !w.Writable() {
		t.Fatal("directions")
	}
	if err := r.Send(watchdog(t), 1); err != ErrDirection {
		t.Fatal(err)
	}
	if _, err := w.Recv(watchdog(t)); err != ErrDirection {
		t.Fatal(err)
	}
	ok(t, w.Send(watchdog(t), 1))
	ok(t, w.Close())
	if v := must[int](t)(r.Recv(watchdog(t))); v != 1 {
		t.Fatal(v)
	}
	if _, err := r.Recv(watchdog(t)); err != io.EOF {
		t.Fatal(err)
	}
}

// TestPipe_DeadPeer: a killed peer is the end of the stream, where Python's reader may wait for the rest of a message for
// ever.
func TestPipe_DeadPeer(t *testing.T) {
	a, b, err := NewPipe[[]byte](true)
	ok(t, err)
	p := start(t, echo, b, nil)
	ok(t, b.Close())
	ok(t, a.Send(watchdog(t), []byte("hello")))
	must[[]byte](t)(a.Recv(watchdog(t)))
	killed := make(chan error, 1)
	go func() {
		time.Sleep(20 * time.Millisecond)
		killed <- p.Kill()
	}()
	if _, err := a.Recv(watchdog(t)); err != io.EOF {
		t.Fatal(err)
	}
	ok(t, <-killed)
	for {
		if err := a.Send(watchdog(t), nil); err != nil {
			if !errors.Is(err, ErrBrokenPipe) {
				t.Fatal(err)
			}
			return
		}
	}
}

func TestN12_Wait(t *testing.T) {
	r1, w1, err := NewPipe[int](false)
	ok(t, err)
	r2, w2, err := NewPipe[int](false)
	ok(t, err)
	q := must[*Queue[int]](t)(NewQueue[int](0))
	brief, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if ready := must[[]Waitable](t)(Wait(brief, r1, r2, q)); len(ready) != 0 {
		t.Fatal(ready)
	}
	ok(t, w2.Send(watchdog(t), 1))
	if ready := must[[]Waitable](t)(Wait(watchdog(t), r1, r2, q)); len(ready) != 1 || ready[0] != Waitable(r2) {
		t.Fatal(ready)
	}
	ok(t, q.TryPut(1))
	ok(t, w1.Close()) // the end of a stream is ready
	if ready := must[[]Waitable](t)(Wait(watchdog(t), r1, r2, q)); len(ready) != 3 {
		t.Fatal(ready)
	}
}

func TestN13_WaitForDeath(t *testing.T) {
	never := must[*Event](t)(NewEvent())
	r, _, err := NewPipe[int](false)
	ok(t, err)
	p := start(t, hang, never, nil)
	go p.Kill()
	if ready := must[[]Waitable](t)(Wait(watchdog(t), r, p)); len(ready) != 1 || ready[0] != Waitable(p) {
		t.Fatal(ready)
	}
}
