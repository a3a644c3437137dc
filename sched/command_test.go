//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// family starts a program that starts others, one of which leaves its group and session, and returns when they run.
var family = NewFunc("family", func(context.Context, int) (int, error) {
	cmd := Command(context.Background(), "sh", "-c", "sleep 1001 & setsid sh -c 'sleep 1002 & echo ready; exec sleep 1003' & wait")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	_, err = out.Read(make([]byte, 1))
	go cmd.Wait()
	return cmd.Process.Pid, err
})

// within a second the marked processes are gone, of which there were some.
func gone(t *testing.T, mark string) {
	t.Helper()
	begin := time.Now()
	for ; len(marked(mark)) > 0; time.Sleep(time.Millisecond) {
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("processes %v are left", marked(mark))
		}
	}
	t.Logf("gone after %v", time.Since(begin))
}

func marking(t *testing.T) string {
	t.Helper()
	mark := fmt.Sprintf("%s-%d", t.Name(), os.Getpid())
	t.Setenv(stormMark, mark)
	return mark
}

// The worker is killed, or leaves in order: what its bodies have started goes.
func Test13_CommandsEndWithTheirWorker(t *testing.T) {
	for _, how := range []string{"kill", "exit"} {
		mark := marking(t)
		p := start(t, &Options{Workers: 1})
		if _, err := family.Call(within(t), p, 0); err != nil {
			t.Fatal(err)
		}
		before := len(marked(mark))
		if before != 6 { // the worker, the guard, sh, and the three that sleep
			t.Fatalf("%d processes", before)
		}
		if _, err := faulty.Call(within(t), p, how); !errors.Is(err, ErrWorkerDied) {
			t.Fatal(err)
		}
		for begin := time.Now(); len(marked(mark)) > 1; time.Sleep(time.Millisecond) { // its replacement
			if time.Since(begin) > 20*time.Second {
				t.Fatalf("%s: processes %v are left", how, marked(mark))
			}
		}
		if _, err := family.Call(within(t), p, 0); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		gone(t, mark)
	}
}

func TestCommand_EndsAsItsProgramDid(t *testing.T) {
	for script, want := range map[string]string{
		"exit 0": "<nil>", "exit 7": "exit status 7", "kill -9 $$": "signal: killed", "kill -TERM $$": "signal: terminated", "kill -USR1 $$": "exit status 138",
		"kill -SEGV $$": "exit status 139",
	} {
		if err := Command(within(t), "sh", "-c", script).Run(); fmt.Sprint(err) != want {
			t.Errorf("%s: %v, want %s", script, err, want)
		}
	}
	cmd := Command(within(t), "cat", "/dev/fd/3")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "handed over")
	w.Close()
	cmd.ExtraFiles = []*os.File{r}
	if out, err := cmd.Output(); string(out) != "handed over" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
	r.Close()
	cmd = Command(within(t), "sh", "-c", `pwd; read x; echo "$x $0 $1"; echo bad >&2`, "zero", "one")
	cmd.Dir, cmd.Stdin = "/", strings.NewReader("line\n")
	if out, err := cmd.CombinedOutput(); string(out) != "/\nline zero one\nbad\n" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
}

func TestCommand_Refuses(t *testing.T) {
	if err := Command(within(t), "no-such-program").Run(); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("%v", err)
	}
	var said strings.Builder
	cmd := exec.Command("/proc/self/exe") // a file that stopped being executable after it was looked up
	cmd.Args, cmd.Stderr = []string{guardName, fmt.Sprint(os.Getpid()), "/etc/passwd", "passwd"}, &said
	if err := cmd.Run(); fmt.Sprint(err) != "exit status 127" || !strings.Contains(said.String(), "/etc/passwd: permission denied") {
		t.Errorf("%v: %s", err, said.String())
	}
	guarded.Store(unguarded)
	defer guarded.Store(isParent)
	if err := Command(within(t), "true").Run(); !errors.Is(err, ErrNoMain) {
		t.Errorf("%v", err)
	}
}

// When the context ends, so does everything; what a program leaves behind ends with it.
func TestCommand_LeavesNothing(t *testing.T) {
	mark := marking(t)
	ctx, cancel := context.WithCancel(within(t))
	cmd := Command(ctx, "sh", "-c", "trap '' TERM; setsid sleep 1000 & sleep 1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for len(marked(mark)) < 4 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := cmd.Wait(); err == nil {
		t.Error("no error")
	}
	gone(t, mark)
	if err := Command(within(t), "sh", "-c", "setsid sleep 1000 & exit 0").Run(); err != nil {
		t.Error(err)
	}
	gone(t, mark)
	// The guard is killed: its program goes with it.
	cmd = Command(within(t), "sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for len(marked(mark)) < 2 {
		time.Sleep(time.Millisecond)
	}
	cmd.Process.Signal(syscall.SIGKILL)
	cmd.Wait()
	gone(t, mark)
}
