//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
)

// diary is a file to which states write what happens to them, since workers that leave have no other way to tell.
const diaryVariable = "SHMATH_TEST_DIARY"

func diary(format string, args ...any) {
	if f, err := os.OpenFile(os.Getenv(diaryVariable), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600); err == nil {
		fmt.Fprintf(f, format+"\n", args...)
		f.Close()
	}
}

func readDiary(t *testing.T) []string {
	b, err := os.ReadFile(os.Getenv(diaryVariable))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Fields(string(b))
}

type counter struct{ worker, uses int }

var (
	counting = NewState("counting", func(worker int) (*counter, error) {
		diary("open%d", worker)
		return &counter{worker: worker}, nil
	}, func(c *counter) { diary("close%d", c.worker) })
	refusing = NewState("refusing", func(int) (int, error) { return 0, errSentinel }, nil)
	frantic  = NewState("frantic", func(int) (int, error) { panic("in a state") }, nil)

	use = NewFunc("use", func(ctx context.Context, which string) (int, error) {
		switch which {
		case "refusing":
			return refusing.Of(ctx)
		case "frantic":
			return frantic.Of(ctx)
		case "derived":
			derived, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			ctx = derived
		}
		c, err := counting.Of(ctx)
		if err != nil {
			return 0, err
		}
		c.uses++
		return c.uses, nil
	})
	pid    = NewFunc("pid", func(_ context.Context, _ int) (int, error) { return os.Getpid(), nil })
	fatten = NewFunc("fatten", func(_ context.Context, mib int) (int, error) {
		hoarded = append(hoarded, filled64(mib))
		return os.Getpid(), nil
	})
	hoarded [][]byte
	lottery = NewLoop("lottery", func(c *Chunk, x *arena.Array[float64]) error {
		for i := c.Lo; i < c.Hi; i++ {
			x.Slice()[i] = c.Random(i).Float64()
		}
		return nil
	}, LoopOptions{Idempotent: true})
	draw = NewFunc("draw", func(ctx context.Context, i int) (float64, error) {
		r, err := Random(ctx, i)
		if err != nil {
			return 0, err
		}
		return r.Float64(), nil
	})
	harmonic = NewReduce("harmonic", func(c *Chunk, from float64) (float64, error) {
		s := 0.0
		for i := c.Lo; i < c.Hi; i++ {
			s += 1 / (from + float64(i))
		}
		return s, nil
	}, func(a, b float64) float64 { return a + b }, LoopOptions{Idempotent: true})
	spelled = NewReduce("spelled", func(c *Chunk, _ struct{}) (string, error) { return fmt.Sprintf("[%d,%d)", c.Lo, c.Hi), nil },
		func(a, b string) string { return "(" + a + b + ")" }, LoopOptions{Idempotent: true})
)

func filled64(mib int) []byte {
	b := make([]byte, mib<<20)
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	return b
}

func TestState_OpenedOnceClosedAtTheEnd(t *testing.T) {
	for name, b := range map[string]Backend{"processes": Processes, "inprocess": InProcess} {
		t.Run("backend="+name, func(t *testing.T) {
			t.Setenv(diaryVariable, t.TempDir()+"/diary")
			p, err := Start(context.Background(), &Options{Workers: 1, Backend: b, States: []AnyState{counting}})
			if err != nil {
				t.Fatal(err)
			}
			if got := readDiary(t); !slices.Equal(got, []string{"open0"}) {
				t.Errorf("before any work: %v", got)
			}
			for i := range 10 {
				if n, err := use.Call(within(t), p, []string{"", "derived"}[i%2]); n != i+1 || err != nil {
					t.Errorf("use %d: %d, %v", i, n, err)
				}
			}
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			if got := readDiary(t); !slices.Equal(got, []string{"open0", "close0"}) {
				t.Errorf("at the end: %v", got)
			}
		})
	}
}

