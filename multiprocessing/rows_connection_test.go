//go:build linux

package multiprocessing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestN3_ChildsEndIsClosedAtOnce: right after Start the parent closes what it gave away.
func TestN3_ChildsEndIsClosedAtOnce(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		a, b, err := NewPipe[[]byte](true)
		ok(t, err)
		p := start(t, echo, b, opts)
		ok(t, b.Close())
		ok(t, a.Send(watchdog(t), []byte("hello")))
		if got := must[[]byte](t)(a.Recv(watchdog(t))); string(got) != "hello" {
			t.Fatal(got)
		}
		ok(t, a.Close())
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
	})
}

// TestN4_PartsOfSlices: Python's offset and size are a Go slice, whose bounds Go checks.
func TestN4_PartsOfSlices(t *testing.T) {
	a, b, err := NewPipe[[]byte](false)
	ok(t, err)
	whole := []byte("abcdefghij")
	for _, c := range [][2]int{{0, 10}, {3, 10}, {2, 5}, {10, 10}, {0, 0}} {
		ok(t, b.Send(watchdog(t), whole[c[0]:c[1]]))
		if got := must[[]byte](t)(a.Recv(watchdog(t))); !bytes.Equal(got, whole[c[0]:c[1]]) {
			t.Fatal(c, got)
		}
	}
}

// TestN6_Context: an end that was closed says so, whatever is asked of it.
func TestN6_Context(t *testing.T) {
	a, b, err := NewPipe[int](true)
	ok(t, err)
	ok(t, a.Close())
	ok(t, a.Close())
	_, err1 := a.Recv(watchdog(t))
	_, err2 := a.PollFor(0)
	_, err3 := a.MarshalBinary()
	if err := a.Send(watchdog(t), 1); err != ErrClosed || err1 != ErrClosed || err2 != ErrClosed || err3 != ErrClosed {
		t.Fatal(err, err1, err2, err3)
	}
	if _, err := b.Recv(watchdog(t)); err != io.EOF {
		t.Fatal(err)
	}
}

type looking struct {
	At   *Connection[string]
	Seen *Event
	Hold *Event
}

var lookAt = NewTarget("look at", func(ctx context.Context, l looking) error {
	if _, err := l.At.Poll(ctx); err != nil {
		return err
	}
	l.Seen.Set()
	return l.Hold.Wait(ctx)
})

func TestN10_Borders(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		a, b, err := NewPipe[[]byte](true)
		ok(t, err)
		p := start(t, echo, b, opts)
		ok(t, b.Close())
		for _, s := range []string{"", "x", "", "many words", ""} { // an empty message is one
			if ready := must[bool](t)(a.PollFor(0)); ready {
				t.Fatal("ready before", s)
			}
			ok(t, a.Send(watchdog(t), []byte(s)))
			if ready := must[bool](t)(a.Poll(watchdog(t))); !ready {
				t.Fatal("not ready with", s)
			}
			if got := must[[]byte](t)(a.Recv(watchdog(t))); string(got) != s {
				t.Fatalf("%q became %q", s, got)
			}
		}
		sent := []string{"ab", "", "cd", strings.Repeat("z", 1000)} // never merged, never split
		for _, s := range sent {
			ok(t, a.Send(watchdog(t), []byte(s)))
		}
		for _, s := range sent {
			if got := must[[]byte](t)(a.Recv(watchdog(t))); string(got) != s {
				t.Fatalf("%q became %q", s, got)
			}
		}
		ok(t, a.Close())
		ok(t, p.Join(watchdog(t)))
	})
}

// TestN10_PollerDies: who looks and dies takes nothing away.
func TestN10_PollerDies(t *testing.T) {
	r, w, err := NewPipe[string](false)
	ok(t, err)
	ok(t, w.Send(watchdog(t), "whole"))
	l := looking{r, must[*Event](t)(NewEvent()), must[*Event](t)(NewEvent())}
	p := start(t, lookAt, l, nil)
	ok(t, l.Seen.Wait(watchdog(t)))
	ok(t, p.Kill())
	ok(t, p.Join(watchdog(t)))
	if got := must[string](t)(r.Recv(watchdog(t))); got != "whole" {
		t.Fatal(got)
	}
}

type handingOn struct {
	Pipes *Queue[*Connection[int]]
	Sum   *Queue[int]
}

var serveHanded = NewTarget("serve handed", func(ctx context.Context, h handingOn) error {
	for c, err := range h.Pipes.All(ctx) {
		if err != nil {
			return err
		}
		if c.Readable() {
			v, err := c.Recv(ctx)
			if err := errors.Join(err, h.Sum.Put(ctx, v)); err != nil {
				return err
			}
		} else if err := c.Send(ctx, 30); err != nil {
			return err
		}
		if err := c.Close(); err != nil {
			return err
		}
	}
	return nil
})

