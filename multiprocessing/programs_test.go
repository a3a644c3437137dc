//go:build linux

package multiprocessing

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/proctest"
)

// roles are the programs that tests run beside this one, where a whole program is what is tested: see main_test.go.
var roles = proctest.Roles{
	"forgetful": forgetfulRole, "plain": plainRole, "deleted": deletedRole, "panicking": panickingRole,
	"finishing": finishingRole, "abandoning": abandoningRole, "owner": ownerRole, "opener": openerRole,
	"preloaded": preloadedRole, "closure": closureRole, "printing": printingRole, "marking": markingRole,
}

// program runs a role to its end and returns what it wrote. It is a program of its own: nothing of this one's session.
func program(t *testing.T, cmd *exec.Cmd) (stdout, stderr string, err error) {
	t.Helper()
	var out, failures bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &failures
	cmd.Env = slices.DeleteFunc(cmd.Env, func(s string) bool { return strings.HasPrefix(s, sessionVariable+"=") })
	ok(t, cmd.Start())
	late := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer late.Stop()
	err = cmd.Wait()
	for line := range strings.Lines(failures.String()) {
		if !strings.Contains(line, "that killed programs had left") { // by tests of other packages, at the same time
			stderr += line
		}
	}
	return out.String(), stderr, err
}

// fail ends a role with what went wrong.
func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// forgetfulRole is a program without the main guard.
func forgetfulRole([]string) {
	fail(NewProcess(exits, exiting{How: "return"}, nil).Start(context.Background()))
	fmt.Println("started")
}

// plainRole uses a process, a queue and a pool, and says nothing.
func plainRole([]string) {
	ctx := context.Background()
	defer func() { fail(Finish(ctx)) }()
	q, err := NewQueue[int](0)
	fail(err)
	p := NewProcess(produce, q, nil)
	fail(p.Start(ctx))
	fail(p.Join(ctx))
	if code, _ := p.ExitCode(); code != 0 || q.Len() != 10 {
		fail(fmt.Errorf("exit code %d, %d items", code, q.Len()))
	}
	pool, err := NewPool(ctx, 1, nil)
	fail(err)
	ys, err := Map(ctx, pool, square, []int{3, 4})
	fail(err)
	if !slices.Equal(ys, []int{9, 16}) {
		fail(fmt.Errorf("%v", ys))
	}
	fail(pool.Terminate())
	m, err := NewSharedMemory("", 100)
	fail(err)
	fail(m.Close())
}

// deletedRole is plainRole in a program whose file is gone.
func deletedRole(args []string) {
	fail(os.Remove(args[0]))
	plainRole(nil)
}

// panickingRole has a child that panics.
func panickingRole([]string) {
	ctx := context.Background()
	p := NewProcess(exits, exiting{How: "panic"}, nil)
	fail(p.Start(ctx))
	fail(p.Join(ctx))
	fmt.Fprintln(os.Stderr, "joined")
}

// finishingRole shuts nothing down but by Finish.
func finishingRole([]string) {
	ctx := context.Background()
	for i, priority := range []int{1, 0, 2, 0, -1} {
		Finalize(ctx, func() { fmt.Println("finalizer", i) }, &FinalizerOptions{AtExit: true, Priority: priority})
	}
	Finalize(ctx, func() { fmt.Println("never") }, nil)
	p := NewProcess(leaving, 0, nil)
	fail(p.Start(ctx))
	x, err := NewProcessPoolExecutor(ctx, 1)
	fail(err)
	for i := range 3 {
		f, err := Submit(x, square, i)
		fail(err)
		f.AddDoneCallback(func(f *Future[int]) {
			y, err := f.Result(ctx)
			fmt.Println("result", y, err)
		})
	}
	fail(Finish(ctx))
}

// abandoningRole leaves a pool behind that works for ever.
func abandoningRole([]string) {
	ctx := context.Background()
	e, err := NewEvent()
	fail(err)
	pool, err := NewPool(ctx, 2, nil)
	fail(err)
	ApplyAsync(pool, await, e)
	fail(Finish(ctx))
}

// ownerRole makes shared memory, says its name, and waits to be killed.
func ownerRole([]string) {
	var names []string
	for range 2 {
		m, err := NewSharedMemory("", 100)
		fail(err)
		names = append(names, m.Name())
	}
	fmt.Println("names", strings.Join(names, " "))
	select {}
}

// openerRole opens shared memory and ends without closing it.
func openerRole(args []string) {
	m, err := OpenSharedMemory(args[0])
	fail(err)
	m.Buf()[0]++
	fmt.Println("opened")
}

// TestP26_ForgottenGuard: one error, nothing on standard output, and no second generation.
func TestP26_ForgottenGuard(t *testing.T) {
	out, failure, err := program(t, proctest.Command("forgetful"))
	if err == nil || out != "" || !strings.Contains(failure, "sched.Main()") || strings.Count(failure, "\n") != 1 {
		t.Fatalf("%v %q %q", err, out, failure)
	}
}

