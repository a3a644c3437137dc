package expr

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/shmath/shmath/kernels"
)

// naive makes random expressions together with their values, each operation computed at once on whole arrays.
type naive struct {
	rng *rand.Rand
	f64 []float64
	f32 []float32
	i64 []int64
	i8  []int8
	b   []bool
}

const naiveSpare = 40 // elements that the variables have beyond the domain, for slices

func newNaive(seed uint64, n int) *naive {
	g := &naive{rng: rand.New(rand.NewPCG(seed, 77))}
	for range n + naiveSpare {
		g.f64 = append(g.f64, math.Round(g.rng.NormFloat64()*64)/16)
		g.f32 = append(g.f32, float32(g.rng.NormFloat64()))
		g.i64 = append(g.i64, int64(g.rng.IntN(41)-20))
		g.i8 = append(g.i8, int8(g.rng.IntN(256)))
		g.b = append(g.b, g.rng.IntN(3) > 0)
	}
	return g
}

func (g *naive) vars() map[string]any {
	return map[string]any{"a": g.f64, "f": g.f32, "i": g.i64, "k": g.i8, "m": g.b}
}

// leaf is a slice of a variable, forward or backward.
func leaf[T any](g *naive, name string, x []T, n int) (string, []T) {
	lo := 1 + g.rng.IntN(len(x)-n)
	if lo+n > len(x) {
		lo = 0
	}
	if lo > 0 && g.rng.IntN(4) == 0 {
		out := make([]T, n)
		for i := range out {
			out[i] = x[lo+n-1-i]
		}
		return fmt.Sprintf("%s[%d:%d:-1]", name, lo+n-1, lo-1), out
	}
	return fmt.Sprintf("%s[%d:%d]", name, lo, lo+n), append([]T(nil), x[lo:lo+n]...)
}

// float makes a float64 expression over n elements.
func (g *naive) float(depth, n int) (string, []float64) {
	if depth == 0 {
		return leaf(g, "a", g.f64, n)
	}
	out := make([]float64, n)
	switch g.rng.IntN(12) {
	case 0, 1, 2, 3:
		s, x := g.float(depth-1, n)
		r, y := g.float(depth-1, n)
		k := g.rng.IntN(6)
		[]func(dst, x, y []float64){kernels.Add[float64], kernels.Sub[float64], kernels.Mul[float64], kernels.Div[float64], kernels.Minimum[float64], kernels.Maximum[float64]}[k](out, x, y)
		return fmt.Sprintf([]string{"(%s + %s)", "(%s - %s)", "(%s * %s)", "(%s / %s)", "minimum(%s, %s)", "maximum(%s, %s)"}[k], s, r), out
	case 4:
		s, x := g.float(depth-1, n)
		k, c := g.rng.IntN(6), float64(g.rng.IntN(9))-4.5
		[]func(dst, x []float64, a float64){kernels.AddScalar[float64], kernels.RSubScalar[float64], kernels.MulScalar[float64], kernels.RDivScalar[float64],
			kernels.ModScalar[float64], kernels.FloorDivScalar[float64]}[k](out, x, c)
		return fmt.Sprintf([]string{"(%[1]s + %[2]v)", "(%[2]v - %[1]s)", "(%[1]s * %[2]v)", "(%[2]v / %[1]s)", "(%[1]s %% %[2]v)", "(%[1]s // %[2]v)"}[k], s, c), out
	case 5:
		s, x := g.float(depth-1, n)
		k := g.rng.IntN(5)
		[]func(dst, x []float64){kernels.Neg[float64], kernels.Abs[float64], kernels.Floor[float64], kernels.Square[float64], kernels.Atan[float64]}[k](out, x)
		return []string{"-", "abs", "floor", "square", "arctan"}[k] + "(" + s + ")", out
	case 6:
		c, m := g.mask(depth-1, n)
		s, x := g.float(depth-1, n)
		r, y := g.float(depth-1, n)
		kernels.Select(out, m, x, y)
		return fmt.Sprintf("where(%s, %s, %s)", c, s, r), out
	case 7:
		s, x := g.float(depth-1, n+1)
		kernels.Diff(out, x)
		return "diff(" + s + ")", out
	case 8:
		s, x := g.float(depth-1, n)
		acc := 0.0
		for i, v := range x { // one block at most
			acc += v
			out[i] = 0 + acc
		}
		return "cumsum(" + s + ")", out
	case 9:
		s, x := g.integer(depth-1, n)
		kernels.Convert(out, x)
		return "float64(" + s + ")", out
	case 10:
		s, x := g.single(depth-1, n)
		r, y := g.float(depth-1, n)
		kernels.Convert(out, x)
		kernels.Mul(out, out, y)
		return fmt.Sprintf("(%s * %s)", s, r), out
	}
	s, x := g.float(depth-1, n)
	r, y := g.float(depth-1, n)
	k := g.rng.IntN(3)
	if n == 0 {
		k = 0
	}
	c := []func([]float64) float64{kernels.Sum[float64], kernels.Mean[float64], func(v []float64) float64 { return kernels.Max(v) }}[k](y)
	kernels.SubScalar(out, x, c)
	return fmt.Sprintf("(%s - %s(%s))", s, []string{"sum", "mean", "max"}[k], r), out
}

