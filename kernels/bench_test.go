package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// benchSizes are elements: L1, L2, and beyond.
var benchSizes = []int{1 << 10, 1 << 16, 1 << 22}

// bench runs one implementation at each size; bytes are those moved for one element.
func bench(b *testing.B, impl string, bytes int, setup func(n int) func()) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprintf("impl=%s/n=%d", impl, n), func(b *testing.B) {
			run := setup(n)
			run() // touch every page before the clock starts
			b.SetBytes(int64(bytes) * int64(n))
			b.ResetTimer()
			for b.Loop() {
				run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/el")
		})
	}
}

// benchData is n numbers from 0.1 to 4.1.
func benchData(n int) []float64 {
	x := make([]float64, n)
	Uniform(x, testKey, 0)
	for i := range x {
		x[i] = 4*x[i] + 0.1
	}
	return x
}

// benchUnary compares a kernel with a loop over package math.
func benchUnary(b *testing.B, ours func(dst, x []float64), plain func(float64) float64) {
	bench(b, "ours", 16, func(n int) func() {
		x, d := benchData(n), make([]float64, n)
		return func() { ours(d, x) }
	})
	bench(b, "math", 16, func(n int) func() {
		x, d := benchData(n), make([]float64, n)
		return func() {
			for i, v := range x {
				d[i] = plain(v)
			}
		}
	})
}

func BenchmarkExp(b *testing.B)   { benchUnary(b, Exp[float64], math.Exp) }
func BenchmarkLog(b *testing.B)   { benchUnary(b, Log[float64], math.Log) }
func BenchmarkSin(b *testing.B)   { benchUnary(b, Sin[float64], math.Sin) }
func BenchmarkCos(b *testing.B)   { benchUnary(b, Cos[float64], math.Cos) }
func BenchmarkTanh(b *testing.B)  { benchUnary(b, Tanh[float64], math.Tanh) }
func BenchmarkAtan(b *testing.B)  { benchUnary(b, Atan[float64], math.Atan) }
func BenchmarkExpm1(b *testing.B) { benchUnary(b, Expm1[float64], math.Expm1) }
func BenchmarkErf(b *testing.B)   { benchUnary(b, Erf[float64], math.Erf) }
func BenchmarkCbrt(b *testing.B)  { benchUnary(b, Cbrt[float64], math.Cbrt) }
func BenchmarkSqrt(b *testing.B)  { benchUnary(b, Sqrt[float64], math.Sqrt) }

func BenchmarkPow(b *testing.B) {
	benchUnary(b, func(d, x []float64) { PowScalar(d, x, 1.7) }, func(v float64) float64 { return math.Pow(v, 1.7) })
}

func BenchmarkAdd(b *testing.B) {
	for name, f := range map[string]func(d, x, y []float64){
		"ours": Add[float64], "gonum": func(d, x, y []float64) { floats.AddTo(d, x, y) },
	} {
		bench(b, name, 24, func(n int) func() {
			x, y, d := benchData(n), benchData(n), make([]float64, n)
			return func() { f(d, x, y) }
		})
	}
}

func BenchmarkAxpy(b *testing.B) {
	for name, f := range map[string]func(a float64, x, y []float64){
		"ours": Axpy[float64], "gonum": func(a float64, x, y []float64) { floats.AddScaled(y, a, x) },
	} {
		bench(b, name, 24, func(n int) func() {
			x, y := benchData(n), benchData(n)
			return func() { f(1e-9, x, y) }
		})
	}
}

// benchReduce compares reductions of one slice.
func benchReduce(b *testing.B, impls map[string]func(x []float64) float64) {
	for name, f := range impls {
		bench(b, name, 8, func(n int) func() {
			x := benchData(n)
			return func() { benchSink += f(x) }
		})
	}
}

var benchSink float64

func BenchmarkSum(b *testing.B) {
	benchReduce(b, map[string]func(x []float64) float64{"ours": Sum[float64], "gonum": floats.Sum})
}

func BenchmarkMax(b *testing.B) {
	benchReduce(b, map[string]func(x []float64) float64{"ours": Max[float64], "gonum": floats.Max})
}

func BenchmarkVar(b *testing.B) {
	benchReduce(b, map[string]func(x []float64) float64{
		"ours":  func(x []float64) float64 { return Var(x, 1) },
		"gonum": func(x []float64) float64 { return stat.Variance(x, nil) },
	})
}

func BenchmarkDot(b *testing.B) {
	for name, f := range map[string]func(x, y []float64) float64{"ours": Dot[float64], "gonum": floats.Dot} {
		bench(b, name, 16, func(n int) func() {
			x, y := benchData(n), benchData(n)
			return func() { benchSink += f(x, y) }
		})
	}
}

func BenchmarkSelect(b *testing.B) {
	bench(b, "ours", 25, func(n int) func() {
		x, y, d, m := benchData(n), benchData(n), make([]float64, n), make([]bool, n)
		LessScalar(m, x, 2)
		return func() { Select(d, m, x, y) }
	})
}

func BenchmarkCompress(b *testing.B) {
	bench(b, "ours", 13, func(n int) func() {
		x, d, m := benchData(n), make([]float64, n), make([]bool, n)
		LessScalar(m, x, 2)
		return func() { benchSink += float64(Compress(d, m, x)) }
	})
}

func BenchmarkGreaterScalar(b *testing.B) {
	bench(b, "ours", 9, func(n int) func() {
		x, m := benchData(n), make([]bool, n)
		return func() { GreaterScalar(m, x, 2) }
	})
}

func BenchmarkQuantile(b *testing.B) {
	bench(b, "ours", 8, func(n int) func() {
		x := benchData(n)
		return func() { benchSink += Quantile(x, 0.99) }
	})
}

func BenchmarkUniform(b *testing.B) {
	bench(b, "ours", 8, func(n int) func() {
		d := make([]float64, n)
		return func() { Uniform(d, testKey, 0) }
	})
	bench(b, "rand-pcg", 8, func(n int) func() {
		d, r := make([]float64, n), rand.New(rand.NewPCG(1, 2))
		return func() {
			for i := range d {
				d[i] = r.Float64()
			}
		}
	})
}

func BenchmarkNormal(b *testing.B) {
	bench(b, "ours", 8, func(n int) func() {
		d := make([]float64, n)
		return func() { Normal(d, testKey, 0, 0, 1) }
	})
	bench(b, "rand-pcg", 8, func(n int) func() {
		d, r := make([]float64, n), rand.New(rand.NewPCG(1, 2))
		return func() {
			for i := range d {
				d[i] = r.NormFloat64()
			}
		}
	})
}

// BenchmarkBootstrap draws 10 of 6000 values for each element: ns/el is the time of a path.
func BenchmarkBootstrap(b *testing.B) {
	src := benchData(6000)
	bench(b, "ours", 8, func(n int) func() {
		d := make([]float64, n)
		return func() { Bootstrap(d, src, testKey, 0, 10) }
	})
	bench(b, "rand-pcg", 8, func(n int) func() {
		d, r := make([]float64, n), rand.New(rand.NewPCG(1, 2))
		return func() {
			for i := range d {
				s := 0.0
				for range 10 {
					s += src[r.IntN(len(src))]
				}
				d[i] = s
			}
		}
	})
}
