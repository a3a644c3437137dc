// A million squares, one after the other, without a list of a million.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var square = mp.NewFunc("square", func(_ context.Context, x int) (int, error) { return x * x, nil })

func upTo(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

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
	sum, last := 0, 0
	for y, err := range mp.Imap(ctx, pool, square, upTo(1_000_000)) {
		if err != nil {
			return err
		}
		sum, last = sum+y, y
	}
	fmt.Println(sum, last)
	sum = 0
	for y, err := range mp.ImapUnordered(ctx, pool, square, upTo(1_000_000)) {
		if err != nil {
			return err
		}
		sum += y
	}
	fmt.Println(sum)
	return nil
}

// Output:
// 333332833333500000 999998000001
// 333332833333500000
