package spawn

import (
	"os"
	"testing"
	"time"
)

// Programs that share one CPU wait for it, one that has it alone, or sleeps, does not.
func TestChild_Starved(t *testing.T) {
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
	for end := time.Now().Add(time.Minute); busy[0].Starved() < enough || busy[1].Starved() < enough; {
		if time.Now().After(end) {
			t.Fatalf("two programs on one CPU have waited %v and %v", busy[0].Starved(), busy[1].Starved())
		}
		time.Sleep(time.Millisecond)
	}
	before := asleep.Starved()
	time.Sleep(enough)
	if more := asleep.Starved() - before; more > enough/2 {
		t.Errorf("a program that sleeps has waited %v more for a CPU", more)
	}
}
