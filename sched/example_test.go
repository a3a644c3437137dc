//go:build linux

package sched_test

import (
	"context"
	"fmt"
	"log"

	"github.com/shmath/shmath/sched"
)

var cube = sched.NewFunc("example.cube", func(_ context.Context, x int) (int, error) { return x * x * x, nil })

func ExampleFunc_Stream() {
	ctx := context.Background()
	pool, err := sched.Start(ctx, &sched.Options{Workers: 2})
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	forever := func(yield func(int) bool) {
		for i := 1; yield(i); i++ {
		}
	}
	for y, err := range cube.Stream(ctx, pool, forever) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(y)
		if y >= 64 {
			break
		}
	}
	// Output:
	// 1
	// 8
	// 27
	// 64
}
