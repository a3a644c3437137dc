package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The C library's primitives between two processes, by a program in C.

// pthreads are the duels of that program, which home alone knows of: none, and why, where it cannot be built.
func pthreads(c *config) []duel {
	if c.only != nil {
		return nil
	}
	if _, err := compiled("pthread.c"); err != nil {
		c.absent("C library's mutex and barrier", err.Error())
		return nil
	}
	libc := "C library"
	if version, err := exec.Command("getconf", "GNU_LIBC_VERSION").Output(); err == nil {
		libc = strings.TrimSpace(string(version))
	}
	return []duel{
		{name: "Mutex/case=uncontended/impl=pthread-robust", peer: libc, ops: 1_000_000, turn: pthreadTurn("mutex", false)},
		{name: "Mutex/case=two-processes/impl=pthread-robust", peer: libc, ops: 200_000, turn: pthreadTurn("mutex", true)},
		{name: "Barrier/parties=2/impl=pthread", peer: libc, ops: 2_000, turn: pthreadTurn("barrier", true)},
	}
}

// pthreadTurn runs the program, by two processes on a CPU each or by one anywhere.
func pthreadTurn(what string, two bool) func(ops int, _ *hdrhistogram.Histogram) (time.Duration, error) {
	return func(ops int, _ *hdrhistogram.Histogram) (time.Duration, error) {
		command, err := compiled("pthread.c")
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
