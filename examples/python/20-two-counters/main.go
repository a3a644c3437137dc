// Two named processes count, side by side.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var count = mp.NewTarget("count", func(ctx context.Context, n int) error {
	for i := range n {
		fmt.Println(mp.CurrentProcess(ctx).Name, i)
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
	crew := []*mp.Process{
		mp.NewProcess(count, 3, &mp.ProcessOptions{Name: "left"}),
		mp.NewProcess(count, 3, &mp.ProcessOptions{Name: "right"}),
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
	fmt.Println("done")
	return nil
}

// Unordered output:
// left 0
// left 1
// left 2
// right 0
// right 1
// right 2
// done
