//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/shm"
)

// stress is how many times as long storms last as in an ordinary test.
func stress() int {
	n, err := strconv.Atoi(os.Getenv("SHMATH_STRESS"))
	if err != nil {
		n = 1
	}
	return max(n, 1)
}

const stormKills = 334 // and more than ten thousand in "make stress"

// squareAgain is square that may run again.
var squareAgain = NewFunc("squareAgain", func(_ context.Context, x float64) (float64, error) { return x * x, nil },
	FuncOptions{Idempotent: true})

// A storm of SIGKILLs at random instants over starts, loops, maps, calls, streams and shutdowns: no hang, no wrong result, no
// orphan, nothing left in /dev/shm.
func Test4_Storm(t *testing.T) {
	var kills atomic.Int64
	quit := make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() {
		for {
			select {
			case <-quit:
				return
			case <-time.After(time.Duration(rand.IntN(2500)) * time.Microsecond):
				kills.Add(int64(killSomeChild()))
			}
		}
	})
	stopped := sync.OnceFunc(func() { close(quit); killer.Wait() })
	defer stopped()
	pools := 0
	for ; kills.Load() < int64(stormKills*stress()); pools++ {
		stormPool(t)
		if t.Failed() {
			break
		}
	}
	stopped()
	t.Logf("%d pools, %d kills", pools, kills.Load())
	if left := children(); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
}

// stormPool is the life of one pool in the storm.
func stormPool(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, err := Start(ctx, &Options{Workers: 2})
	if err != nil {
		t.Errorf("start: %v", err)
		return
	}
	work := []func() error{
		func() error { return filled(t, p, 5000, LoopOptions{Block: 16, Idempotent: true}) },
		func() error { return stormSnapshot(ctx, t, p) },
		func() error {
			ys, err := squareAgain.Map(ctx, p, []float64{1, 2, 3, 4, 5, 6, 7, 8})
			return stormCheck(err, len(ys) == 8 && ys[7] == 64)
		},
		func() error {
			y, err := square.Call(ctx, p, 4)
			return stormCheck(err, y == 16)
		},
		func() error { return stormStream(ctx, p) },
	}
	for range 10 {
		k := rand.IntN(len(work))
		if err := work[k](); err != nil && !errors.Is(err, ErrWorkerDied) {
			t.Errorf("work %d: %v", k, err)
		}
	}
	if err := p.Arena().Check(); err != nil {
		t.Error(err)
	}
	last, err := square.Submit(ctx, p, 3)
	if err != nil {
		t.Error(err)
		last = nil
	}
	stormEnd(ctx, t, p, last)
}

// stormEnd ends a pool in one of the three ways, and looks at what it leaves.
func stormEnd(ctx context.Context, t *testing.T, p *Pool, last *Future[float64]) {
	var err error
	drains := true
	switch rand.IntN(3) {
	case 0:
		err = p.Close()
	case 1:
		late, cancel := context.WithTimeout(ctx, 10*time.Second)
		err = p.Shutdown(late)
		cancel()
	case 2:
		err, drains = p.Terminate(), false
	}
	if err != nil {
		t.Errorf("end: %v", err)
	}
	if last != nil {
		y, err := last.Wait(ctx)
		if err == nil && y != 9 || err != nil && !errors.Is(err, ErrWorkerDied) && (drains || !errors.Is(err, ErrClosed)) {
			t.Errorf("accepted work: %v, %v", y, err)
		}
	}
	if n := len(p.Departures()); n != 2 {
		t.Errorf("%d departures", n)
	}
	for _, name := range []string{p.seg.Name(), p.mem.Name()} {
		if _, err := os.Stat("/dev/shm/" + name); err == nil {
			t.Errorf("segment %s is left", name)
		}
	}
}

// stormCheck lets deaths pass, but no wrong result.
func stormCheck(err error, right bool) error {
	if err == nil && !right {
		return errors.New("wrong result")
	}
	return err
}

func stormSnapshot(ctx context.Context, t *testing.T, p *Pool) error {
	a := inPlace(t, p, 3000)
	for range 2 {
		if err := advanceInPlace.RunWith(ctx, p, 3000, a, LoopOptions{Snapshot: true, Block: 64}); err != nil {
			return err
		}
	}
	a.check(t, func(int) int { return 2 })
	return errors.Join(a.X.Free(), a.Table.Free(), a.Pairs.Free())
}

func stormStream(ctx context.Context, p *Pool) error {
	xs := make([]float64, 300)
	for i := range xs {
		xs[i] = float64(i)
	}
	i := 0
	for y, err := range squareAgain.Stream(ctx, p, slices.Values(xs)) {
		if err := stormCheck(err, y == float64(i*i)); err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
		i++
	}
	return stormCheck(nil, i == len(xs))
}

// children returns the processes that this one has started and not reaped.
func children() (pids []int) { return childrenOf(os.Getpid()) }

func childrenOf(pid int) (pids []int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, f := range tasks {
		list, _ := os.ReadFile(f)
		for _, pid := range strings.Fields(string(list)) {
			if n, err := strconv.Atoi(pid); err == nil {
				pids = append(pids, n)
			}
		}
	}
	return pids
}

// killSomeChild kills one of them, and says how many that were.
func killSomeChild() int {
	list := children()
	if len(list) == 0 {
		return 0
	}
	pid := list[rand.IntN(len(list))]
	if !running(pid) || syscall.Kill(pid, syscall.SIGKILL) != nil {
		return 0
	}
	return 1
}

const stormMark = "SHMATH_TEST_MARK" // in the environment of a parent and of all whom it starts

// A5: the parent is killed at random instants, also while it starts: nobody whom it started is left, and its memory is stale.
func TestA5_NobodyOutlivesTheParent(t *testing.T) {
	slowest := time.Duration(0)
	for i := range 30 * stress() {
		mark := fmt.Sprintf("%d-%d", os.Getpid(), i)
		t.Setenv(stormMark, mark)
		p := proctest.Start(t, "parent")
		if i%3 == 0 {
			p.Expect("ready")
		}
		time.Sleep(time.Duration(rand.IntN(12000)) * time.Microsecond)
		begin := time.Now()
		p.Kill()
		for ; len(marked(mark)) > 0; time.Sleep(time.Millisecond) {
			if time.Since(begin) > 20*time.Second {
				t.Fatalf("processes %v outlive their parent", marked(mark))
			}
		}
		slowest = max(slowest, time.Since(begin))
	}
	t.Logf("at most %v from SIGKILL of the parent to the end of its last worker, as seen every millisecond", slowest)
	reapTestSegments(t)
}

// marked returns the processes with that mark in their environment.
func marked(mark string) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, f := range files {
		env, err := os.ReadFile(f)
		pid, _ := strconv.Atoi(strings.Split(f, "/")[2])
		if err == nil && pid != os.Getpid() && strings.Contains(string(env), stormMark+"="+mark+"\x00") && running(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// reapTestSegments waits until nothing of killed test programs is left in /dev/shm.
func reapTestSegments(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if _, err := shm.Reap(); err != nil {
			t.Fatal(err)
		}
		list, err := shm.List()
		if err != nil {
			t.Fatal(err)
		}
		list = slices.DeleteFunc(list, func(i shm.Info) bool {
			return i.Program != filepath.Base(os.Args[0]) || i.PID == os.Getpid() || running(i.PID)
		})
		if len(list) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d segments of killed parents are left: %+v", len(list), list)
		}
	}
}
