package expr

import (
	"slices"
	"testing"
)

// polynomials are lines with their values, each operation rounded.
var polynomials = map[string]func(x, y, k float64) float64{
	"2*x + k":                 func(x, y, k float64) float64 { return float64(2*x) + k },
	"k + x*(1 + x*k)":         func(x, y, k float64) float64 { return k + float64(x*(1+float64(x*k))) },
	"((2*x + 3)*x + 4)*y + 5": func(x, y, k float64) float64 { return float64((float64((float64(2*x)+3)*x)+4)*y) + 5 },
	"(2*x + 3)*(2*x + 3) + 1": func(x, y, k float64) float64 { t := float64(2*x) + 3; return float64(t*t) + 1 },
	"(x*y + 1)*x + k":         func(x, y, k float64) float64 { return float64((float64(x*y)+1)*x) + k },
	"((x + y)*k + 1)*(x + y) + 2": func(x, y, k float64) float64 {
		t := x + y
		return float64((float64(t*k)+1)*t) + 2
	},
	"(x*x + 1)*x + 2": func(x, y, k float64) float64 { return float64((float64(x*x)+1)*x) + 2 },
}

func TestHorner_RoundsEachStep(t *testing.T) {
	n := 3*tileLen + 17
	x, y := make([]float64, n), make([]float64, n)
	for i := range x {
		x[i], y[i] = float64(i%1013)/100-3.3, 1/float64(i+1)
	}
	const k = 0.1
	for line, f := range polynomials {
		prog, err := Compile(line + ", sum(" + line + ")")
		if err != nil {
			t.Fatal(err)
		}
		got, err := Eval(prog, map[string]any{"x": x, "y": y, "k": k}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got[0].([]float64) {
			if want := f(x[i], y[i], k); v != want {
				t.Errorf("%s: element %d is %v, want %v", line, i, v, want)
				break
			}
		}
	}
}

// One instruction for a whole polynomial, but not for what others need.
func TestHorner_Instructions(t *testing.T) {
	for line, want := range map[string][]op{
		"((2*x + 3)*x + 4)*x + 5":           {opHorner},
		"2*x + 3, (2*x + 3)*x + 4":          {opHorner, opMul, opAdd},
		"sum(2*x + 3) + sum((2*x + 3)*x+1)": {opHorner, opMul, opAdd},
		"2*x - 3":                           {opMul, opSub},
		"x*x + 1":                           {opMul, opAdd},
	} {
		pl := planOf(t, line, map[string]any{"x": []float64{1}}, nil)
		var ops []op
		for _, in := range pl.stages[0].passes[0].code {
			ops = append(ops, in.op)
		}
		slices.Sort(ops)
		slices.Sort(want)
		if !slices.Equal(ops, want) {
			t.Errorf("%s: operations %v, want %v", line, ops, want)
		}
	}
}

// Stages that fit no cache run other instructions, and must leave the same.
func TestLarge_IsTheSame(t *testing.T) {
	defer func(a, b int) { fetchFrom, streamFrom = a, b }(fetchFrom, streamFrom)
	fetchFrom, streamFrom = -1, -1
	for seed := range uint64(60) {
		checkNaive(t, seed, []int{1, 5, tileLen + 3, 2*leafLen + 7}[seed%4], 4)
	}
	TestHorner_RoundsEachStep(t)
}
