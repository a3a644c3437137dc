//go:build linux && invariants

package sched

import (
	"errors"
	"log/slog"
	"testing"
)

// A worker dies between its third record and the bell that tells the parent: the record is there all the same.
func TestFailpoints_RecordBeforeTheBell(t *testing.T) {
	t.Setenv("SHMATH_FAILPOINT", "sched.journal.written:3")
	rec := &recorder{}
	p := start(t, &Options{Workers: 1, Logger: slog.New(rec)})
	if _, err := say.Call(within(t), p, sayArgs{How: "log", N: 10, Text: "x"}); !errors.Is(err, ErrWorkerDied) {
		t.Fatalf("want a death, got %v", err)
	}
	if got := rec.await(t, 3); len(got) != 3 {
		t.Errorf("%d records, want 3", len(got))
	}
}
