//go:build linux

package sched

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/proctest"
)

// idleRole has a pool that has worked, and waits.
func idleRole([]string) {
	p, err := Start(context.Background(), &Options{Workers: 2})
	if err == nil {
		_, err = square.Map(context.Background(), p, make([]float64, 1000))
	}
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println("idle", strings.Trim(fmt.Sprint(p.PIDs()), "[]"))
	proctest.Line()
}

// switches returns how often each thread of some processes has been given a CPU (proc(5), status).
func switches(t *testing.T, pids []int) map[string]int {
	t.Helper()
	n := make(map[string]int)
	for _, pid := range pids {
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
		if len(files) == 0 {
			t.Fatalf("process %d is gone", pid)
		}
		for _, f := range files {
			status, _ := os.ReadFile(f)
			for line := range strings.Lines(string(status)) {
				var count int
				if _, rest, ok := strings.Cut(line, "voluntary_ctxt_switches:"); ok { // both kinds
					fmt.Sscan(rest, &count)
					n[filepath.Dir(f)] += count
				}
			}
		}
	}
	return n
}

// 47: no thread of an idle pool, the parent's included, wakes up even once: in three seconds, and in ten under stress.
func Test47_IdleMakesNoWakeups(t *testing.T) {
	t.Parallel() // it waits, while others work
	role := proctest.Start(t, "idle")
	var a, b int
	if _, err := fmt.Sscan(role.Expect("idle"), &a, &b); err != nil {
		t.Fatal(err)
	}
	pids := []int{role.Process.Pid, a, b}
	before := map[string]int{}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(2 * time.Second) {
		now := switches(t, pids)
		if maps.Equal(now, before) { // a timer that was stopped still wakes a thread of the Go runtime, once
			break
		}
		if before = now; time.Now().After(deadline) {
			t.Fatal("the pool does not come to rest")
		}
	}
	watched := 3 * time.Second
	if stress() > 1 {
		watched = 10 * time.Second
	}
	time.Sleep(watched)
	for thread, n := range switches(t, pids) {
		if n != before[thread] {
			t.Errorf("%s: %d wake-ups in %v", thread, n-before[thread], watched)
		}
	}
}

// A thousand pools, fifty in an ordinary test: as many descriptors, threads and goroutines, and as much memory, as after the first.
func TestPool_StartStopLeavesNothing(t *testing.T) {
	cycle := func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel() // not at the end of the test: its heap would grow by each
		p, err := Start(ctx, &Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := square.Map(ctx, p, make([]float64, 1000)); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		cycle()
	}
	before := footprintNow(t)
	n := 50
	if stress() > 1 {
		n = 1000
	}
	for range n {
		cycle()
	}
	after := footprintNow(t)
	t.Logf("after ten pools %+v, after %d more %+v", before, n, after)
	switch {
	case after.descriptors > before.descriptors, after.mappings > before.mappings+8, after.goroutines > before.goroutines:
		t.Error("something is left of each pool")
	case after.heap > before.heap+1<<20:
		t.Errorf("the heap grew by %d bytes", after.heap-before.heap)
	}
}

type footprint struct{ descriptors, mappings, goroutines, heap int }

func footprintNow(t *testing.T) footprint {
	t.Helper()
	runtime.GC()
	time.Sleep(100 * time.Millisecond) // goroutines that have been told to end
	runtime.GC()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return footprint{len(fds), strings.Count(string(mapped), "\n"), runtime.NumGoroutine(), int(m.HeapAlloc)}
}
