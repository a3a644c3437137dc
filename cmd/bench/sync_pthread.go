package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The C library's primitives between two processes, by a program in C.

// pthread builds the program, once.
var pthread = sync.OnceValues(func() (func(args ...string) *exec.Cmd, error) { return compiled("pthread.c") })

// pthreads are the duels of that program, which home alone knows of: none, and why, where it cannot be built.
func pthreads() []duel {
	if _, err := pthread(); err != nil {
		fmt.Fprintf(os.Stderr, "bench: sync: without the C library's mutex and barrier: %v\n", err)
		return nil
	}
	return []duel{
		{name: "Mutex/case=uncontended/impl=pthread-robust", ops: 1_000_000, turn: pthreadTurn("mutex", false)},
		{name: "Mutex/case=two-processes/impl=pthread-robust", ops: 200_000, turn: pthreadTurn("mutex", true)},
		{name: "Barrier/parties=2/impl=pthread", ops: 2_000, turn: pthreadTurn("barrier", true)},
	}
}

// pthreadTurn runs the program, by two processes on a CPU each or by one anywhere.
func pthreadTurn(what string, two bool) func(ops int, _ *hdrhistogram.Histogram) (time.Duration, error) {
	return func(ops int, _ *hdrhistogram.Histogram) (time.Duration, error) {
		command, err := pthread()
		if err != nil {
			return 0, err
		}
		args := []string{what, strconv.Itoa(ops)}
		if two {
			home, away, err := pair()
			if err != nil {
				return 0, err
			}
			args = append(args, strconv.Itoa(home), strconv.Itoa(away))
		}
		cmd := command(args...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return 0, err
		}
		return time.ParseDuration(strings.TrimSpace(string(out)) + "ns")
	}
}
