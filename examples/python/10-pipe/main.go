// A child sends one text through a pipe.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var hello = mp.NewTarget("hello", func(ctx context.Context, c *mp.Connection[string]) error {
	defer c.Close()
	return c.Send(ctx, "hello")
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	parent, child, err := mp.NewPipe[string](true)
	if err != nil {
		return err
	}
	p := mp.NewProcess(hello, child, nil)
	if err := p.Start(ctx); err != nil {
		return err
	}
	child.Close() // ours: the child has its own
	s, err := parent.Recv(ctx)
	if err != nil {
		return err
	}
	fmt.Println(s)
	_, err = parent.Recv(ctx)
	fmt.Println(err)
	return p.Join(ctx)
}

// Output:
// hello
// EOF
