// An executor squares numbers.
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
	ex, err := mp.NewProcessPoolExecutor(ctx, 2)
	if err != nil {
		return err
	}
	defer ex.Shutdown(true, false)
	ys, err := mp.Map(ctx, ex, square, []int{1, 2, 3, 4, 5})
	fmt.Println(ys)
	return err
}

// Output:
// [1 4 9 16 25]
