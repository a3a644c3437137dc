package psync_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/psync"
	"github.com/shmath/shmath/shm"
)

func TestMain(m *testing.M) {
	proctest.Main(m, proctest.Roles{"worker": worker, "recorder": recorder, "adder": adder, "sitter": sitter, "echo": echo,
		"maker": maker, "waiter": waiter, "interrupted": interrupted, "setter": setter, "patient": patient, "giant": giant})
}

const (
	workersMax = 8
	seatsMax   = 2
	partiesMax = 3
)

// board is what the processes of a storm share.
type board struct {
	beats  [workersMax]psync.Uint64 // progress of each worker
	faults psync.Uint32             // a bit per kind of violation
	detail psync.Uint64             // of the first violation
	deaths psync.Uint32             // reports of a death
	inside psync.Uint32             // tag of who has the lock
	a, b   psync.Int64              // equal, but for who has the lock
	seats  [seatsMax]psync.Uint32   // tags of who have permits
	mutex  psync.MutexWord
	cond   psync.CondWord
	event  psync.EventWord
	once   psync.OnceWord
	_      uint32
	groups psync.WaitGroupWord
	re     psync.RMutexWord
}

const (
	faultTwoInside = 1 << iota
	faultError
	faultTorn
	faultNoSeat
	faultNamedTheLiving
	faultOnce
)

const (
	semaphoreAt = 4096
	barrierAt   = 8192
	rwmutexAt   = 12288
	plainAt     = 14336
	recordsAt   = 16384
	oncesAt     = 524288
	oncesMax    = 16384
	segmentSize = 1 << 20
)

// world is one process's view of a segment with everything in it.
type world struct {
	seg *shm.Segment
	*board
	m   *psync.Mutex
	c   *psync.Cond
	e   *psync.Event
	o   *psync.Once
	g   *psync.WaitGroup
	r   *psync.RMutex
	s   *psync.Semaphore // its permits belong to processes
	p   *psync.Semaphore // its permits belong to nobody
	bar *psync.Barrier
	rw  *psync.RWMutex
}

func (w *world) fault(kind uint32, detail uint64) {
	for {
		old := w.faults.Load()
		if w.faults.CompareAndSwap(old, old|kind) {
			break
		}
	}
	w.detail.CompareAndSwap(0, detail)
}

func semaphoreOptions(seg *shm.Segment) *psync.SemaphoreOptions {
	return &psync.SemaphoreOptions{Members: seg, ReturnOnDeath: true, Holders: 16}
}

func attach(seg *shm.Segment, create bool) (*world, error) {
	mem := seg.Bytes()
	w := &world{seg: seg, board: layout.View[board](mem, 0)}
	o := &psync.Options{Members: seg}
	w.m, w.c, w.e, w.o = w.mutex.Attach(o), w.cond.Attach(o), w.event.Attach(o), w.once.Attach(o)
	w.g, w.r = w.groups.Attach(o), w.re.Attach(o)
	var e1, e2, e3, e4 error
	bo := &psync.BarrierOptions{Members: seg, Action: func() { w.a.Add(1) }}
	if create {
		w.s, e1 = psync.CreateSemaphore(mem[semaphoreAt:], seatsMax, semaphoreOptions(seg))
		w.p, e4 = psync.CreateSemaphore(mem[plainAt:], seatsMax, &psync.SemaphoreOptions{Members: seg})
		w.bar, e2 = psync.CreateBarrier(mem[barrierAt:], partiesMax, bo)
		w.rw, e3 = psync.CreateRWMutex(mem[rwmutexAt:], &psync.RWMutexOptions{Members: seg})
	} else {
		w.s, e1 = psync.AttachSemaphore(mem[semaphoreAt:], semaphoreOptions(seg))
		w.p, e4 = psync.AttachSemaphore(mem[plainAt:], &psync.SemaphoreOptions{Members: seg})
		w.bar, e2 = psync.AttachBarrier(mem[barrierAt:], bo)
		w.rw, e3 = psync.AttachRWMutex(mem[rwmutexAt:], &psync.RWMutexOptions{Members: seg})
	}
	return w, errors.Join(e1, e2, e3, e4)
}

