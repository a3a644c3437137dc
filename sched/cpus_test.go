package sched

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shmath/shmath/internal/topology"
)

// twoSockets writes a machine of two packages, two nodes, two third level caches in each, two cores under each cache, two
// threads in each core: CPU c and c+8 are a core. more are further files.
func twoSockets(t *testing.T, more map[string]string) string {
	t.Helper()
	files := map[string]string{"sys/devices/system/cpu/online": "0-15"}
	mask := func(match func(cpu int) bool) string {
		m := 0
		for cpu := range 16 {
			if match(cpu) {
				m |= 1 << cpu
			}
		}
		return fmt.Sprintf("%08x", m)
	}
	for cpu := range 16 {
		dir := fmt.Sprintf("sys/devices/system/cpu/cpu%d/", cpu)
		core, cache, pkg := cpu%8, cpu%8/2, cpu%8/4
		files[dir+"topology/core_id"] = fmt.Sprint(core)
		files[dir+"topology/core_cpus"] = mask(func(c int) bool { return c%8 == core })
		files[dir+"topology/package_cpus"] = mask(func(c int) bool { return c%8/4 == pkg })
		files[dir+"cache/index3/level"] = "3"
		files[dir+"cache/index3/shared_cpu_map"] = mask(func(c int) bool { return c%8/2 == cache })
		files[fmt.Sprintf("sys/devices/system/node/node%d/cpumap", pkg)] = mask(func(c int) bool { return c%8/4 == pkg })
	}
	for path, content := range more {
		files[path] = content
	}
	root := t.TempDir()
	for path, content := range files {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func Test15_Policies(t *testing.T) {
	root := twoSockets(t, nil)
	for _, c := range []struct {
		policy  Placement
		workers int
		want    string
	}{
		{PerCore, 0, "0-7"},
		{PerCore, 3, "0-2"},
		{PerCore, 10, "0-9"}, // second threads before anybody shares
		{PerThread, 0, "0-15"},
		{PerThread, 4, "0-3"},
		{Spread, 0, "0-7"},
		{Spread, 2, "0,4"},
		{Spread, 4, "0,2,4,6"},
		{Spread, 5, "0-2,4,6"},
		{Compact, 4, "0-1,8-9"},
		{Compact, 0, "0-15"},
		{PerL3, 0, "0,2,4,6"},
		{PerL3, 2, "0,2"},
		{PerNode, 0, "0,4"},
		{PerformanceCores, 0, "0-7"}, // all cores are alike
	} {
		plan, err := NewPlan(&Options{Placement: c.policy, Workers: c.workers}, root)
		if err != nil {
			t.Fatal(err)
		}
		if got := topology.SetOf(plan.CPUs()...).String(); got != c.want || len(plan.Shared()) > 0 {
			t.Errorf("%d workers by %v: %s, want %s", c.workers, c.policy, got, c.want)
		}
	}
}

// Workers are numbered by neighbourhood, so that neighbours in an array are neighbours in the machine.
func TestPlan_NeighboursAreNumberedTogether(t *testing.T) {
	plan, err := NewPlan(&Options{Placement: PerThread}, twoSockets(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := plan.CPUs(), []int{0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func Test16_QuotaAndIsolation(t *testing.T) {
	root := twoSockets(t, map[string]string{
		"proc/self/cgroup":                "0::/a/b",
		"proc/self/mountinfo":             "31 23 0:28 / /cg rw - cgroup2 cgroup2 rw",
		"cg/a/cpu.max":                    "390000 100000",
		"sys/devices/system/cpu/isolated": "0",
	})
	plan, err := NewPlan(nil, root)
	if err != nil {
		t.Fatal(err)
	}
	why := strings.Join(plan.Why, "; ")
	if got := topology.SetOf(plan.CPUs()...).String(); len(plan.Workers) != 3 || !strings.Contains(why, "3.9 CPUs in /cg/a/cpu.max") ||
		!strings.Contains(why, "isolated") || got != "1-2,8" {
		t.Errorf("CPUs %s, %s", got, why)
	}
	plan, err = NewPlan(&Options{Workers: 6}, root)
	if err != nil || len(plan.Workers) != 6 {
		t.Errorf("what was asked for goes before the quota: %v, %v", plan, err)
	}
}

func TestPlan_Explicit(t *testing.T) {
	root := twoSockets(t, map[string]string{"proc/self/status": "Cpus_allowed_list:\t0-7"})
	plan, err := NewPlan(&Options{CPUs: []int{5, 1}, Workers: 3}, root)
	if err != nil || !slices.Equal(plan.CPUs(), []int{5, 1, 5}) {
		t.Errorf("%v, %v: the order that was given counts", plan, err)
	}
	_, err = NewPlan(&Options{CPUs: []int{1, 9}}, root)
	if !errors.Is(err, ErrCPU) || !strings.Contains(err.Error(), ": 9; this process may run on 0-7") {
		t.Errorf("a CPU outside of the mask: %v", err)
	}
	if _, err := NewPlan(&Options{Placement: 99}, root); err == nil {
		t.Error("placement 99 was taken")
	}
	if _, err := NewPlan(nil, t.TempDir()); !errors.Is(err, topology.ErrNoCPU) {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestPlan_PerformanceCores(t *testing.T) {
	hybrid := map[string]string{"sys/devices/cpu_core/cpus": "0-3,8-11", "sys/devices/cpu_atom/cpus": "4-7,12-15"}
	plan, err := NewPlan(&Options{Placement: PerformanceCores}, twoSockets(t, hybrid))
	if err != nil || !slices.Equal(plan.CPUs(), []int{0, 1, 2, 3}) {
		t.Errorf("%v, %v", plan, err)
	}
	hybrid["proc/self/status"] = "Cpus_allowed_list:\t4-7"
	if _, err := NewPlan(&Options{Placement: PerformanceCores}, twoSockets(t, hybrid)); !errors.Is(err, ErrCPU) {
		t.Errorf("no performance core is allowed: %v", err)
	}
}

// Workers of other pools: free cores first, then free threads, then sharing, the least burdened first.
func TestPlan_OthersWereThereFirst(t *testing.T) {
	top, err := topology.LoadDir(twoSockets(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, taken string
		workers     int
		policy      Placement
		want        string
		shared      string
	}{
		{"free cores", "0-1", 2, PerCore, "2-3", ""},
		{"as many as there are", "0-1", 6, PerCore, "2-7", ""},
		{"then free threads", "0-1", 7, PerCore, "2-8", ""},
		{"threads of the last free core before any shared CPU", "0-6,8-14", 2, PerCore, "7,15", ""},
		{"nothing is free", "0-15", 2, PerCore, "0-1", "0-1"},
		{"some are free", "0-3,5-15", 2, PerCore, "0,4", "0"},
		{"another core of the cache", "0-1", 4, PerL3, "2,4,6,8", ""},
		{"a free core of the node", "0", 2, PerNode, "1,4", ""},
	} {
		uses := make([]int, 16)
		taken, _ := topology.ParseList(c.taken)
		for _, cpu := range taken {
			uses[cpu]++
		}
		plan, err := Options{Workers: c.workers, Placement: c.policy}.choose(top, uses)
		if err != nil {
			t.Fatal(err)
		}
		got, shared := topology.SetOf(plan.CPUs()...).String(), topology.FormatList(plan.Shared())
		if got != c.want || shared != c.shared {
			t.Errorf("%s: %s, shared %q; want %s, %q", c.name, got, shared, c.want, c.shared)
		}
		if why := strings.Join(plan.Why, "; "); c.shared != "" && !strings.Contains(why, "shared with workers of other programs") {
			t.Errorf("%s: nobody is told: %s", c.name, why)
		}
	}
}

func TestParsePlacement(t *testing.T) {
	for p := PerCore; int(p) < len(placements); p++ {
		if got, err := ParsePlacement(p.String()); err != nil || got != p {
			t.Errorf("%v: %v, %v", p, got, err)
		}
	}
	if _, err := ParsePlacement("nowhere"); err == nil {
		t.Error("nowhere was taken")
	}
	for _, bad := range []string{"", "x", "3-1"} {
		if _, err := ParseCPUs(bad); err == nil {
			t.Errorf("%q was taken for CPUs", bad)
		}
	}
}
