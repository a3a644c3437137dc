package lint

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/shmath/shmath"

// floors is the house: a package imports only packages of lower floors. docs/ARCHITECTURE.md says why.
var floors = map[string]int{
	"internal/layout": 0, "internal/futex": 0, "internal/invariants": 0, "internal/spawn": 0, "internal/mapping": 0,
	"internal/proctest": 0, "internal/topology": 0, "asm": 0,
	"shm": 1, "arena": 1, "ring": 1, "psync": 1, "kernels": 1,
	"sched": 2, "expr": 2,
	"parallel": 3, "multiprocessing": 3, "multiprocessing/tcp": 4,
	"batch": 4, "cluster": 4,
	"cmd/shmath": 5, "cmd/bench/result": 5, "cmd/bench/report": 6, "cmd/bench": 7,
	"internal/lint": 5,
}

// strangers on one floor that may meet all the same: mappings are found by address, which is a cast.
var exceptions = map[[2]string]bool{
	{"internal/mapping", "internal/layout"}: true,
}

type listed struct {
	ImportPath string
	Name       string
	Imports    []string
}

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Imports", module+"/...")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestFloors(t *testing.T) {
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		if strings.HasPrefix(name, "examples/") {
			continue // programs of users, who stand on the roof
		}
		floor, known := floors[name]
		if !known {
			t.Errorf("%s stands on no floor: give it one in floors_test.go", name)
			continue
		}
		for _, i := range p.Imports {
			other, ours := strings.CutPrefix(i, module+"/")
			if ours && floors[other] >= floor && !exceptions[[2]string{name, other}] {
				t.Errorf("%s (floor %d) imports %s (floor %d)", name, floor, other, floors[other])
			}
		}
	}
}

// Each of these is imported by one package alone.
func TestImports_OneDoor(t *testing.T) {
	doors := map[string]string{
		"github.com/edsrzf/mmap-go": "internal/mapping",
		"testing":                   "internal/proctest",
	}
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		for _, i := range p.Imports {
			if door, guarded := doors[i]; guarded && door != name {
				t.Errorf("%s imports %s, which is for %s", name, i, door)
			}
			if i == "C" {
				t.Errorf("%s uses cgo", name)
			}
		}
	}
}