// single makes a float32 expression.
func (g *naive) single(depth, n int) (string, []float32) {
	if depth == 0 {
		return leaf(g, "f", g.f32, n)
	}
	out := make([]float32, n)
	s, x := g.single(depth-1, n)
	switch g.rng.IntN(3) {
	case 0:
		kernels.MulScalar(out, x, 2.5)
		return "(2.5 * " + s + ")", out
	case 1:
		r, y := g.single(depth-1, n)
		kernels.Sub(out, x, y)
		return "(" + s + " - " + r + ")", out
	}
	kernels.Exp(out, x)
	return "exp(" + s + ")", out
}

// integer makes an int64 expression.
func (g *naive) integer(depth, n int) (string, []int64) {
	if depth == 0 {
		if g.rng.IntN(2) == 0 {
			return leaf(g, "i", g.i64, n)
		}
		s, x := leaf(g, "k", g.i8, n)
		out := make([]int64, n)
		kernels.Convert(out, x)
		return "(" + s + " + 0)", out
	}
	out := make([]int64, n)
	if g.rng.IntN(4) == 0 {
		s, m := g.mask(depth-1, n)
		kernels.BoolTo(out, m)
		return "int64(" + s + ")", out
	}
	s, x := g.integer(depth-1, n)
	r, y := g.integer(depth-1, n)
	k := g.rng.IntN(6)
	for i := range out {
		switch k {
		case 0:
			out[i] = x[i] + y[i]
		case 1:
			out[i] = x[i] * y[i]
		case 2:
			out[i] = x[i] & y[i]
		case 3:
			out[i] = -3 - x[i]
		case 4:
			out[i] = int64(math.Floor(float64(x[i]%1000) / 7))
		case 5:
			if m := x[i] % 5; m < 0 {
				out[i] = m + 5
			} else {
				out[i] = m
			}
		}
	}
	if k == 4 {
		for i := range out {
			if v := x[i] / 7; x[i]%7 < 0 {
				out[i] = v - 1
			} else {
				out[i] = v
			}
		}
	}
	return fmt.Sprintf([]string{"(%s + %s)", "(%s * %s)", "(%s & %s)", "(-3 - %s)", "(%s // 7)", "(%s %% 5)"}[k], []any{s, r}[:2-min(k/3, 1)]...), out
}

// mask makes a bool expression.
func (g *naive) mask(depth, n int) (string, []bool) {
	if depth == 0 {
		return leaf(g, "m", g.b, n)
	}
	out := make([]bool, n)
	switch g.rng.IntN(4) {
	case 0:
		s, x := g.float(depth-1, n)
		kernels.GreaterScalar(out, x, 0.5)
		return "(0.5 < " + s + ")", out
	case 1:
		s, x := g.integer(depth-1, n)
		r, y := g.integer(depth-1, n)
		kernels.LessEqual(out, x, y)
		return "(" + s + " <= " + r + ")", out
	case 2:
		s, x := g.mask(depth-1, n)
		kernels.Not(out, x)
		return "~" + s, out
	}
	s, x := g.mask(depth-1, n)
	r, y := g.mask(depth-1, n)
	kernels.Xor(out, x, y)
	return "(" + s + " ^ " + r + ")", out
}

