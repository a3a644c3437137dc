// A queue: a child puts one text, its parent gets it.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var worker = mp.NewTarget("worker", func(ctx context.Context, q *mp.Queue[string]) error {
	return q.Put(ctx, "done")
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	q, err := mp.NewQueue[string](0)
	if err != nil {
		return err
	}
	p := mp.NewProcess(worker, q, nil)
	if err := p.Start(ctx); err != nil {
		return err
	}
	s, err := q.Get(ctx)
	if err != nil {
		return err
	}
	fmt.Println(s)
	return p.Join(ctx)
}

// Output:
// done
