//go:build linux

package multiprocessing

import (
	"context"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/sched"
)

func TestMain(m *testing.M) {
	if !proctest.In("forgetful") { // the program that forgets the next line
		sched.Main()
	}
	proctest.Main(m, roles)
}

// watchdog returns a context that outlasts any test that does not hang.
func watchdog(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// must returns v, or ends the test.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// ok ends the test when there is an error.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start starts a process, and joins it at the end of the test.
func start[A, R any](t *testing.T, fn *Func[A, R], args A, opts *ProcessOptions) *Process {
	t.Helper()
	p := NewProcess(fn, args, opts)
	ok(t, p.Start(watchdog(t)))
	t.Cleanup(func() {
		if p.IsAlive() {
			ok(t, p.Kill())
			ok(t, p.Join(context.Background()))
		}
	})
	return p
}
