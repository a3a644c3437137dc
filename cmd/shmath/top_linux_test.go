package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// longJob starts a job that has far more to do than a test takes, and ends it with the test.
func longJob(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"run", "job.yaml", "--quiet"}, args...)...)
	cmd.Dir = smallJob(t)
	path := filepath.Join(cmd.Dir, "job.yaml")
	job, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Replace(string(job), "horizon=10", "horizon=2000", 1)
	if long == string(job) {
		t.Fatal("the example has another horizon")
	}
	if err := os.WriteFile(path, []byte(long), 0o666); err != nil {
		t.Fatal(err)
	}
	r := start(t, cmd)
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGINT)
		if o := finish(t, r); o.code != 130 {
			t.Errorf("the job ended with %d: %s", o.code, o.stderr)
		}
	})
	return cmd
}

// seen returns the line of a program's pool in the pictures of top, when accept says that it shows what is wanted.
func seen(t *testing.T, pid int, accept func(poolLine) bool) poolLine {
	t.Helper()
	for deadline := time.Now().Add(watchdog); ; time.Sleep(10 * time.Millisecond) {
		out := mustRun(t, t.TempDir(), "top", "--once", "--json")
		for text := range strings.Lines(out) {
			var line poolLine
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if line.PID == pid && accept(line) {
				return line
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("pool of %d: last picture %s", pid, out)
		}
	}
}

func TestTop_SeesAJob(t *testing.T) {
	job := longJob(t, "--workers", "2")
	pid := job.Process.Pid
	line := seen(t, pid, func(l poolLine) bool { return len(l.Loops) == 1 && l.Loops[0].Done > 10 })
	if line.Version != 1 || len(line.Workers) != 2 || line.Program != "shmath-built" || line.Bytes < 1<<16 || line.Uptime <= 0 {
		t.Errorf("%+v", line)
	}
	done := uint64(0)
	for _, w := range line.Workers {
		done += w.Blocks
		if w.PID == 0 || w.Joins == 0 || w.Run <= 0 || w.Utilisation <= 0 || w.Utilisation > 1 {
			t.Errorf("worker %+v", w)
		}
	}
	if l := line.Loops[0]; done < uint64(l.Done) || l.Blocks < l.Done || l.Elapsed <= 0 || l.Left <= 0 {
		t.Errorf("%d blocks by workers, loop %+v", done, l)
	}
	later := seen(t, pid, func(l poolLine) bool { return len(l.Loops) == 1 && l.Loops[0].Done > line.Loops[0].Done })
	if later.Uptime <= line.Uptime {
		t.Errorf("uptime %v, then %v", line.Uptime, later.Uptime)
	}
	if err := syscall.Kill(line.Workers[0].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	seen(t, pid, func(l poolLine) bool { return l.Workers[0].Restarts == 1 && l.Workers[0].PID != line.Workers[0].PID })
	table := mustRun(t, t.TempDir(), "top")
	for _, want := range []string{"shmath-built (", "WORKER ", "RESTARTS", " blocks ", " left\n"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
}

func TestTop_Calls(t *testing.T) {
	shmath(t, t.TempDir(), "top", "x").mustFail(t, 2, "shmath top")
	shmath(t, t.TempDir(), "top", "--interval", "1us").mustFail(t, 2, "--interval")
}

// A run leaves a trace in which each block of each loop is one box, and a page of figures, and computes the same numbers.
func TestRun_TraceAndMetrics(t *testing.T) {
	dir := smallJob(t)
	args := []string{"run", "job.yaml", "--set", "paths=300_000", "--quiet", "--workers", "2"}
	want := mustRun(t, dir, args...)
	if got := mustRun(t, dir, append(args, "--trace", "t.json", "--metrics", "m.prom")...); got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "t.json"))
	if err != nil {
		t.Fatal(err)
	}
	var trace struct {
		TraceEvents []struct {
			Ph   string
			Tid  int
			Dur  float64
			Args struct{ Run, Block int }
		}
	}
	if err := json.Unmarshal(raw, &trace); err != nil {
		t.Fatal(err)
	}
	boxes := make(map[[2]int]int)
	for _, e := range trace.TraceEvents {
		if e.Ph == "X" {
			boxes[[2]int{e.Args.Run, e.Args.Block}]++
			if e.Tid < 0 || e.Tid > 1 || e.Dur <= 0 {
				t.Errorf("box %+v", e)
			}
		}
	}
	total := 0
	for box, n := range boxes {
		if n != 1 {
			t.Errorf("run and block %v: %d boxes", box, n)
		}
		total++
	}
	page, err := os.ReadFile(filepath.Join(dir, "m.prom"))
	if err != nil {
		t.Fatal(err)
	}
	counted := 0
	for line := range strings.Lines(string(page)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "} "); ok && strings.HasPrefix(name, "shmath_worker_blocks_total{") {
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Error(err)
			}
			counted += n
		}
	}
	if total < 10 || counted != total {
		t.Errorf("%d boxes, %d blocks counted", total, counted)
	}
	for _, flag := range []string{"--trace", "--metrics"} {
		shmath(t, dir, append(args, flag, "nowhere/file")...).mustFail(t, 1, "nowhere/file")
	}
}
