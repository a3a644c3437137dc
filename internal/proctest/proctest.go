package proctest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Roles are the functions that a re-executed test binary can run instead of its tests.
type Roles map[string]func(args []string)

const roleVariable = "SHMATH_TEST_ROLE"

// watchdog bounds every wait for another process: a hang is a failure, never a skip.
const watchdog = 30 * time.Second

// In reports whether this process, or one above it, was started in that role.
func In(role string) bool { return os.Getenv(roleVariable) == role }

// Main runs a role if this process was started by Start, else the tests.
func Main(m *testing.M, roles Roles) {
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	run, ok := roles[role]
	if !ok {
		fmt.Fprintf(os.Stderr, "proctest: no role %q\n", role)
		os.Exit(2)
	}
	run(os.Args[1:])
	os.Exit(0)
}

// Process is a re-executed test binary.
type Process struct {
	*exec.Cmd
	t     testing.TB
	stdin io.WriteCloser
	lines chan string
	done  chan struct{}
	err   error
}

// Command returns a role as a command that has not been started, for tests that handle its streams and its end themselves.
func Command(role string, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	return cmd
}

// Start runs a role in a new process, which the end of the test kills.
func Start(t testing.TB, role string, args ...string) *Process {
	t.Helper()
	cmd := Command(role, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &Process{Cmd: cmd, t: t, stdin: in, lines: make(chan string, 1024), done: make(chan struct{})}
	go p.follow(out)
	t.Cleanup(p.Kill)
	return p
}

func (p *Process) follow(out io.Reader) {
	for s := bufio.NewScanner(out); s.Scan(); {
		p.lines <- s.Text()
	}
	close(p.lines)
	p.err = p.Wait()
	close(p.done)
}

// Expect waits for a line that begins with prefix and returns what follows it. Other lines are passed over.
func (p *Process) Expect(prefix string) string {
	p.t.Helper()
	deadline := time.After(watchdog)
	for {
		select {
		case line, ok := <-p.lines:
			if !ok {
				p.t.Fatalf("process %d ended (%v) before it said %q", p.Process.Pid, p.Exit(), prefix)
			}
			if rest, found := strings.CutPrefix(line, prefix); found {
				return strings.TrimSpace(rest)
			}
		case <-deadline:
			p.t.Fatalf("process %d did not say %q within %v", p.Process.Pid, prefix, watchdog)
		}
	}
}

// Say writes a line to the process's standard input.
func (p *Process) Say(line string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.stdin, line); err != nil {
		p.t.Fatalf("process %d does not listen: %v", p.Process.Pid, err)
	}
}

// Kill sends SIGKILL and waits until the process has been reaped.
func (p *Process) Kill() {
	p.Process.Kill() // fails when it is gone already, which is what is wanted
	p.drain()
}

// Exit waits until the process ends by itself, and returns how.
func (p *Process) Exit() error {
	p.t.Helper()
	p.drain()
	return p.err
}

func (p *Process) drain() {
	deadline := time.After(watchdog)
	for {
		select {
		case <-p.lines:
		case <-p.done:
			return
		case <-deadline:
			p.t.Errorf("process %d does not end", p.Process.Pid)
			return
		}
	}
}

// Line waits for one line on standard input, for use in roles; it ends the process when there is none.
func Line() string {
	if !input.Scan() {
		os.Exit(0)
	}
	return input.Text()
}

var input = bufio.NewScanner(os.Stdin)
