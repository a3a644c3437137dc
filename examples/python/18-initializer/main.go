// Each worker of a pool is given a number before it takes work.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

// offset is each worker's own.
var offset int

var (
	setOffset = mp.NewInitializer("set offset", func(x int) error {
		offset = x
		return nil
	})
	addOffset = mp.NewFunc("add offset", func(_ context.Context, x int) (int, error) { return x + offset, nil })
)

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	pool, err := mp.NewPool(ctx, 2, &mp.PoolOptions{Initializer: setOffset.With(10)})
	if err != nil {
		return err
	}
	defer pool.Terminate()
	ys, err := mp.Map(ctx, pool, addOffset, []int{1, 2, 3})
	fmt.Println(ys)
	return err
}

// Output:
// [11 12 13]
