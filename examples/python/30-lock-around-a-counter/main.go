// Four workers count to ten thousand each under a lock.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

type counter struct {
	Lock  *mp.Lock
	Total *mp.Array[int64]
}

var count = mp.NewTarget("count", func(ctx context.Context, c counter) error {
	for range 10_000 {
		if err := c.Lock.Acquire(ctx); err != nil {
			return err
		}
		c.Total.Slice()[0]++
		if err := c.Lock.Release(); err != nil {
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
	total, err2 := mp.NewRawArray[int64](1)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	var crew []*mp.Process
	for range 4 {
		crew = append(crew, mp.NewProcess(count, counter{lock, total}, nil))
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
	fmt.Println(total.Slice()[0])
	return nil
}

// Output:
// 40000
