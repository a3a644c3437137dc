package topology

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// machine reads a machine of testdata: each line is a path, a space, and a line of that file.
func machine(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	files := make(fstest.MapFS)
	for line := range strings.Lines(string(raw)) {
		path, content, ok := strings.Cut(line, " ")
		if !ok || path == "#" {
			continue
		}
		if files[path] == nil {
			files[path] = new(fstest.MapFile)
		}
		files[path].Data = append(files[path].Data, content...)
	}
	return files
}

func load(t *testing.T, files fstest.MapFS) *Topology {
	t.Helper()
	top, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return top
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// lists writes the sets of groups, for comparison.
func lists[G any](groups []G, set func(G) Set) string {
	var s []string
	for _, g := range groups {
		s = append(s, set(g).String())
	}
	return strings.Join(s, " ")
}

func groupSet(g Group) Set { return g.CPUs }
func cacheSet(c Cache) Set { return c.CPUs }
func kindSet(k Kind) Set   { return k.CPUs }
func nodeSet(n Node) Set   { return n.CPUs }

func TestLoad_TwoSockets(t *testing.T) {
	top := load(t, machine(t, "two-sockets"))
	equal(t, "online", top.Online.String(), "0-6")
	equal(t, "offline", top.Offline.String(), "7")
	equal(t, "isolated", top.Isolated.String(), "5")
	equal(t, "allowed by cpuset and mask", top.Allowed.String(), "1-5")
	equal(t, "packages", lists(top.Packages, groupSet), "0,2,4,6 1,3,5")
	equal(t, "cores", lists(top.Cores, groupSet), "0,4 1,5 2,6 3")
	equal(t, "l2", lists(top.L2, cacheSet), "0,4 1,5 2,6 3")
	equal(t, "l3", lists(top.L3, cacheSet), "0,2,4,6 1,3,5")
	equal(t, "size of l3", top.L3[0].Bytes, 32<<20)
	equal(t, "nodes; the one without CPUs has its neighbour's", lists(top.Nodes, nodeSet), "0,2,4,6 1,3,5 1,3,5")
	equal(t, "node without CPUs", top.Nodes[2].CPULess, true)
	equal(t, "memory", top.Nodes[2].Memory, 4<<30)
	equal(t, "model", top.Model, "Example CPU @ 2.00GHz")
	equal(t, "quota of the parent group", top.Quota, Quota{2.5, "/sys/fs/cgroup/jobs/mine/cpu.max"})
	equal(t, "workers", top.Quota.Workers(), 2)
	equal(t, "kinds", len(top.Kinds), 0)
	equal(t, "CPU 5", top.At(5), Location{Package: 1, Die: -1, Node: 1, L3: 1, L2: 1, Core: 1, Kind: -1})
	equal(t, "CPU 7", top.At(7), nowhere)
	for _, c := range []struct{ a, b, want int }{{1, 1, 0}, {1, 5, 0}, {1, 3, 2}, {0, 1, 5}} {
		equal(t, "distance", top.Distance(c.a, c.b), c.want)
	}
	s := top.Summary()
	equal(t, "usable cores", strings.Join(s.SMT, " "), "4 1,5 2 3")
	equal(t, "usable packages", s.Packages, 2)
	equal(t, "usable nodes", s.NUMANodes, 3)
	equal(t, "usable threads", s.PUs, 5)
}

func TestLoad_SiblingsWithDifferentCoreIDsAreCores(t *testing.T) {
	top := load(t, machine(t, "bulldozer"))
	equal(t, "cores", lists(top.Cores, groupSet), "0 1 2 3")
	equal(t, "l2", lists(top.L2, cacheSet), "0-1 2-3")
	equal(t, "near", top.Distance(0, 1), 1)
	equal(t, "far", top.Distance(1, 2), 2)
	equal(t, "one node", lists(top.Nodes, nodeSet), "0-3")
	equal(t, "memory", top.Nodes[0].Memory, 16<<30)
	equal(t, "quota", top.Quota, Quota{0.5, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us"})
	equal(t, "at least one worker", top.Quota.Workers(), 1)
}

func TestLoad_HybridByCoreType(t *testing.T) {
	files := machine(t, "hybrid")
	top := load(t, files)
	equal(t, "kinds, the slowest first", lists(top.Kinds, kindSet), "4-7 0-3")
	equal(t, "name", top.Kinds[1].Name, "cpu_core")
	equal(t, "kind of CPU 2", top.At(2).Kind, 1)
	equal(t, "quota of an ancestor, version 1", top.Quota, Quota{3, "/cg/cpu/a/cpu.cfs_quota_us"})

	// Without the kernel's word for the types, frequencies tell: 5.2 and 5.0 GHz are one kind, 3.9 is another.
	delete(files, "sys/devices/cpu_core/cpus")
	delete(files, "sys/devices/cpu_atom/cpus")
	equal(t, "kinds by frequency", lists(load(t, files).Kinds, kindSet), "4-7 0-3")
}

func TestLoad_HybridByCapacity(t *testing.T) {
	top := load(t, machine(t, "capacity"))
	equal(t, "kinds", lists(top.Kinds, kindSet), "0,2 1,3")
	equal(t, "fast", top.Kinds[1].Capacity, 1024)
	equal(t, "nodes that overlap are ignored", lists(top.Nodes, nodeSet), "0-3")
	equal(t, "old cpuset", top.Allowed.String(), "1-3")
}

// The quota rows: own group, parent alone, none; a path that the mount does not reach.
func TestLoad_Quota(t *testing.T) {
	v2 := func(own, parent string) fstest.MapFS {
		files := machine(t, "two-sockets")
		files["sys/fs/cgroup/jobs/mine/step/cpu.max"].Data = []byte(own)
		files["sys/fs/cgroup/jobs/mine/cpu.max"].Data = []byte(parent)
		return files
	}
	outside := v2("max 100000", "max 100000")
	outside["proc/self/cgroup"].Data = []byte("0::/../elsewhere\n")
	outside["sys/fs/cgroup/cpu.max"] = &fstest.MapFile{Data: []byte("700000 100000\n")}
	for _, c := range []struct {
		name    string
		files   fstest.MapFS
		cpus    float64
		workers int
	}{
		{"own", v2("100000 100000", "max 100000"), 1, 1},
		{"half", v2("50000 100000", "max 100000"), 0.5, 1},
		{"parent", v2("max 100000", "199999 100000"), 1.99999, 1},
		{"none", v2("max 100000", "max 100000"), 0, 0},
		{"nonsense", v2("0 0", "x y z"), 0, 0},
		{"outside of the mount", outside, 7, 7},
	} {
		top := load(t, c.files)
		equal(t, c.name, top.Quota.CPUs, c.cpus)
		equal(t, c.name+": workers", top.Quota.Workers(), c.workers)
	}
}

// One package contradicts another: what the first CPU of a set does not name is not there.
func TestLoad_Contradictions(t *testing.T) {
	files := machine(t, "bulldozer")
	for cpu, mask := range []string{"5", "f", "5", "a"} {
		files["sys/devices/system/cpu/cpu"+string(rune('0'+cpu))+"/topology/package_cpus"].Data = []byte(mask)
	}
	top := load(t, files)
	equal(t, "packages", lists(top.Packages, groupSet), "0,2")
	equal(t, "CPU 3 is in none", top.At(3).Package, -1)

	delete(files, "sys/devices/system/cpu/online")
	files["sys/devices/system/cpu/cpu2/online"] = &fstest.MapFile{Data: []byte("0\n")}
	equal(t, "by folders", load(t, files).Online.String(), "0-1,3")
}

func TestLoad_NoMachine(t *testing.T) {
	if _, err := Load(fstest.MapFS{}); !errors.Is(err, ErrNoCPU) {
		t.Errorf("got %v", err)
	}
	if _, err := LoadDir(t.TempDir() + "/none"); err == nil {
		t.Error("a folder that is not there was read")
	}
}

func TestLive(t *testing.T) {
	top, err := Live()
	if err != nil {
		t.Fatal(err)
	}
	mask, err := Affinity()
	if err != nil {
		t.Fatal(err)
	}
	if !top.Allowed.Equal(mask.And(top.Online)) || top.Allowed.Len() == 0 {
		t.Errorf("allowed %v, mask %v, online %v", top.Allowed, mask, top.Online)
	}
	for _, cpu := range top.Allowed.List() {
		if at := top.At(cpu); at.Node < 0 {
			t.Errorf("CPU %d is in no node: %+v", cpu, at)
		}
	}
}

func TestSet(t *testing.T) {
	list, err := ParseList("8,0-3,\n")
	if err != nil || !slices.Equal(list, []int{8, 0, 1, 2, 3}) {
		t.Errorf("got %v, %v: the order must stay", list, err)
	}
	for _, bad := range []string{"x", "3-1", "-1", "1-", "70000", "1.5"} {
		if _, err := ParseList(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
	for _, c := range []struct{ mask, list string }{{"0000010f", "0-3,8"}, {"1,00000000,80000000", "31,64"}, {"0x3", "0-1"}, {"0", ""}} {
		s, err := parseMask(c.mask)
		if err != nil || s.String() != c.list {
			t.Errorf("%s: %s, %v", c.mask, s, err)
		}
	}
	if _, err := parseMask("zz"); err == nil {
		t.Error("zz was read")
	}
	a, b := SetOf(0, 1, 64), SetOf(1, 200)
	equal(t, "and", a.And(b).String(), "1")
	equal(t, "or", a.Or(b).String(), "0-1,64,200")
	equal(t, "minus", a.Minus(b).String(), "0,64")
	equal(t, "len", a.Len(), 3)
	equal(t, "first of none", Set{}.First(), -1)
	equal(t, "equal", SetOf(1).Equal(SetOf(1, 300).Minus(SetOf(300))), true)
}
