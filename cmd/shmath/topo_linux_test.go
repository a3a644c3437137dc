package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shmath/shmath/internal/topology"
)

// dump writes a machine of internal/topology/testdata as files.
func dump(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("../../internal/topology/testdata/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for line := range strings.Lines(string(raw)) {
		path, content, ok := strings.Cut(line, " ")
		if !ok || path == "#" {
			continue
		}
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(full, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		f.WriteString(content)
		f.Close()
	}
	return root
}

func TestTopo_Draws(t *testing.T) {
	root := dump(t, "two-sockets")
	out := mustRun(t, t.TempDir(), "topo", "--sysfs", root, "--workers", "2")
	lines := strings.Split(out, "\n")
	width := len([]rune(lines[0]))
	for i, l := range lines {
		if strings.HasPrefix(l, "│") && len([]rune(l)) != width {
			t.Errorf("line %d is not as wide as the first:\n%s", i, out)
		}
	}
	for _, want := range []string{
		"┌ machine, 12.0 GiB, Example CPU @ 2.00GHz ─", "┌ package 0 ─", "┌ NUMA node 1, 4.0 GiB ─", "┌ L3, 32.0 MiB ─", "┌ core 1 ─",
		"│ L2, 2.0 MiB │", "│ (0) 4*      │", "│ 2* (6)      │", "│ 1 5i        │", "│ 3           │", "┌ NUMA node 2, 4.0 GiB ┐", "│ memory without CPUs  │",
		"* a worker lives here: 2 on CPUs 2,4\n", "  - one worker for each core; there are 4 in CPUs 1-4\n",
		"  - isolated CPUs are used only when they are named: 5\n", "() this process may not run here: 0,6\n", "i isolated: 5\n", "offline: 7\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

func TestTopo_JSON(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal([]byte(mustRun(t, t.TempDir(), "topo", "--json", "--sysfs", dump(t, "two-sockets"))), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]float64{"packages": 2, "numa_nodes": 3, "cores": 4, "pus": 5, "l3_groups": 2, "quota_cpus": 2.5} {
		if got[key] != want {
			t.Errorf("%s: %v, want %v", key, got[key], want)
		}
	}
	var sets []string
	for _, s := range got["smt_sibling_sets"].([]any) {
		sets = append(sets, s.(string))
	}
	if want := []string{"4", "1,5", "2", "3"}; !slices.Equal(sets, want) {
		t.Errorf("cores %q, want %q", sets, want)
	}
	if workers := got["workers"].([]any); len(workers) != 2 {
		t.Errorf("%v workers, the quota leaves room for two", workers)
	}
}

func TestTopo_JSON_Here(t *testing.T) {
	var got topology.Summary
	if err := json.Unmarshal([]byte(mustRun(t, t.TempDir(), "topo", "--json")), &got); err != nil {
		t.Fatal(err)
	}
	top, err := topology.Live()
	if err != nil {
		t.Fatal(err)
	}
	if want := top.Summary(); got.PUList != want.PUList || !slices.Equal(got.SMT, want.SMT) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTopo_Mistakes(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--sysfs", "/nowhere"}, 2, "--sysfs /nowhere: stat /nowhere: no such file"},
		{[]string{"--sysfs", t.TempDir()}, 1, "must hold the sys and proc"},
		{[]string{"--cpus", "1,8", "--sysfs", dump(t, "two-sockets")}, 2, "8; this process may run on 1-5"},
		{[]string{"--placement", "sideways"}, 2, "--placement sideways: write cores"},
		{[]string{"extra"}, 2, "unexpected argument extra"},
	} {
		got := shmath(t, t.TempDir(), append([]string{"topo"}, c.args...)...)
		if got.code != c.code || !strings.Contains(got.stderr, c.says) || got.stdout != "" {
			t.Errorf("%v: %+v, want %d and %q", c.args, got, c.code, c.says)
		}
	}
}

// Each fact that is not as it should be has its finding, and each finding that is not fine has a remedy.
func TestDoctor_Findings(t *testing.T) {
	healthy := func() *facts {
		return &facts{
			topo: &topology.Topology{Allowed: topology.SetOf(0, 1, 2, 3)}, memory: 8 << 30, shm: 4 << 30, shmFree: 3 << 30,
			shmWritable: true, hugeShm: "advise", locked: -1, pidfd: true, waitAny: true, ofd: true,
		}
	}
	grades := func(f *facts) (advices, problems int, all string) {
		for _, r := range f.examine() {
			all += r.Name + ": " + r.Found + " -> " + r.Remedy + "\n"
			switch r.Grade {
			case advice:
				advices++
			case problem:
				problems++
			}
			if (r.Grade == fine) != (r.Remedy == "") {
				t.Errorf("%+v: a remedy goes with what is not fine", r)
			}
		}
		return advices, problems, all
	}
	if a, p, all := grades(healthy()); a+p != 0 {
		t.Errorf("a healthy machine:\n%s", all)
	}
	for _, c := range []struct {
		change            func(f *facts)
		advices, problems int
		says              string
	}{
		{func(f *facts) { f.shm = 0 }, 0, 1, "mount -t tmpfs"},
		{func(f *facts) { f.shm, f.shmFree = 64<<20, 60<<20 }, 1, 0, "--shm-size=4096m"},
		{func(f *facts) { f.shmFree = 0 }, 0, 1, "shmath gc"},
		{func(f *facts) { f.shmWritable = false }, 0, 1, "chmod 1777"},
		{func(f *facts) { f.hugeShm = "never" }, 1, 0, "echo within_size"},
		{func(f *facts) { f.topo.Quota = topology.Quota{CPUs: 2.5, File: "/cg/cpu.max"} }, 1, 0, "--cpus=3"},
		{func(f *facts) { f.topo.Quota = topology.Quota{CPUs: 9, File: "/cg/cpu.max"} }, 0, 0, "4 workers"},
		{func(f *facts) { f.governor = "powersave" }, 1, 0, "cpupower frequency-set -g performance"},
		{func(f *facts) { f.governor = "performance" }, 0, 0, "governor performance"},
		{func(f *facts) { f.locked, f.swap = 8<<20, 1<<30 }, 1, 0, "LimitMEMLOCK=infinity"},
		{func(f *facts) { f.load = 5 }, 1, 0, "load 5.0 on 4 CPUs"},
		{func(f *facts) { f.neighbours = []int{0, 1} }, 1, 0, "workers on CPUs 0-1"},
		{func(f *facts) { f.ofd = false }, 0, 1, "F_OFD_SETLK"},
		{func(f *facts) { f.pidfd = false }, 1, 0, "pidfd_open"},
		{func(f *facts) { f.waitAny = false }, 1, 0, "5.16"},
	} {
		f := healthy()
		c.change(f)
		if a, p, all := grades(f); a != c.advices || p != c.problems || !strings.Contains(all, c.says) {
			t.Errorf("%d advices and %d problems, want %d, %d and %q in\n%s", a, p, c.advices, c.problems, c.says, all)
		}
	}
}

func TestDoctor_ExitCode(t *testing.T) {
	for _, args := range [][]string{{"doctor"}, {"doctor", "--json"}} {
		got := shmath(t, t.TempDir(), args...)
		wrong := strings.Contains(got.stdout, "problem")
		if got.code == 0 && wrong || got.code == 1 && (!wrong || strings.Count(got.stderr, "\n") != 1) || got.code > 1 {
			t.Errorf("%v: %+v", args, got)
		}
		if !strings.Contains(got.stdout, "futex_waitv") {
			t.Errorf("%v: %s", args, got.stdout)
		}
	}
}
