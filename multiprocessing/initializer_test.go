//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// addend is set by an initializer, in each worker.
var addend atomic.Int64

var (
	setAddend = NewInitializer("set addend", func(x int) error {
		if x < 0 {
			return errors.New("a negative addend")
		}
		addend.Add(int64(x)) // twice would be seen
		return nil
	})
	add   = NewFunc("add", func(_ context.Context, x int) (int, error) { return x + int(addend.Load()), nil })
	whoAt = NewFunc("who", func(context.Context, int) (int, error) { return os.Getpid(), nil })
)

func TestO22_Initializer(t *testing.T) {
	p := must[*Pool](t)(NewPool(watchdog(t), 2, &PoolOptions{Initializer: setAddend.With(10)}))
	defer p.Terminate()
	if ys := must[[]int](t)(Map(watchdog(t), p, add, []int{1, 2, 3})); !slices.Equal(ys, []int{11, 12, 13}) {
		t.Fatal(ys)
	}
	for _, pid := range p.Scheduler().PIDs() { // those that replace workers are initialized, too
		process := must[*os.Process](t)(os.FindProcess(pid))
		ok(t, process.Kill())
	}
	for range 20 {
		if y, err := Apply(watchdog(t), p, add, 5); err == nil && y != 15 {
			t.Fatal(y)
		}
	}
}

func TestU2_FailingInitializer(t *testing.T) {
	if _, err := NewPool(watchdog(t), 2, &PoolOptions{Initializer: setAddend.With(-1)}); err == nil || !strings.Contains(err.Error(), "a negative addend") {
		t.Fatal(err)
	}
}

func TestO16_MaxTasksPerChild(t *testing.T) {
	p := must[*Pool](t)(NewPool(watchdog(t), 1, &PoolOptions{MaxTasksPerChild: 3}))
	defer p.Terminate()
	runs := make(map[int]int)
	var last, changes int
	for range 12 {
		pid := must[int](t)(Apply(watchdog(t), p, whoAt, 0))
		runs[pid]++
		if pid != last {
			changes++
		}
		last = pid
	}
	for pid, n := range runs {
		if n > 3 {
			t.Fatalf("worker %d ran %d tasks", pid, n)
		}
	}
	if changes != len(runs) || len(runs) < 4 || p.Scheduler().Workers() != 1 {
		t.Fatal(changes, runs)
	}
}

// TestO17_RecycleEarlyClose is where Python's executor hangs.
func TestO17_RecycleEarlyClose(t *testing.T) {
	p := must[*Pool](t)(NewPool(watchdog(t), 2, &PoolOptions{MaxTasksPerChild: 1}))
	var results []*AsyncResult[int]
	for x := range 6 {
		results = append(results, ApplyAsync(p, square, x))
	}
	p.Close()
	ok(t, p.Join(watchdog(t)))
	for x, r := range results {
		if y := must[int](t)(r.Get(watchdog(t))); y != x*x {
			t.Fatal(x, y)
		}
	}
}

func TestO18_BadMaxTasks(t *testing.T) {
	if _, err := NewPool(watchdog(t), 1, &PoolOptions{MaxTasksPerChild: -1}); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
}
