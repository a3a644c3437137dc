package futex

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/proctest"
)

func TestMain(m *testing.M) {
	proctest.Main(m, proctest.Roles{"patience": func([]string) { fmt.Println("patience", int64(SpinFor()), runtime.NumCPU()) }})
}

// A process that may use one CPU only has peers on others: it looks before it sleeps, as long as any other does.
func TestSpinFor_PinnedProcess(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("one CPU: nobody spins")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		t.Fatal(err)
	}
	for cpu := 0; one.Count() == 0; cpu++ {
		if all.IsSet(cpu) {
			one.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
	p := proctest.Start(t, "patience") // has the mask of this thread
	if err := unix.SchedSetaffinity(0, &all); err != nil {
		t.Fatal(err)
	}
	var patience time.Duration
	var cpus int
	if _, err := fmt.Sscan(p.Expect("patience"), (*int64)(&patience), &cpus); err != nil {
		t.Fatal(err)
	}
	if cpus != 1 || patience < spinMin || patience > spinMax {
		t.Fatalf("a process with %d CPUs spins for %v", cpus, patience)
	}
	t.Logf("pinned %v, here %v", patience, SpinFor())
}
