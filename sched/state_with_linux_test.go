package sched

import (
	"context"
	"strings"
	"testing"

	"github.com/shmath/shmath/arena"
)

// gauge is opened with an array of the pool and a factor.
type gauge struct {
	X      *arena.Array[float64]
	Factor float64
}

var (
	gauges = NewStateWith("gauges", func(_ int, g gauge) (gauge, error) { return g, nil }, nil)
	gauged = NewFunc("gauged", func(ctx context.Context, i int) (float64, error) {
		g, err := gauges.Of(ctx)
		if err != nil {
			return 0, err
		}
		return g.Factor * g.X.Slice()[i], nil
	})
)

// TestStateWith_EachPoolHasItsArgument: two pools of one program, on both backends, and a pool that has none.
func TestStateWith_EachPoolHasItsArgument(t *testing.T) {
	x, err := arena.CreateFile[float64](t.TempDir()+"/x.npy", 3)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	copy(x.Slice(), []float64{1, 2, 3})
	for _, b := range []Backend{Processes, InProcess} {
		two := start(t, &Options{Workers: 1, Backend: b, States: []AnyState{gauges.With(gauge{x, 2})}})
		ten := start(t, &Options{Workers: 1, Backend: b, States: []AnyState{gauges.With(gauge{x, 10})}})
		none := start(t, &Options{Workers: 1, Backend: b})
		for p, want := range map[*Pool]float64{two: 6, ten: 30} {
			if y, err := gauged.Call(within(t), p, 2); y != want || err != nil {
				t.Errorf("backend %d: %v, %v; want %v", b, y, err, want)
			}
		}
		if _, err := gauged.Call(within(t), none, 0); err == nil || !strings.Contains(err.Error(), "gauges") {
			t.Errorf("backend %d: %v", b, err)
		}
	}
}
