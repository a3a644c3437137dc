package expr

import (
	"fmt"
	"testing"
)

func BenchmarkLines(b *testing.B) {
	for _, n := range []int{1 << 10, 1 << 15, 1 << 21, 1 << 23} {
		x, out := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = 0.1 + float64(i%1024)/256
		}
		for _, src := range []string{"sum(x)", "((((0.1*x + 0.2)*x + 0.3)*x + 0.4)*x + 0.5)*x + 0.6", "exp(-x*x/2) / sqrt(2*pi)", "where(x > 2, sqrt(x), x*x)", "sum((x - 1)*(x - 1))", "x+1"} {
			b.Run(fmt.Sprintf("n=%d/%.12s", n, src), func(b *testing.B) {
				p, _ := Compile(src)
				pl, err := p.Plan(map[string]Var{"x": ArrayVar(Float64, n)}, nil)
				if err != nil {
					b.Fatal(err)
				}
				ops := []Operand{x, out}
				f, err := pl.NewFrame(ops[:len(pl.arrays)])
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(8 * n))
				b.ReportAllocs()
				for b.Loop() {
					f.runStage(0)
				}
			})
		}
	}
}
