package arena

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/layout"
)

// crew is the membership of the crash tests: those in dead are dead.
type crew struct {
	tag  uint32
	dead map[uint32]bool
}

func (c crew) Tag() uint32                          { return c.tag }
func (c crew) Alive(tag uint32) bool                { return !c.dead[tag] }
func (c crew) Life(uint32) (*atomic.Uint32, uint32) { return nil, 0 }

// ledger is what a victim knows of its own arrays: what has been promised to it before it died.
type ledger struct {
	kept    map[Handle]int32 // New and Handle have returned, Free has not been called
	leaving map[Handle]bool  // Free has been called and has not returned
	gone    map[Handle]bool  // Free has returned
	names   map[string]int32 // Named has returned
	trying  map[string]bool  // Named or its Free has been called and has not returned
	sharing bool             // Handle has been called and has not returned
}

func newLedger() *ledger {
	return &ledger{map[Handle]int32{}, map[Handle]bool{}, map[Handle]bool{}, map[string]int32{}, map[string]bool{}, false}
}

func (l *ledger) keep(x *Array[int32], value int32) {
	l.sharing = true
	h := x.Handle()
	l.sharing = false
	l.kept[h] = value
}

// script is a life: allocations that split and fit, frees that merge to the left, to the right, to both and to none,
// names that come, collide and go.
func (l *ledger) script(a *Arena) error {
	var arrays []*Array[int32]
	for i, n := range []int{10, 200, 30, 200, 50, 16} {
		x, err := New[int32](a, n)
		if err != nil {
			return err
		}
		x.Fill(int32(i + 1))
		l.keep(x, int32(i+1))
		arrays = append(arrays, x)
	}
	free := func(x *Array[int32]) error {
		h := x.Handle()
		delete(l.kept, h)
		l.leaving[h] = true
		if err := x.Free(); err != nil {
			return err
		}
		delete(l.leaving, h)
		l.gone[h] = true
		return nil
	}
	for _, i := range []int{1, 3, 2, 0} {
		if err := free(arrays[i]); err != nil {
			return err
		}
	}
	x, err := New[int32](a, 12) // into a hole
	if err != nil {
		return err
	}
	x.Fill(77)
	l.keep(x, 77)
	for _, name := range []string{"alpha", "beta", "gamma"} {
		l.trying[name] = true
		y, err := Named[int32](a, name, 33)
		if err != nil {
			return err
		}
		y.Fill(int32(len(name)))
		l.names[name] = int32(len(name))
		delete(l.trying, name)
	}
	if _, err := Named[int32](a, "beta", 1); !errors.Is(err, ErrExists) {
		return fmt.Errorf("second beta: %v", err)
	}
	y, err := Lookup[int32](a, "alpha")
	if err != nil {
		return err
	}
	delete(l.names, "alpha")
	l.trying["alpha"] = true
	if err := y.Free(); err != nil {
		return err
	}
	delete(l.trying, "alpha")
	_, err = New[int32](a, 3) // never told to anyone: garbage when the victim dies
	return err
}

// audit checks that the arena has all that l was promised and no more than it can explain.
func (l *ledger) audit(a *Arena) error {
	if err := a.Check(); err != nil {
		return err
	}
	for h, want := range l.kept {
		x, err := Resolve[int32](a, h)
		if err != nil {
			return fmt.Errorf("array %v is lost: %w", h, err)
		}
		for v := range x.All() {
			if v != want {
				return fmt.Errorf("array %v holds %d, want %d", h, v, want)
			}
		}
	}
	for h := range l.gone {
		if _, err := Resolve[int32](a, h); !errors.Is(err, ErrStale) {
			return fmt.Errorf("freed array %v: %v", h, err)
		}
	}
	for name, want := range l.names {
		x, err := Lookup[int32](a, name)
		if err != nil || x.At(5) != want {
			return fmt.Errorf("name %q is lost: %v %w", name, x, err)
		}
	}
	names, err := a.Names()
	if err != nil {
		return err
	}
	for _, name := range names {
		_, known := l.names[name]
		if !known && !l.trying[name] {
			return fmt.Errorf("name %q came back", name)
		}
	}
	if _, err := a.Reap(); err != nil {
		return err
	}
	s, err := a.Stats()
	if err != nil {
		return err
	}
	// What was being done when the victim died has happened wholly or not at all.
	want := len(l.kept) + len(l.names)
	for h := range l.leaving {
		if _, err := Resolve[int32](a, h); err == nil {
			want++
		}
	}
	for name := range l.trying {
		if _, err := Lookup[int32](a, name); err == nil {
			want++
		}
	}
	if s.Arrays != want && !(l.sharing && s.Arrays == want+1) || s.Named > len(l.names)+len(l.trying) {
		return fmt.Errorf("%d arrays are left, want %d: %d kept and %d named", s.Arrays, want, len(l.kept), len(l.names))
	}
	return l.bury(a)
}

// bury frees everything that is left: the arena must be one free block then.
func (l *ledger) bury(a *Arena) error {
	for off := a.first; off < a.end; {
		b, w, err := a.at(off, "test")
		if err != nil {
			return err
		}
		if w.kind() == kindUsed {
			if err := a.release(off, b.gen.Load()); err != nil {
				return err
			}
			off = a.first
			continue
		}
		off += w.size()
	}
	if err := a.Check(); err != nil {
		return err
	}
	if w := stateWord(a.place(a.first).state.Load()); w.kind() != kindFree || w.size() != a.end-a.first {
		return fmt.Errorf("memory is lost: the first block is %#x", uint64(w))
	}
	return nil
}