func TestState_OfAReplacement(t *testing.T) {
	t.Setenv(diaryVariable, t.TempDir()+"/diary")
	p := start(t, &Options{Workers: 1, States: []AnyState{counting}})
	if _, err := faulty.Call(within(t), p, "kill"); !errors.Is(err, ErrWorkerDied) {
		t.Fatal(err)
	}
	if n, err := use.Call(within(t), p, ""); n != 1 || err != nil {
		t.Fatalf("%d uses, %v", n, err)
	}
	if got := readDiary(t); !slices.Equal(got, []string{"open0", "open0"}) {
		t.Fatalf("a killed worker and its replacement: %v", got)
	}
}

func TestState_ThatCannotBeOpened(t *testing.T) {
	for name, b := range map[string]Backend{"processes": Processes, "inprocess": InProcess} {
		t.Run("backend="+name, func(t *testing.T) {
			for state, want := range map[AnyState]string{refusing: "opening state refusing: the sentinel", frantic: "opening state frantic: in a state"} {
				p, err := Start(context.Background(), &Options{Workers: 2, Backend: b, States: []AnyState{state}})
				if err == nil {
					p.Close()
				}
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("want %q: %v", want, err)
				}
			}
			p := start(t, &Options{Workers: 1, Backend: b})
			if _, err := use.Call(within(t), p, "refusing"); !errors.Is(err, errSentinel) {
				t.Errorf("asked for by a body: %v", err)
			}
			if _, err := use.Call(within(t), p, "frantic"); err == nil || !strings.Contains(err.Error(), "in a state") {
				t.Errorf("asked for by a body: %v", err)
			}
			if n, err := use.Call(within(t), p, ""); n != 1 || err != nil {
				t.Errorf("another state: %d, %v", n, err)
			}
		})
	}
}

func TestState_OutsideOfBodies(t *testing.T) {
	if _, err := counting.Of(context.Background()); !errors.Is(err, ErrNoBody) {
		t.Error(err)
	}
	if _, err := Random(context.Background(), 1); !errors.Is(err, ErrNoBody) {
		t.Error(err)
	}
}

// Every number of workers and tasks, recycled after each number of tasks: all come home, and workers change.
func Test11_RecycleGrid(t *testing.T) {
	for limit := 1; limit <= 3; limit++ {
		p := start(t, &Options{Workers: 2, Recycle: Recycle{Tasks: limit}})
		for _, tasks := range []int{0, 1, 2, 7, 40} {
			args := make([]int, tasks)
			got, err := WaitAll(within(t), submit(t, pid, p, args...)...)
			if err != nil {
				t.Fatalf("%d tasks, recycled after %d: %v", tasks, limit, err)
			}
			count := map[int]int{}
			for _, id := range got {
				if count[id]++; count[id] > limit {
					t.Fatalf("process %d ran %d tasks, the limit is %d", id, count[id], limit)
				}
			}
		}
		for range 5 {
			if ys, err := square.Map(within(t), p, ramp(1000)); err != nil || ys[999] != 999*999 {
				t.Fatalf("map: %v", err)
			}
		}
	}
}

func Test30_RecycleByAgeAndMemory(t *testing.T) {
	for name, r := range map[string]Recycle{"age": {Age: 20 * time.Millisecond}, "memory": {Memory: 150 << 20}} {
		t.Run(name, func(t *testing.T) {
			p := start(t, &Options{Workers: 1, Recycle: r})
			seen := map[int]bool{}
			for end := time.Now().Add(20 * time.Second); len(seen) < 3 && time.Now().Before(end); {
				id, err := fatten.Call(within(t), p, 40)
				if err != nil {
					t.Fatal(err)
				}
				seen[id] = true
				time.Sleep(5 * time.Millisecond)
			}
			if len(seen) < 3 {
				t.Fatalf("the worker was not replaced: processes %v", seen)
			}
		})
	}
	if _, err := Start(context.Background(), &Options{Recycle: Recycle{Tasks: -1}}); err == nil {
		t.Error("a negative limit is accepted")
	}
}

