//go:build linux

package parallel

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/kernels"
	"github.com/shmath/shmath/sched"
)

func TestMain(m *testing.M) {
	sched.Main()
	proctest.Main(m, nil)
}

func start(t testing.TB, o *sched.Options) *sched.Pool {
	t.Helper()
	p, err := sched.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// pools runs f on each kind of pool; results must be the same bits on all of them.
func pools(t *testing.T, f func(t *testing.T, p *sched.Pool) []uint64) {
	var want []uint64
	for _, o := range []sched.Options{{Workers: 1}, {Workers: 2}, {Workers: 5}, {Workers: 3, Backend: sched.InProcess}} {
		t.Run(fmt.Sprintf("workers=%d/backend=%d", o.Workers, o.Backend), func(t *testing.T) {
			got := f(t, start(t, &o))
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Fatalf("bits %x, on one worker %x", got, want)
			}
		})
	}
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func noise(t testing.TB, p *sched.Pool, n int) *arena.Array[float64] {
	t.Helper()
	x, err := arena.New[float64](p.Arena(), n)
	if err != nil {
		t.Fatal(err)
	}
	kernels.Uniform(x.Slice(), [2]uint64{1, 2}, 0)
	return x
}

func compile(t testing.TB, line string) *expr.Program {
	t.Helper()
	prog, err := expr.Compile(line)
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

func TestReductions_AreTheKernels(t *testing.T) {
	const n = 300_001
	pools(t, func(t *testing.T, p *sched.Pool) []uint64 {
		x := noise(t, p, n)
		s := x.Slice()
		var bits []uint64
		for name, c := range map[string]struct {
			f    func(context.Context, *sched.Pool, *arena.Array[float64]) (float64, error)
			want float64
		}{
			"sum": {Sum[float64], kernels.Sum(s)}, "mean": {Mean[float64], kernels.Mean(s)}, "std": {Std[float64], kernels.Std(s, 0)},
			"min": {Min[float64], kernels.Min(s)}, "max": {Max[float64], kernels.Max(s)}, "var": {Var[float64], kernels.Var(s, 0)},
		} {
			got, err := c.f(within(t), p, x)
			if err != nil || got != c.want {
				t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
			}
		}
		q, err := Quantile(within(t), p, x, 0.99)
		if err != nil || q != kernels.Quantile(s, 0.99) {
			t.Errorf("quantile: %v, %v, want %v", q, err, kernels.Quantile(s, 0.99))
		}
		i, err := ArgMax(within(t), p, x)
		if err != nil || i != kernels.ArgMax(s) {
			t.Errorf("argmax: %v, %v", i, err)
		}
		counts, err := Histogram(within(t), p, x, 10, 0, 1)
		want := make([]int64, 10)
		kernels.Histogram(want, s, 0, 1)
		if err != nil || !slices.Equal(counts, want) {
			t.Errorf("histogram: %v, %v, want %v", counts, err, want)
		}
		sum, err := Sum(within(t), p, x)
		if err != nil {
			t.Fatal(err)
		}
		return append(bits, math.Float64bits(sum))
	})
}

func TestRun_SameBitsEverywhere(t *testing.T) {
	pools(t, func(t *testing.T, p *sched.Pool) []uint64 {
		x := noise(t, p, 200_000)
		var bits []uint64
		for _, line := range []string{
			"y = (x - mean(x)) / std(x)", "y = cumsum(x)", "y = diff(log(x + 1))", "y = x[x > 0.5]",
			"y = -bootstrap(x, paths=100_000, horizon=10)", "y = normal(150_000) + 1", "y = x[10:-10:3] ** 2",
		} {
			v, err := Run(within(t), p, compile(t, line), map[string]any{"x": x}, &Options{Seed: 7})
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			y := v[0].Array.(*arena.Array[float64])
			s, err := Sum(within(t), p, y)
			if err != nil {
				t.Fatal(err)
			}
			bits = append(bits, uint64(y.Len()), math.Float64bits(s), math.Float64bits(y.At(y.Len()/2)))
			if err := y.Free(); err != nil {
				t.Fatal(err)
			}
		}
		if err := x.Free(); err != nil {
			t.Fatal(err)
		}
		if s, err := p.Arena().Stats(); err != nil || s.Mallocs != s.Frees {
			t.Fatalf("%d arrays made, %d freed, %v", s.Mallocs, s.Frees, err)
		}
		return bits
	})
}

// slowness is the time in which the workers of the test below do a fair part of a block: were they killed faster than
// that again and again, the block would be blamed.
const slowness = time.Millisecond * (1 + 29*slowBuild)

// Workers are killed at random while the job runs; its bits stay.
func TestRun_KilledWorkersChangeNothing(t *testing.T) {
	prog := compile(t, "y = -bootstrap(x, paths=300_000, horizon=10)")
	var want float64
	for round := range 6 {
		p := start(t, &sched.Options{Workers: 2})
		x := noise(t, p, 5000)
		stop := make(chan struct{})
		done := make(chan int)
		go func() {
			kills := 0
			for round > 0 {
				select {
				case <-stop:
					done <- kills
					return
				case <-time.After(time.Duration(1+rand.IntN(10)) * slowness):
					for _, pid := range p.PIDs() {
						if pid != 0 && rand.IntN(2) == 0 && syscall.Kill(pid, syscall.SIGKILL) == nil {
							kills++
						}
					}
				}
			}
			<-stop
			done <- kills
		}()
		v, err := Run(within(t), p, prog, map[string]any{"x": x}, nil)
		close(stop)
		kills := <-done
		if err != nil {
			t.Fatalf("after %d kills: %v", kills, err)
		}
		got := kernels.Sum(v[0].Array.(*arena.Array[float64]).Slice())
		if round == 0 {
			want = got
		} else if kills == 0 {
			t.Log("nobody was killed in this round")
		}
		if got != want {
			t.Fatalf("round %d, %d kills: %v, undisturbed %v", round, kills, got, want)
		}
	}
}

func TestEval_WritesIntoTheOutput(t *testing.T) {
	p := start(t, &sched.Options{Workers: 2})
	path := filepath.Join(t.TempDir(), "y.npy")
	x := noise(t, p, 50_000)
	y, err := arena.CreateFile[float64](path, 50_000)
	if err != nil {
		t.Fatal(err)
	}
	if err := Eval(within(t), p, y, compile(t, "exp(-x*x/2) / sqrt(2*pi)"), map[string]any{"x": x}); err != nil {
		t.Fatal(err)
	}
	for i, v := range x.Slice() {
		if want := math.Exp(-v*v/2) / math.Sqrt(2*math.Pi); math.Abs(y.At(i)-want) > 1e-15 {
			t.Fatalf("element %d: %v, want %v", i, y.At(i), want)
		}
	}
	if err := errors.Join(y.Commit(), y.Close()); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Size() < 400_000 {
		t.Fatalf("%v, %v", st, err)
	}
}

func TestRun_TakesThePoolsSeed(t *testing.T) {
	p := start(t, &sched.Options{Workers: 1, Backend: sched.InProcess, Seed: 9})
	prog := compile(t, "y = uniform(10)")
	want := make([]float64, 10)
	kernels.Uniform(want, [2]uint64{9, 0}, 0)
	v, err := Run(within(t), p, prog, nil, nil)
	if err != nil || !slices.Equal(v[0].Array.(*arena.Array[float64]).Slice(), want) {
		t.Fatalf("%v, %v, want %v", v, err, want)
	}
	out := noise(t, p, 10)
	if err := Eval(within(t), p, out, prog, nil); err != nil || !slices.Equal(out.Slice(), want) {
		t.Fatalf("Eval: %v, %v, want %v", out.Slice(), err, want)
	}
	v, err = Run(within(t), p, prog, nil, &Options{Seed: 1})
	if err != nil || slices.Equal(v[0].Array.(*arena.Array[float64]).Slice(), want) {
		t.Fatalf("a seed of its own changed nothing, or failed: %v", err)
	}
}

func TestRun_Refuses(t *testing.T) {
	p := start(t, &sched.Options{Workers: 1, Backend: sched.InProcess})
	x := noise(t, p, 100)
	empty := noise(t, p, 0)
	short, err := arena.New[float32](p.Arena(), 100)
	if err != nil {
		t.Fatal(err)
	}
	ctx := within(t)
	for what, c := range map[string]struct {
		line string
		vars map[string]any
		out  arena.AnyArray
		want string
	}{
		"private memory": {"y = x + 1", map[string]any{"x": make([]float64, 3)}, nil, "arena.New"},
		"in place":       {"y = x + 1", map[string]any{"x": x}, x, "overlaps"},
		"wrong output":   {"y = x + 1", map[string]any{"x": x}, short, "float32"},
		"empty mean":     {"mean(x)", map[string]any{"x": empty}, nil, "empty"},
		"shapes":         {"y = x + z", map[string]any{"x": x, "z": empty}, nil, "shape"},
		"missing":        {"y = x + z", map[string]any{"x": x}, nil, "z"},
	} {
		opts := &Options{}
		if c.out != nil {
			opts.Out = map[string]arena.AnyArray{"y": c.out}
		}
		if _, err := Run(ctx, p, compile(t, c.line), c.vars, opts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Run(canceled, p, compile(t, "y = x + 1"), map[string]any{"x": x}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestRun_FortranOrderAndReports(t *testing.T) {
	p := start(t, &sched.Options{Workers: 2, Backend: sched.InProcess})
	x, err := arena.New[float64](p.Arena(), 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		x.Slice()[i] = float64(i)
	}
	var reports []Report
	v, err := Run(within(t), p, compile(t, "y = x * 2"), map[string]any{"x": x.T()},
		&Options{Report: func(r Report) { reports = append(reports, r) }})
	if err != nil {
		t.Fatal(err)
	}
	y := v[0].Array.(*arena.Array[float64])
	if !slices.Equal(y.Shape(), []int{4, 3}) || y.At(3, 2) != x.At(2, 3)*2 {
		t.Fatalf("%v", y)
	}
	if len(reports) != 1 || reports[0].Elements != 12 || reports[0].Bytes != 12*16 {
		t.Fatalf("%+v", reports)
	}
}

func BenchmarkBootstrap(b *testing.B) {
	prog, err := expr.Compile("y = -bootstrap(x, paths=2_000_000, horizon=10)")
	if err != nil {
		b.Fatal(err)
	}
	for _, o := range []sched.Options{{Workers: 1}, {Workers: 2}, {Workers: 2, Backend: sched.InProcess}} {
		b.Run(fmt.Sprintf("workers=%d/backend=%d", o.Workers, o.Backend), func(b *testing.B) {
			p := start(b, &o)
			x := noise(b, p, 5000)
			b.SetBytes(16_000_000)
			for b.Loop() {
				v, err := Run(context.Background(), p, prog, map[string]any{"x": x}, nil)
				if err != nil {
					b.Fatal(err)
				}
				v[0].Array.Free()
			}
		})
	}
}
