package psync_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/psync"
)

// adder adds to one cell of each type.
func adder(args []string) {
	w := openWorld(args[0])
	n, _ := strconv.Atoi(args[1])
	fmt.Println("ready")
	w.e.Wait(background)
	f, err := psync.CellsAt[psync.Float64](w.seg.Bytes(), recordsAt, 1)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for range n {
		w.a.Add(1)
		f[0].Add(0.5)
	}
	fmt.Println("done")
	w.seg.Close()
}

// K28: additions of two processes are exact.
func TestCells_TwoProcessesAddExactly(t *testing.T) {
	const n = 1_000_000
	w := newWorld(t)
	var all []*proctest.Process
	for range 2 {
		all = append(all, proctest.Start(t, "adder", w.seg.Name(), strconv.Itoa(n)))
	}
	for _, p := range all {
		p.Expect("ready")
	}
	begin := time.Now()
	w.e.Set()
	for _, p := range all {
		p.Expect("done")
	}
	t.Logf("%d additions to two cells by each of 2 processes: %v", n, time.Since(begin))
	f, err := psync.CellsAt[psync.Float64](w.seg.Bytes(), recordsAt, 1)
	if err != nil || w.a.Load() != 2*n || f[0].Load() != n {
		t.Fatal(w.a.Load(), f[0].Load(), err)
	}
}

// sitter takes one thing, says so, and sits on it.
func sitter(args []string) {
	w := openWorld(args[1])
	var err error
	switch args[0] {
	case "mutex":
		err = w.m.Lock(background)
	case "mutex-waiter":
		fmt.Println("tag", w.seg.Tag())
		err = w.m.Lock(background)
	case "semaphore":
		err = w.s.Acquire(background, 2)
	case "rwmutex":
		err = w.rw.RLock(background)
	case "barrier":
		fmt.Println("tag", w.seg.Tag())
		_, err = w.bar.Wait(background)
	case "cond":
		err = w.m.Lock(background)
		fmt.Println("tag", w.seg.Tag())
		err = errors.Join(err, w.c.Wait(background, w.m))
	case "event":
		fmt.Println("tag", w.seg.Tag())
		err = w.e.Wait(background)
	}
	if err != nil {
		fmt.Println("error", err)
	}
	fmt.Println("tag", w.seg.Tag())
	proctest.Line()
}

