package arena

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/shm"
)

// Real processes on a real segment, killed at random.

const (
	roleEnv   = "SHMATH_ARENA_TEST_SEGMENT" // the name of the segment, in a child
	idEnv     = "SHMATH_ARENA_TEST_CHILD"
	killSpace = 4 << 20 // the arena
	diarySize = 128     // entries per child
)

func TestMain(m *testing.M) {
	if name := os.Getenv(roleEnv); name != "" {
		id, _ := strconv.Atoi(os.Getenv(idEnv))
		liveUntilKilled(name, id)
	}
	os.Exit(m.Run())
}

// entry is one line of a child's diary, in the same memory: what it has been promised.
type entry struct {
	state atomic.Uint64 // 0, or what holds of the array
	off   uint64
	gen   uint64
	value uint64
}

const (
	entryKept    = 1 // New and Handle have returned
	entryLeaving = 2 // Free has been called
)

type diary struct {
	steps   atomic.Uint64
	tag     atomic.Uint32
	_       [116]byte
	entries [diarySize]entry
}

const diaryBytes = 128 + diarySize*32

// liveUntilKilled makes, names and frees arrays until somebody kills this process, and writes what it has to its diary.
func liveUntilKilled(name string, id int) {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(3)
	}
	seg, err := shm.Open(name, nil)
	if err != nil {
		fail(err)
	}
	a, err := Attach(seg.Bytes()[:killSpace], &Options{Members: seg, Reserve: seg.Reserve})
	if err != nil {
		fail(err)
	}
	d := layout.View[diary](seg.Bytes(), killSpace+id&1*diaryBytes)
	d.tag.Store(seg.Tag())
	rng := rand.New(rand.NewPCG(uint64(id), 0))
	for {
		e := &d.entries[rng.IntN(diarySize)]
		if e.state.Load() == entryKept {
			x, err := Resolve[uint64](a, Handle{e.off, e.gen})
			if err != nil {
				fail(err)
			}
			e.state.Store(entryLeaving)
			if err := x.Free(); err != nil {
				fail(err)
			}
			e.state.Store(0)
		} else if rng.IntN(8) == 0 {
			name := fmt.Sprintf("%d/%d", id, rng.IntN(20))
			if x, err := Lookup[uint64](a, name); err == nil {
				if err := x.Free(); err != nil {
					fail(err)
				}
			} else if _, err := Named[uint64](a, name, rng.IntN(300)); err != nil {
				fail(err)
			}
		} else {
			x, err := New[uint64](a, 1+rng.IntN(1500))
			if err != nil {
				fail(err)
			}
			for _, v := range x.Slice() {
				if v != 0 {
					fail(fmt.Errorf("%v is not zero", x))
				}
			}
			h := x.Handle()
			e.off, e.gen, e.value = h.Offset, h.Gen, rng.Uint64()
			x.Fill(e.value)
			e.state.Store(entryKept)
		}
		d.steps.Add(1)
	}
}

