package arena

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/layout"
)

// mortal is a membership in which tag 2 has a life word, as the kernel's robust futexes are.
type mortal struct {
	tag  uint32
	life *atomic.Uint32
}

func (m mortal) Tag() uint32                          { return m.tag }
func (m mortal) Alive(tag uint32) bool                { return tag != 2 || m.life.Load() == 0 }
func (m mortal) Life(uint32) (*atomic.Uint32, uint32) { return m.life, 0 }

func TestLock_SleepersLearnOfADeath(t *testing.T) {
	mem := layout.Aligned(1<<18, granule)
	must[*Arena](t)(Create(mem, nil))
	life := new(atomic.Uint32)
	victim := must[*Arena](t)(Attach(mem, &Options{Members: mortal{2, life}}))
	if err := victim.enter(); err != nil { // and is never left
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for tag := uint32(3); tag < 7; tag++ {
		a := must[*Arena](t)(Attach(mem, &Options{Members: mortal{tag, life}}))
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := New[int64](a, 100); err != nil {
				t.Error(err)
			}
		}()
	}
	for victim.h.lock.Load()&lockWaiters == 0 {
		futex.WaitAny(futex.After(1e6), futex.Word{Addr: &victim.h.lock, Val: victim.tag})
	}
	life.Store(1)
	futex.Wake(life, 1) // the kernel wakes one
	wg.Wait()
	a := must[*Arena](t)(Attach(mem, &Options{Members: mortal{7, life}}))
	if s := whole(t, a); s.Arrays != 4 {
		t.Fatalf("%+v", s)
	}
}

func TestLock_ManyProcessesTakeTurns(t *testing.T) {
	mem := layout.Aligned(1<<18, granule)
	must[*Arena](t)(Create(mem, nil))
	life := new(atomic.Uint32)
	counter := 0 // guarded by the arena's lock: the race detector watches
	var wg sync.WaitGroup
	for tag := uint32(3); tag < 9; tag++ {
		a := must[*Arena](t)(Attach(mem, &Options{Members: mortal{tag, life}}))
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 2000 {
				if err := a.enter(); err != nil {
					t.Error(err)
					return
				}
				counter++
				done := true
				a.leave(&done)
			}
		}()
	}
	wg.Wait()
	if counter != 12000 {
		t.Fatalf("%d turns, want 12000", counter)
	}
}
