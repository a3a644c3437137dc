// A map in blocks of fifty.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var increment = mp.NewFunc("increment", func(_ context.Context, x int) (int, error) { return x + 1, nil })

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	pool, err := mp.NewPool(ctx, 2, nil)
	if err != nil {
		return err
	}
	defer pool.Terminate()
	xs := make([]int, 1000)
	for i := range xs {
		xs[i] = i
	}
	ys, err := mp.Map(ctx, pool, increment, xs, sched.MapOptions{Chunk: 50})
	if err != nil {
		return err
	}
	fmt.Println(len(ys), ys[0], ys[999])
	return nil
}

// Output:
// 1000 1 1000
