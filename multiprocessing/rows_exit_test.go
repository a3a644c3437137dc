//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/shmath/shmath/shm"
)

// The rows of what happens at the ends of processes, and those that had no test of their own name. There is none for P19: a
// child's executable cannot be chosen, because functions cross by their place in a table that both sides must have built alike;
// it is this program's own file, wherever that is now (P29).

type departure struct {
	Ran *Queue[string]
	How string
}

var leave = NewTarget("leave", func(ctx context.Context, l departure) error {
	say := func(s string) func() { return func() { _ = l.Ran.TryPut(s) } }
	AtExit(ctx, say("first"))
	AtExit(ctx, say("second"))
	AtExit(ctx, say("never")).Cancel()
	switch l.How {
	case "error":
		return errOdd
	case "exit":
		return Exit(3)
	case "killed":
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	return nil
})

// TestP24_ExitHooks: what a child registers runs when its target has returned, whatever it has returned, the youngest first; not
// when the child is killed.
func TestP24_ExitHooks(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		for how, code := range map[string]int{"return": 0, "error": 1, "exit": 3, "killed": -9} {
			if how == "killed" && opts.Context.Method() == Dummy {
				continue // it would be this process
			}
			l := departure{must[*Queue[string]](t)(NewQueue[string](0)), how}
			p := start(t, leave, l, opts)
			ok(t, p.Join(watchdog(t)))
			if got, _ := p.ExitCode(); got != code {
				t.Fatalf("%s: exit code %d: %v", how, got, p.Err())
			}
			ok(t, l.Ran.Close())
			var ran []string
			for s, err := range l.Ran.All(watchdog(t)) {
				ok(t, err)
				ran = append(ran, s)
			}
			want := []string{"second", "first"}
			if how == "killed" {
				want = nil
			}
			if !slices.Equal(ran, want) {
				t.Fatalf("%s: %q", how, ran)
			}
		}
	})
}

var workWithoutInput = NewTarget("work without input", func(ctx context.Context, out *Queue[int]) error {
	if n, err := os.Stdin.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return fmt.Errorf("a child's standard input: %d bytes, %v", n, err)
	}
	if err := os.Stdin.Close(); err != nil {
		return err
	}
	pool, err := NewPool(ctx, 1, nil) // its descriptors get the number 0
	if err != nil {
		return err
	}
	y, err := Apply(ctx, pool, square, 7)
	if err := errors.Join(err, pool.Terminate()); err != nil {
		return err
	}
	return out.Put(ctx, y)
})

// TestP28_ClosedInput: queues and pools work in a child whose standard input is closed, by every method that makes one.
func TestP28_ClosedInput(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		if opts.Context.Method() == Dummy {
			t.Skip("it would be this process's")
		}
		out := must[*Queue[int]](t)(NewQueue[int](0))
		p := start(t, workWithoutInput, out, opts)
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
		if y := must[int](t)(out.TryGet()); y != 49 {
			t.Fatal(y)
		}
	})
}

type rows struct {
	Own, With, Raw *Array[int]
	Lock           *RLock
}

var addRows = NewTarget("add to rows", func(ctx context.Context, r rows) error {
	if r.Raw.GetLock() != nil || r.Own.GetLock() == nil || r.With.GetLock() == nil {
		return errors.New("an array without its lock, or a raw one with one")
	}
	for range 500 {
		err := r.Own.With(ctx, func(s []int) error { s[0]++; return nil })
		err = errors.Join(err, r.Lock.With(ctx, func() error { r.Raw.Slice()[0]++; return nil }))
		err = errors.Join(err, r.With.With(ctx, func(s []int) error { s[0]++; return nil }))
		if err != nil {
			return err
		}
	}
	return nil
})

