// A million numbers in shared memory, squared in chunks: what is sent is where a chunk lies.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

type chunk struct {
	X      *mp.Array[int64]
	Lo, Hi int
}

var square = mp.NewFunc("square", func(_ context.Context, c chunk) (int, error) {
	xs := c.X.Slice()[c.Lo:c.Hi]
	for i, x := range xs {
		xs[i] = x * x
	}
	return len(xs), nil
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	const n, size = 1_000_000, 100_000
	pool, err := mp.NewPool(ctx, 2, nil)
	if err != nil {
		return err
	}
	defer pool.Terminate()
	x, err := mp.NewRawArray[int64](n)
	if err != nil {
		return err
	}
	for i := range x.Slice() {
		x.Slice()[i] = int64(i)
	}
	var chunks []chunk
	for lo := 0; lo < n; lo += size {
		chunks = append(chunks, chunk{x, lo, lo + size})
	}
	done, err := mp.Map(ctx, pool, square, chunks)
	if err != nil {
		return err
	}
	fmt.Println(len(done), x.Slice()[3], x.Slice()[n-1])
	return nil
}

// Output:
// 10 9 999998000001
