// map, map_async, apply and apply_async.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var cube = mp.NewFunc("cube", func(_ context.Context, x int) (int, error) { return x * x * x, nil })

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
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	all, err := mp.Map(ctx, pool, cube, []int{1, 2, 3})
	if err != nil {
		return err
	}
	later, err := mp.MapAsync(pool, cube, []int{4, 5, 6}).Get(ctx)
	if err != nil {
		return err
	}
	one, err := mp.Apply(ctx, pool, cube, 7)
	if err != nil {
		return err
	}
	another, err := mp.ApplyAsync(pool, cube, 8).Get(ctx)
	fmt.Println(all, later, one, another)
	return err
}

// Output:
// [1 8 27] [64 125 216] 343 512