// TestAR3_ArrayLocks: as V2 for arrays: a lock of its own, another's, or none; what is no lock of its own is refused.
func TestAR3_ArrayLocks(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		l := must[*RLock](t)(NewRLock())
		r := rows{must[*Array[int]](t)(NewArrayOf[int](3)), must[*Array[int]](t)(NewArrayWith[int](l, 3)),
			must[*Array[int]](t)(NewRawArray[int](3)), l}
		if r.With.GetLock() != l || r.Own.GetLock() == l {
			t.Fatal("not the lock that was given")
		}
		var crew []*Process
		for range 3 {
			crew = append(crew, start(t, addRows, r, opts))
		}
		for _, p := range crew {
			ok(t, p.Join(watchdog(t)))
			ok(t, p.Err())
		}
		for _, x := range []*Array[int]{r.Own, r.With, r.Raw} {
			if !slices.Equal(x.Slice(), []int{1500, 0, 0}) {
				t.Fatal(x.Slice())
			}
		}
	})
	own := must[*Array[int]](t)(NewArray(1, 2))
	if _, err := NewArrayWith[int](own.GetLock(), 1); !errors.Is(err, ErrValue) {
		t.Fatal("the lock of one array for another:", err)
	}
}

// TestR6_WhoCleansKnows: whoever removes what the killed left learns the names, a program that had nothing to remove learns that.
// Python tells it by the exit code of a helper, which there is none of here.
func TestR6_WhoCleansKnows(t *testing.T) {
	for range 10 {
		p, names := owner(t)
		ok(t, p.Process.Kill())
		_ = p.Exit()
		reaped := must[[]string](t)(shm.Reap())
		for _, n := range names {
			if exists(n) {
				t.Fatal("left:", n)
			}
		}
		if slices.Contains(reaped, names[0]) {
			again := must[[]string](t)(shm.Reap())
			if slices.Contains(again, names[0]) {
				t.Fatal("removed twice:", again)
			}
			return
		}
		// a test of another package was faster
	}
	t.Skip("others remove it each time")
}

type pooling struct {
	Close bool
	Done  *Queue[int]
}

var leavePool = NewTarget("leave a pool", func(ctx context.Context, a pooling) error {
	pool, err := NewPool(ctx, 1, nil)
	if err != nil {
		return err
	}
	y, err := Apply(ctx, pool, square, 3)
	if err != nil {
		return err
	}
	if a.Close {
		pool.Close()
		if err := pool.Join(ctx); err != nil {
			return err
		}
	}
	return a.Done.Put(ctx, y)
})

// TestO14_ForgottenPoolIsReported: by the process that forgot it, to whoever reads the program's log. A pool that was closed is not.
func TestO14_ForgottenPoolIsReported(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		for _, closed := range []bool{true, false} {
			said := new(safeBuffer)
			slog.SetDefault(slog.New(slog.NewTextHandler(said, nil)))
			a := pooling{closed, must[*Queue[int]](t)(NewQueue[int](0))}
			p := start(t, leavePool, a, opts)
			ok(t, p.Join(watchdog(t)))
			ok(t, p.Err())
			if y := must[int](t)(a.Done.TryGet()); y != 9 {
				t.Fatal(y)
			}
			if has := strings.Contains(said.String(), "a pool was never closed"); has == closed {
				t.Fatalf("closed %v: %q", closed, said.String())
			}
		}
	})
}

var logBelow = NewTarget("log below", func(_ context.Context, n int) error {
	l := slog.With("from", "a child").WithGroup("of")
	for i := range n {
		l.Info("below", "i", i)
		l.Warn("at the level", "i", i)
	}
	return nil
})

// TestX2_RecordsBelowTheLevel: are dropped, by the child, whichever they are; the others arrive whole, each once, in order.
func TestX2_RecordsBelowTheLevel(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		said := new(safeBuffer)
		slog.SetDefault(slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelWarn})))
		p := start(t, logBelow, 20, opts)
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
		n := 0
		for line := range strings.Lines(said.String()) {
			if strings.Contains(line, "below") {
				t.Fatal(line)
			}
			if strings.Contains(line, "at the level") {
				if !strings.Contains(line, `from="a child"`) || !strings.Contains(line, fmt.Sprintf("of.i=%d", n)) {
					t.Fatalf("record %d: %s", n, line)
				}
				n++
			}
		}
		if n != 20 {
			t.Fatalf("%d records of 20", n)
		}
	})
}
