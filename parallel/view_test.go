package parallel

import (
	"testing"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/kernels"
)

// TestViews_OfArrays runs kernels over views of arrays: transposed, with steps, backwards, and of one row.
func TestViews_OfArrays(t *testing.T) {
	const rows, cols = 70, 90
	numbers := make([]float64, rows*cols)
	for i := range numbers {
		numbers[i] = float64(i%97) - 30
	}
	x := arena.Wrap(numbers, rows, cols)
	back := arena.Range{Lo: 0, Hi: cols, Step: -1}
	views := map[string]*arena.Array[float64]{
		"whole": x, "transposed": x.T(), "backwards": x.View(arena.Range{Lo: 3, Hi: rows, Step: 2}, back), "row": x.Index(4),
		"transposed backwards": x.View(arena.Range{Lo: 0, Hi: rows}, back).T(), "nothing": x.Rows(5, 5),
	}
	plus := func(a, b float64) float64 { return a + b }
	for name, v := range views {
		out := arena.Wrap(make([]float64, v.Len()), v.Shape()...)
		kernels.Map2(kernels.Mul, kernels.ViewOf(out), kernels.ViewOf(v), kernels.ViewOf(v))
		i, dense := 0, make([]float64, 0, v.Len())
		for w := range v.All() {
			if out.Slice()[i] != w*w {
				t.Fatalf("%s: element %d is %g, want %g", name, i, out.Slice()[i], w*w)
			}
			i, dense = i+1, append(dense, w)
		}
		if got, want := kernels.Reduce(kernels.ViewOf(v), kernels.BlockSum, plus), kernels.Sum(dense); got != want {
			t.Errorf("%s: sum %g, want %g", name, got, want)
		}
		copied := arena.Wrap(make([]float64, v.Len()), v.Shape()...)
		copied.CopyFrom(v)
		if got, want := kernels.Sum(copied.Slice()), kernels.Sum(dense); got != want {
			t.Errorf("%s: sum of the copy %g, want %g", name, got, want)
		}
	}
	kernels.Map1(kernels.Neg, kernels.ViewOf(x.T()), kernels.ViewOf(x.T()))
	if x.At(3, 4) != -(float64((3*cols+4)%97) - 30) {
		t.Errorf("in place through a transposed view: %g", x.At(3, 4))
	}
}