// TestN11_EndsAreHandedOn: an end of a pipe is a message as any other, and keeps its direction.
func TestN11_EndsAreHandedOn(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		h := handingOn{must[*Queue[*Connection[int]]](t)(NewQueue[*Connection[int]](0)), must[*Queue[int]](t)(NewQueue[int](0))}
		p := start(t, serveHanded, h, opts)
		r1, w1, err := NewPipe[int](false)
		ok(t, err)
		r2, w2, err := NewPipe[int](false)
		ok(t, err)
		ok(t, h.Pipes.Put(watchdog(t), r1))
		ok(t, h.Pipes.Put(watchdog(t), w2))
		ok(t, w1.Send(watchdog(t), 12))
		if got := must[int](t)(h.Sum.Get(watchdog(t))) + must[int](t)(r2.Recv(watchdog(t))); got != 42 {
			t.Fatal(got)
		}
		ok(t, h.Pipes.Close())
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
	})
}

// TestN14_SignalsDoNotDisturb: 16 MiB each way, and signals all the time.
func TestN14_SignalsDoNotDisturb(t *testing.T) {
	a, b, err := NewPipe[[]byte](true)
	ok(t, err)
	p := start(t, echo, b, nil)
	ok(t, b.Close())
	signals(t, syscall.SIGUSR2)
	message := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	for range 3 {
		ok(t, a.Send(watchdog(t), message))
		if got := must[[]byte](t)(a.Recv(watchdog(t))); !bytes.Equal(got, message) {
			t.Fatal("another message came back")
		}
	}
	if ready := must[bool](t)(a.PollFor(patience)); ready {
		t.Fatal("ready without a message")
	}
	ok(t, a.Close())
	ok(t, p.Join(watchdog(t)))
}

// TestN16_BadHandles: whatever bytes come for an end of a pipe, the answer is an error.
func TestN16_BadHandles(t *testing.T) {
	a, _, err := NewPipe[int](true)
	ok(t, err)
	raw := must[[]byte](t)(a.MarshalBinary())
	for n := range len(raw) {
		if err := new(Connection[int]).UnmarshalBinary(raw[:n]); err == nil {
			t.Fatal("half a handle was taken")
		}
		bad := bytes.Clone(raw)
		bad[n] ^= 0xff
		if err := new(Connection[int]).UnmarshalBinary(bad); err == nil && n >= 8 && n < 16 { // the session's own number
			t.Fatalf("byte %d was not looked at", n)
		}
	}
	q := must[*Queue[int]](t)(NewQueue[int](0))
	other := must[[]byte](t)(q.MarshalBinary())
	if err := new(Connection[int]).UnmarshalBinary(append(other, 0)); !errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
	if err := new(Connection[int]).Close(); err != ErrNotMade {
		t.Fatal(err)
	}
}

var listFiles = NewTarget("list files", func(ctx context.Context, q *Queue[string]) error {
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		return err
	}
	var names []string
	for _, l := range links {
		if to, err := os.Readlink(l); err == nil {
			names = append(names, to)
		}
	}
	return q.Put(ctx, strings.Join(names, "\n"))
})

// TestN17_UndeclaredFiles: what a parent has open, a child has not.
func TestN17_UndeclaredFiles(t *testing.T) {
	secret := must[*os.File](t)(os.Create(filepath.Join(t.TempDir(), "secret")))
	defer secret.Close()
	fd, err := syscall.Dup(int(secret.Fd())) // and if it is not marked as close-on-exec
	ok(t, err)
	defer syscall.Close(fd)
	q := must[*Queue[string]](t)(NewQueue[string](0))
	for _, method := range []string{Spawn, ForkServer, Fork} {
		p := start(t, listFiles, q, &ProcessOptions{Context: must[*Context](t)(GetContext(method))})
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
		if names := must[string](t)(q.TryGet()); strings.Contains(names, "secret") {
			t.Fatal(method, names)
		}
	}
}

// TestN12_Many: of many that are waited for, those come back that are ready; a time of 0 looks once.
func TestN12_Many(t *testing.T) {
	var all []Waitable
	var writers []*Connection[int]
	for range 4 {
		r, w, err := NewPipe[int](false)
		ok(t, err)
		all, writers = append(all, r), append(writers, w)
	}
	if ready := must[[]Waitable](t)(Wait(expired, all...)); len(ready) != 0 {
		t.Fatal(ready)
	}
	got := map[int]bool{}
	for i, w := range writers {
		p := start(t, sendSlowly, slowly{w, i}, nil)
		ok(t, w.Close())
		t.Cleanup(func() { ok(t, p.Join(watchdog(t))) })
	}
	for len(all) > 0 {
		for _, x := range must[[]Waitable](t)(Wait(watchdog(t), all...)) {
			c := x.(*Connection[int])
			v, err := c.Recv(watchdog(t))
			if err == io.EOF {
				ok(t, c.Close())
				rest := all[:0]
				for _, y := range all {
					if y != x {
						rest = append(rest, y)
					}
				}
				all = rest
				continue
			}
			ok(t, err)
			got[v] = true
		}
	}
	if len(got) != 8 {
		t.Fatal(fmt.Sprint(got))
	}
}

type slowly struct {
	To *Connection[int]
	I  int
}

var sendSlowly = NewTarget("send slowly", func(ctx context.Context, s slowly) error {
	for _, v := range []int{s.I, s.I + 100} {
		time.Sleep(time.Duration(s.I) * time.Millisecond)
		if err := s.To.Send(ctx, v); err != nil {
			return err
		}
	}
	return s.To.Close()
})
