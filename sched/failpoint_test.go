//go:build linux && invariants

package sched

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Every worker dies whenever it comes to a named step for the third time: nothing is lost, whatever the step.
func TestFailpoints_EveryStep(t *testing.T) {
	for _, point := range []string{
		"sched.loop.join", "sched.loop.taken", "sched.loop.ran", "sched.loop.stolen", "sched.task.claimed", "sched.task.ran",
	} {
		t.Run("point="+point, func(t *testing.T) {
			t.Setenv("SHMATH_FAILPOINT", fmt.Sprintf("%s:%d", point, 3)) // for the workers: this process has read it already
			p := start(t, &Options{Workers: 2})
			for range 5 {
				if err := filled(t, p, 200, LoopOptions{Block: 1, Idempotent: true}); err != nil {
					t.Fatal(err)
				}
			}
			if err := filled(t, p, 300, LoopOptions{Idempotent: true}); err != nil { // workers choose their blocks
				t.Fatal(err)
			}
			died := 0
			for i := range 40 {
				y, err := square.Call(within(t), p, float64(i))
				switch {
				case errors.Is(err, ErrWorkerDied):
					died++
				case err != nil || y != float64(i*i):
					t.Fatalf("square of %d: %v, %v", i, y, err)
				}
			}
			restarts := 0
			for _, h := range p.crew.members {
				restarts += h.restarts
			}
			t.Logf("%d restarts, %d calls lost with their workers", restarts, died)
			if restarts == 0 {
				t.Error("no worker came to this step")
			}
		})
	}
}

// A worker that dies while it leaves a long result leaves nothing that nobody frees.
func TestFailpoints_BlobsOfTheDead(t *testing.T) {
	for _, point := range []string{"sched.blob.made", "sched.blob.placed", "sched.blob.left", "sched.task.ran", "sched.loop.ran"} {
		t.Run("point="+point, func(t *testing.T) {
			t.Setenv("SHMATH_FAILPOINT", fmt.Sprintf("%s:%d", point, 2))
			p := start(t, &Options{Workers: 2})
			long := deep{Name: strings.Repeat("long", 1000)}
			died := 0
			for range 10 {
				_, err1 := echo.Map(within(t), p, []deep{long, long, long})
				_, err2 := echo.Call(within(t), p, long)
				_, err3 := faulty.Call(within(t), p, "long")
				for _, err := range []error{err1, err2, err3} {
					if errors.Is(err, ErrWorkerDied) {
						died++
					}
				}
			}
			if died == 0 {
				t.Error("no worker came to this step")
			}
			settled(t, p)
		})
	}
}
