package psync_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/psync"
	"github.com/shmath/shmath/shm"
)

// The rows of the catalogue of behaviour that speak of processes, each as a test named after its row.

// maker creates a segment of its own with a semaphore in it, takes a permit, and sits on it.
func maker([]string) {
	seg, err := shm.Create("", segmentSize, nil)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	s, err := psync.CreateSemaphore(seg.Bytes(), 2, &psync.SemaphoreOptions{Members: seg, ReturnOnDeath: true})
	if err == nil {
		err = s.Acquire(background, 1)
	}
	fmt.Println("made", seg.Name(), err)
	proctest.Line()
}

// S4: a name never outlives those who use it, however they end.
func TestSemaphore_S4(t *testing.T) {
	p := proctest.Start(t, "maker")
	name, outcome, _ := strings.Cut(p.Expect("made"), " ")
	if outcome != "<nil>" {
		t.Fatal(outcome)
	}
	seg, err := shm.Open(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := psync.AttachSemaphore(seg.Bytes(), &psync.SemaphoreOptions{Members: seg})
	if err != nil {
		t.Fatal(err)
	}
	p.Kill()
	if err := s.Acquire(background, 2); err != nil || s.Held() != 2 {
		t.Fatal("the permit of the dead did not come back:", err)
	}
	if err := seg.Close(); err != nil { // the last one out
		t.Fatal(err)
	}
	if _, err := os.Stat("/dev/shm/" + name); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%s outlives its users: %v", name, err)
	}

	q := proctest.Start(t, "maker") // the same without anybody to close it
	name, _, _ = strings.Cut(q.Expect("made"), " ")
	q.Kill()
	if _, err := shm.Reap(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("/dev/shm/" + name); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%s is left behind: %v", name, err)
	}
}

// crowd is waiters for one condition, in processes and goroutines.
type crowd struct {
	w          *world
	processes  []*proctest.Process
	goroutines sync.WaitGroup
}

// gather starts waiters and returns when all of them sleep, or have ended by their deadline (limit 0: none).
func gather(t *testing.T, w *world, limit time.Duration, processes, goroutines int) *crowd {
	t.Helper()
	c := &crowd{w: w}
	began := w.a.Load()
	for range processes {
		c.processes = append(c.processes, proctest.Start(t, "waiter", w.seg.Name(), strconv.FormatInt(int64(limit), 10)))
	}
	for range goroutines {
		c.goroutines.Go(func() { waitAsOne(w, limit) })
	}
	for deadline := time.Now().Add(20 * time.Second); w.a.Load() != began+int64(processes+goroutines); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d have come", w.a.Load()-began, processes+goroutines)
		}
	}
	if limit == 0 { // one that has not fallen asleep may return with the others
		c.asleep(t, processes+goroutines)
	}
	return c
}

// asleep waits until n threads of the crowd sleep on a word that processes share.
func (c *crowd) asleep(t *testing.T, n int) {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		t.Skip("the numbers of system calls are those of amd64")
	}
	pids := []int{os.Getpid()}
	for _, p := range c.processes {
		pids = append(pids, p.Process.Pid)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		sleepers := 0
		for _, pid := range pids {
			tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", pid))
			for _, f := range tasks {
				line, err := os.ReadFile(f)
				if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, unix.ESRCH) {
					t.Skip("the kernel does not tell what threads wait for: ", err)
				}
				// futex(word, FUTEX_WAIT_BITSET, ...); the runtime's own sleeps are private.
				if call := strings.Fields(string(line)); len(call) > 2 && call[0] == "202" && call[2] == "0x9" {
					sleepers++
				}
			}
		}
		if sleepers == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d asleep, want %d", sleepers, n)
		}
	}
}

// over waits until all have ended.
func (c *crowd) over(t *testing.T) {
	t.Helper()
	for _, p := range c.processes {
		if err := p.Exit(); err != nil {
			t.Fatal(err)
		}
	}
	c.goroutines.Wait()
	if f := c.w.faults.Load(); f != 0 || c.w.m.Owner() != 0 {
		t.Fatalf("faults %#b, detail %d, owner %d", f, c.w.detail.Load(), c.w.m.Owner())
	}
}

