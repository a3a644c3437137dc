//go:build linux

package multiprocessing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/shm"
)

var prefixSums = NewTarget("prefix sums", func(ctx context.Context, x *Array[int32]) error {
	return x.With(ctx, func(s []int32) error {
		for i := 1; i < len(s); i++ {
			s[i] += s[i-1]
		}
		return nil
	})
})

func TestAR1_Array(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		seq := []int32{680, 626, 934, 821, 150, 233, 548, 982, 714, 831}
		raw := must[*Array[int32]](t)(NewRawArray[int32](len(seq)))
		copy(raw.Slice(), seq)
		own := must[*Array[int32]](t)(NewArray(seq...))
		want := slices.Clone(seq)
		for i := 1; i < len(want); i++ {
			want[i] += want[i-1]
		}
		for _, x := range []*Array[int32]{raw, own} {
			if x.Len() != len(seq) || x.Slice()[4] != seq[4] || !slices.Equal(x.Slice()[2:5], seq[2:5]) {
				t.Fatal(x.Slice())
			}
			p := start(t, prefixSums, x, opts)
			ok(t, p.Join(watchdog(t)))
			ok(t, p.Err())
			if !slices.Equal(x.Slice(), want) {
				t.Fatal(x.Slice())
			}
		}
	})
	for _, n := range []int{-1, math.MaxInt, math.MaxInt / 4} {
		if _, err := NewArrayOf[int32](n); err == nil {
			t.Fatal("an array of", n)
		}
	}
}

type tally struct {
	Lock *RLock
	A    *Value[int]
	B    *Array[int]
	Raw  *Value[int]
}

