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

func ExampleAsCompleted() {
	ctx := context.Background()
	pool, err := sched.Start(ctx, &sched.Options{Workers: 2})
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	var futures []*sched.Future[int]
	for x := range 4 {
		f, err := cube.Submit(ctx, pool, x)
		if err != nil {
			log.Fatal(err)
		}
		futures = append(futures, f)
	}
	sum := 0
	for f, err := range sched.AsCompleted(ctx, futures...) {
		if err != nil {
			log.Fatal(err)
		}
		y, _ := f.Wait(ctx)
		sum += y
	}
	fmt.Println(sum)
	// Output: 36
}
