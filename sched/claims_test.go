//go:build linux

package sched

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/internal/topology"
)

// tenantRole is a program with a pool of so many workers. It says where they live, and stays.
func tenantRole(args []string) {
	workers, _ := strconv.Atoi(args[0])
	p, err := Start(context.Background(), &Options{Workers: workers})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Printf("lives on=%s shared=%s\n", topology.SetOf(p.CPUs()...), topology.FormatList(p.Plan().Shared()))
	select {}
}

// tenant starts a program and returns its CPUs, and those that it shares.
func tenant(t *testing.T, workers int) (p *proctest.Process, on, shared topology.Set) {
	t.Helper()
	p = proctest.Start(t, "tenant", strconv.Itoa(workers))
	said := p.Expect("lives")
	var sets [2]topology.Set
	for i, key := range []string{"on=", "shared="} {
		_, rest, _ := strings.Cut(said, key)
		list, _, _ := strings.Cut(rest, " ")
		cpus, err := topology.ParseList(list)
		if err != nil {
			t.Fatalf("%q: %v", said, err)
		}
		sets[i] = topology.SetOf(cpus...)
	}
	return p, sets[0], sets[1]
}

// usableHere returns the CPUs of this machine from which policies choose; the test needs two.
func usableHere(t *testing.T) topology.Set {
	t.Helper()
	top, err := topology.Live()
	if err != nil {
		t.Fatal(err)
	}
	usable, _ := usableCPUs(top)
	if usable.Len() < 2 || usable.Len() > workersMax {
		t.Skipf("needs between 2 and %d CPUs, there are %d", workersMax, usable.Len())
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) // apart from the pools of other tests
	return usable
}

func TestClaims_ProgramsOfOneUserKeepApart(t *testing.T) {
	usable := usableHere(t)
	first, hers, shared := tenant(t, usable.Len()-1)
	if shared.Len() > 0 || hers.Len() != usable.Len()-1 {
		t.Fatalf("the first program lives on %v and shares %v", hers, shared)
	}
	_, his, shared := tenant(t, 1)
	if !his.Equal(usable.Minus(hers)) || shared.Len() > 0 {
		t.Fatalf("the second program lives on %v and shares %v; free was %v", his, shared, usable.Minus(hers))
	}
	_, third, shared := tenant(t, 1)
	if third.Len() != 1 || !shared.Equal(third) {
		t.Fatalf("the third program lives on %v and says that it shares %v", third, shared)
	}
	first.Kill() // its locks go with it
	free := hers.Minus(third)
	if free.Len() == 0 {
		return
	}
	_, last, shared := tenant(t, 1)
	if last.And(free).Len() != 1 || shared.Len() > 0 {
		t.Fatalf("after a kill %v are free; the next program lives on %v and shares %v", free, last, shared)
	}
}

// Two that start at the same time do not get the same CPU.
func TestClaims_Race(t *testing.T) {
	usable := usableHere(t)
	for round := range 300 {
		var plans [2]*Plan
		var all [2]*claims
		var both sync.WaitGroup
		for i := range plans {
			both.Go(func() {
				var err error
				if plans[i], _, all[i], err = (Options{Workers: usable.Len() / 2}).place(); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if t.Failed() {
			return
		}
		a, b := topology.SetOf(plans[0].CPUs()...), topology.SetOf(plans[1].CPUs()...)
		if a.And(b).Len() > 0 || len(plans[0].Shared())+len(plans[1].Shared()) > 0 {
			t.Fatalf("round %d: %v and %v, shared %v and %v", round, a, b, plans[0].Shared(), plans[1].Shared())
		}
		all[0].close()
		all[1].close()
	}
}

// When nothing is free, the least burdened CPU is shared, and what was claimed is counted right.
func TestClaims_SharingIsEven(t *testing.T) {
	usable := usableHere(t)
	load := make(map[int]int)
	for range 3 * usable.Len() {
		plan, _, c, err := Options{Workers: 1}.place()
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		load[plan.CPUs()[0]]++
	}
	for _, cpu := range usable.List() {
		if load[cpu] != 3 {
			t.Fatalf("three workers for each of %v, they are at %v", usable, load)
		}
	}
	c := openClaims()
	defer c.close()
	for cpu, n := range c.uses(usable.List()[usable.Len()-1] + 1) {
		if n != load[cpu] {
			t.Errorf("CPU %d: counted %d claims, there are %d", cpu, n, load[cpu])
		}
	}
}

// A list that was given is followed, and others see it.
func TestClaims_ExplicitListsClaimToo(t *testing.T) {
	usable := usableHere(t)
	cpu := usable.First()
	var plans []*Plan
	for range 2 {
		plan, _, c, err := Options{CPUs: []int{cpu}}.place()
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		plans = append(plans, plan)
	}
	if plans[0].Workers[0] != (Place{cpu, false}) || plans[1].Workers[0] != (Place{cpu, true}) {
		t.Errorf("%+v, %+v", plans[0], plans[1])
	}
	if plan, err := NewPlan(&Options{Workers: 1}, ""); err != nil || plan.CPUs()[0] == cpu {
		t.Errorf("%+v, %v: CPU %d is taken", plan, err, cpu)
	}
}

// A link in the way is not followed: in /tmp anybody may put one.
func TestClaims_FileOfAnother(t *testing.T) {
	usableHere(t)
	dir := os.Getenv("XDG_RUNTIME_DIR")
	trap := filepath.Join(dir, fmt.Sprintf("shmath-%d.cpus", os.Geteuid()))
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), trap); err != nil {
		t.Fatal(err)
	}
	c := openClaims()
	defer c.close()
	if c.f != nil && filepath.Dir(c.f.Name()) == dir {
		t.Errorf("followed %s", trap)
	}
	if _, err := os.Stat(filepath.Join(dir, "elsewhere")); err == nil {
		t.Error("made a file behind the link")
	}
}
