package expr

import (
	"fmt"
	"testing"
)

// BenchmarkFused sets the fused evaluation of an expression beside the loop that a Go programmer would write.
func BenchmarkFused(b *testing.B) {
	const src = "((a*b+1.5)*a-b)*0.25+a"
	for _, n := range []int{1 << 14, 1 << 22} {
		x, y, out := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], y[i] = float64(i%1000)*0.001, float64(i%777)*0.01
		}
		b.Run(fmt.Sprintf("impl=expr/n=%d", n), func(b *testing.B) {
			p, err := Compile(src)
			if err != nil {
				b.Fatal(err)
			}
			pl, err := p.Plan(map[string]Var{"a": ArrayVar(Float64, n), "b": ArrayVar(Float64, n)}, nil)
			if err != nil {
				b.Fatal(err)
			}
			f, err := pl.NewFrame([]Operand{x, y, out})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(24 * n))
			b.ReportAllocs()
			for b.Loop() {
				if err := f.runStage(0); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("impl=loop/n=%d", n), func(b *testing.B) {
			b.SetBytes(int64(24 * n))
			for b.Loop() {
				for i := range out {
					out[i] = ((x[i]*y[i]+1.5)*x[i]-y[i])*0.25 + x[i]
				}
			}
		})
	}
}

// BenchmarkReduce computes four reductions of one array in one pass.
func BenchmarkReduce(b *testing.B) {
	const n = 1 << 22
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i%1000) * 0.001
	}
	for _, src := range []string{"sum(x)", "mean(x), std(x), min(x), max(x)", "mean(x, where=x > 0.9)", "quantile(x, 0.99)", "sum(x*x)"} {
		b.Run("src="+src, func(b *testing.B) {
			p, err := Compile(src)
			if err != nil {
				b.Fatal(err)
			}
			vars := map[string]any{"x": x}
			b.SetBytes(8 * n)
			for b.Loop() {
				if _, err := Eval(p, vars, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