func startChild(t *testing.T, segment string, id int) *exec.Cmd {
	t.Helper()
	c := exec.Command("/proc/self/exe")
	c.Env = append(os.Environ(), roleEnv+"="+segment, fmt.Sprintf("%s=%d", idEnv, id), "GOMAXPROCS=1")
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

func waitSteps(t *testing.T, d *diary, n uint64) {
	t.Helper()
	from := d.steps.Load()
	for watchdog := time.Now().Add(20 * time.Second); d.steps.Load() < from+n; {
		if time.Now().After(watchdog) {
			t.Fatalf("a child made %d steps and no more", d.steps.Load()-from)
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// settleDiary checks that everything in a dead child's diary is there, frees it, and empties the diary.
func settleDiary(t *testing.T, a *Arena, d *diary) {
	t.Helper()
	for i := range d.entries {
		e := &d.entries[i]
		state := e.state.Load()
		if state == 0 {
			continue
		}
		x, err := Resolve[uint64](a, Handle{e.off, e.gen})
		switch {
		case err == nil:
			for _, v := range x.Slice() {
				if v != e.value {
					t.Fatalf("%v holds %#x, want %#x", x, v, e.value)
				}
			}
			if err := x.Free(); err != nil {
				t.Fatal(err)
			}
		case state == entryKept:
			t.Fatalf("an array that was never freed: %v", err)
		}
		e.state.Store(0)
	}
}

// settleNames frees what a dead child has named.
func settleNames(t *testing.T, a *Arena, id int) {
	t.Helper()
	for _, name := range must[[]string](t)(a.Names()) {
		if strings.HasPrefix(name, fmt.Sprint(id, "/")) {
			if err := must[*Array[uint64]](t)(Lookup[uint64](a, name)).Free(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// settleOrphan frees the array, one at most, that a dead child had made and not yet written down.
func settleOrphan(t *testing.T, a *Arena, tag uint32) {
	t.Helper()
	var orphans []Handle
	if err := a.enter(); err != nil {
		t.Fatal(err)
	}
	for off := a.first; off < a.end; {
		b, w, err := a.at(off, "tiling")
		if err != nil {
			t.Fatal(err)
		}
		if w.kind() != kindFree && b.owner.Load() == tag {
			orphans = append(orphans, Handle{off, b.gen.Load()})
		}
		off += w.size()
	}
	done := true
	a.leave(&done)
	if len(orphans) > 1 {
		t.Fatalf("%d arrays of a dead child are unaccounted for", len(orphans))
	}
	for _, h := range orphans {
		if err := a.release(h.Offset, h.Gen); err != nil {
			t.Fatal(err)
		}
	}
}

func TestArena_RealProcessesKilledAtRandom(t *testing.T) {
	kills := 120
	name := fmt.Sprintf("shmath-arena-test-%d", os.Getpid())
	seg := must[*shm.Segment](t)(shm.Create(name, killSpace+2*diaryBytes, &shm.Options{Sparse: true}))
	t.Cleanup(func() { _ = seg.Close() })
	if err := seg.Reserve(killSpace, 2*diaryBytes); err != nil {
		t.Fatal(err)
	}
	a := must[*Arena](t)(Create(seg.Bytes()[:killSpace], &Options{Members: seg, Reserve: seg.Reserve, Names: 256}))
	rest := seg.Bytes()[killSpace:]
	children := [2]*exec.Cmd{}
	stop := func(k int) {
		if children[k] != nil {
			_ = children[k].Process.Kill()
			_ = children[k].Wait()
			children[k] = nil
		}
	}
	t.Cleanup(func() { stop(0); stop(1) })
	rng := rand.New(rand.NewPCG(3, 4))
	diaries := [2]*diary{layout.View[diary](rest, 0), layout.View[diary](rest, diaryBytes)}
	id, inside := 2, 0
	ids := [2]int{}
	for range kills {
		for k := range children {
			if children[k] == nil {
				for id%2 != k {
					id++
				}
				ids[k] = id
				children[k] = startChild(t, name, id)
				id++
			}
		}
		k := rng.IntN(2)
		waitSteps(t, diaries[k], 20)
		time.Sleep(time.Duration(rng.IntN(1000)) * time.Microsecond)
		stop(k)
		if a.h.lock.Load()&lockTag == diaries[k].tag.Load() {
			inside++
		}
		waitSteps(t, diaries[1-k], 20) // the survivor goes on, whatever the dead one held
		if err := a.Check(); err != nil {
			t.Fatal(err)
		}
		settleDiary(t, a, diaries[k])
		settleNames(t, a, ids[k])
		settleOrphan(t, a, diaries[k].tag.Load())
	}
	for k := range children {
		stop(k)
		if err := a.Check(); err != nil {
			t.Fatal(err)
		}
		settleDiary(t, a, diaries[k])
		settleNames(t, a, ids[k])
		settleOrphan(t, a, diaries[k].tag.Load())
	}
	if s := whole(t, a); s.Arrays != 0 || s.Free != s.Capacity {
		t.Fatalf("memory is lost: %+v", s)
	}
	t.Logf("%d kills, the victim seen holding the lock in %d of them", kills+2, inside)
}

func TestCreateFile_WhatAKilledProcessLeft(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.npy")
	live := must[*Array[int8]](t)(CreateFile[int8](path, 10))
	stale := filepath.Join(dir, ".out.npy.99-1.tmp")
	foreign := filepath.Join(dir, ".out.npy.backup.tmp")
	for _, name := range []string{stale, foreign} {
		if err := os.WriteFile(name, make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other := must[*Array[int8]](t)(CreateFile[int8](path, 10))
	if _, err := os.Stat(stale); err == nil {
		t.Error("a file that nobody holds is still there")
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error("a file with a name that we never give has been removed")
	}
	if err := other.Commit(); err != nil {
		t.Error(err)
	}
	if err := live.Commit(); err != nil {
		t.Errorf("a file that somebody holds has been removed: %v", err)
	}
	if err := errors.Join(other.Close(), live.Close()); err != nil {
		t.Error(err)
	}
}