func TestRecycle_ClosesStates(t *testing.T) {
	for name, b := range map[string]Backend{"processes": Processes, "inprocess": InProcess} {
		t.Run("backend="+name, func(t *testing.T) {
			t.Setenv(diaryVariable, t.TempDir()+"/diary")
			p := start(t, &Options{Workers: 1, Backend: b, Recycle: Recycle{Tasks: 2}})
			for i := range 6 {
				if n, err := use.Call(within(t), p, ""); n != i%2+1 || err != nil {
					t.Fatalf("use %d: %d, %v", i, n, err)
				}
			}
			if got := readDiary(t); len(got) < 5 || !slices.Equal(got[:5], []string{"open0", "close0", "open0", "close0", "open0"}) {
				t.Fatalf("%v", got)
			}
		})
	}
}

func Test39_RandomSameForAnyWorkers(t *testing.T) {
	const n = 1000
	var want []float64
	for _, o := range []Options{{Workers: 1}, {Workers: 3}, {Workers: 2, Backend: InProcess}} {
		o.Seed = 42
		p := start(t, &o)
		x, err := arena.New[float64](p.Arena(), n)
		if err != nil {
			t.Fatal(err)
		}
		if err := lottery.RunWith(within(t), p, n, x, LoopOptions{Block: 1 + 10*o.Workers}); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = slices.Clone(x.Slice())
		}
		y, err := draw.Call(within(t), p, 77)
		if !slices.Equal(want, x.Slice()) || err != nil || y != want[77] || p.Random(77).Float64() != y {
			t.Fatalf("%+v: other numbers, %v", o, err)
		}
	}
	slices.Sort(want)
	if len(slices.Compact(want)) != n {
		t.Fatal("two indices have the same number")
	}
	p := start(t, &Options{Workers: 1, Backend: InProcess, Seed: 43})
	if y, err := draw.Call(within(t), p, 77); err != nil || slices.Contains(want, y) {
		t.Fatalf("another seed gives the same number, %v", err)
	}
}

func Test38_ReduceSameBitsForAnyWorkers(t *testing.T) {
	const n = 100_003
	var want float64
	for i, o := range []Options{{Workers: 1}, {Workers: 2}, {Workers: 3, Backend: InProcess}} {
		p := start(t, &o)
		got, err := harmonic.Run(within(t), p, n, 1)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			want = got
			if exact := math.Log(n) + 0.57721566490153286 + 1/(2.0*n); math.Abs(got-exact) > 1e-9 {
				t.Fatalf("the sum is %v, not %v", got, exact)
			}
		}
		if got != want {
			t.Errorf("%+v: %v, not %v", o, got, want)
		}
	}
	p := start(t, &Options{Workers: 2})
	defer storm(t, p)()
	for end := time.Now().Add(time.Second / 2); time.Now().Before(end); {
		if got, err := harmonic.Run(within(t), p, n, 1); got != want || err != nil {
			t.Fatalf("while workers are killed: %v, %v", got, err)
		}
	}
}

func TestReduce_TreeOfTextInOrder(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		for n, want := range map[int]string{0: "", 1: "[0,1)", 25: "(([0,10)[10,20))[20,25))"} {
			if got, err := spelled.RunWith(within(t), p, n, struct{}{}, LoopOptions{Block: 10}); got != want || err != nil {
				t.Errorf("over %d: %q, %v", n, got, err)
			}
		}
		if _, err := spelled.Run(within(t), p, -1, struct{}{}); err == nil {
			t.Error("-1 indices are accepted")
		}
	})
}

// A worker that is killed while it waits to be recycled is an ordinary death.
func TestRecycle_KillStorm(t *testing.T) {
	p := start(t, &Options{Workers: 2, Recycle: Recycle{Tasks: 3}})
	defer storm(t, p)()
	again := pid.With(FuncOptions{Idempotent: true})
	for i := range 40 {
		if _, err := WaitAll(within(t), submit(t, again, p, make([]int, 10)...)...); err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
	}
	if p.PIDs()[0] == syscall.Getpid() {
		t.Fatal("the parent is a worker")
	}
}
