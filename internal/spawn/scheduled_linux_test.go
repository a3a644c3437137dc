package spawn

import (
	"os"
	"testing"
	"time"
)

// Programs that share one CPU wait for it, one that has it alone, or sleeps, does not.
func TestChild_Schedule(t *testing.T) {
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Skipf("the kernel does not count waiting: %v", err)
	}
	run := func(script string) *Child {
		c, err := Start(Spec{Path: "/bin/sh", Args: []string{"sh", "-c", script}, CPU: 0})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			c.Signal(os.Kill)
			c.Exit()
		})
		return c
	}
	busy := []*Child{run("while :; do :; done"), run("while :; do :; done")}
	asleep := run("sleep 60")
	const enough = 100 * time.Millisecond
	for _, c := range busy {
		for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			s := c.Schedule()
			if s.Ran > enough && s.Waited > enough && s.Runnable {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("one of two programs on one CPU: %+v", s)
			}
		}
	}
	before := asleep.Schedule()
	time.Sleep(enough)
	if s := asleep.Schedule(); s.Ran-before.Ran > enough/2 || s.Waited-before.Waited > enough/2 || s.Runnable {
		t.Errorf("a program that sleeps: %+v, then %+v", before, s)
	}
}