var moveUnderLock = NewTarget("move under lock", func(ctx context.Context, x tally) error {
	if x.Raw.GetLock() != nil {
		return errors.New("a raw value with a lock")
	}
	for range 500 {
		err := x.A.GetLock().With(ctx, func() error { // several values, one lock: together, or not at all
			x.A.Set(x.A.Get() + 1)
			x.B.Slice()[0]--
			if x.A.Get()+x.B.Slice()[0] != 0 {
				return errors.New("seen in the middle of a change")
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
})

// TestV2_SharedLock: a lock of its own, another's, or none; another's stays the same one wherever it comes.
func TestV2_SharedLock(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		l := must[*RLock](t)(NewRLock())
		x := tally{l, must[*Value[int]](t)(NewValueWith(l, 0)), must[*Array[int]](t)(NewArrayWith[int](l, 1)),
			must[*Value[int]](t)(NewRawValue(5))}
		if x.A.GetLock() != l || x.B.GetLock() != l || x.Raw.GetLock() != nil {
			t.Fatal("another lock than was given")
		}
		var crew []*Process
		for range 3 {
			crew = append(crew, start(t, moveUnderLock, x, opts))
		}
		for _, p := range crew {
			ok(t, p.Join(watchdog(t)))
			ok(t, p.Err())
		}
		if x.A.Get() != 1500 || x.B.Slice()[0] != -1500 {
			t.Fatal(x.A.Get(), x.B.Slice()[0])
		}
	})
	own := must[*Value[int]](t)(NewValue(0))
	if _, err := NewValueWith(own.GetLock(), 1); !errors.Is(err, ErrValue) {
		t.Fatal("the lock of one value for another:", err)
	}
	if _, err := NewArrayWith[int](nil, 1); !errors.Is(err, ErrValue) {
		t.Fatal(err)
	}
}

// TestT2_Copy: what was copied out does not change with the original.
func TestT2_Copy(t *testing.T) {
	x := must[*Struct[mixed]](t)(NewStruct(mixed{I: 1, D: 2}))
	before := must[mixed](t)(x.Get(watchdog(t)))
	ok(t, x.Set(watchdog(t), mixed{I: 7}))
	if before.I != 1 || before.D != 2 || must[mixed](t)(x.Get(watchdog(t))).I != 7 {
		t.Fatal(before)
	}
}

// TestHP1_Heap: 5000 arrays of log-normal sizes, 50 at a time: the blocks tile the memory all the time, without gap or overlap,
// and in the end it is as before.
func TestHP1_Heap(t *testing.T) {
	s, err := home()
	ok(t, err)
	before, err := s.arena.Stats()
	ok(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	var live []*Array[uint8]
	for i := range 5000 {
		x := must[*Array[uint8]](t)(NewRawArray[uint8](int(math.Exp(r.NormFloat64()*2 + 6))))
		if n := x.Len(); n > 0 {
			x.Slice()[0], x.Slice()[n-1] = 1, 1
		}
		if live = append(live, x); len(live) > 50 {
			at := r.IntN(len(live))
			ok(t, live[at].Free())
			live = slices.Delete(live, at, at+1)
		}
		if i%250 == 0 {
			ok(t, s.arena.Check())
			if now, err := s.arena.Stats(); err != nil || now.Used+now.Free != now.Capacity {
				t.Fatal(now, err)
			}
		}
	}
	for _, x := range live {
		ok(t, x.Free())
	}
	after, err := s.arena.Stats()
	ok(t, err)
	ok(t, s.arena.Check())
	if after.Arrays != before.Arrays || after.Used != before.Used || after.Mallocs-before.Mallocs != after.Frees-before.Frees {
		t.Fatal(before, after)
	}
}

// TestHP2_FreesFromTheCollector: what finalizers free, in the middle of whatever else is going on, hangs nobody.
func TestHP2_FreesFromTheCollector(t *testing.T) {
	s, err := home()
	ok(t, err)
	before, err := s.arena.Stats()
	ok(t, err)
	for range 2000 {
		x := must[*Array[uint64]](t)(NewRawArray[uint64](100))
		owner := new([16]int) // whose end is the array's
		FinalizeObject(watchdog(t), owner, func() {
			if err := x.Free(); err != nil {
				t.Error(err)
			}
		}, nil)
		runtime.KeepAlive(owner)
	}
	until(t, "all freed", func() bool {
		runtime.GC()
		now, err := s.arena.Stats()
		return err == nil && now.Arrays <= before.Arrays
	})
	ok(t, s.arena.Check())
}

// TestM3_Handles: a handle is the memory's name, and finds the same bytes in both directions, or nothing.
func TestM3_Handles(t *testing.T) {
	m := must[*SharedMemory](t)(NewSharedMemory("", 64))
	defer m.Close()
	raw := must[[]byte](t)(m.MarshalBinary())
	again := new(SharedMemory)
	ok(t, again.UnmarshalBinary(raw))
	copy(m.Buf(), "there")
	copy(again.Buf()[8:], "back")
	if string(again.Buf()[:5]) != "there" || string(m.Buf()[8:12]) != "back" || again.Name() != m.Name() || again.Size() != 64 {
		t.Fatal(again)
	}
	ok(t, again.Close())
	ok(t, m.Unlink())
	if err := new(SharedMemory).UnmarshalBinary(raw); !errors.Is(err, shm.ErrNotExist) {
		t.Fatal(err)
	}
	if _, err := new(SharedMemory).MarshalBinary(); err != ErrNotMade {
		t.Fatal(err)
	}
}

type writing struct {
	Name   string
	Handle *SharedMemory
}

var writeBoth = NewTarget("write both", func(ctx context.Context, w writing) error {
	m, err := OpenSharedMemory(w.Name)
	if err != nil {
		return err
	}
	copy(m.Buf(), "name")
	copy(w.Handle.Buf()[8:], "handle")
	return errors.Join(m.Close(), w.Handle.Close())
})

func TestM4_AcrossProcesses(t *testing.T) {
	bothWays(t, func(t *testing.T, opts *ProcessOptions) {
		m := must[*SharedMemory](t)(NewSharedMemory("", 32))
		defer m.Close()
		defer m.Unlink()
		p := start(t, writeBoth, writing{m.Name(), m}, opts)
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
		if !bytes.HasPrefix(m.Buf(), []byte("name\x00\x00\x00\x00handle")) {
			t.Fatalf("%q", m.Buf())
		}
	})
}

// TestM5_NULInNames, and R4: a bad name is refused where a name is given, and nothing is made.
func TestM5_NULInNames(t *testing.T) {
	for _, name := range []string{"a\x00b", "\x00", strings.Repeat("n", 300), "a/b"} {
		_, err1 := NewSharedMemory(name, 10)
		_, err2 := OpenSharedMemory(name)
		_, err3 := NewShareableList(name, 1)
		_, err4 := OpenShareableList(name)
		for _, err := range []error{err1, err2, err3, err4} {
			if !errors.Is(err, shm.ErrName) {
				t.Errorf("%.10q: %v", name, err)
			}
		}
	}
}

func TestR4_LongNames(t *testing.T) {
	if _, err := NewSharedMemory(strings.Repeat("long", 100), 10); !errors.Is(err, shm.ErrName) || !strings.Contains(err.Error(), "at most") {
		t.Fatal(err)
	}
}

func exists(name string) bool {
	_, err := os.Stat("/dev/shm/" + name)
	return err == nil
}

// owner starts a program that owns shared memory and returns the names.
func owner(t *testing.T) (*proctest.Process, []string) {
	p := proctest.Start(t, "owner")
	names := strings.Fields(p.Expect("names"))
	for _, n := range names {
		if !exists(n) {
			t.Fatal("not there:", n)
		}
	}
	return p, names
}

// TestM6_OwnerTerminated, and R1: what the killed one leaves, the next program removes.
func TestM6_OwnerTerminated(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		p, names := owner(t)
		ok(t, p.Process.Signal(sig))
		_ = p.Exit()
		_, _, err := program(t, proctest.Command("plain"))
		ok(t, err)
		for _, n := range names {
			if exists(n) {
				t.Fatalf("%v: %s is left", sig, n)
			}
		}
	}
}

// TestR1_Warning: the program that removes it says so, with the number and the names; removing what is gone is no error.
func TestR1_Warning(t *testing.T) {
	var said bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&said, nil)))
	defer slog.SetDefault(old)
	swept(nil, nil)
	if said.Len() != 0 {
		t.Fatal("a word about nothing:", said.String())
	}
	swept([]string{"psm_one", "psm_two"}, nil)
	for _, want := range []string{"segments=2", "psm_one", "psm_two"} {
		if !strings.Contains(said.String(), want) {
			t.Fatal(said.String())
		}
	}
	must[[]string](t)(shm.Reap())
	must[[]string](t)(shm.Reap())
}

