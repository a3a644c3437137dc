// A spawned child knows no variable of its parent: reading one is an error that names it, and its parent goes on.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var number = mp.NewGlobal("number", 42)

var read = mp.NewTarget("read", func(context.Context, struct{}) error {
	_, err := number.Get()
	return err
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	before, err := number.Get()
	if err != nil {
		return err
	}
	fmt.Println("parent, before:", before)
	spawn, err := mp.GetContext(mp.Spawn)
	if err != nil {
		return err
	}
	p := mp.NewProcess(read, struct{}{}, &mp.ProcessOptions{Context: spawn})
	if err := p.Start(ctx); err != nil {
		return err
	}
	if err := p.Join(ctx); err != nil {
		return err
	}
	code, _ := p.ExitCode()
	fmt.Println("child: not inherited:", errors.Is(p.Err(), mp.ErrNotInherited), "exit code:", code)
	after, err := number.Get()
	fmt.Println("parent, after:", after)
	return err
}

// Output:
// parent, before: 42
// child: not inherited: true exit code: 1
// parent, after: 42
