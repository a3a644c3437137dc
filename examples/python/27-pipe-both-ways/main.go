// Question and answer through one pipe.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var answer = mp.NewTarget("answer", func(ctx context.Context, c *mp.Connection[string]) error {
	defer c.Close()
	question, err := c.Recv(ctx)
	if err != nil {
		return err
	}
	return c.Send(ctx, "you said "+question)
})

func main() {
	sched.Main()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	here, there, err := mp.NewPipe[string](true)
	if err != nil {
		return err
	}
	p := mp.NewProcess(answer, there, nil)
	if err := p.Start(ctx); err != nil {
		return err
	}
	there.Close()
	if err := here.Send(ctx, "hello"); err != nil {
		return err
	}
	s, err := here.Recv(ctx)
	fmt.Println(s)
	if err != nil {
		return err
	}
	return p.Join(ctx)
}

// Output:
// you said hello