// waitAsOne counts itself in a, waits once, and counts how that ended: in b after a signal, in beats[0] at its deadline.
func waitAsOne(w *world, limit time.Duration) {
	ctx := background
	if limit > 0 {
		short, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		ctx = short
	}
	err := w.m.Lock(background)
	if err == nil {
		w.a.Add(1)
		err = w.c.Wait(ctx, w.m)
	}
	switch {
	case w.m.Owner() != w.seg.Tag():
		w.fault(faultTorn, 1)
	case err == nil:
		w.b.Add(1)
	case errors.Is(err, context.DeadlineExceeded):
		w.beats[0].Add(1)
	default:
		w.fault(faultError, 1)
	}
	if w.m.Unlock() != nil {
		w.fault(faultError, 2)
	}
}

func waiter(args []string) {
	w := openWorld(args[0])
	limit, _ := strconv.ParseInt(args[1], 10, 64)
	waitAsOne(w, time.Duration(limit))
	w.seg.Close()
}

// awoken waits until n have had a signal in all, and reports whether it was not one more.
func (c *crowd) awoken(t *testing.T, n int64) (exactly bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); c.w.b.Load() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d awake, want %d", c.w.b.Load(), n)
		}
	}
	time.Sleep(5 * time.Millisecond)
	got := c.w.b.Load()
	if c.w.faults.Load() != 0 {
		t.Fatalf("%d awake, want %d; faults %#b, detail %d", got, n, c.w.faults.Load(), c.w.detail.Load())
	}
	return got == n
}

// exactly runs a scenario until no waiter too many woke up in it. POSIX allows that, and the kernel does it: a sleeper that
// gets a signal of the runtime while a Signal wakes others finds the word changed. It must not be the rule.
func exactly(t *testing.T, scenario func(t *testing.T, w *world) bool) {
	t.Helper()
	for range 5 {
		if scenario(t, newWorld(t)) {
			return
		}
	}
	t.Fatal("more waiters woke up than were signalled, five times in a row")
}

// C1: with one process and one goroutine waiting, nobody wakes before a signal, and each signal wakes one of them.
func TestCond_C1_ProcessAndGoroutine(t *testing.T) {
	exactly(t, func(t *testing.T, w *world) bool {
		c := gather(t, w, 0, 1, 1)
		exact := c.awoken(t, 0)
		w.c.Signal(1)
		exact = c.awoken(t, 1) && exact
		w.c.Signal(1)
		exact = c.awoken(t, 2) && exact
		c.over(t)
		return exact
	})
}

// C2: waiters in three processes and three goroutines all return at their deadline, the next six all on one broadcast.
func TestCond_C2_ProcessesAndGoroutines(t *testing.T) {
	w := newWorld(t)
	gather(t, w, 10*time.Millisecond, 3, 3).over(t)
	if expired := w.beats[0].Load(); expired != 6 {
		t.Fatalf("%d of 6 ended by their deadline", expired)
	}
	c := gather(t, w, 0, 3, 3)
	early := !c.awoken(t, 0)
	w.c.Broadcast()
	if !c.awoken(t, 6) || early {
		t.Fatal("not six awake")
	}
	c.over(t)
}

// C3: of six waiters in processes and goroutines signal 2 wakes two, signal 4 the others, signal 3 nobody.
func TestCond_C3_ProcessesAndGoroutines(t *testing.T) {
	exactly(t, func(t *testing.T, w *world) bool {
		c := gather(t, w, 0, 3, 3)
		exact := c.awoken(t, 0)
		w.c.Signal(2)
		exact = c.awoken(t, 2) && exact
		w.c.Signal(4)
		exact = c.awoken(t, 6) && exact
		w.c.Signal(3)
		c.over(t)
		c = gather(t, w, 0, 0, 1)
		exact = c.awoken(t, 6) && exact // the signal that nobody waited for has not been kept
		w.c.Broadcast()
		c.over(t)
		return exact
	})
}

// interrupted waits for the condition until SIGINT, as a program does that a user may stop.
func interrupted(args []string) {
	w := openWorld(args[0])
	ctx, stop := signal.NotifyContext(background, os.Interrupt)
	defer stop()
	err := w.m.Lock(background)
	fmt.Println("waits")
	if err == nil {
		err = w.c.Wait(ctx, w.m)
	}
	fmt.Println("over", errors.Is(err, context.Canceled) && w.m.Owner() == w.seg.Tag(), err)
	w.m.Unlock()
	w.seg.Close()
}

// C6: a wait can be interrupted from the keyboard; it holds the lock again then.
func TestCond_C6_Interrupted(t *testing.T) {
	w := newWorld(t)
	p := proctest.Start(t, "interrupted", w.seg.Name())
	p.Expect("waits")
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if got := p.Expect("over"); !strings.HasPrefix(got, "true") {
		t.Fatal(got)
	}
}