// TestP17_ClosedStreams, and P28: a program with any of its standard streams closed works, and says nothing.
func TestP17_ClosedStreams(t *testing.T) {
	for _, closing := range []string{"", ">&-", "2>&-", "<&-", ">&- 2>&- <&-"} {
		cmd := proctest.Command("plain")
		self := must[string](t)(os.Executable())
		cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `exec "$0" ` + closing, self}
		out, failure, err := program(t, cmd)
		if err != nil || out != "" || failure != "" {
			t.Fatalf("%s: %v %q %q", closing, err, out, failure)
		}
	}
}

// TestP29_AnyPlace: through a link, from another directory, and from a file that is deleted meanwhile.
func TestP29_AnyPlace(t *testing.T) {
	dir := t.TempDir()
	binary := must[[]byte](t)(os.ReadFile("/proc/self/exe"))
	ok(t, os.WriteFile(dir+"/program", binary, 0o700))
	ok(t, os.Symlink(dir+"/program", dir+"/link"))
	for _, c := range [][]string{{"plain", "./link"}, {"deleted", dir + "/program", dir + "/program"}} {
		cmd := proctest.Command(c[0])
		cmd.Path, cmd.Args, cmd.Dir = c[1], c[1:], dir
		if out, failure, err := program(t, cmd); err != nil || out+failure != "" {
			t.Fatalf("%v: %v %q %q", c, err, out, failure)
		}
	}
}

// TestP21_TraceBeforeTheEnd: what a child says of its panic is out before it is joined.
func TestP21_TraceBeforeTheEnd(t *testing.T) {
	_, failure, err := program(t, proctest.Command("panicking"))
	ok(t, err)
	trace, rest, found := strings.Cut(failure, "joined\n")
	if !found || rest != "" || !strings.Contains(trace, "a bad panic") || !strings.Contains(trace, "process_test.go:") {
		t.Fatalf("%q", failure)
	}
}

// TestFN1_Finalizers, U4 and P24: by priority, the youngest of equals first, and after the work of executors that nobody shut
// down; those without AtExit do not run at the end.
func TestFN1_Finalizers(t *testing.T) {
	out, failure, err := program(t, proctest.Command("finishing"))
	ok(t, err)
	for _, want := range []string{"result 0 <nil>", "result 1 <nil>", "result 4 <nil>", "child 1\nchild 0\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
	var order []string
	for line := range strings.Lines(out) {
		if n, is := strings.CutPrefix(line, "finalizer "); is {
			order = append(order, strings.TrimSpace(n))
		}
	}
	if !slices.Equal(order, []string{"2", "0", "3", "1", "4"}) || strings.Contains(out, "never") || failure != "" {
		t.Fatalf("%q %q", out, failure)
	}
}

var leaving = NewTarget("leaving", func(ctx context.Context, _ int) error {
	for i := range 2 {
		AtExit(ctx, func() { fmt.Println("child", i) })
	}
	return nil
})

func TestFN1_CalledOrDropped(t *testing.T) {
	ctx, ran := watchdog(t), 0
	x := Finalize(ctx, func() { ran++ }, &FinalizerOptions{AtExit: true})
	if !x.StillActive() || !x.Call() || x.Call() || x.StillActive() || ran != 1 {
		t.Fatal("a finalizer that runs not once", ran)
	}
	canceled := Finalize(ctx, func() { t.Error("cancelled, and ran") }, nil)
	if !canceled.Cancel() || canceled.Call() {
		t.Fatal("cancelled in vain")
	}
	dropped := make(chan bool, 1)
	FinalizeObject(ctx, new([64]int), func() { dropped <- true }, nil)
	collected(t, dropped)
}

// TestFN2_Concurrent: finalizers are registered while others run.
func TestFN2_Concurrent(t *testing.T) {
	of := &identity{Name: "a process that ends"}
	ctx := context.WithValue(watchdog(t), identityKey{}, of)
	left := make(chan bool, 1000)
	AtExit(ctx, func() {
		for range 100 {
			AtExit(ctx, func() { left <- true })
		}
	})
	done := make(chan bool)
	go func() {
		for range 100 {
			AtExit(ctx, func() { left <- true })
		}
		done <- true
	}()
	finalize(of, 0)
	<-done
	finalize(of, 0)
	if len(left) != 200 {
		t.Fatal(len(left))
	}
}

// TestO19_ForgottenPool: the program ends, and says whose fault it is that work was lost.
func TestO19_ForgottenPool(t *testing.T) {
	_, failure, err := program(t, proctest.Command("abandoning"))
	if err != nil || !strings.Contains(failure, "a pool was never closed") {
		t.Fatalf("%v %q", err, failure)
	}
}

// TestM10_CleanProgramsAreSilent: nothing on standard error, and an exit code of 0.
func TestM10_CleanProgramsAreSilent(t *testing.T) {
	if out, failure, err := program(t, proctest.Command("plain")); err != nil || out+failure != "" {
		t.Fatalf("%v %q %q", err, out, failure)
	}
}