// newWorld creates a segment that is gone when the test ends.
func newWorld(t testing.TB) *world {
	t.Helper()
	name := fmt.Sprintf("psync-test-%d-%d", os.Getpid(), rand.Uint32())
	seg, err := shm.Create(name, segmentSize, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := seg.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat("/dev/shm/" + name); err == nil {
			t.Errorf("%s is left behind", name)
		}
	})
	w, err := attach(seg, true)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func openWorld(name string) *world {
	seg, err := shm.Open(name, nil)
	if err == nil {
		var w *world
		if w, err = attach(seg, false); err == nil {
			return w
		}
	}
	fmt.Println("error", err)
	os.Exit(1)
	return nil
}

var background = context.Background()

// stress is how much longer than in a normal run a storm blows.
func stress() int {
	if n, err := strconv.Atoi(os.Getenv("SHMATH_STRESS")); err == nil && n > 0 {
		return n
	}
	return 1
}

// storm kills one worker after the other at random instants, and replaces it. Every survivor has to get on after each
// death; the watchdog is far longer than the second in which it does, because this machine is shared.
func storm(t *testing.T, kind string, kills int) *world {
	if testing.Short() {
		kills = min(kills, 5)
	}
	kills *= stress()
	w := newWorld(t)
	const n = partiesMax
	workers := make([]*proctest.Process, n)
	start := func(i int) {
		workers[i] = proctest.Start(t, "worker", kind, w.seg.Name(), strconv.Itoa(i), "0")
		workers[i].Expect("ready")
	}
	for i := range workers {
		start(i)
	}
	w.progress(t, -1)
	var slowest time.Duration
	for range kills {
		time.Sleep(time.Duration(rand.IntN(1500)) * time.Microsecond)
		victim := rand.IntN(n)
		if err := workers[victim].Process.Kill(); err != nil {
			t.Fatal(err)
		}
		skip := victim
		if kind == "barrier" { // the others cannot meet without a third
			start(victim)
			skip = -1
		}
		slowest = max(slowest, w.progress(t, skip))
		workers[victim].Kill()
		start(victim)
	}
	for _, p := range workers {
		p.Kill()
	}
	if f := w.faults.Load(); f != 0 {
		t.Fatalf("faults %#b, detail %#x", f, w.detail.Load())
	}
	t.Logf("%d kills, %d deaths reported; slowest survivor went on within %v", kills, w.deaths.Load(), slowest)
	return w
}

// progress waits until each worker but skip has done something more, twice, and returns how long it took.
func (w *world) progress(t *testing.T, skip int) time.Duration {
	t.Helper()
	begin := time.Now()
	var before [partiesMax]uint64
	for i := range before {
		before[i] = w.beats[i].Load()
	}
	for i := range before {
		for i != skip && w.beats[i].Load() < before[i]+2 {
			if time.Since(begin) > 20*time.Second {
				t.Fatalf("worker %d does not go on; faults %#b, owner %d", i, w.faults.Load(), w.m.Owner())
			}
			time.Sleep(50 * time.Microsecond)
		}
	}
	return time.Since(begin)
}

func TestMutex_KillStorm(t *testing.T) {
	w := storm(t, "mutex", 60)
	// What is left is a mutex that works: at most one death, of the last holder, is still to be told.
	if err := w.m.Lock(background); err != nil && !errors.Is(err, psync.ErrOwnerDead) {
		t.Fatal(err)
	}
}

// No permit is lost or given twice.
func TestSemaphore_KillStorm(t *testing.T) {
	w := storm(t, "semaphore", 60)
	if got := w.s.Value(); got != seatsMax {
		t.Fatalf("%d permits left of %d", got, seatsMax)
	}
	if ok, err := w.s.TryAcquire(seatsMax); !ok || err != nil {
		t.Fatal(ok, err)
	}
}

func TestBarrier_KillStorm(t *testing.T)   { storm(t, "barrier", 40) }
func TestCond_KillStorm(t *testing.T)      { storm(t, "cond", 40) }
func TestRWMutex_KillStorm(t *testing.T)   { storm(t, "rwmutex", 40) }
func TestRMutex_KillStorm(t *testing.T)    { storm(t, "rmutex", 20) }
func TestEvent_KillStorm(t *testing.T)     { storm(t, "event", 20) }
func TestOnce_KillStorm(t *testing.T)      { storm(t, "once", 20) }
func TestWaitGroup_KillStorm(t *testing.T) { storm(t, "waitgroup", 20) }

func TestSemaphore_PlainKillStorm(t *testing.T) { storm(t, "plain", 20) }
