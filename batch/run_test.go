package batch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/sched"
)

// backends are run by each test of this file: what holds for goroutines must hold for processes.
var backends = map[string]sched.Backend{"inprocess": sched.InProcess, "processes": sched.Processes}

// runJob runs the text of a job file in dir.
func runJob(t *testing.T, dir, text string, opts *Options) (*Result, error) {
	t.Helper()
	path := filepath.Join(dir, "job.yaml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	job, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return job.Run(t.Context(), opts)
}

func readFloats(t *testing.T, path string) []float64 {
	t.Helper()
	x, err := arena.MapFile[float64](path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	return append([]float64(nil), x.Slice()...)
}

// entries lists a folder without what folder made.
func entries(t *testing.T, dir string) map[string]bool {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for _, e := range list {
		names[e.Name()] = true
	}
	return names
}

const everyKind = `
seed: 3
arrays:
  x: {npy: five.npy}
  c: {csv: gaps.csv, column: close, na: drop}
set: {k: 10, on: true}
steps:
  - a    = x * k            # an output that later lines use
  - big  = a[a > 20]        # its length is known only now
  - m    = mean(big)
  - n    = len(big)
  - s    = sum(c) + m
  - rest = a - m            # written nowhere
  - q    = min(rest)
  - half = quantile(x, n / 10)
outputs:
  a: a.npy
  big: sub/big.npy
  x: copy.npy
  figure: {histogram: big, marks: [m, 45, k], file: big.svg, bins: 3}
print: [m, n, s, q, half, k, on]
`

func TestRun_CarriesResultsAndWritesOutputs(t *testing.T) {
	for name, backend := range backends {
		t.Run("backend="+name, func(t *testing.T) {
			dir := folder(t)
			var events []Event
			res, err := runJob(t, dir, everyKind, &Options{Workers: 2, Backend: backend, Listen: func(e Event) { events = append(events, e) }})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, s := range res.Scalars {
				got += s.Name + "=" + FormatScalar(s.Value) + " "
			}
			if want := "m=40.0 n=3 s=44.0 q=-30.0 half=2.2 k=10 on=True "; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			for file, want := range map[string]string{"a.npy": "[10 20 30 40 50]", "sub/big.npy": "[30 40 50]", "copy.npy": "[1 2 3 4 5]"} {
				if got := fmt.Sprint(readFloats(t, filepath.Join(dir, file))); got != want {
					t.Errorf("%s: %s, want %s", file, got, want)
				}
			}
			picture, err := os.ReadFile(filepath.Join(dir, "big.svg"))
			if err != nil || !strings.Contains(string(picture), "m = 40") || !strings.Contains(string(picture), "3 values in 3 bins") {
				t.Errorf("the picture: %v\n%s", err, picture)
			}
			if first, last := events[0], events[len(events)-1]; first.Kind != Started || last.Kind != Finished {
				t.Errorf("events from %s to %s", first.Kind, last.Kind)
			}
			if len(res.Steps) != 10 || len(res.Files) != 4 {
				t.Errorf("%d steps, files %v", len(res.Steps), res.Files)
			}
		})
	}
}

func TestRun_FailedJobLeavesWhatWasThere(t *testing.T) {
	for name, backend := range backends {
		t.Run("backend="+name, func(t *testing.T) {
			dir := folder(t)
			old := []byte("old")
			if err := os.WriteFile(filepath.Join(dir, "a.npy"), old, 0o666); err != nil {
				t.Fatal(err)
			}
			before := entries(t, dir)
			text := "arrays: {x: {npy: five.npy}}\nsteps:\n  - a = x + 1\n  - few = x[x > 9]\n  - m = mean(few)\noutputs: {a: a.npy}"
			_, err := runJob(t, dir, text, &Options{Workers: 2, Backend: backend})
			if err == nil || !strings.Contains(err.Error(), "job.yaml:5: column 5 of \"m = mean(few)\": mean of an empty array") {
				t.Errorf("error %v", err)
			}
			if got, _ := os.ReadFile(filepath.Join(dir, "a.npy")); !bytes.Equal(got, old) {
				t.Error("the output of the run before is gone")
			}
			after := entries(t, dir)
			delete(after, "job.yaml")
			if len(after) != len(before) {
				t.Errorf("left behind: %v", after)
			}
		})
	}
}

func TestRun_CanceledWritesNothing(t *testing.T) {
	dir := folder(t)
	path := filepath.Join(dir, "job.yaml")
	if err := os.WriteFile(path, []byte("steps: ['u = uniform(50_000_000)', 'm = median(u)']\noutputs: {u: u.npy}"), 0o666); err != nil {
		t.Fatal(err)
	}
	job, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = job.Run(ctx, &Options{Workers: 2, Listen: func(e Event) {
		if e.Kind == Progressed || e.Kind == Stepped {
			cancel()
		}
	}})
	if err == nil || ctx.Err() == nil {
		t.Fatalf("error %v", err)
	}
	for name := range entries(t, dir) {
		if strings.Contains(name, "u.npy") {
			t.Errorf("%s is left", name)
		}
	}
}

func TestRun_FigureFaults(t *testing.T) {
	for values, want := range map[string]string{
		"x * nan":    "goes from nan to nan; draw what is finite",
		"x / 0":      "goes from inf to inf; draw what is finite",
		"x[x > 100]": "has no values",
	} {
		text := "arrays: {x: {npy: five.npy}}\nsteps:\n  - y = " + values + "\noutputs:\n  figure: {histogram: y, file: y.svg}"
		_, err := runJob(t, folder(t), text, &Options{Workers: 1, Backend: sched.InProcess})
		if err == nil || !strings.Contains(err.Error(), "job.yaml:5: the histogram of y "+want) {
			t.Errorf("%s: %v, want %s", values, err, want)
		}
	}
}

func TestFormatScalar_AsPython(t *testing.T) {
	for want, v := range map[string]any{
		"True": true, "-3": int64(-3), "1.0": 1.0, "0.1": 0.1, "0.1 ": float32(0.1), "1e+16": 1e16, "1e-05": 1e-5, "123456789.0": 123456789.0,
		"0.0001": 1e-4, "nan": math.NaN(), "-inf": math.Inf(-1), "-0.0": math.Copysign(0, -1), "1234567890123456.0": 1234567890123456.0,
	} {
		if got := FormatScalar(v); got != strings.TrimSpace(want) {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

func TestEvent_JSON(t *testing.T) {
	for want, e := range map[string]Event{
		`{"shmath":1,"event":"scalar","name":"m","value":2.0}`:      {Kind: Scalar, Name: "m", Value: 2.0},
		`{"shmath":1,"event":"scalar","name":"m","value":"nan"}`:    {Kind: Scalar, Name: "m", Value: math.NaN()},
		`{"shmath":1,"event":"scalar","name":"m","value":false}`:    {Kind: Scalar, Name: "m", Value: false},
		`{"shmath":1,"event":"scalar","name":"m","value":1e-07}`:    {Kind: Scalar, Name: "m", Value: 1e-7},
		`{"shmath":1,"event":"error","message":"no","code":1}`:      {Kind: Failed, Message: "no", Code: 1},
		`{"shmath":1,"event":"step","label":"a = 1","seconds":0}`:   {Kind: Stepped, Label: "a = 1"},
		`{"shmath":1,"event":"file","bytes":9,"path":"/tmp/a.npy"}`: {Kind: Written, Path: "/tmp/a.npy", Bytes: 9},
	} {
		got, err := json.Marshal(e)
		if err != nil || string(got) != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
}

func TestPrinter_Forms(t *testing.T) {
	events := []Event{
		{Kind: Started, Job: "j", Workers: 3, CPUs: []int{0, 1, 2, 5}},
		{Kind: Progressed, Label: "a", Done: 1, Total: 2},
		{Kind: Stepped, Label: "a = x + 1", Elements: 2_000_000, Bytes: 32_000_000, Took: 1_000_000, CPUs: []int{0, 1, 2, 5}},
		{Kind: Scalar, Name: "m", Value: 0.5},
		{Kind: Written, Path: "a.npy", Bytes: 80_000_128},
		{Kind: Finished},
	}
	events = append(events, Event{Kind: Started, Job: "k", Workers: 1, CPUs: []int{4}, Shared: []int{4}})
	for form, want := range map[form]string{
		formQuiet: "m = 0.5\n",
		formBare:  "0.5\n",
		formLines: "j: 3 workers on CPUs 0-2,5\na = x + 1                                        1.00 ms    32.0 GB/s      2000 M elem/s     CPUs 0-2,5\n" +
			"m = 0.5\nwrote a.npy (80.0 MB)\nk: 1 worker on CPU 4; CPU 4 shared with other programs, since none was free\n",
	} {
		var out, errOut bytes.Buffer
		p := newPrinter(&out, &errOut, form)
		for _, e := range events {
			p.Listen(e)
		}
		if out.String() != want || errOut.Len() != 0 {
			t.Errorf("form %d:\ngot  %q\nwant %q", form, out.String(), want)
		}
	}
}
