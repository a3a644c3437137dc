// A pool squares ten numbers.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var square = mp.NewFunc("square", func(_ context.Context, x int) (int, error) { return x * x, nil })

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
	ys, err := mp.Map(ctx, pool, square, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	fmt.Println(ys)
	return err
}

// Output:
// [0 1 4 9 16 25 36 49 64 81]
