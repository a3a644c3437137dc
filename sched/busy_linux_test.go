package sched

import (
	"os"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/spawn"
)

// A machine that others keep busy makes workers late, which is not taken for a program that never calls Main.
func TestWorkers_StartOnABusyCPU(t *testing.T) {
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Skipf("the kernel does not count waiting: %v", err)
	}
	begin := time.Now()
	cpu := start(t, &Options{Workers: 1}).cpus[0]
	limit := max(100*time.Millisecond, 4*time.Since(begin)) // alone it takes less
	for range 30 {
		hog, err := spawn.Start(spawn.Spec{Path: "/bin/sh", Args: []string{"sh", "-c", "while :; do :; done"}, CPU: cpu})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			hog.Signal(os.Kill)
			hog.Exit()
		})
	}
	p := start(t, &Options{CPUs: []int{cpu}, Start: limit})
	if x, err := square.Call(within(t), p, 3); x != 9 || err != nil {
		t.Errorf("%v, %v", x, err)
	}
}
