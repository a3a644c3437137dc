//go:build linux && invariants

package psync_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/proctest"
)

// reach says which steps each kind of work passes.
var reach = map[string][]string{
	"mutex":     {"lock.", "unlock."},
	"rmutex":    {"rmutex.", "unlock."},
	"semaphore": {"holders.", "semaphore.counted", "bell.", "lock.taken", "unlock.freed"},
	"plain":     {"semaphore.released", "bell."},
	"barrier":   {"barrier.", "lock.taken", "unlock."},
	"cond":      {"cond.", "lock.", "unlock."},
	"rwmutex":   {"rlock.", "holders.added", "holders.subtracted", "bell.", "lock.taken", "unlock."},
	"event":     {"event."},
	"once":      {"once.", "lock.taken", "unlock."},
	"waitgroup": {"waitgroup.", "bell."},
}

// steps returns the names of all failpoints in the package's sources.
func steps(t *testing.T) map[string]bool {
	all := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`invariants\.Point\("([a-z.]+)"\)`)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			all[m[1]] = true
		}
	}
	return all
}

// TestFailpoints_KillAtEveryStep lets one of three processes die at each named step of each protocol, at its first and at
// its fourth passage: the others get on, nothing is given twice, nothing lost.
func TestFailpoints_KillAtEveryStep(t *testing.T) {
	all := steps(t)
	reached := map[string]bool{}
	for kind, prefixes := range reach {
		for step := range all {
			for _, prefix := range prefixes {
				if !strings.HasPrefix(step, prefix) {
					continue
				}
				for _, passage := range []string{"1", "4"} {
					t.Run("kind="+kind+"/step="+step+"/passage="+passage, func(t *testing.T) {
						if dieAt(t, kind, step, passage) {
							reached[step] = true
						} else {
							t.Logf("not reached")
						}
					})
				}
			}
		}
	}
	for step := range all {
		if !reached[step] {
			t.Errorf("no process died at %s", step)
		}
	}
}

// prelude says who has to die first so that a step is reached at all.
var prelude = map[string]string{"holders.buried": "semaphore", "barrier.broken": "barrier"}

// dieAt tells whether the victim died where it should.
func dieAt(t *testing.T, kind, step, passage string) bool {
	w := newWorld(t)
	var workers []*proctest.Process
	start := func(slot, rounds int) *proctest.Process {
		p := proctest.Start(t, "worker", kind, w.seg.Name(), strconv.Itoa(slot), strconv.Itoa(rounds))
		if rounds == 0 {
			workers = append(workers, p)
		}
		return p
	}
	if first := prelude[step]; first != "" {
		p, _ := sit(t, w, first)
		for first == "barrier" && w.bar.Waiting() == 0 {
			time.Sleep(time.Millisecond)
		}
		p.Kill()
		defer func() { t.Log("after another's death") }()
	} else {
		start(0, 0)
		start(1, 0)
	}
	died := victim(t, w, step+":"+passage, start)
	skip := 2
	if kind == "barrier" {
		start(2, 0)
		skip = -1
	}
	if prelude[step] != "" {
		start(0, 0)
		start(1, 0)
	}
	w.progress(t, skip)
	for _, p := range workers {
		p.Kill()
	}
	if f := w.faults.Load(); f != 0 {
		t.Fatalf("faults %#b, detail %#x", f, w.detail.Load())
	}
	if got := w.s.Value(); got != seatsMax {
		t.Fatalf("%d permits left of %d", got, seatsMax)
	}
	return died
}

// victim runs a worker that dies at the failpoint, and tells whether it did.
func victim(t *testing.T, w *world, failpoint string, start func(slot, rounds int) *proctest.Process) bool {
	t.Setenv("SHMATH_FAILPOINT", failpoint)
	p := start(2, 2000)
	os.Unsetenv("SHMATH_FAILPOINT")
	over := make(chan error, 1)
	go func() { over <- p.Exit() }()
	select {
	case err := <-over:
		died := err != nil && strings.Contains(err.Error(), "killed")
		if err != nil && !died {
			t.Fatalf("the victim failed: %v, faults %#b", err, w.faults.Load())
		}
		return died
	case <-time.After(3 * time.Second):
		p.Process.Kill()
		<-over
		return false
	}
}