func sit(t *testing.T, w *world, kind string) (*proctest.Process, uint32) {
	t.Helper()
	p := proctest.Start(t, "sitter", kind, w.seg.Name())
	tag, err := strconv.ParseUint(p.Expect("tag"), 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return p, uint32(tag)
}

// K8: Lock returns the owner's death, named, with the lock held; the time it took is logged.
func TestMutex_TellsTheDeathOfAProcess(t *testing.T) {
	w := newWorld(t)
	p, tag := sit(t, w, "mutex")
	done := make(chan error)
	go func() { done <- w.m.Lock(background) }()
	time.Sleep(5 * time.Millisecond)
	begin := time.Now()
	p.Process.Kill()
	err := <-done
	took := time.Since(begin)
	var died *psync.OwnerDeadError
	if !errors.As(err, &died) || died.Tag != tag || w.m.Owner() != w.seg.Tag() {
		t.Fatalf("error %v, owner %d", err, w.m.Owner())
	}
	t.Logf("SIGKILL of the owner to Lock's return: %v", took)
	if err := w.m.Unlock(); err != nil {
		t.Fatal(err)
	}
	if ok, err := w.m.TryLock(); !ok || err != nil {
		t.Fatal("told twice", err)
	}
}

// A process that is stopped is not dead, however long it is: nothing is taken from it.
func TestMutex_TakesNothingFromAStoppedProcess(t *testing.T) {
	w := newWorld(t)
	p, tag := sit(t, w, "mutex")
	if err := p.Process.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(background, 300*time.Millisecond)
	defer cancel()
	if err := w.m.Lock(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("lock of a stopped owner: %v", err)
	}
	if ok, err := w.m.TryLock(); ok || err != nil || w.m.Owner() != tag {
		t.Fatal(ok, err, w.m.Owner())
	}
	if err := p.Process.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	p.Kill()
	if err := w.m.Lock(background); !errors.Is(err, psync.ErrOwnerDead) {
		t.Fatal(err)
	}
}

// Who waits for an event or a condition sleeps: nothing wakes it now and then.
func TestEvent_SleepersAreNotWoken(t *testing.T) {
	w := newWorld(t)
	for _, kind := range []string{"event", "cond"} {
		p, _ := sit(t, w, kind)
		switches := func() (n int) {
			files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", p.Process.Pid))
			if err != nil || len(files) == 0 {
				t.Skip("the kernel does not tell what threads do")
			}
			for _, f := range files {
				text, _ := os.ReadFile(f)
				_, after, _ := strings.Cut(string(text), "\nvoluntary_ctxt_switches:")
				line, _, _ := strings.Cut(after, "\n")
				k, _ := strconv.Atoi(strings.TrimSpace(line))
				n += k
			}
			return n
		}
		time.Sleep(200 * time.Millisecond) // its runtime comes to rest
		before := switches()
		time.Sleep(600 * time.Millisecond)
		if n := switches() - before; n > 6 { // one look in 50 ms would be 12
			t.Errorf("kind=%s: %d wake-ups in 600 ms", kind, n)
		}
	}
}

func TestSemaphore_PermitsOfAKilledProcessReturn(t *testing.T) {
	w := newWorld(t)
	p, _ := sit(t, w, "semaphore")
	if ok, err := w.s.TryAcquire(1); ok || err != nil {
		t.Fatal(ok, err)
	}
	done := make(chan error)
	go func() { done <- w.s.Acquire(background, 2) }()
	time.Sleep(2 * time.Millisecond)
	p.Process.Kill()
	if err := <-done; err != nil || w.s.Held() != 2 {
		t.Fatal(err, w.s.Held())
	}
}

// K7: a killed waiter harms nobody.
func TestWaiters_KilledHarmNobody(t *testing.T) {
	w := newWorld(t)
	waits := func(kind string) (*proctest.Process, uint32) {
		p, tag := sit(t, w, kind)
		time.Sleep(5 * time.Millisecond)
		return p, tag
	}
	t.Run("kind=event", func(t *testing.T) {
		p, _ := waits("event")
		p.Kill()
		w.e.Set()
		if err := w.e.Wait(background); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("kind=cond", func(t *testing.T) {
		victim, _ := waits("cond")
		live, _ := waits("cond")
		victim.Kill()
		w.m.Lock(background)
		w.c.Signal(1) // must go to the one that lives
		w.m.Unlock()
		live.Expect("tag")
		if w.m.Owner() == 0 {
			t.Fatal("the live waiter returned without the lock")
		}
		live.Kill()
	})
	t.Run("kind=mutex", func(t *testing.T) {
		if err := w.m.Lock(background); !errors.Is(err, psync.ErrOwnerDead) {
			t.Fatal(err)
		}
		victim, _ := waits("mutex-waiter")
		live, _ := waits("mutex-waiter")
		victim.Kill()
		w.m.Unlock()
		live.Expect("tag")
	})
	t.Run("kind=rwmutex", func(t *testing.T) {
		p, _ := waits("rwmutex")
		p.Kill()
		if err := w.rw.Lock(background); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("kind=barrier", func(t *testing.T) {
		victim, tag := waits("barrier")
		done := make(chan error)
		go func() { _, err := w.bar.Wait(background); done <- err }()
		time.Sleep(2 * time.Millisecond)
		victim.Kill()
		_, err := w.bar.Wait(background)
		for _, err := range []error{err, <-done, w.bar.Broken()} {
			var broken *psync.BrokenError
			if !errors.As(err, &broken) || broken.Dead != tag {
				t.Fatalf("%v does not name %d", err, tag)
			}
		}
	})
}

// B9: 5 processes x 1000 rounds in lockstep.
func TestBarrier_B9(t *testing.T) {
	const parties, rounds = 5, 1000
	w := newWorld(t)
	bar, err := psync.CreateBarrier(w.seg.Bytes()[barrierAt:], parties, &psync.BarrierOptions{Members: w.seg})
	if err != nil {
		t.Fatal(err)
	}
	kinds := []*proctest.Process{}
	for i := range parties {
		kinds = append(kinds, proctest.Start(t, "echo", "rounds", w.seg.Name(), strconv.Itoa(i), strconv.Itoa(rounds)))
	}
	for _, p := range kinds {
		if got := p.Expect("rounds"); got != strconv.Itoa(rounds) {
			t.Fatal(got)
		}
	}
	if w.faults.Load() != 0 || bar.Waiting() != 0 || bar.Broken() != nil {
		t.Fatalf("faults %#b, %d waiting, broken: %v", w.faults.Load(), bar.Waiting(), bar.Broken())
	}
}

// echo is the other side of a test or benchmark between two processes.
func echo(args []string) {
	w := openWorld(args[1])
	slot, _ := strconv.Atoi(args[2])
	n, _ := strconv.Atoi(args[3])
	switch args[0] {
	case "rounds":
		// Each party counts its rounds; in round r every count is r or r+1, or the lockstep is broken.
		for r := range n {
			w.beats[slot].Add(1)
			if _, err := w.bar.Wait(background); err != nil {
				fmt.Println("error", err)
				os.Exit(1)
			}
			for i := range w.bar.Parties() {
				if b := int(w.beats[i].Load()); b != r+1 && b != r+2 {
					w.fault(faultTorn, uint64(r))
				}
			}
		}
		fmt.Println("rounds", n)
	default:
		benchmarkPeer(w, args[0], n)
	}
	w.seg.Close()
}

// K32: a hundred thousand of them cost no descriptor and no file.
func Test32_WordsCostNoDescriptor(t *testing.T) {
	w := newWorld(t)
	count := func(pattern string) int {
		list, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	ours := fmt.Sprintf("/dev/shm/psync-test-%d-*", os.Getpid())
	fds, files := count("/proc/self/fd/*"), count(ours)
	const each, stride = 20_000, 32
	mem := layout.Aligned(each*stride, 64)
	o := &psync.Options{Members: w.seg}
	for i := range each {
		at := mem[i*stride:]
		m, err1 := psync.CreateMutex(at, o)
		e, err2 := psync.CreateEvent(at[4:], o)
		c, err3 := psync.CreateCond(at[8:], o)
		once, err4 := psync.CreateOnce(at[12:], o)
		g, err5 := psync.CreateWaitGroup(at[16:], o)
		if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
			t.Fatal(err)
		}
		if err := m.Lock(background); err != nil {
			t.Fatal(err)
		}
		e.Set()
		c.Broadcast()
		once.Do(background, func(error) error { return nil })
		g.Add(1)
	}
	if nowFds, nowFiles := count("/proc/self/fd/*"), count(ours); nowFds != fds || nowFiles != files {
		t.Fatalf("%d descriptors and %d files before, %d and %d after", fds, files, nowFds, nowFiles)
	}
}
