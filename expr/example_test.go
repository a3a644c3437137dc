package expr_test

import (
	"fmt"

	"github.com/shmath/shmath/expr"
)

func Example() {
	p, err := expr.Compile("(x - mean(x)) / std(x), max(x), x[x > 2]")
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := expr.Eval(p, map[string]any{"x": []float64{1, 2, 3, 6}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, name := range p.Targets() {
		fmt.Printf("%s: %.3v\n", name, out[i])
	}
	// Output:
	// (x - mean(x)) / std(x): [-1.07 -0.535 0 1.6]
	// max(x): 6
	// x[x > 2]: [3 6]
}

// A plan tells what will be read and written before anything runs, and leaves to its user who runs the blocks.
func ExamplePlan() {
	p, err := expr.Compile("z = (x - mean(x)) / std(x)")
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := p.Plan(map[string]expr.Var{"x": expr.ArrayVar(expr.Float32, 100_000)}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range plan.Arrays() {
		fmt.Println(a.Name, a.DType, a.Shape)
	}
	for _, st := range plan.Stages() {
		fmt.Printf("%s: %d blocks of %d, %d bytes per element\n", st.Label, st.Blocks(), st.Block, st.BytesPerElem)
	}
	// Output:
	// x float32 [100000]
	// z float32 [100000]
	// reduce mean, std: 4 blocks of 32768, 4 bytes per element
	// map z: 4 blocks of 32768, 8 bytes per element
}

func ExampleError() {
	for _, src := range []string{"y = sqr(x)", "0 < x < 1", "x and y"} {
		_, err := expr.Compile(src)
		fmt.Println(err)
	}
	// Output:
	// column 5 of "y = sqr(x)": unknown function sqr; did you mean sqrt?
	// column 7 of "0 < x < 1": comparisons cannot be chained on arrays; write (a < b) & (b < c)
	// column 3 of "x and y": "and" does not work on arrays; use & | ~, with comparisons in parentheses
}
