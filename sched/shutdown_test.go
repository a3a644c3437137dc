//go:build linux

package sched

import (
	"context"
	"errors"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stubborn is work that does not end by itself, and says when it has begun.
var stubborn = NewFunc("stubborn", func(ctx context.Context, how string) (int, error) {
	switch how {
	case "polite":
		<-ctx.Done()
		return 0, ctx.Err()
	case "deaf":
		time.Sleep(time.Hour)
	case "immortal":
		signal.Ignore(syscall.SIGTERM)
		time.Sleep(time.Hour)
	}
	return 0, errors.New("no such work")
})

// A6: drain, stop, SIGTERM, SIGKILL; and the report says which step each worker needed.
func TestA6_ShutdownLadder(t *testing.T) {
	p, err := Start(within(t), &Options{Workers: 3, Grace: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[Step]bool)
	futures := make(map[string]*Future[int])
	for how, step := range map[string]Step{"polite": StepStop, "deaf": StepTerm, "immortal": StepKill} {
		if futures[how], err = stubborn.Submit(within(t), p, how); err != nil {
			t.Fatal(err)
		}
		want[step] = true
	}
	for i := range p.c.crew {
		for p.c.tallies[i].since.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	time.Sleep(50 * time.Millisecond) // until SIGTERM is ignored
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = p.Shutdown(ctx)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "needed SIGKILL") {
		t.Fatalf("%v", err)
	}
	for how, f := range futures {
		if _, err := f.Wait(within(t)); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", how, err)
		}
	}
	for _, d := range p.Departures() {
		delete(want, d.Step)
		signals := map[Step]syscall.Signal{StepTerm: syscall.SIGTERM, StepKill: syscall.SIGKILL}
		if d.PID == 0 || d.Exit.Signal != signals[d.Step] {
			t.Errorf("%v", d)
		}
	}
	if len(want) > 0 || len(p.Departures()) != 3 {
		t.Errorf("%v", p.Departures())
	}
}

// The whole ladder fits before the deadline.
func TestA6_ShutdownKeepsItsDeadline(t *testing.T) {
	p, err := Start(within(t), &Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stubborn.Submit(within(t), p, "deaf"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := p.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	t.Logf("%v of 300 ms: %v", time.Since(begin), p.Departures())
	if len(p.Departures()) != 1 || p.Departures()[0].Step == StepStop {
		t.Errorf("%v", p.Departures())
	}
}

func TestA6_DrainedPoolLeavesWhenAsked(t *testing.T) {
	p, err := Start(within(t), &Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	f, err := square.Submit(within(t), p, 3)
	if err != nil {
		t.Fatal(err)
	}
	if p.Departures() != nil {
		t.Fatal("nobody has left")
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if y, err := f.Wait(within(t)); err != nil || y != 9 {
		t.Fatal("accepted work was not drained")
	}
	for _, d := range p.Departures() {
		if d.Step != StepStop || d.Exit.Code != 0 {
			t.Error(d)
		}
	}
}

// A Close that waits for work gives way to a Terminate.
func Test25_TerminateInterruptsClose(t *testing.T) {
	p, err := Start(within(t), &Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	f, err := stubborn.Submit(within(t), p, "deaf")
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- p.Close() }()
	for {
		p.mu.Lock()
		begun := p.closed
		p.mu.Unlock()
		if begun {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := errors.Join(p.Terminate(), <-closed); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Wait(within(t)); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}
