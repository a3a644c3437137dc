// A child writes into shared memory that it opens by name.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var write = mp.NewTarget("write", func(_ context.Context, name string) error {
	m, err := mp.OpenSharedMemory(name)
	if err != nil {
		return err
	}
	copy(m.Buf(), "hello")
	return m.Close()
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	m, err := mp.NewSharedMemory("", 100)
	if err != nil {
		return err
	}
	defer m.Close()
	defer m.Unlink()
	p := mp.NewProcess(write, m.Name(), nil)
	if err := p.Start(ctx); err != nil {
		return err
	}
	if err := p.Join(ctx); err != nil {
		return err
	}
	fmt.Printf("%s\n", m.Buf()[:5])
	return nil
}

// Output:
// hello
