// Four workers take a number each and put its square root into a queue.
package main

import (
	"context"
	"fmt"
	"log"
	"math"
	"slices"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

type order struct {
	X   float64
	Out *mp.Queue[float64]
}

var root = mp.NewTarget("root", func(ctx context.Context, o order) error { return o.Out.Put(ctx, math.Sqrt(o.X)) })

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	q, err := mp.NewQueue[float64](0)
	if err != nil {
		return err
	}
	var crew []*mp.Process
	for _, x := range []float64{4, 9, 16, 25} {
		crew = append(crew, mp.NewProcess(root, order{x, q}, nil))
	}
	for _, p := range crew {
		if err := p.Start(ctx); err != nil {
			return err
		}
	}
	for _, p := range crew {
		if err := p.Join(ctx); err != nil {
			return err
		}
	}
	var roots []float64
	for range crew {
		r, err := q.Get(ctx)
		if err != nil {
			return err
		}
		roots = append(roots, r)
	}
	slices.Sort(roots)
	fmt.Println(roots)
	return nil
}

// Output:
// [2 3 4 5]
