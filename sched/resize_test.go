//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func resized(t *testing.T, p *Pool, n int) []int {
	t.Helper()
	if err := p.Resize(within(t), n); err != nil {
		t.Fatalf("to %d: %v", n, err)
	}
	pids := p.PIDs()
	if p.Workers() != n || len(pids) != n || len(p.CPUs()) != n || len(p.Plan().Workers) != n || slices.Contains(pids, 0) {
		t.Fatalf("to %d: %d workers, pids %v, CPUs %v, plan %v", n, p.Workers(), pids, p.CPUs(), p.Plan().Workers)
	}
	if p.claims != nil && p.claims.f != nil {
		held := 0
		for _, locks := range p.claims.held {
			held += len(locks)
		}
		if held != n {
			t.Errorf("%d CPUs claimed by %d workers", held, n)
		}
	}
	return pids
}

func TestResize(t *testing.T) {
	for name, b := range map[string]Backend{"processes": Processes, "inprocess": InProcess} {
		t.Run("backend="+name, func(t *testing.T) {
			p := start(t, &Options{Workers: 2, MaxWorkers: 5, Backend: b})
			begin := p.PIDs()
			for _, n := range []int{2, 5, 3, 1, 4, 1, 5} {
				before := p.PIDs()
				pids := resized(t, p, n)
				if k := min(len(before), n); !slices.Equal(before[:k], pids[:k]) {
					t.Errorf("to %d: workers %v became %v", n, before, pids)
				}
				for _, pid := range before[min(n, len(before)):] {
					if b == Processes && running(pid) {
						t.Errorf("to %d: worker %d lives", n, pid)
					}
				}
				if err := filled(t, p, 10_000, LoopOptions{Block: 10}); err != nil {
					t.Fatal(err)
				}
				if _, err := WaitAll(within(t), submit(t, nap, p, 1, 2, 3, 4, 5)...); err != nil {
					t.Fatal(err)
				}
			}
			if p.PIDs()[0] != begin[0] {
				t.Errorf("the first worker was replaced")
			}
			if s := statsOf(t, p); len(s.Workers) != 5 || s.Total().Blocks != 7000 || s.Total().Calls != 35 || s.Total().Restarts != 0 {
				t.Errorf("%+v", s.Total())
			}
		})
	}
}

// Fewer workers: those that stay are ready as well, though one of them has just died.
func TestResize_FewerWaitsForThoseThatStay(t *testing.T) {
	p := start(t, &Options{Workers: 3})
	for range 10 {
		pid := resized(t, p, 3)[0]
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		for p.PIDs()[0] == pid {
			runtime.Gosched()
		}
		resized(t, p, 2)
	}
}

// Sizes change at random, workers are killed, and whatever runs meanwhile notices nothing.
func TestResize_Storm(t *testing.T) {
	for name, b := range map[string]Backend{"processes": Processes, "inprocess": InProcess} {
		t.Run("backend="+name, func(t *testing.T) {
			p := start(t, &Options{Workers: 2, MaxWorkers: 4, Backend: b})
			want, err := harmonic.Run(within(t), p, 100_000, 1)
			if err != nil {
				t.Fatal(err)
			}
			var stop atomic.Bool
			var wg sync.WaitGroup
			run := func(what string, f func() error) {
				wg.Go(func() {
					for !stop.Load() {
						if err := f(); err != nil {
							t.Errorf("%s: %v", what, err)
							return
						}
					}
				})
			}
			run("loop", func() error { return filled(t, p, 20_000, LoopOptions{Idempotent: true}) })
			run("call", func() error {
				_, err := square.With(FuncOptions{Idempotent: true}).Call(within(t), p, 3)
				return err
			})
			run("reduce", func() error {
				got, err := harmonic.RunWith(within(t), p, 100_000, 1, LoopOptions{Idempotent: true})
				if err == nil && got != want {
					err = fmt.Errorf("%v, want %v", got, want)
				}
				return err
			})
			for i := range 40 {
				if b == Processes && i%4 == 3 {
					if pids := p.PIDs(); pids[len(pids)-1] != 0 {
						syscall.Kill(pids[len(pids)-1], syscall.SIGKILL)
					}
				}
				ctx, cancel := context.WithTimeout(within(t), time.Duration(rand.IntN(20))*time.Millisecond)
				if err := p.Resize(ctx, 1+rand.IntN(4)); err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
				cancel()
			}
			stop.Store(true)
			wg.Wait()
			resized(t, p, 3)
		})
	}
}

// A worker that has work finishes it; who waits for its leave may give up.
func TestResize_WaitsForRunningWork(t *testing.T) {
	backends := map[string]Backend{"processes": Processes, "inprocess": InProcess}
	for name, b := range backends {
		t.Run("backend="+name, func(t *testing.T) {
			p := start(t, &Options{Workers: 2, Backend: b})
			fs := submit(t, nap, p, 700, 700)
			for !fs[0].Running() || !fs[1].Running() {
				time.Sleep(time.Millisecond)
			}
			ctx, cancel := context.WithTimeout(within(t), 20*time.Millisecond)
			defer cancel()
			if err := p.Resize(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
			resized(t, p, 1)
			if ys, err := WaitAll(within(t), fs...); err != nil || !slices.Equal(ys, []int{700, 700}) {
				t.Errorf("%v, %v", ys, err)
			}
			resized(t, p, 2)
		})
	}
}

var picky = NewState("picky", func(worker int) (int, error) {
	if worker >= 2 {
		return 0, errSentinel
	}
	return worker, nil
}, nil)

func TestResize_WorkerThatCannotStart(t *testing.T) {
	for name, b := range map[string]Backend{"processes": Processes, "inprocess": InProcess} {
		t.Run("backend="+name, func(t *testing.T) {
			p := start(t, &Options{Workers: 1, MaxWorkers: 4, Backend: b, States: []AnyState{picky}})
			if err := p.Resize(within(t), 4); err == nil || !strings.Contains(err.Error(), errSentinel.Error()) {
				t.Fatalf("%v", err)
			}
			if p.Workers() != 1 {
				t.Errorf("%d workers", p.Workers())
			}
			resized(t, p, 2)
			if err := filled(t, p, 1000, LoopOptions{}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestResize_Refuses(t *testing.T) {
	p := start(t, &Options{Workers: 1, MaxWorkers: 2, Backend: InProcess})
	for _, n := range []int{-1, 0, 3} {
		if err := p.Resize(within(t), n); err == nil || !strings.Contains(err.Error(), "MaxWorkers") {
			t.Errorf("to %d: %v", n, err)
		}
	}
	for _, o := range []Options{{MaxWorkers: -1}, {Workers: 3, MaxWorkers: 2}, {MaxWorkers: workersMax + 1}} {
		if _, err := Start(within(t), &o); err == nil || !strings.Contains(err.Error(), "MaxWorkers") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	q := start(t, &Options{Workers: 1, Backend: InProcess})
	q.Close()
	if err := q.Resize(within(t), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
}
