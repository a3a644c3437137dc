package batch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/sched"
)

func TestMain(m *testing.M) {
	sched.Main()
	os.Exit(m.Run())
}

// folder is a temporary folder with the data files that the table of faults names.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	save := func(name string, x arena.AnyArray) {
		if err := arena.Save(filepath.Join(dir, name), x); err != nil {
			t.Fatal(err)
		}
	}
	save("five.npy", arena.Wrap([]float64{1, 2, 3, 4, 5}))
	save("three.npy", arena.Wrap([]float64{1, 2, 3}))
	save("none.npy", arena.Wrap([]float64{}))
	save("complex.npy", arena.Wrap([]complex128{1}))
	whole, err := os.ReadFile(filepath.Join(dir, "five.npy"))
	if err != nil {
		t.Fatal(err)
	}
	object := "\x93NUMPY\x01\x00\x46\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
	object += strings.Repeat(" ", 10+70-len(object)-1) + "\n\x80\x04K\x01."
	for name, text := range map[string]string{
		"cut.npy":     string(whole[:len(whole)-9]),
		"object.npy":  object,
		"prices.csv":  "date,close\n2000-01-03,1455.22\n2000-01-04,1399.42\n",
		"gaps.csv":    "date,close\na,1\nb,\nc,3\n",
		"text.csv":    "date,close\na,1\nb,high\n",
		"ragged.csv":  "date,close\na,1\nb\n",
		"nothing.csv": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// load writes a job file and checks it, as Run does before it starts workers.
func load(t *testing.T, dir, text string) (*checked, error) {
	t.Helper()
	path := filepath.Join(dir, "job.yaml")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	job, err := Load(path)
	if err != nil {
		return nil, err
	}
	c, err := job.check()
	if err == nil {
		t.Cleanup(func() {
			if err := c.close(); err != nil {
				t.Error(err)
			}
		})
	}
	return c, err
}

// faults are job files, and what the one line about each must say. NPY stands for the arrays of most.
var faults = []struct{ name, text, want string }{
	{"no YAML", "steps: [", "job.yaml:1: not YAML"},
	{"empty", "", "job.yaml:1: the job file is empty"},
	{"no mapping", "- a\n", "job.yaml:1: a job must be a mapping, not a list"},
	{"unknown key", "NPY\nstep:\n  - m = mean(x)\n", "job.yaml:2: unknown key step in a job; did you mean steps?"},
	{"unknown array key", "arrays: {x: {cvs: a.csv}}", "job.yaml:1: unknown key cvs in an array; did you mean csv?"},
	{"key twice", "seed: 1\nseed: 2\n", "job.yaml:2: key seed of a job stands on line 1, too"},
	{"bad seed", "seed: -1\nsteps: [a = 1]", "job.yaml:1: seed is \"-1\"; write an integer"},
	{"no steps", "NPY", "the job has no steps"},
	{"step is a mapping", "NPY\nsteps:\n  - a: 1\n", "job.yaml:3: a step is one line of text, not a mapping"},
	{"step without a name", "NPY\nsteps:\n  - mean(x)\n", "job.yaml:3: the result of \"mean(x)\" has no name; write: - name = mean(x)"},
	{"syntax", "NPY\nsteps:\n  - m = mean(x\n", "job.yaml:3: column 9"},
	{"missing file", "arrays: {x: {npy: fife.npy}}\nsteps: [m = mean(x)]", "/fife.npy; did you mean five.npy?"},
	{"missing file, line", "arrays:\n  x: {npy: fife.npy}\nsteps: [m = mean(x)]", "job.yaml:2: there is no file"},
	{"csv without column key", "arrays: {x: {csv: prices.csv}}\nsteps: [m = mean(x)]", "job.yaml:1: array x names no column of the CSV file; add column: NAME"},
	{"csv without the column", "arrays: {x: {csv: prices.csv, column: clos}}\nsteps: [m = mean(x)]", "prices.csv:1: there is no column \"clos\"; did you mean close?"},
	{"text in a column", "arrays: {x: {csv: text.csv, column: close}}\nsteps: [m = mean(x)]", "text.csv:3: row 2, column close holds \"high\", which is not a number"},
	{"text is no NA", "arrays: {x: {csv: text.csv, column: close, na: drop}}\nsteps: [m = mean(x)]", "text.csv:3: row 2, column close"},
	{"gap", "arrays: {x: {csv: gaps.csv, column: close}}\nsteps: [m = mean(x)]", "gaps.csv:3: row 2, column close holds no value; mend the file, or set na to drop"},
	{"na policy", "arrays: {x: {csv: gaps.csv, column: close, na: skip}}\nsteps: [m = mean(x)]", "job.yaml:1: na is \"skip\"; write error, drop or nan"},
	{"ragged csv", "arrays: {x: {csv: ragged.csv, column: close}}\nsteps: [m = mean(x)]", "ragged.csv:3: not CSV: wrong number of fields"},
	{"empty csv", "arrays: {x: {csv: nothing.csv, column: close}}\nsteps: [m = mean(x)]", "nothing.csv: the CSV file is empty"},
	{"truncated npy", "arrays: {x: {npy: cut.npy}}\nsteps: [m = mean(x)]", "cut.npy: arena: truncated .npy file"},
	{"object npy", "arrays: {x: {npy: object.npy}}\nsteps: [m = mean(x)]", "object.npy: arena: not a usable .npy file: dtype \"|O\""},
	{"complex npy", "arrays: {x: {npy: complex.npy}}\nsteps: [m = mean(x)]", "complex.npy: expr: element type complex128 is not supported"},
	{"no npy at all", "arrays: {x: {npy: prices.csv}}\nsteps: [m = mean(x)]", "prices.csv: arena: not a usable .npy file"},
	{"unknown function", "NPY\nsteps:\n  - m = maen(x)\n", "job.yaml:3: column 5 of \"m = maen(x)\": unknown function maen; did you mean mean?"},
	{"unknown variable", "NPY\nsteps:\n  - lo = min(x)\n  - m = lo + z\n", "job.yaml:4: column 10 of \"m = lo + z\": unknown variable z"},
	{"variable of a later line", "NPY\nsteps: [a = b + 1, b = 2]\n", "job.yaml:2: column 5"},
	{"shapes", "NPY\nsteps: [s = x + y]", "job.yaml:2: column 7 of \"s = x + y\": shapes do not match"},
	{"shapes of results", "NPY\nsteps: ['d = diff(x)', 's = x + d']", "shapes do not match"},
	{"name clash of step and array", "NPY\nsteps: [x = 1]", "job.yaml:2: x has a meaning already, from line 1; choose another name"},
	{"name clash of steps", "NPY\nsteps:\n  - a = 1\n  - a = 2\n", "job.yaml:4: a has a meaning already, from line 3"},
	{"name clash of set", "NPY\nset: {x: 1}\nsteps: [a = 1]", "job.yaml:2: x has a meaning already"},
	{"set is text", "set: {n: many}\nsteps: [a = n]", "job.yaml:1: n under set is not a number"},
	{"print unknown", "NPY\nsteps: [total = sum(x)]\nprint: [totl]", "job.yaml:3: print: nothing is called totl; did you mean total?"},
	{"print an array", "NPY\nsteps: [a = x + 1]\nprint: [a]", "job.yaml:3: print: a is an array of shape [5], not a number"},
	{"output unknown", "NPY\nsteps: [loss = x + 1]\noutputs: {los: l.npy}", "job.yaml:3: output: nothing is called los; did you mean loss?"},
	{"output a number", "NPY\nsteps: [m = mean(x)]\noutputs: {m: m.npy}", "job.yaml:3: output: m is a number, not an array; put it under print"},
	{"output is no npy", "NPY\nsteps: [a = x + 1]\noutputs: {a: a.txt}", "job.yaml:3: arrays are written as .npy files, a.txt is none; write a: a.npy"},
	{"output folder missing", "NPY\nsteps: [a = x + 1]\noutputs:\n  a: no/a.npy", "job.yaml:4: there is no folder"},
	{"output not writable", "NPY\nsteps: [a = x + 1]\noutputs: {a: /proc/a.npy}", "job.yaml:3: "},
	{"output is an input", "NPY\nsteps: [a = x + 1]\noutputs: {a: sub/../five.npy}", "job.yaml:3: output sub/../five.npy is the input of x; choose another file name"},
	{"output twice", "NPY\nsteps: [a = x + 1, b = x]\noutputs:\n  a: a.npy\n  b: a.npy", "job.yaml:5: output a.npy is written already, as output a"},
	{"figure key", "NPY\nsteps: [a = x + 1]\noutputs: {figure: {histogramm: a, file: a.svg}}", "unknown key histogramm in a figure; did you mean histogram?"},
	{"figure without file", "NPY\nsteps: [a = x + 1]\noutputs: {figure: {histogram: a}}", "job.yaml:3: a figure needs histogram and file"},
	{"figure is no svg", "NPY\nsteps: [a = x + 1]\noutputs: {figure: {histogram: a, file: a.png}}", "figures are drawn as SVG, a.png is no .svg file"},
	{"figure of a number", "NPY\nsteps: [m = mean(x)]\noutputs: {figure: {histogram: m, file: a.svg}}", "histogram: m is a number"},
	{"mark unknown", "NPY\nsteps: [m = mean(x)]\noutputs: {figure: {histogram: x, marks: [n], file: a.svg}}", "marks: nothing is called n"},
	{"bins", "NPY\nsteps: [m = mean(x)]\noutputs: {figure: {histogram: x, bins: 0, file: a.svg}}", "bins is \"0\"; write a number from 1"},
}

func TestJob_FaultsAreOneLineWithPlaceAndRemedy(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			dir := folder(t)
			text := strings.Replace(f.text, "NPY", "arrays: {x: {npy: five.npy}, y: {npy: three.npy}}", 1)
			_, err := load(t, dir, text)
			if err == nil {
				t.Fatalf("no error; want %q", f.want)
			}
			var fault *Error
			if !errors.As(err, &fault) {
				t.Errorf("%T is no *Error", err)
			}
			if got := err.Error(); !strings.Contains(got, f.want) || strings.Contains(got, "\n") {
				t.Errorf("got  %s\nwant %s", got, f.want)
			}
		})
	}
}

