// Five workers, two of them inside at a time.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

type room struct {
	Seats  *mp.Semaphore
	Inside *mp.Value[int]
	Most   *mp.Value[int]
}

var sit = mp.NewTarget("sit", func(ctx context.Context, r room) error {
	return r.Seats.With(ctx, func() error {
		n := r.Inside.Add(1)
		defer r.Inside.Add(-1)
		for most := r.Most.Get(); n > most && !r.Most.CompareAndSwap(most, n); most = r.Most.Get() {
		}
		time.Sleep(10 * time.Millisecond)
		return nil
	})
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	seats, err1 := mp.NewSemaphore(2)
	inside, err2 := mp.NewValue(0)
	most, err3 := mp.NewValue(0)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	var crew []*mp.Process
	for range 5 {
		crew = append(crew, mp.NewProcess(sit, room{seats, inside, most}, nil))
	}
	for _, p := range crew {
		if err := p.Start(ctx); err != nil {
			return err
		}
	}
	for _, p := range crew {
		if err := p.Join(ctx); err != nil {
			return err
		}
	}
	fmt.Println("never more than two:", most.Get() <= 2)
	return nil
}

// Output:
// never more than two: true
