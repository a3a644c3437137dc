//go:build linux

package multiprocessing

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	motto   = NewGlobal("motto", "as it was at first")
	weights = NewGlobal[*Frozen[float64]]("weights", nil)
)

type seen struct {
	Motto string
	Err   string
	Last  float64
}

var look = NewTarget("look", func(ctx context.Context, q *Queue[seen]) error {
	var s seen
	m, err := motto.Get()
	if s.Motto = m; err != nil {
		s.Err = err.Error()
	}
	if w, err := weights.Get(); err == nil && w != nil {
		s.Last = w.Slice()[w.Len()-1]
		w.Slice()[w.Len()-1] = -1 // nobody sees it
	}
	motto.Set("changed by a child") // nor that
	return q.Put(ctx, s)
})

// lookBy returns what a child of that method sees.
func lookBy(t *testing.T, method string) seen {
	t.Helper()
	q := must[*Queue[seen]](t)(NewQueue[seen](0))
	p := start(t, look, q, &ProcessOptions{Context: must[*Context](t)(GetContext(method))})
	ok(t, p.Join(watchdog(t)))
	ok(t, p.Err())
	return must[seen](t)(q.TryGet())
}

// TestFork_InheritsGlobals: a child sees the value at its start; later changes propagate neither way.
func TestFork_InheritsGlobals(t *testing.T) {
	const n = 1 << 24 // 128 MiB
	f := must[*Frozen[float64]](t)(NewFrozen(n, func(s []float64) { s[n-1] = 7 }))
	defer f.Close()
	weights.Set(f)
	defer weights.Set(nil)
	motto.Set("before the start")
	for range 2 {
		if s := lookBy(t, Fork); s.Motto != "before the start" || s.Err != "" || s.Last != 7 {
			t.Fatalf("%+v", s)
		}
	}
	if m := must[string](t)(motto.Get()); m != "before the start" || f.Slice()[n-1] != 7 {
		t.Fatal("the child changed its parent's values", m, f.Slice()[n-1])
	}
	f.Slice()[n-1] = 8 // the parent's own
	if s := lookBy(t, Fork); s.Last != 7 {
		t.Fatalf("%+v", s)
	}
}

// TestSpawn_NamesWhatIsMissing is Python's NameError in a spawned child.
func TestSpawn_NamesWhatIsMissing(t *testing.T) {
	for _, method := range []string{Spawn, ForkServer} {
		if s := lookBy(t, method); !strings.Contains(s.Err, "motto") || !strings.Contains(s.Err, Fork) {
			t.Fatalf("%s: %+v", method, s)
		}
	}
}

var readMotto = NewFunc("read motto", func(context.Context, int) (string, error) { return motto.Get() })

func TestFork_PoolInherits(t *testing.T) {
	motto.Set("of the pool")
	p := must[*Pool](t)(NewPool(watchdog(t), 1, &PoolOptions{Context: must[*Context](t)(GetContext(Fork))}))
	defer p.Terminate()
	motto.Set("too late")
	if m := must[string](t)(Apply(watchdog(t), p, readMotto, 0)); m != "of the pool" {
		t.Fatal(m)
	}
	spawned := must[*Pool](t)(NewPool(watchdog(t), 1, &PoolOptions{Context: must[*Context](t)(GetContext(Spawn))}))
	defer spawned.Terminate()
	if _, err := Apply(watchdog(t), spawned, readMotto, 0); !errors.Is(err, ErrNotInherited) {
		t.Fatal(err)
	}
}

// TestP18_SparesAreKilled: what the fork server holds ready may be killed; starts go on.
func TestP18_SparesAreKilled(t *testing.T) {
	fromServer := &ProcessOptions{Context: must[*Context](t)(GetContext(ForkServer))}
	for range 4 {
		p := start(t, exits, exiting{"Exit", 4}, fromServer)
		ok(t, p.Join(watchdog(t)))
		if code, _ := p.ExitCode(); code != 4 {
			t.Fatal(code, p.Err())
		}
		for len(sparePIDs()) == 0 {
			time.Sleep(time.Millisecond)
		}
		for _, pid := range sparePIDs() {
			process := must[*os.Process](t)(os.FindProcess(pid))
			ok(t, process.Signal(syscall.SIGINT))
			ok(t, process.Kill())
		}
	}
}

func sparePIDs() (pids []int) {
	spares.Lock()
	defer spares.Unlock()
	for _, p := range spares.ready {
		if pid := p.PIDs()[0]; pid != 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

func BenchmarkProcess_StartJoin(b *testing.B) {
	for _, method := range StartMethods() {
		b.Run(method, func(b *testing.B) {
			c, _ := GetContext(method)
			for b.Loop() {
				p := NewProcess(exits, exiting{}, &ProcessOptions{Context: c})
				if err := p.Start(context.Background()); err != nil {
					b.Fatal(err)
				}
				_ = p.Join(context.Background())
			}
		})
	}
}
