package batch_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/shmath/shmath/batch"
)

// A job file is run by a program of one's own. Its main begins with sched.Main(), as TestMain does here; a program that
// does nothing else calls batch.Main().
func Example() {
	dir, err := os.MkdirTemp("", "batch-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "job.yaml")
	text := `
set: {n: 1000}
steps:
  - x = linspace(0, 1, n)
  - m = mean(x * x)
outputs: {x: x.npy}
print: [m]
`
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		log.Fatal(err)
	}
	job, err := batch.Load(path)
	if err != nil {
		log.Fatal(err)
	}
	if err := job.Set("n", "3"); err != nil {
		log.Fatal(err)
	}
	result, err := job.Run(context.Background(), &batch.Options{Workers: 2})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range result.Scalars {
		fmt.Println(s.Name, "=", batch.FormatScalar(s.Value))
	}
	for _, f := range result.Files {
		fmt.Println("wrote", filepath.Base(f))
	}
	// Output:
	// m = 0.4166666666666667
	// wrote x.npy
}
