package main

import (
	"math/rand/v2"

	"github.com/shmath/shmath/kernels"
)

// numbers fills the arrays of a case: floats a little above zero, integers of all sizes, no y zero.
func numbers[T kernels.Number](d, x, y []T) {
	for i := range x {
		u := rand.Float64()
		d[i], x[i], y[i] = T(u), T(4*u+0.1), T(1-u)
		if half := 0.5; T(half) == 0 {
			d[i], x[i], y[i] = 0, T(rand.Uint64()), T(rand.Uint64()>>rand.IntN(64)|1)
		}
	}
}

// longCases are kernels of int64, and over every third of them.
func longCases() []vectorCase[int64] {
	return append(integerCases[int64]("int64", "l"), []vectorCase[int64]{
		{"every3.int64", "add", 3, 0, func(d, x, y []int64) {
			n := (len(d) + 2) / 3
			kernels.Map2(kernels.Add[int64], kernels.Strided(d, 0, n, 3), kernels.Strided(x, 0, n, 3), kernels.Strided(y, 0, n, 3))
		}, nil, func(d, x, y []int64) {
			for i := 0; i < len(d); i += 3 {
				d[i] = x[i] + y[i]
			}
		}, true, "l"},
		{"sum3.int64", "read", 1, 0, func(_, x, _ []int64) {
			third := kernels.Strided(x, 0, (len(x)+2)/3, 3)
			sink = float64(kernels.Reduce(third, kernels.SumInt[int64], func(a, b int64) int64 { return a + b }))
		}, nil, nil, true, "l"},
		{"argmax.int64", "read", 1, 0, func(_, x, _ []int64) { sink = float64(kernels.ArgMax(x)) }, nil, nil, true, ""},
	}...)
}

// intCases are kernels of int32.
func intCases() []vectorCase[int32] { return integerCases[int32]("int32", "i") }

// integerCases are those of every length; kind is NumPy's letter for the type.
func integerCases[T int32 | int64](name, kind string) []vectorCase[T] {
	loop := func(f func(x, y T) T) func(d, x, y []T) {
		return func(d, x, y []T) {
			for i, v := range x {
				d[i] = f(v, y[i])
			}
		}
	}
	return []vectorCase[T]{
		{"add." + name, "add", 3, 0, kernels.Add[T], nil, func(d, x, y []T) {
			for i := range d {
				d[i] = x[i] + y[i]
			}
		}, true, kind},
		{"mul." + name, "add", 3, 0, kernels.Mul[T], nil, func(d, x, y []T) {
			for i := range d {
				d[i] = x[i] * y[i]
			}
		}, true, kind},
		{"max2." + name, "add", 3, 0, kernels.Maximum[T], nil, loop(func(x, y T) T { return max(x, y) }), true, kind},
		{"floordiv." + name, "add", 3, 0, kernels.FloorDiv[T], nil, loop(plainFloorDiv[T]), true, kind},
		{"mod7." + name, "copy", 2, 0, func(d, x, _ []T) { kernels.ModScalar(d, x, 7) }, nil, loop(func(x, _ T) T { return x - 7*plainFloorDiv(x, 7) }), true, kind},
		{"shift3." + name, "copy", 2, 0, func(d, x, _ []T) { kernels.ShiftRightScalar(d, x, 3) }, nil, loop(func(x, _ T) T { return x >> 3 }), true, kind},
		{"sum." + name, "read", 1, 0, func(_, x, _ []T) { sink = float64(kernels.SumInt(x)) }, nil, func(_, x, _ []T) {
			var s int64
			for _, v := range x {
				s += int64(v)
			}
			sink = float64(s)
		}, true, kind},
		{"dot." + name, "read", 2, 0, func(_, x, y []T) { sink = float64(kernels.DotInt(x, y)) }, nil, func(_, x, y []T) {
			var s int64
			for i, v := range x {
				s += int64(v) * int64(y[i])
			}
			sink = float64(s)
		}, true, kind},
		{"max." + name, "read", 1, 0, func(_, x, _ []T) { sink = float64(kernels.Max(x)) }, nil, func(_, x, _ []T) {
			best := x[0]
			for _, v := range x {
				best = max(best, v)
			}
			sink = float64(best)
		}, true, kind},
		{"cumsum." + name, "copy", 2, 0, func(d, x, _ []T) { kernels.CumSum(d, x, 0) }, nil, func(d, x, _ []T) {
			var s T
			for i, v := range x {
				s += v
				d[i] = s
			}
		}, true, kind},
	}
}

// plainFloorDiv rounds down; y is not zero.
func plainFloorDiv[T int32 | int64](x, y T) T {
	q := x / y
	if r := x - q*y; r != 0 && r^y < 0 {
		q--
	}
	return q
}
