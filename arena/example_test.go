package arena_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
)

// One process makes and names an array, another finds it; both see the same elements.
func Example() {
	mem := layout.Aligned(1<<20, 64) // in real life the bytes of a shared segment

	a, err := arena.Create(mem, nil)
	if err != nil {
		panic(err)
	}
	x, err := arena.Named[float64](a, "prices", 3, 4)
	if err != nil {
		panic(err)
	}
	x.Set(2.5, 1, 2)

	b, err := arena.Attach(mem, nil) // the other process
	if err != nil {
		panic(err)
	}
	y, err := arena.Lookup[float64](b, "prices")
	if err != nil {
		panic(err)
	}
	fmt.Println(y.Shape(), y.Index(1).Slice())
	_, err = arena.Lookup[float32](b, "prices")
	fmt.Println(err)
	fmt.Println(y.Free(), x.Free())
	// Output:
	// [3 4] [0 0 2.5 0]
	// "prices": arena: wrong element type: the array holds float64, not float32
	// <nil> arena: stale handle: the array has been freed
}

// A .npy file is an array without being read, and a result is computed where it will stay.
func ExampleMapFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "in.npy"), filepath.Join(dir, "out.npy")
	if err := arena.Save(in, arena.Wrap([]float64{1, 2, 3})); err != nil {
		panic(err)
	}
	x, err := arena.MapFile[float64](in)
	if err != nil {
		panic(err)
	}
	defer x.Close()
	y, err := arena.CreateFile[float64](out, x.Shape()...)
	if err != nil {
		panic(err)
	}
	defer y.Close() // discards what has not been committed
	for i, v := range x.Slice() {
		y.Slice()[i] = v * v
	}
	fmt.Println(y.Commit(), y.Slice())
	// Output: <nil> [1 4 9]
}
