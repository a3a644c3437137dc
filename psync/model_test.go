package psync

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// model is one run of the model checker. The runs that must fail show that the checks have teeth, and why the protocol
// is as it is.
type model struct {
	file    string
	defines string
	finds   string // what spin must find wrong; "" for nothing
	search  search
	long    bool
}

// search is what spin looks for, and how.
type search struct{ compile, run []string }

var (
	// Every reachable state: no assertion fails, nobody is left asleep.
	everyState = search{[]string{"-DSAFETY", "-DCOLLAPSE"}, nil}
	// Every reachable state: besides, no endless run in which nobody gets what he waits for. Needed where a backstop
	// wakes sleepers, since they then never sleep for good.
	everyCycle = search{[]string{"-DNP", "-DCOLLAPSE"}, []string{"-l"}}
)

const (
	hang     = "invalid end state"
	livelock = "non-progress cycle"
	wrong    = "assertion violated"
)

var models = []model{
	{"mutex", "", "", everyState, false},
	{"mutex", "", "", everyCycle, true},
	{"mutex", "ROUNDS=2", "", everyState, true},
	{"mutex", "N=4", "", everyState, true},
	{"mutex", "SPLIT=1", "", everyState, true},             // the owner's life word covers the gap
	{"mutex", "WAKE=1", hang, everyState, false},           // nobody watches over the heir
	{"mutex", "DEATHS=2", hang, everyState, true},          // owner and watcher die
	{"mutex", "DEATHS=2 BACKSTOP=1", "", everyCycle, true}, // that is what lookAgain is for
	{"mutex", "DEAF=1 BACKSTOP=1", livelock, everyCycle, true},
	{"event", "", "", everyState, false},
	{"event", "SPLIT=1", wrong, everyState, true}, // a setter dies before it wakes
	{"barrier", "", "", everyState, false},
	{"barrier", "ACTION=0", "", everyState, true},
	{"barrier", "DEATHS=2", "", everyState, true},
	{"barrier", "LATE=1", wrong, everyState, true},
	{"barrier", "DEAF=1", hang, everyState, true},
	{"semaphore", "", "", everyState, false},
	{"semaphore", "TOTAL=1", "", everyState, true},
	{"semaphore", "SLOTS=1", "", everyState, true},
	{"semaphore", "TOTAL=1 DEATHS=2", hang, everyState, true},
	{"semaphore", "TOTAL=1 DEATHS=2 BACKSTOP=1", "", everyCycle, true},
	{"semaphore", "TOTAL=1 HEIRS=0", hang, everyState, true}, // the one that was woken dies
	{"semaphore", "NOGUARD=1", wrong, everyState, false},
	{"semaphore", "EARLY=1", hang, everyState, true},
	{"semaphore", "LATE=1", hang, everyState, true}, // a holder gives back, and dies before it rings
	{"semaphore", "DEAF=1", hang, everyState, true},
	{"semaphore", "HOARD=1", livelock, everyCycle, true},
	{"rwmutex", "", "", everyState, false},
	{"rwmutex", "", "", everyCycle, true},
	{"rwmutex", "READERS=1 WRITERS=2", "", everyState, true},
	{"rwmutex", "DEATHS=2", hang, everyState, true},
	{"rwmutex", "DEATHS=2 BACKSTOP=1", "", everyCycle, true},
	{"rwmutex", "BLIND=1", wrong, everyState, false},
	{"rwmutex", "TRUST=1", wrong, everyState, true},
	{"rwmutex", "ONE=1", hang, everyState, true},
	{"rwmutex", "DEAF=1", hang, everyState, true},
	{"rwmutex", "LATE=1", hang, everyState, true},
	{"cond", "", "", everyState, false},
	{"cond", "SIG=1", "", everyState, true},
	{"cond", "SIG=1 DEATHS=2", wrong, everyState, true}, // the signal went to one that died
	{"cond", "SIG=1 DEATHS=2 BACKSTOP=1", "", everyCycle, true},
	{"cond", "LATE=1", wrong, everyState, false},
	{"cond", "COUNT=0", wrong, everyState, true},
}

// TestModels explores every interleaving of the protocols' models with a death possible at every step.
func TestModels(t *testing.T) {
	for _, tool := range []string{"spin", "gcc"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: apt-get install spin gcc", tool)
		}
	}
	for _, m := range models {
		name := "model=" + m.file
		if m.defines != "" {
			name += "/" + strings.ReplaceAll(m.defines, " ", ",")
		}
		t.Run(name, func(t *testing.T) {
			if m.long && os.Getenv("SHMATH_STRESS") == "" {
				t.Skip("takes long: set SHMATH_STRESS=1")
			}
			m.check(t)
		})
	}
}

func (m model) check(t *testing.T) {
	file, err := filepath.Abs(filepath.Join("model", m.file+".pml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil && name != "./pan" { // pan's exit code says that it found something
			t.Fatalf("%s: %v\n%s", name, err, out.String())
		}
		return out.String()
	}
	args := []string{"-a"}
	for _, d := range strings.Fields(m.defines) {
		args = append(args, "-D"+d)
	}
	run("spin", append(args, file)...)
	run("gcc", append([]string{"-O1", "-w", "-o", "pan", "pan.c"}, m.search.compile...)...)
	out := run("./pan", append([]string{"-m200000"}, m.search.run...)...)
	switch {
	case strings.Contains(out, "max search depth too small") || !strings.Contains(out, "errors: "):
		t.Fatalf("the search is not complete:\n%s", out)
	case m.finds == "" && !strings.Contains(out, "errors: 0"):
		t.Fatalf("found wrong:\n%s", out)
	case m.finds != "" && !strings.Contains(out, "pan:1: "+m.finds): // the bare words are in its heading too
		t.Fatalf("spin does not find %q:\n%s", m.finds, out)
	}
	for line := range strings.Lines(out) {
		if strings.Contains(line, "states, stored") {
			t.Log(strings.TrimSpace(line))
		}
	}
}
