//go:build linux

package sched

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/internal/topology"
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
	if _, err := p.StartProgram(Program{Path: "sleep", Args: []string{"1000"}}); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	if _, err := family.Call(context.Background(), p, 0); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
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

func Test15_EveryThreadIsPinned(t *testing.T) {
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

func Test16_AffinityMask(t *testing.T) {
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
	for _, pid := range children() {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}
