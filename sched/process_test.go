//go:build linux

package sched

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/internal/topology"
	"github.com/shmath/shmath/shm"
)

// parentRole starts a pool, says who its workers are, and keeps them busy until it is killed.
func parentRole(args []string) {
	p, err := Start(context.Background(), &Options{Workers: 2})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for i := range p.c.crew {
		fmt.Println("worker", p.c.crew[i].pid.Load())
	}
	fmt.Println("ready")
	for {
		poisonless := make([]float64, 10_000)
		square.Map(context.Background(), p, poisonless)
	}
}

// forgetfulRole is a program whose main does not call Main.
func forgetfulRole([]string) {
	guarded.Store(unguarded)
	_, err := Start(context.Background(), nil)
	fmt.Println("said", err)
}

func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestWorkers_EveryThreadIsPinned(t *testing.T) {
	p := start(t, nil)
	for i, cpu := range p.CPUs() {
		if _, err := square.Map(within(t), p, make([]float64, 10_000)); err != nil {
			t.Fatal(err)
		}
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", p.c.crew[i].pid.Load()))
		if len(files) == 0 {
			t.Fatalf("worker %d has no threads", i)
		}
		for _, f := range files {
			status, _ := os.ReadFile(f)
			if !strings.Contains(string(status), fmt.Sprintf("Cpus_allowed_list:\t%d\n", cpu)) {
				t.Errorf("%s: not pinned to CPU %d alone", f, cpu)
			}
		}
	}
}

func TestStart_KeepsToTheAffinityMask(t *testing.T) {
	var before, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	if before.Count() < 2 {
		t.Skip("needs two CPUs")
	}
	allowed, err := topology.Affinity()
	if err != nil {
		t.Fatal(err)
	}
	cpus := allowed.List()
	last := cpus[len(cpus)-1]
	one.Set(last)
	done := make(chan []int)
	go func() { // a thread of its own, with a mask of its own, which goes with it
		runtime.LockOSThread()
		unix.SchedSetaffinity(0, &one)
		plan, err := NewPlan(nil, "")
		if err != nil {
			t.Error(err)
			plan = new(Plan)
		}
		done <- plan.CPUs()
	}()
	if got := <-done; len(got) != 1 || got[0] != last {
		t.Fatalf("with only CPU %d allowed, workers go to %v", last, got)
	}
}

func TestStart_ForgottenMain(t *testing.T) {
	p := proctest.Start(t, "forgetful")
	if said := p.Expect("said"); !strings.Contains(said, "sched.Main()") {
		t.Fatalf("it said %q", said)
	}
	if err := p.Exit(); err != nil {
		t.Fatal(err)
	}
}

// The parent is killed at random moments, also while it starts: every worker is gone within a second, and what is
// left of its memory is stale, not alive.
func TestWorkers_DieWithTheirParent(t *testing.T) {
	for i := range 20 {
		p := proctest.Start(t, "parent")
		var workers []int
		if i%2 == 0 {
			for range 2 {
				pid, err := strconv.Atoi(p.Expect("worker"))
				if err != nil {
					t.Fatal(err)
				}
				workers = append(workers, pid)
			}
		}
		time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
		parent := p.Process.Pid
		p.Kill()
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			alive := 0
			for _, pid := range workers {
				if running(pid) {
					alive++
				}
			}
			if alive == 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d workers of %d outlive their parent", alive, parent)
			}
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		if _, err := shm.Reap(); err != nil {
			t.Fatal(err)
		}
		list, err := shm.List()
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, info := range list {
			if info.Program == filepath.Base(os.Args[0]) && info.PID != os.Getpid() {
				left++
			}
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d segments of killed parents are left: %+v", left, list)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestPool_IdleMakesNoWakeups(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	if _, err := square.Call(within(t), p, 1); err != nil {
		t.Fatal(err)
	}
	for p.c.sleepers.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	sleeps := func() (n uint64) {
		for i := range p.c.crew {
			n += p.c.crew[i].sleeps.Load()
		}
		return n
	}
	before := sleeps()
	time.Sleep(300 * time.Millisecond)
	if after := sleeps(); after != before {
		t.Fatalf("%d wake-ups while idle", after-before)
	}
}

func TestPool_StartStopLeavesNothing(t *testing.T) {
	count := func() int {
		fds, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(fds)
	}
	cycle := func() {
		p, err := Start(within(t), &Options{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	cycle()
	before := count()
	for range 30 {
		cycle()
	}
	if after := count(); after > before {
		t.Fatalf("%d descriptors before, %d after", before, after)
	}
}

// Workers that are killed while the pool starts are started again.
func TestStart_SurvivesKills(t *testing.T) {
	for range 20 {
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			for range 3 {
				select {
				case <-stop:
					return
				case <-time.After(time.Duration(rand.IntN(1500)) * time.Microsecond):
					killChildren()
				}
			}
		})
		p, err := Start(within(t), &Options{Workers: 2})
		close(stop)
		wg.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if err := filled(t, p, 1000, LoopOptions{Block: 10, Idempotent: true}); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killChildren sends SIGKILL to every process that this one has started.
func killChildren() {
	list, _ := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/children", os.Getpid()))
	tasks, _ := filepath.Glob("/proc/self/task/*/children")
	for _, f := range tasks {
		more, _ := os.ReadFile(f)
		list = append(append(list, ' '), more...)
	}
	for _, pid := range strings.Fields(string(list)) {
		if n, err := strconv.Atoi(pid); err == nil {
			syscall.Kill(n, syscall.SIGKILL)
		}
	}
}
