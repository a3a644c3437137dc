package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRun_SameBitsForAnyWorkers(t *testing.T) {
	dir := smallJob(t)
	var want [2]string
	var figures string
	for i, args := range [][]string{{"--workers", "1"}, {"--workers", "2"}, {"--workers", "5"}, {"--backend", "inprocess"}} {
		out := mustRun(t, dir, append([]string{"run", "job.yaml", "--set", "paths=300_000", "--quiet"}, args...)...)
		got := products(t, dir)
		if i == 0 {
			want, figures = got, out
			if !strings.HasPrefix(out, "var99 = 0.1") || strings.Count(out, "\n") != 2 {
				t.Errorf("printed %q", out)
			}
		}
		if got != want || out != figures {
			t.Errorf("%v: other bits than one worker; printed %q, want %q", args, out, figures)
		}
	}
}

func TestRun_SeedChangesTheResult(t *testing.T) {
	dir := smallJob(t)
	a := mustRun(t, dir, "run", "job.yaml", "--set", "paths=10000", "--quiet")
	b := mustRun(t, dir, "run", "job.yaml", "--set", "paths=10000", "--quiet", "--set", "seed=7")
	if a == b {
		t.Error("seeds 42 and 7 give the same")
	}
}

func TestRun_PrintsStepsAndEvents(t *testing.T) {
	dir := smallJob(t)
	out := mustRun(t, dir, "run", "job.yaml", "--set", "paths=100_000", "--workers", "1")
	for _, want := range []string{"sp500-var: 1 worker on CPU", "r = diff(log(close)) ", "loss = -bootstrap(", " GB/s ", " M elem/s ", "\nvar99 = 0.", "\nes99 = 0.",
		"wrote loss.npy (800 kB)", "wrote loss.svg ("} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	kinds := make(map[string]int)
	for line := range strings.Lines(mustRun(t, dir, "run", "job.yaml", "--set", "paths=100_000", "--json")) {
		var e struct {
			Version int    `json:"shmath"`
			Event   string `json:"event"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Version != 1 {
			t.Errorf("%q: %v", line, err)
		}
		kinds[e.Event]++
	}
	if kinds["start"] != 1 || kinds["step"] != 6 || kinds["scalar"] != 2 || kinds["file"] != 3 || kinds["done"] != 1 {
		t.Errorf("events %v", kinds)
	}
}

// children lists the processes that pid has started.
func children(pid int) []int {
	var list []int
	tasks, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	for _, path := range tasks {
		b, _ := os.ReadFile(path) // the thread may be gone
		for _, f := range strings.Fields(string(b)) {
			if n, err := strconv.Atoi(f); err == nil {
				list = append(list, n)
			}
		}
	}
	return list
}

func TestRun_SameBitsWhileWorkersAreKilled(t *testing.T) {
	dir := smallJob(t)
	args := []string{"run", "job.yaml", "--quiet", "--workers", "2", "--set", "paths=6_000_000"}
	want := mustRun(t, dir, args...)
	whole := products(t, dir)
	before := segments(t)
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 1))
		cmd := exec.Command(binary, args...)
		cmd.Dir = dir
		r := start(t, cmd)
		ended := make(chan outcome, 1)
		go func() { ended <- finish(t, r) }()
		killed := 0
		var o outcome
		for running := true; running; {
			select {
			case o = <-ended:
				running = false
			case <-time.After(time.Duration(10+random.IntN(50)) * time.Millisecond):
				// A few deaths: a pool whose workers never live to work gives up, as it should.
				if list := children(cmd.Process.Pid); killed < 4 && len(list) > 0 {
					if syscall.Kill(list[random.IntN(len(list))], syscall.SIGKILL) == nil {
						killed++
					}
				}
			}
		}
		t.Logf("seed %d: %d workers killed", seed, killed)
		if o.code != 0 || o.stdout != want {
			t.Fatalf("exit %d, printed %q, want %q; standard error %q", o.code, o.stdout, want, o.stderr)
		}
		if killed == 0 {
			t.Error("no worker lived long enough to be killed")
		}
		if products(t, dir) != whole {
			t.Error("the outputs have other bits")
		}
	}
	if after := segments(t); len(after) > len(before) {
		t.Errorf("/dev/shm: before %v, after %v", before, after)
	}
}

// interrupted starts a long job in a process group of its own and sends the signals, the first when workers are at work.
func interrupted(t *testing.T, dir string, signals ...syscall.Signal) outcome {
	t.Helper()
	cmd := exec.Command(binary, "run", "job.yaml", "--set", "paths=60_000_000", "--quiet", "--workers", "1")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	before := len(segments(t))
	r := start(t, cmd)
	deadline := time.Now().Add(watchdog)
	for len(segments(t)) <= before { // the pool is there: its workers begin
		if time.Now().After(deadline) {
			t.Fatal("the job does not begin")
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	for _, s := range signals {
		if err := syscall.Kill(-cmd.Process.Pid, s); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	o := finish(t, r)
	for deadline := time.Now().Add(watchdog); len(inGroup(cmd.Process.Pid)) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("processes %v are left", inGroup(cmd.Process.Pid))
		}
	}
	return o
}

// inGroup returns the processes of a group that have not ended.
func inGroup(group int) (pids []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range files {
		stat, _ := os.ReadFile(f)
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // state, parent, group
		if len(fields) > 2 && fields[0] != "Z" && fields[2] == strconv.Itoa(group) {
			pids = append(pids, filepath.Base(filepath.Dir(f)))
		}
	}
	return pids
}

func Test12_Interrupted(t *testing.T) {
	for _, c := range []struct {
		signal syscall.Signal
		code   int
		want   string
	}{{syscall.SIGINT, 130, "interrupted by Ctrl-C; no output was written"}, {syscall.SIGTERM, 143, "interrupted by SIGTERM"}} {
		t.Run("signal="+c.signal.String(), func(t *testing.T) {
			dir := smallJob(t)
			before := segments(t)
			o := interrupted(t, dir, c.signal)
			o.mustFail(t, c.code, c.want)
			if o.stdout != "" {
				t.Errorf("printed %q", o.stdout)
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "*.npy")); len(files)+len(litter(t, dir)) > 0 {
				t.Errorf("left behind: %v %v", files, litter(t, dir))
			}
			if after := segments(t); len(after) > len(before) {
				t.Errorf("/dev/shm: before %v, after %v", before, after)
			}
		})
	}
}

func TestRun_NobodyReadsTheOutput(t *testing.T) {
	dir := smallJob(t)
	before := segments(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close()
	cmd := exec.Command(binary, "run", "job.yaml", "--set", "paths=1000")
	cmd.Dir = dir
	r := &running{Cmd: cmd, timer: time.AfterFunc(watchdog, func() { _ = cmd.Process.Kill() })}
	cmd.Stdout, cmd.Stderr = write, &r.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	finish(t, r).mustFail(t, 141, "interrupted by SIGPIPE; no output was written")
	if after := segments(t); len(after)+len(litter(t, dir)) > len(before) {
		t.Errorf("left: %v, %v", after, litter(t, dir))
	}
}

func Test12_InterruptedTwiceEndsAtOnce(t *testing.T) {
	dir := smallJob(t)
	before := segments(t)
	o := interrupted(t, dir, syscall.SIGINT, syscall.SIGINT)
	if o.code != 130 || strings.Count(o.stderr, "\n") > 1 {
		t.Errorf("exit %d, standard error %q", o.code, o.stderr)
	}
	// What a process that ends at once cannot remove, gc does, when the workers have gone with it.
	deadline := time.Now().Add(watchdog)
	for len(segments(t)) > len(before) {
		if time.Now().After(deadline) {
			t.Fatalf("gc leaves %v, before there were %v", segments(t), before)
		}
		mustRun(t, dir, "gc")
		time.Sleep(10 * time.Millisecond)
	}
	mustRun(t, dir, "run", "job.yaml", "--set", "paths=1000", "--quiet")
	if left := litter(t, dir); len(left) > 0 {
		t.Errorf("the next run leaves %v", left)
	}
}

func Test3_SharedMemoryFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounting a small /dev/shm needs root")
	}
	if err := exec.Command("unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", "/dev/shm").Run(); err != nil {
		t.Skipf("no mount namespace here: %v", err)
	}
	dir := smallJob(t)
	text := "steps: ['u = uniform(4_000_000)', 'm = mean(u)']\nprint: m\n"
	if err := os.WriteFile(filepath.Join(dir, "job.yaml"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "-m", "sh", "-c",
		`mount -t tmpfs -o size=8m tmpfs /dev/shm && { "$0" run job.yaml --quiet; code=$?; ls -A /dev/shm; exit $code; }`, binary)
	cmd.Dir = dir
	o := finish(t, start(t, cmd))
	o.mustFail(t, 1, "not enough shared memory")
	for _, want := range []string{"need 30.5 MiB", " MiB available", "enlarge it", "job.yaml:1"} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("no %q in %q", want, o.stderr)
		}
	}
	if o.stdout != "" {
		t.Errorf("left in /dev/shm: %q", o.stdout)
	}
}

func TestRun_SharedMemoryIsLeftAsItWas(t *testing.T) {
	dir := smallJob(t)
	before := segments(t)
	mustRun(t, dir, "run", "job.yaml", "--set", "paths=1000")
	shmath(t, dir, "eval", "mean(x)", "x=none.npy")
	mustRun(t, dir, "eval", "mean(x)", "x=r.npy")
	if after := segments(t); len(after) > len(before) {
		t.Errorf("before %v, after %v", before, after)
	}
}

// numpy is a script that does the job again and compares: every path bit for bit, the figures but for their last digits.
const numpy = `
import sys
import numpy as np
paths, horizon, var99, es99 = int(sys.argv[1]), 10, float(sys.argv[2]), float(sys.argv[3])
close = np.loadtxt("sp500-2000.csv", delimiter=",", skiprows=1, usecols=4)
r, loss = np.load("r.npy"), np.load("loss.npy")
np.testing.assert_allclose(r, np.diff(np.log(close)), rtol=0, atol=4e-15)  # log may round its last bit otherwise
u = np.random.Generator(np.random.Philox(key=42)).random((paths, horizon))
day = np.floor(u * len(r)).astype(np.int64)
total = np.zeros(paths)
for j in range(horizon):
    total += r[day[:, j]]
assert loss.dtype == np.float64 and loss.shape == (paths,)
assert (loss.view(np.uint64) == (-total).view(np.uint64)).all(), "paths differ"
assert np.quantile(loss, 0.99) == var99, (np.quantile(loss, 0.99), var99)
assert abs(loss[loss > var99].mean() - es99) <= 1e-14 * es99
print("equal")
`

func TestRun_AgreesWithNumPy(t *testing.T) {
	python := findNumPy(t)
	dir := smallJob(t)
	out := strings.Fields(mustRun(t, dir, "run", "job.yaml", "--set", "paths=1_000_003", "--quiet"))
	cmd := exec.Command(python, "-c", numpy, "1000003", out[2], out[5])
	cmd.Dir = dir
	if b, err := cmd.CombinedOutput(); err != nil || !bytes.Equal(b, []byte("equal\n")) {
		t.Errorf("%v\n%s", err, b)
	}
}

// findNumPy returns a Python that has NumPy, or skips the test.
func findNumPy(t *testing.T) string {
	t.Helper()
	python := pythonWithNumPy()
	if python == "" {
		t.Skip("no Python with NumPy; set SHMATH_PYTHON to one")
	}
	return python
}

func pythonWithNumPy() string {
	for _, python := range []string{os.Getenv("SHMATH_PYTHON"), "python3"} {
		if python != "" && exec.Command(python, "-c", "import numpy").Run() == nil {
			return python
		}
	}
	return ""
}
