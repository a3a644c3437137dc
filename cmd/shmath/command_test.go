package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shmath/shmath/shm"
)

// binary is the command itself, built once: tests run it as a user does.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "shmath-command-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "shmath-built")
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building the command: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// watchdog bounds every run of the command: a hang is a failure.
const watchdog = 120 * time.Second

// outcome is what a run of the command leaves.
type outcome struct {
	code           int
	stdout, stderr string
}

// shmath runs the command in dir.
func shmath(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = dir
	return finish(t, start(t, cmd))
}

// running is a command that has been started.
type running struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	timer          *time.Timer
}

func start(t *testing.T, cmd *exec.Cmd) *running {
	t.Helper()
	r := &running{Cmd: cmd}
	cmd.Stdout, cmd.Stderr = &r.stdout, &r.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r.timer = time.AfterFunc(watchdog, func() { _ = cmd.Process.Kill() })
	return r
}

func finish(t *testing.T, r *running) outcome {
	t.Helper()
	err := r.Wait()
	if !r.timer.Stop() {
		t.Fatalf("%v hangs", r.Args)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{r.ProcessState.ExitCode(), r.stdout.String(), r.stderr.String()}
}

// mustRun is shmath for calls that succeed.
func mustRun(t *testing.T, dir string, args ...string) string {
	t.Helper()
	o := shmath(t, dir, args...)
	if o.code != 0 || o.stderr != "" {
		t.Fatalf("%v: exit %d, standard error %q", args, o.code, o.stderr)
	}
	return o.stdout
}

// mustFail checks the exit code, and that standard error is one line that says want.
func (o outcome) mustFail(t *testing.T, code int, want string) {
	t.Helper()
	if o.code != code || strings.Count(o.stderr, "\n") != 1 || !strings.HasPrefix(o.stderr, "shmath: ") || !strings.Contains(o.stderr, want) {
		t.Errorf("exit %d, standard error %q; want exit %d and one line with %q", o.code, o.stderr, code, want)
	}
}

// smallJob is the job of examples/sp500 with a number for its paths, in a folder of its own.
func smallJob(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	example := filepath.Join("..", "..", "examples", "sp500")
	job, err := os.ReadFile(filepath.Join(example, "job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(job), "paths=10_000_000", "paths=paths", 1)
	if text == string(job) {
		t.Fatal("the example draws another number of paths")
	}
	text = strings.Replace(text, "outputs:", "set: {paths: 10_000_000}\noutputs:\n  r: r.npy", 1)
	data, err := os.ReadFile(filepath.Join(example, "sp500-2000.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"job.yaml": []byte(text), "sp500-2000.csv": data} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// products reads what the job writes.
func products(t *testing.T, dir string) [2]string {
	t.Helper()
	var p [2]string
	for i, name := range []string{"loss.npy", "loss.svg"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		p[i] = string(b)
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// segments lists those that the command has made; other tests may have theirs.
func segments(t *testing.T) []string {
	t.Helper()
	list, err := shm.List()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range list {
		if i.Program == filepath.Base(binary) {
			names = append(names, i.Name)
		}
	}
	return names
}

// litter lists the temporary files of outputs in dir.
func litter(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
