//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/arena"
)

var doom = NewFunc("doom", func(_ context.Context, how string) (int, error) {
	fmt.Fprintf(os.Stderr, "about to die by %s\n", how)
	if dir, found := strings.CutPrefix(how, "memory "); found {
		return 0, hoard(dir)
	}
	switch how {
	case "panic elsewhere":
		go panic("in a goroutine of its own")
		time.Sleep(time.Hour)
	case "mutex":
		var mu sync.Mutex
		mu.Unlock()
	case "stack":
		debug.SetMaxStack(1 << 20)
		return overflow(1), nil
	case "segv":
		syscall.Kill(os.Getpid(), syscall.SIGSEGV)
	case "term":
		syscall.Kill(os.Getpid(), syscall.SIGTERM)
	case "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "exit 2":
		os.Exit(2)
	}
	time.Sleep(time.Minute) // signals take a moment
	return 0, nil
})

// hoard takes memory in a cgroup until it is ended.
func hoard(cgroup string) error {
	if err := os.WriteFile(filepath.Join(cgroup, "cgroup.procs"), []byte(fmt.Sprint(os.Getpid())), 0); err != nil {
		return err
	}
	for all := [][]byte{}; ; {
		b := make([]byte, 1<<20)
		for i := range b {
			b[i] = 1
		}
		all = append(all, b)
	}
}

func overflow(n int) int { return 1 + overflow(n+1) }

// A4: each kind of death arrives as what it is, with all that is known.
func TestA4_CausesOfDeath(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	for _, c := range []struct {
		how    string
		cause  Cause
		code   int
		signal syscall.Signal
		crash  string
	}{
		{"panic elsewhere", CausePanic, 2, 0, "panic: in a goroutine of its own"},
		{"mutex", CauseFatal, 2, 0, "fatal error: sync: unlock of unlocked mutex"},
		{"stack", CauseFatal, 2, 0, "goroutine stack exceeds"},
		{"segv", CauseFault, 2, 0, "SIGSEGV: segmentation violation"},
		{"term", CauseKilled, -1, syscall.SIGTERM, ""},
		{"kill", CauseKilled, -1, syscall.SIGKILL, ""},
		{"exit 2", CauseExit, 2, 0, ""},
	} {
		f, err := doom.Submit(within(t), p, c.how)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Wait(within(t))
		var death *DeathError
		if !errors.As(err, &death) || !errors.Is(err, ErrWorkerDied) || errors.Is(err, ErrPoisoned) {
			t.Fatalf("%s: %v", c.how, err)
		}
		if death.Cause != c.cause || death.Exit.Code != c.code || death.Exit.Signal != c.signal || !strings.Contains(death.Crash, c.crash) {
			t.Errorf("%s: %v, %+v, crash %q", c.how, death.Cause, death.Exit, death.Crash)
		}
		if c.crash != "" && (len(death.Stack) > crashMax || c.how != "stack" && !strings.Contains(death.Stack, "deaths_test.go") && c.how != "segv") {
			t.Errorf("%s: stack of %d bytes: %s", c.how, len(death.Stack), clip(death.Stack, 500))
		}
		if c.crash == "" && (len(death.LastLines) == 0 || death.LastLines[len(death.LastLines)-1] != "about to die by "+c.how) {
			t.Errorf("%s: last lines %q", c.how, death.LastLines)
		}
		if death.PID == 0 || death.Task == 0 || death.CPU != p.CPUs()[death.Worker] || death.Exit.MaxRSS < 1<<20 {
			t.Errorf("%s: %+v", c.how, death)
		}
		if text := err.Error(); strings.Contains(text, "\n") || !strings.HasSuffix(text, causes[c.cause].remedy) {
			t.Errorf("%s: %q is not one line with its remedy", c.how, text)
		}
		if y, err := square.Call(within(t), p, 3); err != nil || y != 9 {
			t.Fatalf("after %s: %v, %v", c.how, y, err)
		}
	}
}

func TestA4_TaskErrorsNameTheirWorker(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	_, err := faulty.Call(within(t), p, "error")
	var remote *RemoteError
	if !errors.As(err, &remote) || remote.CPU != p.CPUs()[0] || remote.PID != p.PIDs()[0] || remote.Task == 0 {
		t.Fatalf("%#v", err)
	}
}

// A worker that this pool kills for a reason of its own has that reason as its cause.
func TestA4_Condemned(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	f, err := faulty.Submit(within(t), p, "wait")
	if err != nil {
		t.Fatal(err)
	}
	for p.c.tallies[0].since.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	p.crew.mu.Lock()
	p.crew.members[0].record.condemn(CauseTimeout)
	p.crew.mu.Unlock()
	var death *DeathError
	if _, err := f.Wait(within(t)); !errors.As(err, &death) || death.Cause != CauseTimeout {
		t.Fatal(err)
	}
}

