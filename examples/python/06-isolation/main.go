// A child changes its own copy of a variable; its parent's stays.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var numbers []int

var grow = mp.NewTarget("grow", func(context.Context, struct{}) error {
	numbers = append(numbers, 1)
	fmt.Println("child: ", numbers)
	return nil
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	p := mp.NewProcess(grow, struct{}{}, nil)
	if err := p.Start(ctx); err != nil {
		return err
	}
	if err := p.Join(ctx); err != nil {
		return err
	}
	fmt.Println("parent:", numbers)
	return nil
}

// Unordered output:
// child:  [1]
// parent: []
