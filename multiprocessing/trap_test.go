//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/shmath/shmath/sched"
)

// trap is a value that goes wrong at one place of its way, in one of several manners.
type trap struct {
	place, manner string
	travels       int // borders crossed
}

func spring(manner string) error {
	switch manner {
	case "error":
		return errors.New("a sprung trap")
	case "panic":
		panic("a sprung trap")
	case "exit":
		os.Exit(3)
	case "crash":
		err := syscall.Kill(os.Getpid(), syscall.SIGKILL)
		return fmt.Errorf("survived: %w", err)
	}
	return nil
}

func (x *trap) MarshalBinary() ([]byte, error) {
	if x.place == fmt.Sprint("encode ", x.travels) {
		if err := spring(x.manner); err != nil {
			return nil, err
		}
	}
	return []byte(fmt.Sprint(x.place, ";", x.manner, ";", x.travels+1)), nil
}

func (x *trap) UnmarshalBinary(b []byte) error {
	parts := strings.Split(string(b), ";")
	x.place, x.manner = parts[0], parts[1]
	fmt.Sscan(parts[2], &x.travels)
	if x.place == fmt.Sprint("decode ", x.travels) {
		return spring(x.manner)
	}
	return nil
}

var carry = NewFunc("carry", func(_ context.Context, x *trap) (*trap, error) {
	if x.place == "run" {
		return nil, spring(x.manner)
	}
	return x, nil
})

// TestU15_Deadlocks: whatever goes wrong, and wherever, is an error of that call, and the next one is well.
func TestU15_Deadlocks(t *testing.T) {
	pool := must[*Pool](t)(NewPool(watchdog(t), 1, nil))
	defer pool.Terminate()
	for _, c := range []struct {
		place   string
		manners []string
	}{
		{"encode 0", []string{"error"}}, // in this process, as is the last
		{"decode 1", []string{"error", "panic", "exit", "crash"}},
		{"run", []string{"error", "panic", "exit", "crash"}},
		{"encode 1", []string{"error", "panic", "exit", "crash"}},
		{"decode 2", []string{"error"}},
	} {
		for _, manner := range c.manners {
			_, err := Apply(watchdog(t), pool, carry, &trap{place: c.place, manner: manner})
			if err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("%s at %s: %v", manner, c.place, err)
			}
			var dead *sched.DeathError
			if mortal := manner == "exit" || manner == "crash"; mortal != errors.As(err, &dead) {
				t.Fatalf("%s at %s: %v", manner, c.place, err)
			}
			if x := must[*trap](t)(Apply(watchdog(t), pool, carry, &trap{})); x.travels != 2 {
				t.Fatal(x)
			}
		}
	}
}

// TestU15_BigPayload: a crash with more under way than any pipe holds.
func TestU15_BigPayload(t *testing.T) {
	pool := must[*Pool](t)(NewPool(watchdog(t), 2, nil))
	defer pool.Terminate()
	var dead *sched.DeathError
	if _, err := Apply(watchdog(t), pool, dieWith, make([]byte, 8<<20)); !errors.As(err, &dead) {
		t.Fatal(err)
	}
	if n := must[int](t)(Apply(watchdog(t), pool, lengthOf, make([]byte, 8<<20))); n != 8<<20 {
		t.Fatal(n)
	}
}

var (
	dieWith  = NewFunc("die with", func(context.Context, []byte) (int, error) { return 0, spring("crash") })
	lengthOf = NewFunc("length of", func(_ context.Context, b []byte) (int, error) { return len(b), nil })
	longFail = NewFunc("long fail", func(_ context.Context, x int) (int, error) {
		return 0, errors.New(strings.Repeat("x", 1<<20))
	})
	unfit = NewFunc("unfit", func(context.Context, int) (*trap, error) { return &trap{place: "encode 0", manner: "error"}, nil })
)

func TestO3_ArgumentThatCannotTravel(t *testing.T) {
	pools(t, 1, func(t *testing.T, p *Pool) {
		bad := &trap{place: "encode 0", manner: "error"}
		if _, err := Map(watchdog(t), p, carry, []*trap{{}, bad, {}}); err == nil || !strings.Contains(err.Error(), "sprung") {
			t.Fatal(err)
		}
		must[*trap](t)(Apply(watchdog(t), p, carry, &trap{}))
	})
}

