// Four workers count in one shared number, under its lock.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var count = mp.NewTarget("count", func(ctx context.Context, v *mp.Value[int32]) error {
	return v.GetLock().With(ctx, func() error {
		v.Set(v.Get() + 1)
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
	v, err := mp.NewValue[int32](0)
	if err != nil {
		return err
	}
	var crew []*mp.Process
	for range 4 {
		crew = append(crew, mp.NewProcess(count, v, nil))
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
	fmt.Println(v.Get())
	return nil
}

// Output:
// 4
