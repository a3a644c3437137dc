// A dict and a list in a manager, filled by four children.
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
	Dict mp.DictProxy[string, int]
	List mp.ListProxy[int]
	I    int
}

var fill = mp.NewTarget("fill", func(ctx context.Context, o order) error {
	if err := o.Dict.Set(ctx, fmt.Sprint("key", o.I), o.I*o.I); err != nil {
		return err
	}
	return o.List.Append(ctx, o.I)
})

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
	dict, err := mp.ManagerDict[string, int](ctx, m)
	if err != nil {
		return err
	}
	list, err := mp.ManagerList[int](ctx, m)
	if err != nil {
		return err
	}
	var crew []*mp.Process
	for i := range 4 {
		crew = append(crew, mp.NewProcess(fill, order{dict, list, i}, nil))
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
	for i := range 4 {
		v, _, err := dict.Get(ctx, fmt.Sprint("key", i))
		if err != nil {
			return err
		}
		fmt.Println("key", i, v)
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
// key 0 0
// key 1 1
// key 2 4
// key 3 9
// [0 1 2 3]
