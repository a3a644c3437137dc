package sched

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/shm"
)

// 2: a program and all its workers are killed at once, at random instants. The next start frees what they left, and touches
// neither segments of those who live nor files of others.
func Test2_WhatKilledTreesLeave(t *testing.T) {
	live, err := shm.Create("", 4096, &shm.Options{Lifetime: shm.Ephemeral})
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	foreign := fmt.Sprintf("/dev/shm/another-program-%d", os.Getpid())
	if err := os.WriteFile(foreign, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(foreign)
	stale := 0
	for i := range 20 * stress() {
		mark := fmt.Sprintf("tree-%d-%d", os.Getpid(), i)
		t.Setenv(stormMark, mark)
		p := proctest.Start(t, "parent")
		if i%2 == 0 {
			p.Expect("ready")
		}
		time.Sleep(time.Duration(rand.IntN(9000)) * time.Microsecond)
		for _, pid := range childrenOf(p.Process.Pid) { // not theirs: a guard, see Command, ends those that its worker started
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		p.Kill()
		stale += len(leftBy(t, p.Process.Pid))
		awaitNone(t, mark)
		again := start(t, &Options{Workers: 1}) // reaps
		if left := leftBy(t, p.Process.Pid); len(left) > 0 {
			t.Fatalf("after the next start %+v are left", left)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if stale == 0 {
		t.Error("no killed program left anything, so that nothing was shown")
	}
	if text, err := os.ReadFile(foreign); string(text) != "kept" {
		t.Errorf("a file of another program: %q, %v", text, err)
	}
	if list, err := shm.List(); err != nil || !slices.ContainsFunc(list, func(i shm.Info) bool { return i.Name == live.Name() }) {
		t.Errorf("a segment in use is gone: %+v, %v", list, err)
	}
}

// leftBy returns the segments that a process has made.
func leftBy(t *testing.T, pid int) []shm.Info {
	t.Helper()
	list, err := shm.List()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(list, func(i shm.Info) bool { return i.PID != pid })
}

// awaitNone returns when no process with that mark is left.
func awaitNone(t *testing.T, mark string) {
	t.Helper()
	for begin := time.Now(); len(marked(mark)) > 0; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("processes %v do not end", marked(mark))
		}
	}
}

// 46: work of every kind is done by the processes that are there.
func Test46_WarmWorkStartsNoProcess(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	before := p.PIDs()
	for range 50 {
		_, errMap := square.Map(within(t), p, ramp(1000))
		_, errCall := square.Call(within(t), p, 2)
		if err := errors.Join(errMap, errCall, noop.Run(within(t), p, 1000, struct{}{})); err != nil {
			t.Fatal(err)
		}
	}
	if after, own := p.PIDs(), children(); !slices.Equal(before, after) || len(own) != 2 {
		t.Errorf("workers %v, then %v; children of this process: %v", before, after, own)
	}
}

// 48: calls that follow each other closely wake nobody: a worker that has the next one at hand does not sleep.
func Test48_PipelinedCallsWakeNobody(t *testing.T) {
	const calls = 20_000
	p := start(t, &Options{Workers: 1})
	pid := p.PIDs()[0]
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	before := slept(t, p)
	fs := submitAll(t, p, calls)
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	for i, f := range fs {
		if y, err := f.Wait(within(t)); err != nil || y != float64(i)*float64(i) {
			t.Fatal(i, y, err)
		}
	}
	if woken := slept(t, p) - before; woken > calls/10 {
		t.Errorf("%d calls in a row put the worker to sleep %d times", calls, woken)
	}
}

// slept returns how often workers have slept.
func slept(t *testing.T, p *Pool) uint64 {
	t.Helper()
	s, err := p.Stats()
	if err != nil {
		t.Fatal(err)
	}
	return s.Total().Wakeups
}

func submitAll(t *testing.T, p *Pool, n int) []*Future[float64] {
	t.Helper()
	fs := make([]*Future[float64], n)
	for i := range fs {
		var err error
		if fs[i], err = square.Submit(context.Background(), p, float64(i)); err != nil {
			t.Fatal(err)
		}
	}
	return fs
}

// Benchmark50_FalseSharing is why what two write lies in lines of its own: the same counts, side by side and apart.
func Benchmark50_FalseSharing(b *testing.B) {
	for _, apart := range []int{8, layout.Line} {
		b.Run(fmt.Sprintf("bytes-apart=%d", apart), func(b *testing.B) {
			counts := layout.Slice[atomic.Int64](layout.Aligned(2*layout.Line, layout.Line), 0, 2*layout.Line/8)
			var writers sync.WaitGroup
			for i := range 2 {
				writers.Go(func() {
					for range b.N {
						counts[i*apart/8].Add(1)
					}
				})
			}
			writers.Wait()
		})
	}
}