// packedSum is the sum of selected elements: each leaf adds what the mask leaves of it.
func packedSum(x []float64, m []bool) float64 {
	var tree kernels.SumTree
	for at := 0; at < len(x); at += kernels.SumBlock {
		end := min(at+kernels.SumBlock, len(x))
		var kept []float64
		for i := at; i < end; i++ {
			if m[i] {
				kept = append(kept, x[i])
			}
		}
		tree.Push(kernels.BlockSum(kept))
	}
	return tree.Total()
}

// checkNaive makes a line of random expressions and compares it with their values, run in order and scattered.
func checkNaive(t *testing.T, seed uint64, n, depth int) {
	g := newNaive(seed, n+8)
	s, x := g.float(depth, n)
	ms, m := g.mask(depth-1, n)
	is, ix := g.integer(depth-1, n)
	fs, fx := g.single(depth-1, n)
	kept := make([]float64, n)
	kept = kept[:kernels.Compress(kept, m, x)]
	src := fmt.Sprintf("%[1]s, %[2]s, %[3]s, %[4]s, sum(%[1]s), %[1]s[%[2]s], sum(%[1]s, where=%[2]s), sum(%[3]s), sum(%[4]s), count(%[2]s)", s, ms, is, fs)
	want := []any{x, m, ix, fx, kernels.Sum(x), kept, packedSum(x, m), kernels.SumInt(ix), kernels.Sum(fx), int64(kernels.Count(m))}
	if n > 0 {
		// Which zero is in the middle depends on who sorts: + 0 makes them one.
		src += fmt.Sprintf(", min(%[1]s), argmax(%[1]s), median(%[1]s) + 0, quantile(%[3]s, 0.7) + 0, std(%[3]s), dot(%[1]s, %[1]s), max(%[2]s)", s, is, fs)
		var largest int64 = math.MinInt64
		for _, v := range ix {
			largest = max(largest, v)
		}
		want = append(want, kernels.Min(x), int64(kernels.ArgMax(x)), kernels.Median(x)+0, kernels.Quantile(fx, 0.7)+0, kernels.Std(fx, 0), kernels.Dot(x, x), largest)
	}
	p, err := Compile(src)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	got, err := Eval(p, g.vars(), nil)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	pl := planOf(t, src, g.vars(), nil)
	for i := range pl.stages {
		reblock(&pl.stages[i], g.rng)
	}
	scattered, err := runScattered(pl, g.vars(), g.rng, 2)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	for i, w := range want {
		if !sameBits(got[i], w) {
			t.Errorf("seed %d n=%d: %s is\n%v, want\n%v", seed, n, p.Targets()[i], clip(got[i]), clip(w))
		}
		if !sameBits(scattered[i], w) {
			t.Errorf("seed %d n=%d: %s scattered is\n%v, want\n%v", seed, n, p.Targets()[i], clip(scattered[i]), clip(w))
		}
	}
}

func clip(v any) string {
	s := fmt.Sprint(v)
	return s[:min(len(s), 300)]
}

func TestNaive_RandomExpressions(t *testing.T) {
	sizes := []int{0, 1, 2, 63, 1023, 1024, 1025, 4096, 4097, 9000, 30000}
	for seed := range uint64(300) {
		checkNaive(t, seed, sizes[seed%uint64(len(sizes))], 2+int(seed%3))
		if t.Failed() {
			return
		}
	}
}

// FuzzExpression compares random expressions with their naive evaluation.
func FuzzExpression(f *testing.F) {
	f.Add(uint64(1), uint16(100), uint8(3))
	f.Add(uint64(99), uint16(5000), uint8(2))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, depth uint8) {
		checkNaive(t, seed, int(n)%20000, 1+int(depth)%4)
	})
}
