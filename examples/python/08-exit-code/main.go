// Exit codes: a child ends with status 3, and its parent reads it.
package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

var fail = mp.NewTarget("fail", func(context.Context, struct{}) error { return mp.Exit(3) })

func main() {
	sched.Main()
	ctx := context.Background()
	p := mp.NewProcess(fail, struct{}{}, nil)
	if err := p.Start(ctx); err != nil {
		log.Fatal(err)
	}
	if err := p.Join(ctx); err != nil {
		log.Fatal(err)
	}
	code, _ := p.ExitCode()
	fmt.Println("exit code:", code)
}

// Output:
// exit code: 3
