package psync

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/layout"
)

var background = context.Background()

func linuxOnly(t testing.TB) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("sleeping needs Linux")
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("error is %v, want %v", err, target)
	}
}

func heap(size int) []byte { return layout.Aligned(size, 64) }

// eventually waits for a state; the bound is a watchdog against a hang.
func eventually(t testing.TB, what string, state func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !state(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}

// soon runs f on this goroutine's behalf and fails if it hangs.
func soon(t testing.TB, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("hangs: %s", what)
	}
}

// village plays several processes in one: members that can die.
type village struct {
	life [32]atomic.Uint32
	gone [32]atomic.Bool
}

type villager struct {
	v   *village
	tag uint32
}

func newVillage() *village {
	v := new(village)
	for i := range v.life {
		v.life[i].Store(1)
	}
	return v
}

func (v *village) options(tag uint32) *Options { return &Options{Members: villager{v, tag}} }

// die does what the kernel does: it marks the life word, wakes one sleeper, and answers later that nobody lives.
func (v *village) die(tag uint32) {
	v.life[tag].Store(0x40000000)
	futex.Wake(&v.life[tag], 1)
	time.Sleep(50 * time.Microsecond)
	v.gone[tag].Store(true)
}

func (m villager) Tag() uint32 { return m.tag }

func (m villager) Alive(tag uint32) bool {
	return tag > 0 && int(tag) < len(m.v.gone) && !m.v.gone[tag].Load()
}

func (m villager) Life(tag uint32) (*atomic.Uint32, uint32) {
	if tag == 0 || int(tag) >= len(m.v.life) || m.v.life[tag].Load() != 1 {
		return nil, 0
	}
	return &m.v.life[tag], 1
}

// asleep counts the threads of this process that sleep on w alone, or on several words.
func asleep(t testing.TB, w *atomic.Uint32) (n int) {
	t.Helper()
	one := fmt.Sprintf("202 %p ", w)
	tasks, err := filepath.Glob("/proc/self/task/*/syscall")
	if err != nil || len(tasks) == 0 || runtime.GOARCH != "amd64" {
		t.Skip("the kernel does not tell what threads wait for")
	}
	for _, f := range tasks {
		line, err := os.ReadFile(f)
		if err == nil && (strings.HasPrefix(string(line), one) || strings.HasPrefix(string(line), "449 ")) {
			n++
		}
	}
	return n
}

func awaitSleepers(t testing.TB, w *atomic.Uint32, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d sleepers", n), func() bool { return asleep(t, w) == n })
}

func timeout(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(background, d)
	t.Cleanup(cancel)
	return ctx
}
