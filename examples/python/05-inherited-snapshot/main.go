// A child started by the method "fork" inherits a variable as it was at the start; what it changes stays its own.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var number = mp.NewGlobal("number", 42)

var change = mp.NewTarget("change", func(context.Context, struct{}) error {
	n, err := number.Get()
	if err != nil {
		return err
	}
	fmt.Println("child, before:", n)
	number.Set(n + 1)
	n, err = number.Get()
	fmt.Println("child, after:", n)
	return err
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	fork, err := mp.GetContext(mp.Fork)
	if err != nil {
		return err
	}
	p := mp.NewProcess(change, struct{}{}, &mp.ProcessOptions{Context: fork})
	if err := p.Start(ctx); err != nil {
		return err
	}
	if err := p.Join(ctx); err != nil {
		return err
	}
	n, err := number.Get()
	fmt.Println("parent:", n)
	return err
}

// Unordered output:
// child, before: 42
// child, after: 43
// parent: 42