func TestJob_GoodOnesPass(t *testing.T) {
	for name, text := range map[string]string{
		"length known only later":   "steps: ['p = x[x > 2]', 'q = y[y > 0]', 's = p + q']",
		"number known only later":   "steps: ['m = quantile(x, 0.5)', 'q = quantile(x, m / 10)']",
		"count from a length":       "steps: ['n = len(x)', 'u = uniform(n)', 's = x + u']",
		"alias and anchor":          "set: {n: &n 3, k: *n}\nsteps: ['a = n + k']\nprint: [a, k]",
		"figure of an input":        "steps: ['m = mean(x)']\noutputs: {figure: {histogram: x, marks: [m, 2.5], file: a.svg}}",
		"two figures":               "steps: ['m = mean(x)']\noutputs:\n  figure:\n    - {histogram: x, file: a.svg}\n    - {histogram: y, file: b.svg}",
		"print one without a list":  "steps: ['m = mean(x)']\nprint: m",
		"several outputs of a step": "steps: ['a = x + 1']\noutputs: {a: a.npy, x: copy.npy}",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := load(t, folder(t), "arrays: {x: {npy: five.npy}, y: {npy: three.npy}}\n"+text); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestJob_Set(t *testing.T) {
	dir := folder(t)
	path := filepath.Join(dir, "job.yaml")
	if err := os.WriteFile(path, []byte("set: {paths: 10_000_000, cut: 0.5}\nsteps: [u = uniform(paths)]"), 0o666); err != nil {
		t.Fatal(err)
	}
	job, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := job.numbers[0].value; got != int64(10_000_000) {
		t.Errorf("paths is %v", got)
	}
	for _, s := range [][2]string{{"paths", "1_000"}, {"cut", "2e-1"}, {"seed", "7"}} {
		if err := job.Set(s[0], s[1]); err != nil {
			t.Error(err)
		}
	}
	if job.numbers[0].value != int64(1000) || job.numbers[1].value != 0.2 || job.Seed != 7 {
		t.Errorf("got %v, seed %d", job.numbers, job.Seed)
	}
	for _, s := range []struct{ name, value, want string }{
		{"path", "1", "did you mean paths?"},
		{"paths", "many", "not a number; give one"},
		{"seed", "-1", "the seed must be an integer"},
	} {
		err := job.Set(s.name, s.value)
		var call *UsageError
		if !errors.As(err, &call) || !strings.Contains(err.Error(), s.want) {
			t.Errorf("Set(%s, %s): %v, want %s", s.name, s.value, err, s.want)
		}
	}
}

func TestReadColumn_Policies(t *testing.T) {
	dir := folder(t)
	for na, want := range map[naPolicy]string{naDrop: "[1 3]", naNaN: "[1 NaN 3]"} {
		got, err := readColumn(filepath.Join(dir, "gaps.csv"), "close", na)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("policy %d: %v, %v, want %s", na, got, err, want)
		}
	}
}

// The example is the first job that a user runs: it must pass as it stands in the repository.
func TestJob_ExampleIsGood(t *testing.T) {
	job, err := Load(filepath.Join("..", "examples", "sp500", "job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := job.check()
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if n := len(c.inputs[0].values); n != 5105 || job.Seed != 42 || len(job.prints) != 2 {
		t.Errorf("%d closes, seed %d, print %v", n, job.Seed, job.prints)
	}
	if loss := c.names["loss"]; fmt.Sprint(loss.Shape) != "[10000000]" || loss.open {
		t.Errorf("loss is %+v", loss)
	}
}
