//go:build linux

package parallel

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/sched"
)

// A pass that the caller runs itself must fail as one of the workers does.
func TestInlineFaults(t *testing.T) {
	pool, err := sched.Start(context.Background(), &sched.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	const n = 4096
	path := filepath.Join(t.TempDir(), "x.npy")
	made, err := arena.CreateFile[float64](path, n)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(made.Commit(), made.Close()); err != nil {
		t.Fatal(err)
	}
	x, err := arena.MapFile[float64](path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if s, err := Sum(context.Background(), pool, x); err != nil || s != 0 {
		t.Fatalf("the sum of zeros is %v, %v", s, err)
	}
	if err := os.Truncate(path, 128); err != nil {
		t.Fatal(err)
	}
	if _, err := Sum(context.Background(), pool, x); err == nil || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("a file that was truncated under its mapping: %v", err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Sum(context.Background(), pool, x); !errors.Is(err, sched.ErrClosed) {
		t.Errorf("a closed pool: %v", err)
	}
}

// What lies in the arena of a closed pool is gone: no function may touch it.
func TestInlineAfterClose(t *testing.T) {
	ctx := context.Background()
	pool, err := sched.Start(ctx, &sched.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	var grids [3]*arena.Array[float64]
	for i := range grids {
		if grids[i], err = arena.New[float64](pool.Arena(), 8, 8); err != nil {
			t.Fatal(err)
		}
	}
	x, err := arena.New[float64](pool.Arena(), 8)
	if err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() error{
		"Sort":             func() error { return Sort(ctx, pool, x) },
		"Transpose":        func() error { return Transpose(ctx, pool, grids[0], grids[1]) },
		"Stencil5":         func() error { return Stencil5(ctx, pool, grids[0], grids[1], [5]float64{}, 1) },
		"SquaredDistances": func() error { return SquaredDistances(ctx, pool, grids[0], grids[1], grids[2]) },
		"MatMul":           func() error { return MatMul(ctx, pool, grids[0], grids[1], grids[2]) },
	} {
		if err := f(); !errors.Is(err, sched.ErrClosed) {
			t.Errorf("%s in a closed pool: %v", name, err)
		}
	}
}

func TestRun_RefusesWhatItCannotGive(t *testing.T) {
	ctx := context.Background()
	pool := start(t, &sched.Options{Workers: 1})
	x, err := arena.New[float64](pool.Arena(), 8)
	if err != nil {
		t.Fatal(err)
	}
	prog, err := expr.Compile("y = x + 1")
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]any{"x": x}
	if _, err := Run(ctx, pool, prog, vars, &Options{Out: map[string]arena.AnyArray{"z": x}}); !errors.Is(err, ErrOutput) {
		t.Errorf("an output for no result: %v", err)
	}
	if err := Eval(ctx, pool, nil, prog, vars); !errors.Is(err, ErrOutput) {
		t.Errorf("no output: %v", err)
	}
	if err := Eval(ctx, nil, x, prog, vars); !errors.Is(err, sched.ErrNoPool) {
		t.Errorf("no pool: %v", err)
	}
}

// The same line by the caller and by workers, with other variables in between, has the same bits.
func TestInlineBits(t *testing.T) {
	pool := start(t, &sched.Options{Workers: 2})
	prog, err := expr.Compile("sum(exp(x)*k), std(x), x[x > 0.5]")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 1000, 40000, 300000} {
		x, err := arena.New[float64](pool.Arena(), n)
		if err != nil {
			t.Fatal(err)
		}
		for i := range x.Slice() {
			x.Slice()[i] = float64(i*7919%1000) / 1000
		}
		for _, k := range []float64{1, 0.1} {
			got := make([][]Value, 2)
			for i, cost := range []float64{0, 1e18} {
				r := &run{ctx: context.Background(), pool: pool, prog: prog, inlineCost: cost}
				if got[i], err = r.do(map[string]any{"x": x, "k": k}); err != nil {
					t.Fatal(err)
				}
			}
			for i := range got[0] {
				if a, b := got[0][i], got[1][i]; a.Array == nil && a.Scalar != b.Scalar {
					t.Errorf("n=%d, k=%v: %s is %v by workers, %v by the caller", n, k, a.Name, a.Scalar, b.Scalar)
				} else if a.Array != nil && string(a.Array.Bytes()) != string(b.Array.Bytes()) {
					t.Errorf("n=%d, k=%v: %s differs", n, k, a.Name)
				}
			}
			for _, v := range got {
				v[2].Array.Free()
			}
		}
		x.Free()
	}
}
