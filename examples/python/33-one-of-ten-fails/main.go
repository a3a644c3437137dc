// One of ten calls fails; the other nine have their results.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var mayFail = mp.NewFunc("may fail", func(_ context.Context, x int) (int, error) {
	if x == 5 {
		return 0, fmt.Errorf("no result for %d", x)
	}
	return x * x, nil
})

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
	var futures []*mp.Future[int]
	for x := range 10 {
		f, err := mp.Submit(ex, mayFail, x)
		if err != nil {
			return err
		}
		futures = append(futures, f)
	}
	for x, f := range futures {
		if y, err := f.Result(ctx); err != nil {
			fmt.Println(x, "failed:", err)
		} else {
			fmt.Println(x, y)
		}
	}
	return nil
}

// Output:
// 0 0
// 1 1
// 2 4
// 3 9
// 4 16
// 5 failed: may fail: no result for 5
// 6 36
// 7 49
// 8 64
// 9 81
