// Two workers each put an array into a queue; their parent adds them up.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

type order struct {
	Out  *mp.Queue[[]float64]
	From int
}

var worker = mp.NewTarget("worker", func(ctx context.Context, o order) error {
	xs := make([]float64, 3)
	for i := range xs {
		xs[i] = float64(o.From + i)
	}
	return o.Out.Put(ctx, xs)
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	q, err := mp.NewQueue[[]float64](0)
	if err != nil {
		return err
	}
	crew := []*mp.Process{mp.NewProcess(worker, order{q, 0}, nil), mp.NewProcess(worker, order{q, 10}, nil)}
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
	sum := 0.0
	for !q.Empty() { // exact: both have been joined
		xs, err := q.Get(ctx)
		if err != nil {
			return err
		}
		fmt.Println(xs)
		for _, x := range xs {
			sum += x
		}
	}
	fmt.Println("sum:", sum)
	return nil
}

// Unordered output:
// [0 1 2]
// [10 11 12]
// sum: 36
