// Four workers count in a shared number; a child adds to a shared array.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var increment = mp.NewTarget("increment", func(_ context.Context, v *mp.Value[int32]) error {
	v.Add(1) // one step: nothing is ever lost
	return nil
})

var addThree = mp.NewTarget("add three", func(_ context.Context, x *mp.Array[float64]) error {
	for i := range x.Slice() {
		x.Slice()[i] += 3
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
	v, err1 := mp.NewValue[int32](0)
	x, err2 := mp.NewArray(1.0, 2, 3)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	var crew []*mp.Process
	for range 4 {
		crew = append(crew, mp.NewProcess(increment, v, nil))
	}
	crew = append(crew, mp.NewProcess(addThree, x, nil))
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
	fmt.Println(v.Get(), x.Slice())
	return nil
}

// Output:
// 4 [4 5 6]
