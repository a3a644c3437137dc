// Three workers append their names to one list.
package main

import (
	"context"
	"fmt"
	"log"
	"slices"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var register = mp.NewTarget("register", func(ctx context.Context, names *mp.List[mp.Name]) error {
	name, err := mp.NameOf(mp.CurrentProcess(ctx).Name)
	if err != nil {
		return err
	}
	return names.Append(ctx, name)
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	names, err := mp.NewList[mp.Name]()
	if err != nil {
		return err
	}
	var crew []*mp.Process
	for range 3 {
		crew = append(crew, mp.NewProcess(register, names, nil))
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
	var list []string
	for _, name := range names.All() {
		list = append(list, name.String())
	}
	slices.Sort(list) // they come in any order
	fmt.Println(list)
	return nil
}

// Output:
// [Process-1 Process-2 Process-3]