// E1: an event that another process sets wakes this one.
func TestEvent_E1_SetByAProcess(t *testing.T) {
	w := newWorld(t)
	done := make(chan error)
	go func() { done <- w.e.Wait(background) }()
	p := proctest.Start(t, "setter", w.seg.Name())
	if err := <-done; err != nil || !w.e.IsSet() {
		t.Fatal(err)
	}
	p.Expect("set")
}

func setter(args []string) {
	w := openWorld(args[0])
	time.Sleep(5 * time.Millisecond)
	w.e.Set()
	fmt.Println("set")
	w.seg.Close()
}

// Signals, however many, do not end a wait of any kind, and its end is not missed.
func TestWaits_SignalsDoNotDisturb(t *testing.T) {
	w := newWorld(t)
	if err := errors.Join(w.m.Lock(background), w.s.Acquire(background, seatsMax), w.rw.Lock(background), w.g.Add(1)); err != nil {
		t.Fatal(err)
	}
	p := proctest.Start(t, "patient", w.seg.Name())
	p.Expect("waits")
	const volleys = 300
	for range volleys {
		for _, sig := range []unix.Signal{unix.SIGUSR1, unix.SIGURG, unix.SIGWINCH} {
			if err := p.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(100 * time.Microsecond)
	}
	if back := w.beats[0].Load(); back != 0 {
		t.Fatalf("%d waits ended by a signal", back)
	}
	w.e.Set()
	if err := errors.Join(w.m.Unlock(), w.s.Release(seatsMax), w.rw.Unlock(), w.g.Done()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.bar.Wait(background); err != nil {
		t.Fatal(err)
	}
	if heard, _ := strconv.Atoi(p.Expect("all back")); heard == 0 {
		t.Fatal("no signal arrived: nothing was tested")
	}
}

// patient waits in every way at once while signals arrive.
func patient(args []string) {
	w := openWorld(args[0])
	heard := make(chan os.Signal, 1000)
	signal.Notify(heard, unix.SIGUSR1, unix.SIGURG, unix.SIGWINCH)
	var all sync.WaitGroup
	for _, wait := range []func() error{
		func() error { return w.e.Wait(background) },
		func() error { return w.m.Lock(background) },
		func() error { return w.s.Acquire(background, 1) },
		func() error { return w.rw.RLock(background) },
		func() error { return w.g.Wait(background) },
		func() error { _, err := w.bar.Wait(background); return err },
		func() error { _, err := w.bar.Wait(background); return err }, // the test is the third party
	} {
		all.Go(func() {
			if err := wait(); err != nil {
				fmt.Println("error", err)
				os.Exit(1)
			}
			w.beats[0].Add(1)
		})
	}
	for w.bar.Waiting() < 2 {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("waits")
	all.Wait()
	fmt.Println("all back", len(heard))
	w.seg.Close()
}

const hugePages = 1 << 30 // bytes that the kernel has to tear down

// giant has a gibibyte of memory in use when it takes the lock.
func giant(args []string) {
	w := openWorld(args[0])
	mem, err := unix.Mmap(-1, 0, hugePages, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_POPULATE)
	if err == nil {
		err = w.m.Lock(background)
	}
	fmt.Println("tag", w.seg.Tag(), len(mem), err)
	proctest.Line()
}

// K8: the death of an owner with a gibibyte mapped is told, once, long before its memory is torn down. The times are logged.
func TestMutex_OwnerWithAGibibyteDies(t *testing.T) {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil || uint64(info.Freeram)*uint64(info.Unit) < 3*hugePages {
		t.Skip("less than 3 GiB of memory are free")
	}
	w := newWorld(t)
	p := proctest.Start(t, "giant", w.seg.Name())
	p.Expect("tag")
	const takers = 4
	died, back := make(chan time.Time, takers), make(chan error, takers)
	for range takers {
		go func() {
			err := w.m.Lock(background)
			if errors.Is(err, psync.ErrOwnerDead) {
				died <- time.Now()
				err = nil
			}
			back <- errors.Join(err, w.m.Unlock())
		}()
	}
	time.Sleep(20 * time.Millisecond)
	begin := time.Now()
	p.Process.Kill()
	for range takers {
		if err := <-back; err != nil {
			t.Fatal(err)
		}
	}
	p.Exit()
	reaped := time.Since(begin)
	if len(died) != 1 {
		t.Fatalf("told %d times", len(died))
	}
	t.Logf("SIGKILL to Lock's return %v, to the end of the process %v", (<-died).Sub(begin), reaped)
}
