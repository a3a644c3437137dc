//go:build linux

package sched

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A13: a program of tiny tasks is told so, in its figures and in its log; one of larger tasks is not.
func TestA13_AdviceForTinyTasks(t *testing.T) {
	var said bytes.Buffer
	p := start(t, &Options{Workers: 2, Logger: slog.New(slog.NewTextHandler(&said, nil))})
	for range 2 * callsTell {
		if _, err := square.Call(within(t), p, 2); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		if err := noop.Run(within(t), p, blockTell, struct{}{}); err != nil {
			t.Fatal(err)
		}
	}
	s := statsOf(t, p)
	t.Logf("%q", s.Advice) // on a machine that others use, the mean may be long
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(said.String(), "sched: "); got < len(s.Advice) {
		t.Errorf("%d lines for %d pieces of advice: %s", got, len(s.Advice), said.String())
	}
}

func TestA13_Advice(t *testing.T) {
	const us = time.Microsecond
	for _, c := range []struct {
		calls   uint64
		inCalls time.Duration
		blocks  uint64
		inLoops time.Duration
		want    []string
	}{
		{0, 0, 0, 0, nil},
		{999, 0, 9_999, 0, nil},
		{2000, 2000 * us, 20_000, 800 * us, nil},
		{2000, 600 * us, 20_000, time.Second, []string{"2000 calls ran for 300ns"}},
		{2000, time.Second, 20_000, 300 * us, []string{"20000 blocks of loops took 15ns"}},
		{2000, 600 * us, 20_000, 300 * us, []string{"Map, Stream or a loop", "LoopOptions.Block"}},
	} {
		got := advice(c.calls, c.inCalls, c.blocks, c.inLoops)
		if len(got) != len(c.want) {
			t.Fatalf("%+v: %q", c, got)
		}
		for i := range got {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("%q does not say %q", got[i], c.want[i])
			}
		}
	}
}
