//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	// inner starts a pool in the worker, and says the sum of squares that it got there.
	inner = NewFunc("inner", func(ctx context.Context, b Backend) (float64, error) {
		p, err := Start(ctx, &Options{Workers: 2, Backend: b})
		if err != nil {
			return 0, err
		}
		ys, err := square.Map(ctx, p, ramp(100))
		sum := 0.0
		for _, y := range ys {
			sum += y
		}
		return sum, errors.Join(err, p.Close())
	})
	// keeps starts a pool and leaves it open; it returns the workers.
	keeps = NewFunc("keeps", func(ctx context.Context, _ int) (string, error) {
		p, err := Start(context.Background(), &Options{Workers: 2})
		if err != nil {
			return "", err
		}
		return fmt.Sprint(p.PIDs(), os.Getpid()), nil
	})
)

func TestNested_PoolInABody(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	for _, b := range []Backend{Processes, InProcess} {
		for range 3 {
			if sum, err := inner.Call(within(t), p, b); sum != 328350 || err != nil {
				t.Errorf("backend %d: %v, %v", b, sum, err)
			}
		}
	}
}

// A pool in a worker goes with that worker, however it ends.
func TestNested_DiesWithItsWorker(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	said, err := keeps.Call(within(t), p, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := faulty.Call(within(t), p, "kill"); !errors.Is(err, ErrWorkerDied) {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(said)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatalf("%q: %v", said, err)
		}
		for end := time.Now().Add(20 * time.Second); running(pid); time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("process %d lives", pid)
			}
		}
	}
	if sum, err := inner.Call(within(t), p, Processes); sum != 328350 || err != nil {
		t.Fatalf("the replacement: %v, %v", sum, err)
	}
}
