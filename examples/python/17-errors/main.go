// A function fails for each of three numbers; its caller gets the errors.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var errValue = sched.RegisterError(errors.New("bad value"))

var check = mp.NewFunc("check", func(_ context.Context, x int) (int, error) { return 0, fmt.Errorf("%w %d", errValue, x) })

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	pool, err := mp.NewPool(ctx, 2, nil)
	if err != nil {
		return err
	}
	defer pool.Terminate()
	for x := 1; x <= 3; x++ {
		_, err := mp.Apply(ctx, pool, check, x)
		fmt.Println(errors.Is(err, errValue), err)
	}
	return nil
}

// Output:
// true check: bad value 1
// true check: bad value 2
// true check: bad value 3
