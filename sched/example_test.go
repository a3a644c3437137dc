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

var inverseSquares = sched.NewReduce("example.inverseSquares", func(c *sched.Chunk, first float64) (float64, error) {
	s := 0.0
	for i := c.Lo; i < c.Hi; i++ {
		x := first + float64(i)
		s += 1 / (x * x)
	}
	return s, nil
}, func(a, b float64) float64 { return a + b })

func ExampleReduce() {
	ctx := context.Background()
	pool, err := sched.Start(ctx, &sched.Options{Workers: 2})
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	s, err := inverseSquares.Run(ctx, pool, 1_000_000, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.5f\n", s) // pi*pi/6 is 1.64493
	// Output: 1.64493
}

type table map[int]string

var squares = sched.NewState("example.squares", func(int) (table, error) {
	t := table{}
	for i := range 10 {
		t[i] = fmt.Sprint(i * i)
	}
	return t, nil
}, nil)

var lookUp = sched.NewFunc("example.lookUp", func(ctx context.Context, x int) (string, error) {
	t, err := squares.Of(ctx)
	return t[x], err
})

func ExampleNewState() {
	ctx := context.Background()
	pool, err := sched.Start(ctx, &sched.Options{Workers: 2, States: []sched.AnyState{squares}})
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	s, err := lookUp.Map(ctx, pool, []int{2, 3, 4})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s)
	// Output: [4 9 16]
}
