//go:build linux

package spawn

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/proctest"
)

const childVariable = "SHMATH_SPAWN_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "masks":
		printMasks()
		os.Exit(0)
	case "sleep":
		time.Sleep(time.Minute)
		os.Exit(0)
	case "exit":
		os.Exit(300)
	}
	proctest.Main(m, proctest.Roles{"parent": parent})
}

// printMasks prints the CPUs on which each thread of this process may run, and its open descriptors.
func printMasks() {
	tasks, _ := filepath.Glob("/proc/self/task/*/status")
	for _, t := range tasks {
		status, _ := os.ReadFile(t)
		for line := range strings.Lines(string(status)) {
			if mask, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
				fmt.Println("mask", strings.TrimSpace(mask))
			}
		}
	}
	fds, _ := os.ReadDir("/proc/self/fd")
	for _, fd := range fds {
		target, _ := os.Readlink("/proc/self/fd/" + fd.Name())
		runtimes := strings.HasPrefix(target, "anon_inode:") || strings.HasPrefix(target, "/proc/") || strings.HasPrefix(target, "/sys/fs/cgroup/")
		if !runtimes && target != "" { // without a target: the listing itself
			fmt.Println("fd", fd.Name(), target)
		}
	}
}

func spec(role string, cpu int, out *os.File) Spec {
	return Spec{Args: []string{"child"}, Env: append(os.Environ(), childVariable+"="+role), CPU: cpu, Stdout: out, Stderr: os.Stderr}
}

// parent starts a child and waits to be killed.
func parent([]string) {
	c, err := Start(spec("sleep", AnyCPU, os.Stdout))
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("child", c.PID)
	select {}
}

func TestStart_EveryThreadIsPinned(t *testing.T) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	for cpu := range 1024 {
		if !allowed.IsSet(cpu) {
			continue
		}
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		leak, err := os.Open("/etc/passwd") // must not reach the child
		if err != nil {
			t.Fatal(err)
		}
		c, err := Start(spec("masks", cpu, w))
		leak.Close()
		w.Close()
		if err != nil {
			t.Fatal(err)
		}
		masks, fds := 0, 0
		for s := bufio.NewScanner(r); s.Scan(); {
			switch kind, rest, _ := strings.Cut(s.Text(), " "); kind {
			case "mask":
				masks++
				if rest != strconv.Itoa(cpu) {
					t.Errorf("a thread of the child on CPU %d may run on %s", cpu, rest)
				}
			case "fd":
				fds++
			}
		}
		r.Close()
		if e := c.Exit(); masks == 0 || e.Code != 0 || fds != 3 {
			t.Fatalf("%d masks, %d descriptors, %v", masks, fds, e)
		}
	}
}

func TestStart_ForbiddenCPU(t *testing.T) {
	if _, err := Start(spec("exit", 1023, os.Stdout)); err == nil || !strings.Contains(err.Error(), "1023") {
		t.Fatalf("got %v", err)
	}
	var mask unix.CPUSet
	if c, err := Start(spec("exit", AnyCPU, os.Stdout)); err != nil || c.Exit().Code != 300%256 {
		t.Fatalf("the next start: %v", err)
	}
	if err := unix.SchedGetaffinity(0, &mask); err != nil || mask.Count() == 0 {
		t.Fatal(err)
	}
}

func TestChild_Signals(t *testing.T) {
	c, err := Start(spec("sleep", AnyCPU, os.Stdout))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if e := c.Exit(); e.Signal != syscall.SIGKILL || e.Code != -1 || !strings.Contains(e.String(), "signal 9") {
		t.Fatalf("%+v", e)
	}
	if err := c.Signal(syscall.SIGKILL); err != nil {
		t.Fatalf("signalling a dead child: %v", err)
	}
}

func TestStart_ChildDiesWithItsParent(t *testing.T) {
	p := proctest.Start(t, "parent")
	pid, err := strconv.Atoi(p.Expect("child"))
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("child %d outlives its parent", pid)
		}
	}
}

// The ends of children are awaited in the runtime's poller: a goroutine that waited in a system call would have a thread for each.
func TestStart_ChildrenCostNoThread(t *testing.T) {
	threads := func() int {
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Fatal(err)
		}
		return len(tasks)
	}
	if fd, err := unix.PidfdOpen(os.Getpid(), 0); err != nil {
		t.Skipf("no pidfd before Linux 5.3: %v", err)
	} else {
		unix.Close(fd)
	}
	before := threads()
	const children = 40 // nurses, and others of the runtime, may come with the first
	for range children {
		c, err := Start(spec("sleep", AnyCPU, os.Stdout))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Exit()
		defer c.Signal(syscall.SIGKILL)
	}
	time.Sleep(50 * time.Millisecond) // a goroutine that waits in the kernel gets its thread by then
	if grown := threads() - before; grown > children/2 {
		t.Errorf("%d children cost %d threads", children, grown)
	}
}
