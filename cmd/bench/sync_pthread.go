package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The C library's primitives between two processes, by a program in C.

//go:embed peers/pthread.c
var pthreadSource []byte

// pthread builds the program, once, and returns it as an open file that has no name any more.
var pthread = sync.OnceValues(func() (program *os.File, err error) {
	dir, err := os.MkdirTemp("", "shmath-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	source, binary := filepath.Join(dir, "pthread.c"), filepath.Join(dir, "pthread")
	if err := os.WriteFile(source, pthreadSource, 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.Command("gcc", "-O2", "-pthread", "-o", binary, source).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("gcc: %w\n%s", err, out)
	}
	return os.Open(binary)
})

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
func pthreadTurn(what string, two bool) func(ops int) (time.Duration, error) {
	return func(ops int) (time.Duration, error) {
		program, err := pthread()
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
		cmd := exec.Command("/proc/self/fd/3", args...)
		cmd.ExtraFiles = []*os.File{program}
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return 0, err
		}
		return time.ParseDuration(strings.TrimSpace(string(out)) + "ns")
	}
}
