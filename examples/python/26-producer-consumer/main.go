// A producer, a consumer, and the end of the stream.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var produce = mp.NewTarget("produce", func(ctx context.Context, q *mp.Queue[int]) error {
	for i := range 5 {
		if err := q.Put(ctx, i); err != nil {
			return err
		}
	}
	return q.Close() // no sentinel: every consumer hears of the end
})

type ends struct{ In, Out *mp.Queue[int] }

var consume = mp.NewTarget("consume", func(ctx context.Context, e ends) error {
	for x, err := range e.In.All(ctx) {
		if err != nil {
			return err
		}
		if err := e.Out.Put(ctx, 10*x); err != nil {
			return err
		}
	}
	return e.Out.Close()
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	in, err1 := mp.NewQueue[int](2) // the producer waits when it is two ahead
	out, err2 := mp.NewQueue[int](0)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	crew := []*mp.Process{mp.NewProcess(produce, in, nil), mp.NewProcess(consume, ends{in, out}, nil)}
	for _, p := range crew {
		if err := p.Start(ctx); err != nil {
			return err
		}
	}
	for x, err := range out.All(ctx) {
		if err != nil {
			return err
		}
		fmt.Println("consumed", x)
	}
	for _, p := range crew {
		if err := p.Join(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Output:
// consumed 0
// consumed 10
// consumed 20
// consumed 30
// consumed 40