type making struct {
	Name *Queue[string]
	Hold *Event
}

var makeAndHold = NewTarget("make and hold", func(ctx context.Context, a making) error {
	m, err := NewSharedMemory("", 10)
	if err != nil {
		return err
	}
	if err := a.Name.Put(ctx, m.Name()); err != nil {
		return err
	}
	return a.Hold.Wait(ctx)
})

// TestR2_NoHelperToKill: no process keeps account. The maker is killed, and the memory goes with the one who still has it.
func TestR2_NoHelperToKill(t *testing.T) {
	a := making{must[*Queue[string]](t)(NewQueue[string](0)), must[*Event](t)(NewEvent())}
	p := start(t, makeAndHold, a, nil)
	name := must[string](t)(a.Name.Get(watchdog(t)))
	m := must[*SharedMemory](t)(OpenSharedMemory(name))
	ok(t, p.Kill())
	ok(t, p.Join(watchdog(t)))
	if !exists(name) {
		t.Fatal("gone while somebody has it")
	}
	ok(t, m.Close())
	if exists(name) {
		t.Fatal("left when nobody has it")
	}
}

// TestR3_ChildrenMakeAndParentsKeep: who made it does not matter.
func TestR3_ChildrenMakeAndParentsKeep(t *testing.T) {
	a := making{must[*Queue[string]](t)(NewQueue[string](0)), must[*Event](t)(NewEvent())}
	p := start(t, makeAndHold, a, nil)
	m := must[*SharedMemory](t)(OpenSharedMemory(must[string](t)(a.Name.Get(watchdog(t)))))
	a.Hold.Set()
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	if !exists(m.Name()) {
		t.Fatal("its maker took it along")
	}
	ok(t, m.Close())
	if exists(m.Name()) {
		t.Fatal("left when nobody has it")
	}
}

