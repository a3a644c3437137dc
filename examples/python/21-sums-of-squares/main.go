// Eight times the sum of a million squares, by an executor.
package main

import (
	"context"
	"fmt"
	"log"
	"slices"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var sum = mp.NewFunc("sum", func(_ context.Context, n int) (int, error) {
	s := 0
	for i := range n {
		s += i * i
	}
	return s, nil
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	ex, err := mp.NewProcessPoolExecutor(ctx, 0)
	if err != nil {
		return err
	}
	defer ex.Shutdown(true, false)
	sums, err := mp.Map(ctx, ex, sum, slices.Repeat([]int{1_000_000}, 8))
	if err != nil {
		return err
	}
	fmt.Println(len(sums), sums[0], sums[7])
	return nil
}

// Output:
// 8 333332833333500000 333332833333500000
