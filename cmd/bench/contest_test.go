package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shmath/shmath/cmd/bench/result"
)

func testConfig() *config {
	return &config{rounds: 15, turn: 10 * time.Millisecond, budget: time.Hour, suite: "made", doc: &result.Document{}, out: quiet{}}
}

// clockwork is a contender whose ops last as long as they are said to, without that time passing.
func clockwork(name string, per func(turn int) time.Duration) (contender, *[]int) {
	turns := new([]int)
	return contender{name: name, ops: 1_000_000, turn: func(ops int) (time.Duration, error) {
		*turns = append(*turns, ops)
		return time.Duration(ops) * per(len(*turns)), nil
	}}, turns
}

func steady(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

func TestContest_TurnsLastAsLongAsAimed(t *testing.T) {
	c := testConfig()
	fast, _ := clockwork("impl=fast", steady(time.Microsecond))
	slow, _ := clockwork("impl=slow", steady(time.Second))
	few, _ := clockwork("impl=few", steady(time.Nanosecond))
	few.ops = 100
	if err := contest("Work", c, []contender{fast, slow, few}); err != nil {
		t.Fatal(err)
	}
	all := c.doc.Contests[0].Contenders
	for i, want := range []int{10_000, 1, 100} {
		if all[i].Ops != want {
			t.Errorf("%s: turns of %d ops, want %d", all[i].Name, all[i].Ops, want)
		}
	}
	if all[0].Median != 1000 || all[1].Median != 1e9 || all[1].OfFirst != 1e6 {
		t.Errorf("%+v", all)
	}
}

func TestContest_EndsWhenInterrupted(t *testing.T) {
	c := testConfig()
	var turns int
	stopping := contender{name: "impl=stopping", ops: 1, turn: func(int) (time.Duration, error) {
		turns++
		c.interrupted.Store(turns == 3)
		return time.Millisecond, nil
	}}
	if err := contest("Work", c, []contender{stopping}); !errors.Is(err, errInterrupted) || turns != 3 || len(c.doc.Contests) != 0 {
		t.Errorf("%v after %d turns, %d contests", err, turns, len(c.doc.Contests))
	}
}

func TestContest_EndsWhenItIsSure(t *testing.T) {
	c := testConfig()
	sure, _ := clockwork("impl=sure", steady(time.Microsecond))
	jumpy, _ := clockwork("impl=jumpy", func(turn int) time.Duration { return time.Duration(1+turn%3) * time.Microsecond })
	if err := contest("Sure", c, []contender{sure}); err != nil {
		t.Fatal(err)
	}
	if err := contest("Jumpy", c, []contender{sure, jumpy}); err != nil {
		t.Fatal(err)
	}
	first, second := c.doc.Contests[0].Contenders[0], c.doc.Contests[1].Contenders[1]
	if len(first.Rounds) != roundsSure || first.Level < 0.95 || first.Precision() > precision {
		t.Errorf("a steady contender took %d rounds, to ±%g at %g", len(first.Rounds), first.Precision(), first.Level)
	}
	if len(second.Rounds) != c.rounds {
		t.Errorf("a jumpy one took %d rounds of %d", len(second.Rounds), c.rounds)
	}
}

func TestContest_EndsWhenTimeIsUsedUp(t *testing.T) {
	c := testConfig()
	c.budget = time.Nanosecond
	slow, _ := clockwork("impl=slow", func(turn int) time.Duration { return time.Duration(turn) * time.Second })
	slow.ops = 1
	if err := contest("Slow", c, []contender{slow}); err != nil {
		t.Fatal(err)
	}
	k := c.doc.Contests[0].Contenders[0]
	if len(k.Rounds) != roundsLeast || k.Level != 0.75 {
		t.Errorf("%d rounds at a level of %g", len(k.Rounds), k.Level)
	}
	if k.Rounds[0] != 1e9 {
		t.Errorf("the first turn, longer than all time, does not count: %v", k.Rounds)
	}
}

func TestContest_TimedOpsAreTheMedianOfEachRound(t *testing.T) {
	c := testConfig()
	times := newTimes()
	k := contender{name: "impl=timed", ops: 1000, times: times, turn: func(ops int) (time.Duration, error) {
		for i := range ops {
			ns := int64(100)
			if i%100 == 99 {
				ns = 10_000 // one op of a hundred
			}
			if err := times.RecordValue(ns); err != nil {
				return 0, err
			}
		}
		return time.Second, nil
	}}
	if err := contest("Timed", c, []contender{k}); err != nil {
		t.Fatal(err)
	}
	got := c.doc.Contests[0].Contenders[0]
	if got.Median != 100 || got.Latency == nil || got.Latency.P50 != 100 || got.Latency.Count != int64(got.Ops*len(got.Rounds)) {
		t.Errorf("%+v %+v", got, got.Latency)
	}
	if max := float64(got.Latency.Max); got.Ops >= 100 && math.Abs(max-10_000) > 10 {
		t.Errorf("the tail was lost: %g", max)
	}
}

func TestContest_OtherUnits(t *testing.T) {
	c := testConfig()
	k := contender{name: "what=rss", unit: "B", measure: func() (float64, error) { return 4096, nil }}
	if err := contest("Memory", c, []contender{k}); err != nil {
		t.Fatal(err)
	}
	if got := c.doc.Contests[0]; got.Unit != "B" || got.Contenders[0].Median != 4096 {
		t.Errorf("%+v", got)
	}
}

func TestContest_GoItselfIsAPeer(t *testing.T) {
	c := testConfig()
	goroutines, _ := clockwork("impl=goroutines", steady(time.Microsecond))
	ours, _ := clockwork("impl=shmath", steady(time.Microsecond))
	if err := contest("Work", c, []contender{goroutines, ours}); err != nil {
		t.Fatal(err)
	}
	if all := c.doc.Contests[0].Contenders; all[0].Ours() || !all[1].Ours() {
		t.Errorf("%+v", all)
	}
}

func TestRun_GoesOnWhenASuiteFails(t *testing.T) {
	before := suites
	defer func() { suites = before }()
	broken, ran := errors.New("broken"), false
	suites = []suite{{"bad", func(*config) error { return broken }}, {"good", func(*config) error { ran = true; return nil }}}
	c := testConfig()
	if err := c.run(nil); !errors.Is(err, broken) || !strings.Contains(err.Error(), "bad: ") || !ran {
		t.Errorf("%v, the next suite ran: %v", err, ran)
	}
	if a := c.doc.Absences; len(a) != 1 || a[0].Suite != "bad" || a[0].Why != "broken" {
		t.Errorf("%+v", a)
	}
}

func TestContest_NamesWhoFailed(t *testing.T) {
	broken := errors.New("broken")
	err := contest("Work", testConfig(), []contender{{name: "impl=bad", ops: 1, turn: func(int) (time.Duration, error) { return 0, broken }}})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "impl=bad") {
		t.Errorf("%v", err)
	}
}

