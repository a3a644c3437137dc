// Four workers take turns under one lock: nobody is ever inside with another.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

type room struct {
	Lock   *mp.Lock
	Inside *mp.Value[int]
	Visits *mp.Value[int]
}

var visit = mp.NewTarget("visit", func(ctx context.Context, r room) error {
	for range 100 {
		err := r.Lock.With(ctx, func() error {
			defer r.Inside.Add(-1)
			if r.Inside.Add(1) != 1 {
				return errors.New("not alone")
			}
			r.Visits.Add(1)
			return nil
		})
		if err != nil {
			return err
		}
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
	lock, err1 := mp.NewLock()
	inside, err2 := mp.NewValue(0)
	visits, err3 := mp.NewValue(0)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	var crew []*mp.Process
	for range 4 {
		crew = append(crew, mp.NewProcess(visit, room{lock, inside, visits}, nil))
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
	for _, p := range crew {
		if err := p.Err(); err != nil {
			return err
		}
	}
	fmt.Println(visits.Get())
	return nil
}

// Output:
// 400
