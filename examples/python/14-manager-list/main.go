// Children append to a list in a manager.
package main

import (
	"context"
	"fmt"
	"log"
	"slices"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

type order struct {
	List mp.ListProxy[int]
	N    int
}

var add = mp.NewTarget("add", func(ctx context.Context, o order) error { return o.List.Append(ctx, o.N) })

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	m, err := mp.NewManager(ctx, nil)
	if err != nil {
		return err
	}
	list, err := mp.ManagerList[int](ctx, m)
	if err != nil {
		return err
	}
	var crew []*mp.Process
	for i := range 3 {
		crew = append(crew, mp.NewProcess(add, order{list, i}, nil))
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
	numbers, err := list.Slice(ctx)
	if err != nil {
		return err
	}
	slices.Sort(numbers)
	fmt.Println(numbers)
	return m.Shutdown(ctx)
}

// Output:
// [0 1 2]
