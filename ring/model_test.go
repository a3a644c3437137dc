package ring

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// kind of a check. All are exhaustive: collapse compression and partial order reduction, no bit-state hashing.
type checkKind string

const (
	quick  checkKind = "quick"
	long   checkKind = "long" // minutes, and up to 2 GB
	broken checkKind = "broken on purpose"
)

var models = []struct {
	model, defines string
	kind           checkKind
}{
	{"sleep", "", quick},
	{"sleep", "-DNOBARRIER", broken},
	{"sleep", "-DNOLIFE", broken},
	{"sleep", "-DLATEFLAG", broken},
	{"sleep", "-DLATEWATCH", broken},
	{"spsc", "-DMSGS=4", quick},
	{"spsc", "", long},
	{"spsc", "-DEARLYECHO", broken},
	{"spsc", "-DNORECOVER", broken},
	{"spsc", "-DEARLYHEAD", broken},
	{"spsc", "-DLATETAKEN", broken},
	{"record", "-DMSGS=3 -DDEATHS=1", quick},
	{"record", "-DMSGS=3", long},
	{"record", "-DNOZERO", broken},
	{"record", "-DLATEZERO", broken},
	{"record", "-DNORECOVER", broken},
	{"record", "-DNOROOM", broken},
	{"record", "-DEARLYHEAD", broken},
	{"record", "-DLATETAKEN", broken},
	{"broadcast", "-DMSGS=3 -DSUBSCRIBERS=1", quick},
	{"broadcast", "-DMSGS=3 -DSUBSCRIBERS=1 -DDEATHS=2", long},
	{"broadcast", "-DSUBSCRIBERS=1", long},
	{"broadcast", "-DMSGS=3 -DSUBSCRIBERS=1 -DNOFENCE", broken},
	{"broadcast", "-DMSGS=3 -DSUBSCRIBERS=1 -DNOJOINING", broken},
	{"broadcast", "-DMSGS=3 -DSUBSCRIBERS=1 -DNOOPEN", broken},
	{"broadcast", "-DMSGS=3 -DSUBSCRIBERS=1 -DNOSECOND", broken},
	{"broadcast", "-DMSGS=3 -DSUBSCRIBERS=1 -DNOCOUNT", broken},
	{"broadcast", "-DMSGS=3 -DSUBSCRIBERS=1 -DNOUNSEAT", broken},
	{"mpmc", "-DMSGS=1 -DCONSUMERS=1", quick},
	{"mpmc", "-DMSGS=1 -DPRODUCERS=1 -DDEATHS=2", quick},
	{"mpmc", "-DMSGS=2 -DPRODUCERS=1", quick},
	{"mpmc", "-DMSGS=2 -DCONSUMERS=1", long},
	{"mpmc", "-DMSGS=1", long},
	{"mpmc", "-DMSGS=1 -DDEATHS=2", long},
	{"mpmc", "-DMSGS=1 -DCONSUMERS=1 -DEAGERCLOSE", broken},
	{"mpmc", "-DMSGS=1 -DCONSUMERS=1 -DNOHELP", broken},
	{"mpmc", "-DMSGS=1 -DCONSUMERS=1 -DNOADOPT", broken},
	{"mpmc", "-DMSGS=1 -DCONSUMERS=1 -DSTEAL", broken},
}

// The models are checked when spin and a C compiler are installed. Each control breaks the protocol on purpose and has
// to be caught: a model that cannot fail says nothing.
func TestModels(t *testing.T) {
	for _, tool := range []string{"spin", "cc"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: the models were not checked", tool)
		}
	}
	for _, row := range models {
		t.Run("model="+row.model+"/"+row.defines, func(t *testing.T) {
			if row.kind != quick && stress() == 1 {
				t.Skip("controls and long checks run with SHMATH_STRESS=2 or more")
			}
			out := checkModel(t, row.model, strings.Fields(row.defines))
			switch {
			case !strings.Contains(out, "errors: "):
				t.Fatalf("the check did not end:\n%s", out)
			case strings.Contains(out, "max search depth too small"):
				t.Fatalf("the check was not complete:\n%s", out)
			case strings.Contains(out, "errors: 0") == (row.kind == broken):
				t.Fatalf("broken on purpose: %t\n%s", row.kind == broken, out)
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
