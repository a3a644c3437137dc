package expr

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// planOf compiles and plans a line for Go values.
func planOf(t testing.TB, src string, vars map[string]any, opt *Options) *Plan {
	t.Helper()
	p, err := Compile(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	types := map[string]Var{}
	for name, v := range vars {
		if types[name], err = VarOf(v); err != nil {
			t.Fatal(err)
		}
	}
	pl, err := p.Plan(types, opt)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return pl
}

// reblock gives a stage another legal block size. Running sums keep theirs, which shows in their bits.
func reblock(st *Stage, rng *rand.Rand) {
	if len(st.scans) == 0 {
		st.Block = leafLen << rng.IntN(6)
	}
}

// runScattered runs a plan as a pool would, at its worst: frames take turns, blocks come in any order and some come
// twice. It returns the results as Eval does.
func runScattered(pl *Plan, vars map[string]any, rng *rand.Rand, workers int) ([]any, error) {
	operands := make([]Operand, len(pl.arrays))
	for i, a := range pl.arrays {
		if a.Kind == Input {
			operands[i] = data(vars[a.Name])
		} else {
			operands[i] = makeOperand(a.DType, a.N)
		}
	}
	frames := make([]*Frame, workers+1)
	for i := range frames {
		var err error
		if frames[i], err = pl.NewFrame(operands); err != nil {
			return nil, err
		}
	}
	boss := frames[workers]
	for s := range pl.stages {
		st := &pl.stages[s]
		partials := make([]uint64, st.Blocks()*st.Words)
		for again := true; again; {
			order := rng.Perm(st.Blocks())
			for _, b := range order {
				if rng.IntN(3) == 0 {
					order = append(order, b)
				}
			}
			for _, b := range order {
				f := frames[rng.IntN(workers)]
				f.SetScalars(boss.Scalars())
				lo, hi := st.Bounds(b)
				if err := f.Run(s, lo, hi, partials[b*st.Words:(b+1)*st.Words]); err != nil {
					return nil, err
				}
			}
			var err error
			if again, err = boss.Combine(s, partials, st.Blocks()); err != nil {
				return nil, err
			}
		}
	}
	results := make([]any, len(pl.results))
	for i, r := range pl.results {
		if r.Scalar {
			results[i] = boss.Value(i)
		} else {
			results[i] = reflect.ValueOf(operands[r.Array]).Slice(0, boss.Len(r.Array)).Interface()
		}
	}
	return results, nil
}

// sameBits compares results: type, length, and every bit but those of NaNs.
func sameBits(a, b any) bool {
	if reflect.TypeOf(a) != reflect.TypeOf(b) {
		return false
	}
	switch x := a.(type) {
	case float64:
		return sameFloats([]float64{x}, []float64{b.(float64)})
	case float32:
		return sameFloats([]float32{x}, []float32{b.(float32)})
	case []float64:
		return sameFloats(x, b.([]float64))
	case []float32:
		return sameFloats(x, b.([]float32))
	}
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	if va.Kind() == reflect.Slice && va.Len() == 0 && vb.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a, b)
}

func sameFloats[T float32 | float64](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != a[i] && b[i] != b[i] {
			continue
		}
		if math.Float64bits(float64(a[i])) != math.Float64bits(float64(b[i])) {
			return false
		}
	}
	return true
}

func blockVars(n int) map[string]any {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	x, y, f, i, m := make([]float64, n), make([]float64, n), make([]float32, n), make([]int16, n), make([]bool, n)
	for k := range x {
		x[k], y[k] = rng.NormFloat64(), math.Exp(4*rng.NormFloat64())
		f[k], i[k], m[k] = rng.Float32(), int16(rng.Int32()), rng.IntN(3) == 0
	}
	return map[string]any{"x": x, "y": y, "f": f, "i": i, "m": m}
}