// dieAt runs f and freezes it for ever, as SIGKILL does, at its n-th failpoint; it returns the point's name, or "" when
// f ended before.
func dieAt(t *testing.T, n int, f func()) (point string) {
	t.Helper()
	died, ended, over := make(chan string), make(chan struct{}), make(chan struct{})
	passed := 0
	var dead atomic.Bool
	invariants.Trap(func(name string) {
		if dead.Load() {
			return
		}
		if passed++; passed == n {
			dead.Store(true)
			died <- name
			<-over
			runtime.Goexit() // the trial is over, nobody looks at its memory any more
		}
	})
	go func() {
		defer close(ended)
		f()
	}()
	select {
	case point = <-died:
		t.Cleanup(func() { close(over); <-ended })
	case <-ended:
	}
	invariants.Trap(nil)
	return point
}

func mustAttach(t *testing.T, mem []byte, c crew) *Arena {
	t.Helper()
	a, err := Attach(mem, &Options{Members: c})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestArena_KilledAtEveryPoint(t *testing.T) {
	if !invariants.Failpoints {
		t.Skip("needs the build tag invariants")
	}
	seen := map[string]int{}
	trials := 0
	for first := 1; ; first++ {
		for second := 0; ; second++ {
			again := ""
			var point string
			t.Run("", func(t *testing.T) {
				point, again = trial(t, first, second)
			})
			if t.Failed() {
				t.Fatalf("killed at passage %d (%s), repairer at passage %d (%s)", first, point, second, again)
			}
			if point == "" {
				t.Logf("%d trials; points at which somebody died: %v", trials, seen)
				return
			}
			trials++
			seen[point]++
			if second > 0 && again == "" {
				break
			}
			if again != "" {
				seen[again]++
			}
		}
	}
}

// trial kills the script at its passage first, and, if second > 0, whoever repairs at its passage second.
func trial(t *testing.T, first, second int) (point, again string) {
	mem := layout.Aligned(32<<10, granule)
	if _, err := Create(mem, &Options{Names: 4}); err != nil {
		t.Fatal(err)
	}
	l := newLedger()
	victim := mustAttach(t, mem, crew{tag: 2})
	point = dieAt(t, first, func() {
		if err := l.script(victim); err != nil {
			t.Error(err)
		}
	})
	dead := map[uint32]bool{2: true}
	if second > 0 && point != "" {
		medic := mustAttach(t, mem, crew{3, map[uint32]bool{2: true}})
		again = dieAt(t, second, func() {
			if err := medic.Check(); err != nil {
				t.Error(err)
			}
			if _, err := medic.Reap(); err != nil {
				t.Error(err)
			}
		})
		dead[3] = true
	}
	if err := l.audit(mustAttach(t, mem, crew{4, dead})); err != nil {
		t.Error(err)
	}
	return point, again
}

func TestArena_PanicUnderTheLockIsRepaired(t *testing.T) {
	a := heap(t, 1<<20, nil)
	a.reserve = func(off, n int) error { panic("boom") }
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_, _ = New[int8](a, 1)
	}()
	a.reserve = nil
	if a.h.lock.Load() != lockBroken {
		t.Fatalf("lock word %#x", a.h.lock.Load())
	}
	a.h.lists = [levels * splits]uint64{} // whatever the one who panicked left half done
	must[*Array[int8]](t)(New[int8](a, 1))
	whole(t, a)
}

func TestRepair_LeavesTheLivingAlone(t *testing.T) {
	mem := layout.Aligned(1<<16, granule)
	must[*Arena](t)(Create(mem, nil))
	slow, victim := mustAttach(t, mem, crew{tag: 3}), mustAttach(t, mem, crew{tag: 2})
	_, living := must2(t)(prepare[int32](slow, []int{100})) // clearing its array when another one dies
	_, orphan := must2(t)(prepare[int32](victim, []int{100}))
	if err := victim.enter(); err != nil { // and dies
		t.Fatal(err)
	}
	a := mustAttach(t, mem, crew{4, map[uint32]bool{2: true}})
	if s := whole(t, a); s.Arrays != 1 {
		t.Fatalf("%+v", s)
	}
	if _, err := Resolve[int32](a, Handle{living.off, living.gen}); !errors.Is(err, ErrStale) {
		t.Fatalf("an array in the making: %v", err)
	}
	living.finish()
	x := must[*Array[int32]](t)(Resolve[int32](a, Handle{living.off, living.gen}))
	if _, err := Resolve[int32](a, Handle{orphan.off, orphan.gen}); !errors.Is(err, ErrStale) {
		t.Fatal(err)
	}
	if err := x.Free(); err != nil {
		t.Fatal(err)
	}
	if s := whole(t, a); s.Used != 0 {
		t.Fatalf("%+v", s)
	}
}

// TestNew_TakesBackWhatTheDeadWereMaking fills an arena with arrays that a dead process never finished.
func TestNew_TakesBackWhatTheDeadWereMaking(t *testing.T) {
	mem := layout.Aligned(1<<16, granule)
	must[*Arena](t)(Create(mem, nil))
	victim := mustAttach(t, mem, crew{tag: 2})
	for {
		if _, _, err := prepare[int32](victim, []int{1000}); err != nil {
			break
		}
	}
	a := mustAttach(t, mem, crew{4, map[uint32]bool{2: true}})
	must[*Array[int32]](t)(New[int32](a, 10000))
	whole(t, a)
}

func must2(t *testing.T) func(*Array[int32], grant, error) (*Array[int32], grant) {
	return func(x *Array[int32], g grant, err error) (*Array[int32], grant) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x, g
	}
}
