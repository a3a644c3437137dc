//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

type filing struct {
	File *File
	Say  string
	Next *Queue[*File] // where it goes on
	Hold *Event        // until when the process lives: one that has ended hands nothing on
}

var writeInto = NewTarget("write into", func(ctx context.Context, a filing) error {
	_, err := a.File.OS().WriteString(a.Say)
	if err == nil && a.Next != nil {
		err = errors.Join(a.Next.Put(ctx, a.File), a.Hold.Wait(ctx))
	}
	return errors.Join(err, a.File.Close())
})

// TestN5_FileHandedOn: the file that the parent has open, at the place where it is, after the parent has closed its own.
func TestN5_FileHandedOn(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		path := filepath.Join(t.TempDir(), "log")
		f := must[*os.File](t)(os.Create(path))
		_, err := f.WriteString("parent ")
		ok(t, err)
		x := must[*File](t)(NewFile(f))
		ok(t, f.Close())
		p := start(t, writeInto, filing{File: x, Say: "child"}, opts)
		ok(t, x.Close())
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
		if text := must[[]byte](t)(os.ReadFile(path)); string(text) != "parent child" {
			t.Fatalf("%q", text)
		}
	})
}

var greet = NewTarget("greet", func(ctx context.Context, q *Queue[*File]) error {
	for x, err := range q.All(ctx) {
		if err != nil {
			return err
		}
		c, err := net.FileConn(x.OS())
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(c, "hello from %d", os.Getpid()); err != nil {
			return err
		}
		if err := errors.Join(x.Close(), c.Close()); err != nil {
			return err
		}
	}
	return nil
})

// TestN11_Sockets: the parent accepts, children answer. The parent lets go of each connection at once.
func TestN11_Sockets(t *testing.T) {
	q := must[*Queue[*File]](t)(NewQueue[*File](0))
	p := start(t, greet, q, nil)
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	for range 3 {
		c := must[net.Conn](t)(net.Dial("tcp", l.Addr().String()))
		accepted := must[net.Conn](t)(l.Accept())
		x := must[*File](t)(NewFile(accepted.(*net.TCPConn)))
		ok(t, q.Put(watchdog(t), x))
		ok(t, errors.Join(x.Close(), accepted.Close())) // it is under way
		ok(t, c.SetDeadline(time.Now().Add(time.Minute)))
		if said := must[[]byte](t)(io.ReadAll(c)); string(said) != fmt.Sprint("hello from ", p.PID()) {
			t.Fatalf("%q", said)
		}
		ok(t, c.Close())
	}
	ok(t, q.Close())
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
}

// TestN5_HandedOnAndOn: from the parent to a child, and back by a queue, and to a worker as an argument.
func TestN5_HandedOnAndOn(t *testing.T) {
	pool := must[*Pool](t)(NewPool(watchdog(t), 1, nil))
	defer pool.Terminate()
	r, w, err := os.Pipe()
	ok(t, err)
	defer r.Close()
	x := must[*File](t)(NewFile(w))
	back := must[*Queue[*File]](t)(NewQueue[*File](0))
	hold := must[*Event](t)(NewEvent())
	p := start(t, writeInto, filing{x, "one ", back, hold}, nil)
	y := must[*File](t)(back.Get(watchdog(t)))
	hold.Set()
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	must[struct{}](t)(Apply(watchdog(t), pool, writeInto, filing{File: y, Say: "two"}))
	ok(t, errors.Join(w.Close(), x.Close(), y.Close()))
	if text := must[[]byte](t)(io.ReadAll(r)); string(text) != "one two" { // the end: nobody else has it open
		t.Fatalf("%q", text)
	}
}

// TestN5_HighDescriptors: numbers beyond what select(2) takes.
func TestN5_HighDescriptors(t *testing.T) {
	r, w, err := os.Pipe()
	ok(t, err)
	high, err := unix.FcntlInt(w.Fd(), unix.F_DUPFD_CLOEXEC, 300)
	if err != nil {
		t.Skip("descriptors beyond 300 are not allowed:", err)
	}
	f := os.NewFile(uintptr(high), "high")
	x := must[*File](t)(NewFile(f))
	p := start(t, writeInto, filing{File: x, Say: "high"}, nil)
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	ok(t, errors.Join(f.Close(), w.Close(), x.Close()))
	if text := must[[]byte](t)(io.ReadAll(r)); string(text) != "high" {
		t.Fatalf("%q", text)
	}
}

// TestN5_WithoutADescriptor: what was never a file, or is one no more.
func TestN5_WithoutADescriptor(t *testing.T) {
	f := must[*os.File](t)(os.Open("/dev/null"))
	x := must[*File](t)(NewFile(f))
	raw := must[[]byte](t)(x.MarshalBinary())
	ok(t, new(File).UnmarshalBinary(raw)) // the only one that was sent
	ok(t, x.Close())
	if err := new(File).UnmarshalBinary(raw); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	ok(t, f.Close())
	if _, err := NewFile(f); err == nil {
		t.Fatal("a closed file was handed on")
	}
	for _, raw := range [][]byte{nil, make([]byte, 8), append(make([]byte, 8), "@shmath-files-nobody"...)} {
		if err := new(File).UnmarshalBinary(raw); err == nil {
			t.Fatalf("%q is a file", raw)
		}
	}
	if _, err := new(File).MarshalBinary(); err != ErrNotMade {
		t.Fatal(err)
	}
}