func TestO5_InputThatFails(t *testing.T) {
	pools(t, 2, func(t *testing.T, p *Pool) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic of the input is lost")
				}
			}()
			n := 0
			for y, err := range Imap(watchdog(t), p, square, func(yield func(int) bool) {
				for i := range 10 {
					if !yield(i) {
						return
					}
				}
				panic("in the input")
			}) {
				if err != nil || y != n*n {
					t.Error(n, y, err)
				}
				n++
			}
		}()
		if y := must[int](t)(Apply(watchdog(t), p, square, 4)); y != 16 {
			t.Fatal(y)
		}
	})
}

func TestO12_LongErrors(t *testing.T) {
	pools(t, 2, func(t *testing.T, p *Pool) {
		for x := range 4 {
			if _, err := Apply(watchdog(t), p, longFail, x); err == nil || len(err.Error()) < 1<<20 {
				t.Fatal("the text of the error was cut short")
			}
		}
		p.Close()
		ok(t, p.Join(watchdog(t)))
	})
}

func TestO15_ResultsThatCannotTravel(t *testing.T) {
	p := must[*Pool](t)(NewPool(watchdog(t), 1, nil))
	defer p.Terminate()
	pids := p.Scheduler().PIDs()
	for range 20 {
		if _, err := Apply(watchdog(t), p, unfit, 0); err == nil || !strings.Contains(err.Error(), "sprung") {
			t.Fatal(err)
		}
	}
	if !slices.Equal(p.Scheduler().PIDs(), pids) {
		t.Fatal("a worker was lost")
	}
}

func TestO13_MemoryIsReleased(t *testing.T) {
	p := must[*Pool](t)(NewPool(watchdog(t), 1, nil))
	defer p.Terminate()
	b := make([]byte, 1<<20)
	must[int](t)(Apply(watchdog(t), p, lengthOf, b))
	before, err := p.Scheduler().Arena().Stats()
	ok(t, err)
	for range 20 {
		must[int](t)(Apply(watchdog(t), p, lengthOf, b))
	}
	after, err := p.Scheduler().Arena().Stats()
	ok(t, err)
	if after.Arrays > before.Arrays {
		t.Fatalf("%d arrays, then %d", before.Arrays, after.Arrays)
	}
}

func TestU10_MapErrorAmongResults(t *testing.T) {
	executors(t, 1, func(t *testing.T, x Executor) {
		var got []int
		var failure error
		for y, err := range Imap(watchdog(t), x, halve, slices.Values([]int{4, 2, 1, 6})) {
			if err != nil {
				failure = err
				break
			}
			got = append(got, y)
		}
		if !slices.Equal(got, []int{2, 1}) || !errors.Is(failure, errOdd) {
			t.Fatal(got, failure)
		}
	})
}

func TestQ7_ItemThatCannotTravel(t *testing.T) {
	q := must[*Queue[*trap]](t)(NewQueue[*trap](2))
	if err := q.Put(watchdog(t), &trap{place: "encode 0", manner: "error"}); err == nil || !strings.Contains(err.Error(), "sprung") {
		t.Fatal(err)
	}
	if q.Len() != 0 {
		t.Fatal("its place is taken")
	}
	ok(t, q.TryPut(&trap{}))
	ok(t, q.TryPut(&trap{}))
	if err := q.TryPut(&trap{}); err != ErrFull {
		t.Fatal(err)
	}
	if x := must[*trap](t)(q.TryGet()); x.travels != 1 {
		t.Fatal(x)
	}
}

func TestQ9_ClosedQueue(t *testing.T) {
	q := must[*Queue[int]](t)(NewQueue[int](0))
	ok(t, q.TryPut(1))
	ok(t, q.Close())
	ok(t, q.Close())
	if err := q.Put(watchdog(t), 2); err != ErrClosed {
		t.Fatal(err)
	}
	if v := must[int](t)(q.Get(watchdog(t))); v != 1 {
		t.Fatal(v)
	}
	if _, err := q.Get(watchdog(t)); err != ErrClosed {
		t.Fatal(err)
	}
	if _, err := q.TryGet(); err != ErrClosed {
		t.Fatal(err)
	}
}

// TestQueue_ItemsThatCannotTravelAreRefusedAtOnce: not when the first one is put.
func TestQueue_ItemsThatCannotTravelAreRefusedAtOnce(t *testing.T) {
	if _, err := NewQueue[struct{ F func() }](0); !errors.Is(err, sched.ErrType) || !strings.Contains(err.Error(), ".F") {
		t.Fatal(err)
	}
}
