package topology

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const fixtures = "../../../shared/fixtures/hwloc"

// expected is what hwloc's lstopo counts on a machine, see expected.json.
type expected struct {
	Summary struct {
		Summary
		NUMA []struct {
			OS   int    `json:"os"`
			CPUs string `json:"cpus"`
			Mem  int    `json:"mem"`
		} `json:"numa"`
		Kinds []struct {
			CPUs string `json:"cpus"`
			Info map[string]string
		} `json:"cpukinds"`
	} `json:"summary"`
	All *struct {
		Packages, Cores, PUs int
		NUMANodes            int    `json:"numa_nodes"`
		Allowed              string `json:"machine_allowed"`
		AllowedNodes         string `json:"allowed_nodes"`
	} `json:"disallowed_view"`
}

// unpack reads an archive into memory: the folder with sys in it, without the many files that nobody asks for.
func unpack(t *testing.T, archive string) fs.FS {
	t.Helper()
	decompress := "bzip2"
	if strings.HasSuffix(archive, ".xz") {
		decompress = "xz"
	}
	raw, err := exec.Command(decompress, "-dc", archive).Output()
	if err != nil {
		t.Skipf("%s is needed: %v", decompress, err)
	}
	machine := make(fstest.MapFS)
	for r := tar.NewReader(bytes.NewReader(raw)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return machine
		} else if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(strings.TrimPrefix(h.Name, "./"), "/")
		name = strings.TrimPrefix(name, "fsroot/")
		if h.Typeflag == tar.TypeSymlink && strings.HasSuffix(name, "/cpufreq") {
			machine[name] = &fstest.MapFile{Data: []byte(h.Linkname), Mode: fs.ModeSymlink}
		}
		if h.Typeflag != tar.TypeReg || strings.HasPrefix(name, "sys/devices/pci") || strings.Contains(name, "/cpuidle/") {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		machine[name] = &fstest.MapFile{Data: content}
	}
}

func TestLoad_MachinesThatHwlocCounts(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(fixtures, "expected.json"))
	if err != nil {
		t.Skipf("no machines to compare with: %v", err)
	}
	var all struct{ Dumps map[string]json.RawMessage }
	if err := json.Unmarshal(raw, &all); err != nil || len(all.Dumps) == 0 {
		t.Fatalf("expected.json: %v, %d dumps", err, len(all.Dumps))
	}
	for name, raw := range all.Dumps {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want expected
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			archives, _ := filepath.Glob(filepath.Join(fixtures, name+".tar.*"))
			if len(archives) != 1 {
				t.Fatalf("archives of %s: %v", name, archives)
			}
			got, err := Load(unpack(t, archives[0]))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, got, want, raw)
		})
	}
}

func compare(t *testing.T, top *Topology, want expected, raw []byte) {
	t.Helper()
	s, w := top.Summary(), want.Summary.Summary
	counts := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d, hwloc says %d", what, got, want)
		}
	}
	counts("packages", s.Packages, w.Packages)
	counts("numa nodes", s.NUMANodes, w.NUMANodes)
	counts("cores", s.Cores, w.Cores)
	counts("pus", s.PUs, w.PUs)
	counts("l3", s.L3Groups, w.L3Groups)
	sets := func(what string, got, want []string) {
		t.Helper()
		got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", what, got, want)
		}
	}
	sets("cores", s.SMT, w.SMT)
	sets("l3", s.L3, w.L3)
	if want.All == nil {
		return // derived machines: nothing more is known of them
	}
	counts("dies", s.Dies, w.Dies)
	counts("l2", s.L2Groups, w.L2Groups)
	sets("l2", s.L2, w.L2)
	sets("packages", s.Package, w.Package)
	sets("pus", []string{s.PUList}, []string{w.PUList})
	compareNodes(t, top, want)
	if len(want.Summary.Kinds) > 1 {
		var got, kinds []string
		for _, k := range top.Kinds {
			got = append(got, k.CPUs.String())
		}
		for _, k := range want.Summary.Kinds {
			kinds = append(kinds, k.CPUs)
		}
		sets("kinds", got, kinds)
	} else {
		counts("kinds", max(1, len(top.Kinds)), 1)
	}
	var every Set
	for _, n := range top.Nodes {
		every.Add(n.ID)
	}
	whole := top.summary(top.Online, every)
	counts("all packages", whole.Packages, want.All.Packages)
	counts("all nodes", whole.NUMANodes, want.All.NUMANodes)
	counts("all cores", whole.Cores, want.All.Cores)
	counts("all pus", whole.PUs, want.All.PUs)
	sets("allowed nodes", []string{top.AllowedNodes.String()}, []string{want.All.AllowedNodes})
	sets("allowed", []string{top.Allowed.String()}, []string{want.All.Allowed})
}

func compareNodes(t *testing.T, top *Topology, want expected) {
	t.Helper()
	for _, n := range top.Nodes {
		if !top.AllowedNodes.Has(n.ID) {
			continue
		}
		found := false
		for _, w := range want.Summary.NUMA {
			if w.OS != n.ID {
				continue
			}
			found = true
			if got := n.CPUs.And(top.Allowed).String(); got != w.CPUs || n.Memory != w.Mem {
				t.Errorf("node %d: CPUs %q and %d bytes, hwloc says %q and %d", n.ID, got, n.Memory, w.CPUs, w.Mem)
			}
		}
		if !found {
			t.Errorf("node %d: unknown to hwloc, which has %v", n.ID, strings.TrimSpace(want.All.AllowedNodes))
		}
	}
}
