package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/shm"
)

// inputs is a folder with a ramp of n numbers, x.npy, three numbers, y.npy, and none, none.npy.
func inputs(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)/float64(n) - 0.5
	}
	for name, values := range map[string][]float64{"x.npy": x, "y.npy": {1, 2, 3}, "none.npy": {}} {
		if err := arena.Save(filepath.Join(dir, name), arena.Wrap(values)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEval_PrintsBareNumbers(t *testing.T) {
	dir := inputs(t, 10)
	for _, c := range []struct{ args, want string }{
		{"mean(y), std(y), len(y), sum(y) > 5 |y=y.npy", "2.0\n0.816496580927726\n3\nTrue\n"},
		{"m = max(y)|y=y.npy", "3.0\n"},
		{"sum(y) * k|y=y.npy|k=2.5", "15.0\n"},
		{"2 ** 10", "1024\n"},
		{"sum(none)|none=none.npy", "0.0\n"},
		{"mean(uniform(1000))|--seed|42", ""},
	} {
		got := mustRun(t, dir, append([]string{"eval"}, strings.Split(c.args, "|")...)...)
		if c.want != "" && got != c.want {
			t.Errorf("%s: %q, want %q", c.args, got, c.want)
		}
	}
	var last struct {
		Event string
		Value float64
	}
	for line := range strings.Lines(mustRun(t, dir, "eval", "--json", "max(y)", "y=y.npy")) {
		if strings.Contains(line, `"scalar"`) {
			if err := json.Unmarshal([]byte(line), &last); err != nil {
				t.Error(err)
			}
		}
	}
	if last.Value != 3 {
		t.Errorf("JSON value %v", last.Value)
	}
}

func TestEval_WritesArrays(t *testing.T) {
	const n = 300_001
	dir := inputs(t, n)
	if got := mustRun(t, dir, "eval", "y = exp(-x*x/2)/sqrt(2*pi)", "x=x.npy", "-o", "out.npy"); got != "" {
		t.Errorf("printed %q", got)
	}
	y, err := arena.MapFile[float64](filepath.Join(dir, "out.npy"))
	if err != nil {
		t.Fatal(err)
	}
	defer y.Close()
	for _, i := range []int{0, 1, n / 3, n - 1} {
		x := float64(i)/n - 0.5
		if got, want := y.At(i), math.Exp(-x*x/2)/math.Sqrt(2*math.Pi); math.Abs(got-want) > 1e-15 {
			t.Errorf("y[%d] = %v, want %v", i, got, want)
		}
	}
	if got := mustRun(t, dir, "eval", "x[x >= 0], count(x >= 0)", "x=x.npy", "-o", "half.npy"); got != "150000\n" {
		t.Errorf("printed %q", got)
	}
	h, err := arena.ReadHeaderFile(filepath.Join(dir, "half.npy"))
	if err != nil || fmt.Sprint(h.Shape) != "[150000]" {
		t.Errorf("half: %v, %v", h.Shape, err)
	}
	if left := litter(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestEval_Faults(t *testing.T) {
	dir := inputs(t, 100)
	if err := os.WriteFile(filepath.Join(dir, "p.csv"), []byte("day,close\n1,a\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	before := litter(t, dir)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", 2, "too few arguments; write shmath eval"},
		{"mean(x", 2, "column 5"},
		{"maen(x)|x=x.npy", 2, "unknown function maen; did you mean mean?"},
		{"mean(xx)|x=x.npy", 2, "unknown variable xx"},
		{"mean(x)|x", 2, "\"x\" is no variable; write NAME=FILE.npy"},
		{"mean(x)|x=x.npy|x=y.npy", 2, "x is given twice"},
		{"mean(x)|x=p.csv", 2, "names no column; write x=p.csv:COLUMN"},
		{"mean(x)|x=p.csv:clos", 1, "p.csv:1: there is no column \"clos\"; did you mean close?"},
		{"mean(x)|x=p.csv:close", 1, "p.csv:2: row 1, column close holds \"a\""},
		{"mean(x)|x=z.npy", 1, "z.npy: there is no such file"},
		{"mean(x)|x=none.npy", 1, "mean of an empty array"},
		{"sum(x + y)|x=x.npy|y=y.npy", 1, "shapes do not match"},
		{"x + 1|x=x.npy", 2, "write it with -o FILE.npy"},
		{"x + 1, x|x=x.npy|-o|a.npy", 2, "are arrays; one line writes one"},
		{"mean(x)|x=x.npy|-o|a.npy", 2, "gives no array"},
		{"x + 1|x=x.npy|-o|a.txt", 2, "write -o a.npy"},
		{"x + 1|x=x.npy|-o|./x.npy", 2, "is the input x"},
		{"x + 1|x=x.npy|-o|no/a.npy", 1, "there is no folder no"},
		{"x + 1|x=x.npy|-o|shm:", 2, "write -o shm:NAME"},
		{"x + 1|x=x.npy|-o|shm:a/b", 1, "bad name"},
		{"mean(x)|x=x.npy|--workers|-1", 2, "--workers -1"},
		{"mean(x)|x=x.npy|--workers|9999", 2, "there can be 251 at most"},
		{"mean(x)|x=x.npy|--cpus|a", 2, "write a list such as 0-3,8"},
		{"mean(x)|x=x.npy|--cpus|8191", 2, "8191"},
		{"mean(x)|x=x.npy|--backend|threads", 2, "write processes or inprocess"},
		{"mean(x)|x=x.npy|--what", 2, "unknown flag: --what"},
	} {
		o := shmath(t, dir, append([]string{"eval"}, strings.FieldsFunc(c.args, func(r rune) bool { return r == '|' })...)...)
		o.mustFail(t, c.code, c.want)
		if o.stdout != "" {
			t.Errorf("%s printed %q", c.args, o.stdout)
		}
	}
	shmath(t, dir).mustFail(t, 2, "give a command: doctor, eval, gc, ls, rm, run, top, topo")
	shmath(t, dir, "evla").mustFail(t, 2, "did you mean eval?")
	shmath(t, dir, "run", "none.yaml").mustFail(t, 1, "there is no such job file")
	shmath(t, dir, "run", "none.yaml", "--set", "x").mustFail(t, 1, "none.yaml")
	if after := litter(t, dir); len(after) != len(before) {
		t.Errorf("left behind: %v", after)
	}
}

// published is a script that opens the segment as NumPy and as multiprocessing do, and changes it.
const published = `
import sys
import numpy as np
from multiprocessing import shared_memory, resource_tracker
name = sys.argv[1]
a = np.load("/dev/shm/" + name, mmap_mode="r+")
assert a.dtype == np.float64 and a.tolist() == [2.0, 4.0, 6.0], a
m = shared_memory.SharedMemory(name)
resource_tracker.unregister(m._name, "shared_memory")  # it is not Python's to remove
b = np.ndarray(3, np.float64, m.buf, a.offset)
a[1] = 40
assert b[1] == 40
b[0] = 20
del b
m.close()
`

func TestEval_PublishesASegment(t *testing.T) {
	dir := inputs(t, 10)
	name := fmt.Sprintf("shmath-test-%d", os.Getpid())
	mustRun(t, dir, "eval", "2 * y", "y=y.npy", "-o", "shm:"+name)
	t.Cleanup(func() { _ = shm.Remove(name, true) })
	shmath(t, dir, "eval", "2 * y", "y=y.npy", "-o", "shm:"+name).mustFail(t, 1, "remove it: shmath rm "+name)
	want := "12.0\n"
	if python := pythonWithNumPy(); python != "" {
		if b, err := exec.Command(python, "-c", published, name).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		want = "66.0\n"
	} else {
		t.Log("no Python with NumPy (set SHMATH_PYTHON): only shmath reads the segment")
	}
	if got := mustRun(t, dir, "eval", "sum(z)", "z=/dev/shm/"+name); got != want {
		t.Errorf("sum %q, want %q", got, want)
	}
	if got := mustRun(t, dir, "gc"); strings.Contains(got, name) {
		t.Errorf("gc: %q", got)
	}
	table := strings.Join(strings.Fields(mustRun(t, dir, "ls")), " ")
	if !strings.HasPrefix(table, "NAME KIND SIZE RESERVED MADE BY AGE ALIVE STALE ") || !strings.Contains(table, " "+name+" persistent 152 B ") {
		t.Errorf("ls: %s", table)
	}
	if got := mustRun(t, dir, "rm", name); got != "removed "+name+"\n" {
		t.Errorf("rm: %q", got)
	}
	shmath(t, dir, "rm", name).mustFail(t, 1, "no such segment")
}

func TestEval_FailedSegmentGoes(t *testing.T) {
	dir := inputs(t, 10)
	name := fmt.Sprintf("shmath-test-failed-%d", os.Getpid())
	shmath(t, dir, "eval", "y = y / mean(y[y > 9])", "y=y.npy", "-o", "shm:"+name).mustFail(t, 1, "mean of nothing")
	if _, err := os.Stat("/dev/shm/" + name); err == nil {
		t.Error("the segment of a failed call is left")
	}
}

func TestSegments_AliveAndStale(t *testing.T) {
	dir := t.TempDir()
	name := fmt.Sprintf("shmath-test-alive-%d", os.Getpid())
	seg, err := shm.Create(name, 4096, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer seg.Close()
	shmath(t, dir, "rm", name).mustFail(t, 1, "in use")
	if got := mustRun(t, dir, "gc"); strings.Contains(got, name) {
		t.Errorf("gc removed a segment in use: %q", got)
	}
	found := false
	for line := range strings.Lines(mustRun(t, dir, "ls", "--json")) {
		var s segmentLine
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		if s.Name == name {
			found = s.Kind == "ephemeral" && s.Size == 4096 && !s.Stale && len(s.Alive) == 1 && s.Alive[0].PID == os.Getpid()
		}
	}
	if !found {
		t.Error("ls --json does not tell of the living segment")
	}
	mustRun(t, dir, "rm", "--force", name)
}
