// Futures, as they end.
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
	of := make(map[*mp.Future[int]]int)
	var futures []*mp.Future[int]
	for x := range 5 {
		f, err := mp.Submit(ex, square, x)
		if err != nil {
			return err
		}
		of[f] = x
		futures = append(futures, f)
	}
	for f, err := range mp.AsCompleted(ctx, futures...) {
		if err != nil {
			return err
		}
		y, err := f.Result(ctx)
		if err != nil {
			return err
		}
		fmt.Println(of[f], "squared is", y)
	}
	return nil
}

// Unordered output:
// 0 squared is 0
// 1 squared is 1
// 2 squared is 4
// 3 squared is 9
// 4 squared is 16