// 52: a crash in a loop that works in place says which indices are done, dirty and untouched.
func Test52_RangesAfterACrash(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	err := touch.RunWith(within(t), p, 95, touchArgs{4, "kill"}, LoopOptions{Block: 10})
	var death *DeathError
	if !errors.As(err, &death) || len(death.Dirty) != 1 || death.Dirty[0] != (Range{40, 50}) {
		t.Fatalf("%v", err)
	}
	covered := 0
	for _, list := range [][]Range{death.Done, death.Dirty, death.Untouched} {
		for _, r := range list {
			covered += r.Hi - r.Lo
		}
	}
	if covered != 95 || len(death.Done) == 0 {
		t.Fatalf("done %v, dirty %v, untouched %v", death.Done, death.Dirty, death.Untouched)
	}
}

func TestOOMCounter_ReadsBothVersions(t *testing.T) {
	for name, c := range map[string]struct{ cgroup, file string }{
		"v2":      {"0::/a/b\n", "sys/fs/cgroup/a/b/memory.events"},
		"v1":      {"4:cpu,memory:/a\n0::/\n", "sys/fs/cgroup/memory/a/memory.oom_control"},
		"machine": {"0::/\n", "proc/vmstat"},
	} {
		root := t.TempDir()
		write := func(file, text string) {
			file = filepath.Join(root, file)
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		write("proc/self/cgroup", c.cgroup)
		write(c.file, "low 0\noom 2\noom_kill 3\n")
		o := &oomCounter{root: root}
		defer o.close()
		before := o.count()
		if before != 3 || o.claim(before) {
			t.Fatalf("%s: %d, or a kill that was none", name, before)
		}
		write(c.file, "oom 3\noom_kill 5\n")
		if !o.claim(before) || !o.claim(before) || o.claim(before) {
			t.Fatalf("%s: two kills are the verdict on two workers", name)
		}
	}
}

// A4: the kernel's out-of-memory killer. The worker goes into a cgroup of its own, which needs the right to make one: in one
// with this process, the kernel might take this process next, while the worker's memory is still being torn down.
func TestA4_OutOfMemory(t *testing.T) {
	own, limit := memoryCgroup()
	dir := filepath.Join(own, fmt.Sprintf("shmath-test-%d", os.Getpid()))
	if own == "" || os.Mkdir(dir, 0o755) != nil {
		t.Skip("this user may not make a memory cgroup")
	}
	defer os.Remove(dir)
	if err := os.WriteFile(filepath.Join(dir, limit), []byte(fmt.Sprint(200<<20)), 0); err != nil {
		t.Skip(err)
	}
	p := start(t, &Options{Workers: 2})
	var err error
	counter := filepath.Join(dir, filepath.Base(oomFile()))
	p.oomKills.close()
	if p.oomKills.file, err = os.Open(counter); err != nil {
		t.Fatal(err)
	}
	p.crew.mu.Lock()
	for _, h := range p.crew.members {
		h.record.oomBefore = 0
	}
	p.crew.mu.Unlock()
	_, err = doom.Call(within(t), p, "memory "+dir)
	var death *DeathError
	if !errors.As(err, &death) || death.Cause != CauseOutOfMemory || death.OOMKills != 1 || death.Exit.MaxRSS < 100<<20 {
		t.Fatalf("%v: %+v", err, death)
	}
	if y, err := square.Call(within(t), p, 3); err != nil || y != 9 {
		t.Fatalf("the next call: %v, %v", y, err)
	}
}

// memoryCgroup returns the directory of this process's memory cgroup and its file for a limit.
func memoryCgroup() (dir, limit string) {
	file := oomFile()
	switch filepath.Base(file) {
	case "memory.oom_control":
		return filepath.Dir(file), "memory.limit_in_bytes"
	case "memory.events":
		return filepath.Dir(file), "memory.max"
	}
	return "", ""
}

// whoRan writes the process of each block, which takes a while.
var whoRan = NewLoop("test.whoRan", func(c *Chunk, pids *arena.Array[int64]) error {
	pids.Slice()[c.Index] = int64(os.Getpid())
	time.Sleep(5 * time.Millisecond)
	return nil
}, LoopOptions{Block: 1, Idempotent: true})

// 6: a replacement takes part in the loop that runs, not only in the next.
func Test6_ReplacementJoinsTheLoop(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	const blocks = 600
	pids, err := arena.New[int64](p.Arena(), blocks)
	if err != nil {
		t.Fatal(err)
	}
	first := p.PIDs()
	time.AfterFunc(100*time.Millisecond, func() { _ = syscall.Kill(first[0], syscall.SIGKILL) })
	if err := whoRan.Run(within(t), p, blocks, pids); err != nil {
		t.Fatal(err)
	}
	count := make(map[int64]int)
	for _, pid := range pids.Slice() {
		count[pid]++
	}
	fresh := blocks - count[int64(first[0])] - count[int64(first[1])]
	if t.Logf("blocks by process %v, of which %v were first", count, first); count[0] > 0 || fresh < 10 {
		t.Errorf("the replacement has run %d of %d blocks, nobody %d", fresh, blocks, count[0])
	}
}