var blockLines = []string{
	"sum(x), mean(x), var(x), std(f), prod(f + 0.5), dot(x, y), min(x), max(y), sum(f), sum(i), prod(i | 1)",
	"argmin(x), argmax(y), argmin(x[m]), argmax(i), argmin(x, where=m), any(m), all(m), count(m), len(x[m]), min(i), max(i[m])",
	"mean(x[m]), std(x, where=m), dot(x[m], y[m]), prod(f[m] + 0.5), sum(y[m] * 2)",
	"(x - mean(x)) / std(x), x * 2 + f, i // 7, where(m, x, 0), diff(x), diff(diff(y))",
	"cumsum(x), cumprod(f + 0.5), cumsum(i), cumsum(cumsum(f)), diff(cumsum(y)), sum(cumsum(x)), cumsum(f)[::2]",
	"x[m], i[m], m[x > 0], f[m & (x > 0)] * 3, cumsum(x)[m], (x + cumsum(y))[cumsum(x) > 0]",
	"quantile(x, 0.3), median(y), quantile(f, 0.9), percentile(i, 10), median(x[m]), quantile(where(m, 1.0, x), 0.5)",
	"histogram(x, 31), histogram(f[m], bins=7, range=(0, 1)), histogram(y) / len(y)",
	"uniform(50000), normal(50000, mean=mean(x), std=2) * 2, bootstrap(x, paths=50000, horizon=3), bootstrap(f[m], 40000, 2), -bootstrap(x * y, 10, 10)",
	"arange(50000) * 2, arange(0.5, 50000)[::-1], linspace(0, 1, 50001)[1:], sum(uniform(50000)[::3])",
	"x[1:] - x[:-1], x[::-1] + y, x[::3] * f[::3], i[5:-5:2], diff(x[::2])",
	"mean(x) + median(y) * sum(m), (x > mean(x)) & (y < median(y))",
}

// TestBlocks_AnyOrderAnyWorkerTwice is what a pool may do to a plan: the bits must stay.
func TestBlocks_AnyOrderAnyWorkerTwice(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	for _, n := range []int{100_003, 4096 * 3, 32768 * 2} {
		vars := blockVars(n)
		for _, src := range blockLines {
			p, err := Compile(src)
			if err != nil {
				t.Fatal(err)
			}
			want, err := Eval(p, vars, &Options{Seed: 9, Stream: 4})
			if err != nil {
				t.Fatalf("%s: %v", src, err)
			}
			for workers := 1; workers <= 3; workers++ {
				pl := planOf(t, src, vars, &Options{Seed: 9, Stream: 4})
				for s := range pl.stages {
					reblock(&pl.stages[s], rng)
				}
				got, err := runScattered(pl, vars, rng, workers)
				if err != nil {
					t.Fatalf("%s: %v", src, err)
				}
				for i := range want {
					if !sameBits(want[i], got[i]) {
						t.Errorf("n=%d %s: result %d depends on the blocks", n, src, i)
					}
				}
			}
		}
	}
}

// TestBlocks_FusedIsUnfused: a tuple in one plan has the bits of each expression alone.
func TestBlocks_FusedIsUnfused(t *testing.T) {
	vars := blockVars(70_001)
	for _, src := range blockLines {
		p, err := Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Eval(p, vars, &Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		stream := uint64(0)
		for i, one := range p.Targets() {
			q, err := Compile(one)
			if err != nil {
				t.Fatal(err)
			}
			alone, err := Eval(q, vars, &Options{Seed: 1, Stream: stream})
			if err != nil {
				t.Fatal(err)
			}
			stream += uint64(q.RandomCalls())
			if !sameBits(all[i], alone[0]) {
				t.Errorf("%s differs inside %s", one, src)
			}
		}
	}
}

// TestFrame_RunsAgain: a plan may be run as often as wanted with one frame.
func TestFrame_RunsAgain(t *testing.T) {
	vars := blockVars(50_000)
	src := "median(x), cumsum(x), mean(x[m]), x - mean(x)"
	pl := planOf(t, src, vars, nil)
	operands := make([]Operand, len(pl.arrays))
	for i, a := range pl.arrays {
		if operands[i] = makeOperand(a.DType, a.N); a.Kind == Input {
			operands[i] = vars[a.Name]
		}
	}
	f, err := pl.NewFrame(operands)
	if err != nil {
		t.Fatal(err)
	}
	var first [2]any
	for round := range 2 {
		for s := range pl.stages {
			if err := f.runStage(s); err != nil {
				t.Fatal(err)
			}
		}
		first[round] = []float64{f.Value(0).(float64), f.Value(2).(float64)}
	}
	if !sameBits(first[0], first[1]) {
		t.Errorf("second run gives %v, first gave %v", first[1], first[0])
	}
}

// TestPlan_Deterministic: what a worker builds from the same line is the same plan.
func TestPlan_Deterministic(t *testing.T) {
	vars := blockVars(100_000)
	for _, src := range blockLines {
		a, b := planOf(t, src, vars, nil), planOf(t, src, vars, nil)
		if !reflect.DeepEqual(a.stages, b.stages) || !reflect.DeepEqual(a.arrays, b.arrays) ||
			!reflect.DeepEqual(a.start, b.start) || !reflect.DeepEqual(a.g.nodes, b.g.nodes) {
			t.Errorf("%s: two plans differ", src)
		}
	}
}