func TestContest_OnlyWhatIsWantedWithoutPeers(t *testing.T) {
	c := testConfig()
	c.only = []string{"Wanted"}
	ours, _ := clockwork("impl=ours", steady(time.Microsecond))
	peer, turns := clockwork("impl=peer", steady(time.Microsecond))
	peer.peer = "go1.26"
	for _, name := range []string{"Wanted", "Other"} {
		if err := contest(name, c, []contender{ours, peer}); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.doc.Contests) != 1 || len(c.doc.Contests[0].Contenders) != 1 || len(*turns) != 0 {
		t.Errorf("%+v", c.doc.Contests)
	}
}

// runFile writes a run of one contest, whose contender of ours needs factor times as long as usual.
func runFile(t *testing.T, factor float64) string {
	t.Helper()
	c := testConfig()
	c.doc.Schema, c.doc.Environment.CPU = result.Schema, "made"
	jitter := func(d time.Duration) func(int) time.Duration {
		return func(turn int) time.Duration { return d + time.Duration(turn) }
	}
	limit, _ := clockwork("impl=limit", jitter(time.Microsecond))
	limit.limit = true
	ours, _ := clockwork("impl=ours", jitter(time.Duration(factor*float64(2*time.Microsecond))))
	if err := contest("Work", c, []contender{limit, ours}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "run.json")
	if err := writeFile(path, c.doc.Write); err != nil {
		t.Fatal(err)
	}
	return path
}

