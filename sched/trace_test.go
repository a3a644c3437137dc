//go:build linux

package sched

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"runtime/trace"
	"sort"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var (
	lastLabel atomic.Value
	recorded  bytes.Buffer // what runtime/trace has recorded in this worker

	labelOf = NewFunc("labelOf", func(context.Context, int) (string, error) { return lastLabel.Load().(string), nil })
	record1 = NewFunc("record1", func(context.Context, int) (bool, error) { return true, trace.Start(&recorded) })
	record2 = NewFunc("record2", func(_ context.Context, name string) (bool, error) {
		trace.Stop()
		return bytes.Contains(recorded.Bytes(), []byte(name)), nil
	})
)

func init() { LabelTasks(func(name string) { lastLabel.Store(name) }) }

// checkSpans checks that spans make sense: each block of each run is there once, and no worker does two things at a time.
func checkSpans(t *testing.T, spans []Span, workers int) (blocks map[uint64]int, calls int) {
	t.Helper()
	blocks = make(map[uint64]int)
	type block struct {
		run uint64
		n   int
	}
	seen := make(map[block]bool)
	ends := make(map[int]time.Duration)
	sort.Slice(spans, func(i, k int) bool { return spans[i].Begin < spans[k].Begin })
	for _, s := range spans {
		if s.Worker < 0 || s.Worker >= workers || s.Begin < ends[s.Worker] || s.End < s.Begin || s.Begin+10*time.Microsecond < s.Queued || s.Queued < 0 {
			t.Fatalf("span %+v, that worker's last one ended at %v", s, ends[s.Worker])
		}
		ends[s.Worker] = s.End
		if s.Run == 0 {
			calls++
			continue
		}
		if seen[block{s.Run, s.Block}] {
			t.Errorf("block %d of run %d comes twice", s.Block, s.Run)
		}
		seen[block{s.Run, s.Block}] = true
		blocks[s.Run]++
	}
	return blocks, calls
}

func TestTrace_EveryBlockAndCall(t *testing.T) {
	backends(t, 2, func(t *testing.T, p *Pool) {
		if err := filled(t, p, 100, LoopOptions{Block: 1}); err != nil { // before the trace
			t.Fatal(err)
		}
		p.StartTrace()
		for range 3 {
			if err := filled(t, p, 500, LoopOptions{Block: 1}); err != nil {
				t.Fatal(err)
			}
			for range 5 {
				if _, err := square.Call(within(t), p, 2); err != nil {
					t.Fatal(err)
				}
			}
		}
		spans, missing := p.StopTrace()
		blocks, calls := checkSpans(t, spans, 2)
		if len(blocks) != 3 || calls != 15 || missing != 0 {
			t.Errorf("%d runs, %d calls, %d missing", len(blocks), calls, missing)
		}
		for run, n := range blocks {
			if n != 500 {
				t.Errorf("run %d: %d blocks", run, n)
			}
		}
		var b bytes.Buffer
		if err := WriteChromeTrace(&b, `a "program"`, 2, spans); err != nil {
			t.Fatal(err)
		}
		var chrome struct {
			TraceEvents []struct {
				Ph, Name string
				Tid      int
				Ts, Dur  float64
			}
		}
		if err := json.Unmarshal(b.Bytes(), &chrome); err != nil {
			t.Fatalf("%v\n%s", err, b.Bytes())
		}
		if n := len(chrome.TraceEvents); n != 1+2+1515 || !strings.Contains(b.String(), `a \"program\"`) {
			t.Errorf("%d events", n)
		}
		for i, e := range chrome.TraceEvents[3:] {
			if e.Ph != "X" || e.Name != spans[i].Name || e.Tid != spans[i].Worker || e.Ts < 0 || e.Dur < 0 {
				t.Fatalf("event %+v for %+v", e, spans[i])
			}
		}
		if err := filled(t, p, 100, LoopOptions{Block: 1}); err != nil { // after it
			t.Fatal(err)
		}
		if spans, _ := p.StopTrace(); len(spans) != 0 {
			t.Errorf("%d spans without a trace", len(spans))
		}
	})
}

// Blocks that ran again after a death are there once, and so is every other.
func TestTrace_UnderKills(t *testing.T) {
	p := start(t, &Options{Workers: 2})
	p.StartTrace()
	restarts := uint64(0)
	for runs := 1; runs < 50 && restarts < 3; runs++ {
		stop := make(chan struct{})
		go func() {
			defer close(stop)
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
			if pid := p.PIDs()[rand.IntN(2)]; pid != 0 {
				syscall.Kill(pid, syscall.SIGKILL)
			}
		}()
		if err := filled(t, p, 3000, LoopOptions{Block: 1, Idempotent: true}); err != nil {
			t.Fatal(err)
		}
		<-stop
		restarts = statsOf(t, p).Total().Restarts
	}
	spans, missing := p.StopTrace()
	blocks, _ := checkSpans(t, spans, 2)
	for run, n := range blocks {
		if n != 3000 {
			t.Errorf("run %d: %d blocks", run, n)
		}
	}
	if missing != 0 || restarts == 0 {
		t.Errorf("%d missing, %d restarts", missing, restarts)
	}
}

func TestTrace_IsBounded(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	p.StartTrace()
	if err := filled(t, p, spansMax+1, LoopOptions{Block: 1}); err != nil {
		t.Fatal(err)
	}
	if spans, missing := p.StopTrace(); len(spans) != 0 || missing != spansMax+1 {
		t.Errorf("%d spans, %d missing", len(spans), missing)
	}
}

func TestLabels_NameWhatRuns(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	if got, err := labelOf.Call(within(t), p, 0); err != nil || got != "labelOf" {
		t.Fatalf("%q, %v", got, err)
	}
}

// While a worker records with runtime/trace, its recording has regions with the names of what it ran.
func TestRegions_NameWhatRuns(t *testing.T) {
	p := start(t, &Options{Workers: 1})
	if _, err := record1.Call(within(t), p, 0); err != nil {
		t.Fatal(err)
	}
	if err := filled(t, p, 10, LoopOptions{Block: 1}); err != nil {
		t.Fatal(err)
	}
	if found, err := record2.Call(within(t), p, fill.Name()); err != nil || !found {
		t.Fatalf("region %s found: %v, %v", fill.Name(), found, err)
	}
}
