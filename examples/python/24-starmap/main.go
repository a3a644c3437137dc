// A function of two arguments over pairs.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var multiply = mp.NewFunc2("multiply", func(_ context.Context, a, b int) (int, error) { return a * b, nil })

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
	products, err := mp.Starmap(ctx, pool, multiply, mp.Zip2([]int{1, 3, 5}, []int{2, 4, 6}))
	fmt.Println(products)
	return err
}

// Output:
// [2 12 30]