// bench runs the command.
func bench(args ...string) (string, error) {
	var out strings.Builder
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.Execute()
	return out.String(), err
}

func TestCompare_FailsOnARegression(t *testing.T) {
	before, after := runFile(t, 1), runFile(t, 1.3)
	out, err := bench("compare", before, after)
	if err == nil || !strings.Contains(err.Error(), "1 figures of ours are worse by more than 5 %") || !strings.Contains(out, "impl=ours") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := bench("compare", before, after, "--threshold", "50"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := bench("compare", after, before); err != nil || !strings.Contains(out, "-23.") {
		t.Errorf("faster is no failure: %v\n%s", err, out)
	}
}

func TestGate_FailsOnARegression(t *testing.T) {
	good, err := result.ReadFile(runFile(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	b := &result.Baseline{Schema: result.Schema, CPU: "made", Ratios: result.Ratios(good)}
	path := filepath.Join(t.TempDir(), "baseline.json")
	if err := writeFile(path, b.Write); err != nil {
		t.Fatal(err)
	}
	if out, err := bench("gate", "--baseline", path, runFile(t, 1.3)); err != nil || !strings.Contains(out, "1 ratios to limits hold") {
		t.Errorf("within the margin: %v\n%s", err, out)
	}
	if out, err := bench("gate", "--baseline", path, runFile(t, 1.8)); err == nil || !strings.Contains(err.Error(), "made Work/impl=ours") {
		t.Errorf("%v\n%s", err, out)
	}
	b.CPU = "another"
	if err := writeFile(path, b.Write); err != nil {
		t.Fatal(err)
	}
	if out, err := bench("gate", "--baseline", path, runFile(t, 9)); err != nil || !strings.Contains(out, "not judged") {
		t.Errorf("another machine is not judged: %v\n%s", err, out)
	}
}

// The committed baseline is of paths and contests that exist.
func TestGate_BaselineIsOfWhatIsMeasured(t *testing.T) {
	b, err := result.ParseBaseline(baselineFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range hotPaths {
		if b.Instructions[p.name] <= 0 {
			t.Errorf("no instructions of %s: bench gate --write cmd/bench/baseline.json", p.name)
		}
	}
	if len(b.Instructions) != len(hotPaths) {
		t.Errorf("%d paths in the baseline, %d in the program", len(b.Instructions), len(hotPaths))
	}
	for name := range b.Ratios {
		known := false
		for _, k := range gateContests {
			known = known || strings.Contains(name, " "+k+"/")
		}
		if !known {
			t.Errorf("%s is in the baseline, and is not measured", name)
		}
	}
}

func TestHotPaths_Run(t *testing.T) {
	for _, p := range hotPaths {
		if err := p.run(3); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}

func TestReport_WritesWhatIsAsked(t *testing.T) {
	folder := t.TempDir()
	html, markdown := filepath.Join(folder, "r.html"), filepath.Join(folder, "R.md")
	if out, err := bench("report", runFile(t, 1), "--html", html, "--markdown", markdown); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, f := range []string{html, markdown, filepath.Join(folder, "R", "ratios-made.svg")} {
		if info, err := os.Stat(f); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestUsage_NamesWhatIsWrong(t *testing.T) {
	for _, args := range [][]string{{"nosuite"}, {"--rounds", "1"}, {"--nothing"}, {"compare", "one"}, {"report", "x.json"}, {"gate", "a", "b"}} {
		_, err := bench(args...)
		if wrong := (errUsage{}); !errors.As(err, &wrong) {
			t.Errorf("%q: %v", args, err)
		}
	}
}
