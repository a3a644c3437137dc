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
	defines []string
	finds   string // what spin must find wrong; "" for nothing
	long    bool
}

var models = []model{
	{"mutex", nil, "", false},
	{"mutex", []string{"SPLIT=1"}, "", true},                   // the owner's life word covers the gap
	{"mutex", []string{"WAKE=1"}, "invalid end state", false},  // nobody watches over the heir
	{"mutex", []string{"DEATHS=2"}, "invalid end state", true}, // owner and watcher die
	{"mutex", []string{"DEATHS=2", "BACKSTOP=1"}, "", true},    // that is what lookAgain is for
	{"event", nil, "", false},
	{"event", []string{"SPLIT=1"}, "assertion violated", false}, // a setter dies before it wakes
	{"barrier", nil, "", false},
	{"barrier", []string{"ACTION=0"}, "", true},
	{"barrier", []string{"DEATHS=2"}, "", true},
	{"barrier", []string{"LATE=1"}, "assertion violated", false},
	{"barrier", []string{"DEAF=1"}, "invalid end state", false},
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
		if len(m.defines) > 0 {
			name += "/" + strings.Join(m.defines, ",")
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
	for _, d := range m.defines {
		args = append(args, "-D"+d)
	}
	run("spin", append(args, file)...)
	run("gcc", "-O1", "-w", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c")
	out := run("./pan", "-m100000")
	switch {
	case strings.Contains(out, "max search depth too small") || !strings.Contains(out, "errors: "):
		t.Fatalf("the search is not complete:\n%s", out)
	case m.finds == "" && !strings.Contains(out, "errors: 0"):
		t.Fatalf("found wrong:\n%s", out)
	case m.finds != "" && !strings.Contains(out, m.finds):
		t.Fatalf("spin does not find %q:\n%s", m.finds, out)
	}
	for line := range strings.Lines(out) {
		if strings.Contains(line, "states, stored") {
			t.Log(strings.TrimSpace(line))
		}
	}
}
