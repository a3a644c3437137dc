// A worker goes round until its parent sets an event.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

type orders struct {
	Stop   *mp.Event
	Rounds *mp.Value[int]
}

var goRound = mp.NewTarget("go round", func(_ context.Context, o orders) error {
	for !o.Stop.IsSet() {
		o.Rounds.Add(1)
	}
	return nil
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	stop, err := mp.NewEvent()
	if err != nil {
		return err
	}
	rounds, err := mp.NewValue(0)
	if err != nil {
		return err
	}
	p := mp.NewProcess(goRound, orders{stop, rounds}, nil)
	if err := p.Start(ctx); err != nil {
		return err
	}
	for rounds.Get() == 0 {
	}
	stop.Set()
	if err := p.Join(ctx); err != nil {
		return err
	}
	code, _ := p.ExitCode()
	fmt.Println("stopped with exit code", code)
	return nil
}

// Output:
// stopped with exit code 0
