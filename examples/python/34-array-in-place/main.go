// A child doubles an array in shared memory.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var double = mp.NewTarget("double", func(_ context.Context, x *mp.Array[float64]) error {
	for i := range x.Slice() {
		x.Slice()[i] *= 2
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
	x, err := mp.NewRawArray[float64](5)
	if err != nil {
		return err
	}
	for i := range x.Slice() {
		x.Slice()[i] = float64(i)
	}
	p := mp.NewProcess(double, x, nil)
	if err := p.Start(ctx); err != nil {
		return err
	}
	if err := p.Join(ctx); err != nil {
		return err
	}
	fmt.Println(x.Slice())
	return nil
}

// Output:
// [0 2 4 6 8]