// TestM7_OpenersOwnNothing is where Python's opener takes the memory along. What shall outlive everybody says so when made.
func TestM7_OpenersOwnNothing(t *testing.T) {
	m := must[*SharedMemory](t)(NewSharedMemory("", 10))
	stay := must[*SharedMemory](t)(NewPersistentSharedMemory("", 10))
	for _, x := range []*SharedMemory{m, stay} {
		out, failure, err := program(t, proctest.Command("opener", x.Name()))
		if err != nil || out != "opened\n" || failure != "" {
			t.Fatalf("%v %q %q", err, out, failure)
		}
		if !exists(x.Name()) || x.Buf()[0] != 1 {
			t.Fatal("an opener took it along")
		}
	}
	ok(t, errors.Join(m.Close(), stay.Close()))
	if exists(m.Name()) || !exists(stay.Name()) {
		t.Fatal("what stays, and what goes")
	}
	if m.Buf() != nil || m.Size() != 10 {
		t.Fatal("a closed memory's bytes")
	}
	ok(t, stay.Unlink())
	if err := m.Unlink(); !errors.Is(err, shm.ErrNotExist) {
		t.Fatal(err)
	}
}

var servesInterrupted = NewTarget("serves interrupted", func(ctx context.Context, e *Event) error {
	return syscall.Kill(os.Getpid(), syscall.SIGINT)
})

// TestM9_ServersIgnoreInterrupts: Ctrl-C goes to all processes of a terminal; the parent decides.
func TestM9_ServersIgnoreInterrupts(t *testing.T) {
	m := must[*Manager](t)(NewManager(watchdog(t), nil))
	l := must[ListProxy[int]](t)(ManagerList(watchdog(t), m, 1, 2))
	for range 3 {
		ok(t, syscall.Kill(m.Process().PID(), syscall.SIGINT))
		time.Sleep(time.Millisecond)
	}
	if got := must[[]int](t)(l.Slice(watchdog(t))); !slices.Equal(got, []int{1, 2}) {
		t.Fatal(got)
	}
	ok(t, m.Shutdown(watchdog(t)))
	if code, _ := m.Process().ExitCode(); code != 0 {
		t.Fatal(m.Process().Err())
	}
	p := start(t, servesInterrupted, must[*Event](t)(NewEvent()), nil)
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
}

// TestSL2_HandlesAreSmall: a list travels as its name, whatever is in it.
func TestSL2_HandlesAreSmall(t *testing.T) {
	few := must[*ShareableList](t)(NewShareableList("", 1))
	many := must[*ShareableList](t)(NewShareableList("", slices.Repeat([]any{"many", 2.5, nil}, 1000)...))
	a, b := must[[]byte](t)(few.MarshalBinary()), must[[]byte](t)(many.MarshalBinary())
	if len(a) != len(b) || len(b) > 64 {
		t.Fatal(len(a), len(b))
	}
	again := new(ShareableList)
	ok(t, again.UnmarshalBinary(b))
	if again.Len() != 3000 || must[any](t)(again.Get(2997)) != "many" {
		t.Fatal(again.Len())
	}
	ok(t, errors.Join(again.SharedMemory().Close(), few.SharedMemory().Unlink(), many.SharedMemory().Unlink()))
}

var makeAtStart = NewTarget("make at start", func(ctx context.Context, q *Queue[string]) error {
	return q.Put(ctx, atStart().Name())
})

// atStart makes memory once in each process that asks.
var atStart = func() *SharedMemory {
	m, err := NewSharedMemory("", 16)
	if err != nil {
		panic(fmt.Sprint("shared memory at the start: ", err))
	}
	return m
}

// TestR5_WhatChildrenMake: nothing is left of it when they have ended.
func TestR5_WhatChildrenMake(t *testing.T) {
	q := must[*Queue[string]](t)(NewQueue[string](0))
	for range 3 {
		p := start(t, makeAtStart, q, nil)
		ok(t, p.Join(watchdog(t)))
		ok(t, p.Err())
	}
	for range 3 {
		if name := must[string](t)(q.TryGet()); exists(name) {
			must[[]string](t)(shm.Reap())
			if exists(name) {
				t.Fatal(name, "is left")
			}
		}
	}
}
