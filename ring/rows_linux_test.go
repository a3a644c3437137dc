package ring

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The rows of the behaviour catalogue that need more than one process.

func init() {
	roles["push-range"] = func(w *world, args []string) error {
		q, err := AttachMPMC[uint64](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		from, _ := strconv.ParseUint(args[0], 10, 64)
		to, _ := strconv.ParseUint(args[1], 10, 64)
		for i := from; i < to; i++ {
			if err := q.Push(context.Background(), i); err != nil {
				return err
			}
		}
		return nil
	}
	roles["work"] = func(w *world, args []string) error {
		tasks, err := AttachMPMC[uint64](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		size, _ := strconv.Atoi(args[0])
		done, err := AttachMPMC[uint64](w.Bytes()[size:], w.options())
		if err != nil {
			return err
		}
		for v, err := range tasks.All(context.Background()) {
			if err != nil {
				return err
			}
			if err := done.Push(context.Background(), v); err != nil {
				return err
			}
		}
		return nil
	}
	roles["pass-on"] = func(w *world, args []string) error {
		q, err := AttachMPMC[uint64](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		if err := q.Push(context.Background(), uint64(len(args))); err != nil || len(args) == 0 {
			return err
		}
		grandchild := exec.Command("/proc/self/exe", w.Name())
		out, err := grandchild.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("the grandchild: %w\n%s", err, out)
		}
		return err
	}
	roles["stop-half-way"] = func(w *world, args []string) error {
		q, err := AttachMPMC[uint64](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		i, lap, err := q.claim()
		if err != nil {
			return err
		}
		// To this very thread: another one might take a signal to the process while this one goes on.
		runtime.LockOSThread()
		if err := unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGSTOP); err != nil {
			return err
		}
		q.slots.at(i).item = 99
		publish(q.slots.word(i), uint64(makeSlot(ready, lap, 0)))
		q.pre.items.ring()
		return nil
	}
	roles["mourn"] = func(w *world, args []string) error {
		tag, err := strconv.ParseUint(args[0], 10, 32)
		if err != nil {
			return err
		}
		_, err = Select(context.Background(), Death(w.Segment, uint32(tag)))
		return err
	}
	roles["sit"] = func(w *world, args []string) error {
		switch args[0] {
		case "spsc":
			q, err := AttachSPSC[uint64](w.Bytes(), w.options())
			if err == nil {
				err = q.TryPush(7)
			}
			if err != nil {
				return err
			}
		case "record":
			q, err := AttachRecord(w.Bytes(), w.options())
			if err == nil {
				err = q.TryPush([]byte{7})
			}
			if err == nil {
				_, err = q.Claim(3)
			}
			if err != nil {
				return err
			}
		case "mpmc":
			q, err := AttachMPMC[uint64](w.Bytes(), w.options())
			if err == nil {
				_, err = q.TryTake()
			}
			if err != nil {
				return err
			}
			w.Bytes()[len(w.Bytes())-1] = 1
		}
		return rest()
	}
}

func sharedMPMC(t *testing.T, capacity, extra int) (*family, *MPMC[uint64]) {
	t.Helper()
	f := newFamily(t, SizeMPMC[uint64](capacity)+extra)
	q, err := CreateMPMC[uint64](f.Bytes(), capacity, f.options())
	if err != nil {
		t.Fatal(err)
	}
	return f, q
}

func TestQ3_ChildAppends(t *testing.T) {
	f, q := sharedMPMC(t, 20, 0)
	for i := range uint64(10) {
		if err := q.TryPush(i); err != nil {
			t.Fatal(err)
		}
	}
	f.start("push-range", 10, 20).wait()
	for want := range uint64(20) {
		if v, err := q.Pop(watchdog(t)); v != want || err != nil {
			t.Fatalf("got %d, %v; want %d", v, err, want)
		}
	}
}

// One Close stops every worker, after everything has been done (A7: the sentinel).
func TestQ5_CloseStopsEveryWorkerAfterTheDrain(t *testing.T) {
	const n = 2000
	size := SizeMPMC[uint64](8)
	f, tasks := sharedMPMC(t, 8, size)
	done, err := CreateMPMC[uint64](f.Bytes()[size:], 8, f.options())
	if err != nil {
		t.Fatal(err)
	}
	var workers []*child
	for range 4 {
		workers = append(workers, f.start("work", size))
	}
	ctx := watchdog(t)
	go func() {
		for i := range uint64(n) {
			if tasks.Push(ctx, i) != nil {
				return
			}
		}
		tasks.Close()
	}()
	seen := map[uint64]bool{}
	for range n {
		v, err := done.Pop(ctx)
		if err != nil || seen[v] {
			t.Fatalf("%d again, or %v", v, err)
		}
		seen[v] = true
	}
	for _, w := range workers {
		w.wait()
	}
}

// K10: what one process has put, another one sees at once.
func TestQ11_EmptyIsSeenByAll(t *testing.T) {
	f, q := sharedMPMC(t, 4, 0)
	if q.Len() != 0 {
		t.Fatal("a new ring has a length")
	}
	f.start("push-range", 5, 6).wait()
	if q.Len() != 1 {
		t.Fatalf("length %d after a child has put one", q.Len())
	}
	if v, err := q.TryPop(); v != 5 || err != nil || q.Len() != 0 {
		t.Fatalf("got %d, %v", v, err)
	}
}

func TestQ14_AGrandchildUsesTheSameRing(t *testing.T) {
	f, q := sharedMPMC(t, 4, 0)
	f.start("pass-on", "again").wait()
	for _, want := range []uint64{1, 0} {
		if v, err := q.TryPop(); v != want || err != nil {
			t.Fatalf("got %d, %v; want %d", v, err, want)
		}
	}
}

// A process that is stopped is not dead: nobody takes its slot, and its message comes when it goes on.
func TestMPMC_AStoppedProcessIsNotRobbed(t *testing.T) {
	f, q := sharedMPMC(t, 3, 0)
	c := f.start("stop-half-way")
	eventually(t, "the child stopped", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.Cmd.Process.Pid))
		return err == nil && strings.Contains(string(stat), ") T ")
	})
	for i := range uint64(2) {
		if err := q.TryPush(i); err != nil {
			t.Fatal(err)
		}
		if v, err := q.TryPop(); v != i || err != nil {
			t.Fatalf("got %d, %v", v, err)
		}
	}
	q.mend.Store(true)
	if _, err := q.Pop(within(t, 60*time.Millisecond)); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a message that is half written: %v", err)
	}
	if err := c.Cmd.Process.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if v, err := q.Pop(watchdog(t)); v != 99 || err != nil {
		t.Fatalf("the message of the stopped process: %d, %v", v, err)
	}
	c.wait()
}