// openNulls counts the descriptors of /dev/null.
func openNulls(t *testing.T) (n int) {
	t.Helper()
	for _, f := range must[[]os.DirEntry](t)(os.ReadDir("/proc/self/fd")) {
		if to, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && to == "/dev/null" {
			n++
		}
	}
	return n
}

// TestFile_NothingLeaks: handles that nobody receives, because who would have is killed, cost nothing for long.
func TestFile_NothingLeaks(t *testing.T) {
	null := must[*os.File](t)(os.Open("/dev/null"))
	defer null.Close()
	q := must[*Queue[*File]](t)(NewQueue[*File](0))
	e := must[*Event](t)(NewEvent())
	p := start(t, hang, e, nil) // who does not take them
	give := func() *File {
		x := must[*File](t)(NewFile(null))
		ok(t, q.Put(watchdog(t), x))
		return x
	}
	ok(t, give().Close())
	_ = must[*File](t)(q.Get(watchdog(t))).Close() // and now the socket is there
	lingering.Store(int64(20 * time.Millisecond))
	defer lingering.Store(int64(time.Minute))
	before := openNulls(t)
	for range 20 {
		ok(t, give().Close())
	}
	for range 20 {
		give() // and forgotten
	}
	ok(t, p.Kill())
	ok(t, p.Join(watchdog(t)))
	for q.Len() > 0 {
		if l, err := q.tryTake(); err == nil { // as a receiver that dies before it fetches
			l.Done()
		}
	}
	until(t, "all descriptors closed", func() bool {
		runtime.GC()
		return openNulls(t) <= before
	})
}

// TestFile_SenderIsKilled: what a killed process had sent is an error that says so, and nothing is left of it.
func TestFile_SenderIsKilled(t *testing.T) {
	s := sending{must[*Queue[*File]](t)(NewQueue[*File](0)), must[*Event](t)(NewEvent())}
	p := start(t, sendAndHang, s, nil)
	until(t, "sent", func() bool { return s.To.Len() == 2 })
	x := must[*File](t)(s.To.Get(watchdog(t)))
	ok(t, p.Kill())
	ok(t, p.Join(watchdog(t)))
	if _, err := s.To.Get(watchdog(t)); err == nil || !strings.Contains(err.Error(), "must live until it is received") {
		t.Fatal(err)
	}
	if s.To.Len() != 0 {
		t.Fatal("it is still there")
	}
	if _, err := x.OS().Stat(); err != nil { // what was received before is this process's own
		t.Fatal(err)
	}
	ok(t, x.Close())
}

type sending struct {
	To   *Queue[*File]
	Hold *Event
}

var sendAndHang = NewTarget("send and hang", func(ctx context.Context, s sending) error {
	f, err := os.Open("/dev/null")
	if err != nil {
		return err
	}
	x, err := NewFile(f)
	if err := errors.Join(err, s.To.Put(ctx, x), s.To.Put(ctx, x)); err != nil {
		return err
	}
	return s.Hold.Wait(ctx)
})

// TestP11_SentinelFile: a loop that is not Go's sees the end by poll(2), together with whatever else it waits for.
func TestP11_SentinelFile(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		e := must[*Event](t)(NewEvent())
		p := NewProcess(hang, e, opts)
		if _, err := p.SentinelFile(); err != ErrNotStarted {
			t.Fatal(err)
		}
		ok(t, p.Start(watchdog(t)))
		f := must[*os.File](t)(p.SentinelFile())
		if again := must[*os.File](t)(p.SentinelFile()); again != f {
			t.Fatal("another file the second time")
		}
		poll := func(timeout int) int16 {
			t.Helper()
			fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}
			for {
				if _, err := unix.Poll(fds, timeout); !errors.Is(err, syscall.EINTR) {
					ok(t, err)
					return fds[0].Revents
				}
			}
		}
		if poll(10) != 0 {
			t.Fatal("ready while it runs")
		}
		e.Set()
		if poll(60_000) == 0 {
			t.Fatal("never ready")
		}
		if _, ended := p.ExitCode(); !ended {
			t.Fatal("ready before the exit code is known")
		}
		ok(t, p.Close())
		ok(t, p.Close())
		late := start(t, exits, exiting{How: "return"}, opts) // asked for after the end
		ok(t, late.Join(watchdog(t)))
		f = must[*os.File](t)(late.SentinelFile())
		if poll(0) == 0 {
			t.Fatal("not ready after the end")
		}
		ok(t, late.Close())
	})
}
