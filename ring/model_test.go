package ring

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The models are checked when spin and a C compiler are installed. Each control breaks the protocol on purpose and has
// to be caught: a model that cannot fail says nothing.
func TestModels(t *testing.T) {
	for _, tool := range []string{"spin", "cc"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: the models were not checked", tool)
		}
	}
	rows := []struct {
		model, defines string
		fails          bool
	}{
		{"sleep", "", false},
		{"sleep", "-DNOBARRIER", true},
		{"sleep", "-DNOLIFE", true},
		{"sleep", "-DLATEFLAG", true},
		{"sleep", "-DLATEWATCH", true},
		{"mpmc", "-DMSGS=1 -DCONSUMERS=1", false},
		{"mpmc", "-DMSGS=1 -DPRODUCERS=1 -DDEATHS=2", false},
		{"mpmc", "-DMSGS=2 -DPRODUCERS=1", false},
		{"mpmc", "-DMSGS=1 -DCONSUMERS=1 -DEAGERCLOSE", true},
		{"mpmc", "-DMSGS=1 -DCONSUMERS=1 -DNOHELP", true},
		{"mpmc", "-DMSGS=1 -DCONSUMERS=1 -DNOADOPT", true},
		{"mpmc", "-DMSGS=1 -DCONSUMERS=1 -DSTEAL", true},
	}
	if stress() > 1 {
		rows = append(rows, struct {
			model, defines string
			fails          bool
		}{"mpmc", "-DMSGS=2 -DCONSUMERS=1", false})
	}
	for _, row := range rows {
		t.Run("model="+row.model+"/"+row.defines, func(t *testing.T) {
			if row.fails && stress() == 1 {
				t.Skip("controls are checked with SHMATH_STRESS=2 or more")
			}
			out := checkModel(t, row.model, strings.Fields(row.defines))
			switch {
			case !strings.Contains(out, "errors: "):
				t.Fatalf("the check did not end:\n%s", out)
			case strings.Contains(out, "max search depth too small"):
				t.Fatalf("the check was not complete:\n%s", out)
			case strings.Contains(out, "errors: 0") == row.fails:
				t.Fatalf("errors expected: %t\n%s", row.fails, out)
			}
		})
	}
}

func checkModel(t *testing.T, model string, defines []string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("model", model+".pml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(name string, args ...string) string {
		t.Helper()
		c := exec.Command(name, args...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		return string(out)
	}
	run("spin", append(defines, "-a", path)...)
	if _, err := os.Stat(filepath.Join(dir, "pan.c")); err != nil {
		t.Fatal(err)
	}
	run("cc", "-O1", "-w", "-DSAFETY", "-DCOLLAPSE", "-DVECTORSZ=2048", "-o", "pan", "pan.c")
	return run(filepath.Join(dir, "pan"), "-m2000000")
}
