package expr

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// numpyScript evaluates lines under NumPy and prints type and exact elements of each result.
const numpyScript = `
import sys, json, warnings
import numpy as np
warnings.simplefilter("ignore")
def rand(seed, stream): return np.random.Generator(np.random.Philox(key=[seed, stream]))
names = {n: getattr(np, n) for n in dir(np) if not n.startswith("_")}
def hexes(r):
    r = np.asarray(r)
    if r.dtype == np.bool_: return ["1" if v else "0" for v in r.ravel()]
    if r.dtype.kind in "iu": return [str(int(v)) for v in r.ravel()]
    return ["nan" if v != v else float(v).hex() for v in r.ravel()]
job = json.load(sys.stdin)
def floats(vals): return [float.fromhex(v) for v in vals]
vars = {k: (np.array([int(x) for x in v["v"]], dtype=np.int64).astype(v["t"]) if v["t"][0] in "iub" else np.array(floats(v["v"]), dtype=v["t"])).reshape(v["s"]) for k, v in job["vars"].items()}
names.update({"abs": np.abs, "pi": np.pi, "e": np.e, "inf": np.inf, "nan": np.nan, "pow": np.power, "len": len, "count": np.count_nonzero, "asin": np.arcsin, "round": np.round, "rand": rand})
names.update(vars)
out = []
for line in job["lines"]:
    try:
        r = eval(line, {"__builtins__": {}}, names)
        a = np.asarray(r)
        kind = {bool: "bool", int: "int64", float: "float64"}.get(type(r), a.dtype.name)
        out.append({"t": kind, "v": hexes(r), "s": list(a.shape)})
    except Exception as ex:
        out.append({"err": repr(ex)})
json.dump(out, sys.stdout)
`

type numpyValue struct {
	T   string   `json:"t"`
	V   []string `json:"v"`
	S   []int    `json:"s"`
	Err string   `json:"err"`
}

// numpyEval asks NumPy for the values of lines. It skips the test where there is no Python with NumPy; the environment
// variable SHMATH_PYTHON names another interpreter.
func numpyEval(t *testing.T, vars map[string]any, lines []string) []numpyValue {
	t.Helper()
	python := os.Getenv("SHMATH_PYTHON")
	if python == "" {
		python = "python3"
	}
	if err := exec.Command(python, "-c", "import numpy; assert int(numpy.__version__.split('.')[0]) >= 2").Run(); err != nil {
		t.Skipf("no NumPy 2 in %s (set SHMATH_PYTHON to an interpreter that has it): %v", python, err)
	}
	type array struct {
		T string   `json:"t"`
		V []string `json:"v"`
		S []int    `json:"s"`
	}
	job := struct {
		Vars  map[string]array `json:"vars"`
		Lines []string         `json:"lines"`
	}{map[string]array{}, lines}
	for name, v := range vars {
		dt, n, _ := operandType(data(v))
		_, exact := describeValue(data(v))
		exact = append([]string{}, exact...) // null is no list
		shape := []int{n}
		if s, ok := v.(Shaped); ok {
			shape = s.Shape
		}
		job.Vars[name] = array{dt.String(), exact, shape}
	}
	in, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-c", numpyScript)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var out []numpyValue
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// describeValue gives a value's type and its elements in a form that NumPy's script prints too.
func describeValue(v any) (dt string, exact []string) {
	add := func(s string) { exact = append(exact, s) }
	real := func(f float64) string {
		if math.IsNaN(f) {
			return "nan"
		}
		return strconv.FormatFloat(f, 'x', -1, 64)
	}
	switch v := v.(type) {
	case bool:
		return "bool", []string{strconv.Itoa(oneIf(v))}
	case int64:
		return "int64", []string{strconv.FormatInt(v, 10)}
	case float32:
		return "float32", []string{real(float64(v))}
	case float64:
		return "float64", []string{real(v)}
	case []bool:
		for _, x := range v {
			add(strconv.Itoa(oneIf(x)))
		}
		return "bool", exact
	case []float32:
		for _, x := range v {
			add(real(float64(x)))
		}
		return "float32", exact
	case []float64:
		for _, x := range v {
			add(real(x))
		}
		return "float64", exact
	case []int16:
		for _, x := range v {
			add(strconv.Itoa(int(x)))
		}
		return "int16", exact
	case []int64:
		for _, x := range v {
			add(strconv.FormatInt(x, 10))
		}
		return "int64", exact
	case []int8:
		for _, x := range v {
			add(strconv.Itoa(int(x)))
		}
		return "int8", exact
	case []uint8:
		for _, x := range v {
			add(strconv.Itoa(int(x)))
		}
		return "uint8", exact
	case []uint64:
		for _, x := range v {
			add(strconv.FormatUint(x, 10))
		}
		return "uint64", exact
	}
	panic(fmt.Sprintf("%T", v))
}

// sameText compares elements; floats within ulps units in the last place of their type.
func sameText(dt, a, b string, ulps float64) bool {
	if a == b {
		return true
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err1 != nil || err2 != nil {
		return false
	}
	if x != x || y != y {
		return x != x && y != y
	}
	if x == y || ulps == 0 {
		return x == y && math.Signbit(x) == math.Signbit(y)
	}
	unit := 0x1p-52
	if dt == "float32" {
		unit = 0x1p-23
	}
	return math.Abs(x-y) <= ulps*unit*max(math.Abs(x), math.Abs(y))
}

// checkNumpy evaluates lines by both and compares type, shape and elements.
func checkNumpy(t *testing.T, vars map[string]any, lines []string, ulps float64) {
	t.Helper()
	want := numpyEval(t, vars, lines)
	for i, line := range lines {
		if want[i].Err != "" {
			t.Errorf("%s: NumPy says %s", line, want[i].Err)
			continue
		}
		p, err := Compile(line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		got, err := Eval(p, vars, nil)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		dt, exact := describeValue(got[0])
		if dt != want[i].T {
			t.Errorf("%s is %s, NumPy has %s", line, dt, want[i].T)
			continue
		}
		if len(exact) != len(want[i].V) {
			t.Errorf("%s has %d elements, NumPy has %d", line, len(exact), len(want[i].V))
			continue
		}
		for k := range exact {
			if !sameText(dt, exact[k], want[i].V[k], ulps) {
				t.Errorf("%s: element %d is %s, NumPy has %s", line, k, exact[k], want[i].V[k])
				break
			}
		}
	}
}

func numpyVars() map[string]any {
	inf, nan := math.Inf(1), math.NaN()
	return map[string]any{
		"d": []float64{1.5, -2.25, 0, 3, 7.75, -0.5, 100, 2},
		"g": []float64{inf, -inf, nan, math.Copysign(0, -1), 1e-310, 5, -5, 0.5},
		"f": []float32{1.5, -2.25, 0.1, 3, 7.75, -0.5, 100, 2},
		"i": []int64{5, -7, 0, 1 << 62, -3, 2, 9, -1},
		"j": []int64{2, 3, 0, 3, 5, -2, 4, -4},
		"p": []int64{0, 1, 2, 3, 4, 5, 6, 7},
		"b": []bool{true, false, true, true, false, false, true, false},
		"c": []bool{true, true, false, true, false, true, false, false},
		"u": []float64{0.25, 0.5, 0.75, 0.1, 0.9, 0.01, 0.99, 0.33},
	}
}

func TestNumPy_TypesAndOperators(t *testing.T) {
	operands := []string{"d", "f", "i", "b", "2", "2.5", "d[0]", "f[1]", "i[5]", "b[0]", "True"}
	var lines []string
	for _, x := range operands {
		for _, y := range operands {
			for _, o := range []string{"+", "-", "*", "/", "//", "%", "**", "<", "<=", "==", "!=", ">", ">=", "&", "|", "^"} {
				mask := func(s string) bool { return s == "b" || s == "b[0]" || s == "True" }
				integer := func(s string) bool { return s == "i" || s == "2" || s == "i[5]" || mask(s) }
				bit := o == "&" || o == "|" || o == "^"
				switch {
				case x == "True" || y == "True" && (y == x || x == "2" || x == "2.5"): // Python's own bool is an int
					continue
				case bit && (!integer(x) || !integer(y)):
					continue
				case mask(x) && mask(y) && (o == "-" || o == "//" || o == "%" || o == "**"), mask(x) && y == "2" && o == "**": // int8 in NumPy
					continue
				case o == "**" && integer(x) && y == "i": // negative powers
					continue
				}
				lines = append(lines, x+" "+o+" "+y)
			}
		}
	}
	lines = append(lines, "j // i", "i // j", "i % j", "j % i", "p ** p", "-i", "-d", "-f", "+f", "~i", "~b", "g // 2", "g % 3", "g / 0.0", "2 ** p",
		"i * i", "d ** 0.5", "g ** 2", "g ** -1", "abs(i)", "i < 2.5", "i == 2**62", "f * (2 * pi)", "f * sqrt(2)", "f + mean(f)", "b + 1.5", "b * f", "-2**2", "2**-1", "7 // -2", "-7 % 3")
	checkNumpy(t, numpyVars(), lines, 1)
}

func TestNumPy_Functions(t *testing.T) {
	var lines []string
	for _, fn := range []string{"exp", "exp2", "expm1", "sqrt", "cbrt", "square", "abs", "sign", "floor", "ceil", "trunc", "round", "rint", "sin", "cos", "tan",
		"arctan", "sinh", "cosh", "tanh", "arcsinh", "isnan", "isinf", "isfinite", "fabs", "negative"} {
		lines = append(lines, fn+"(d)", fn+"(f)", fn+"(g)", fn+"(i)", fn+"(u)", fn+"(2)", fn+"(2.5)")
	}
	for _, fn := range []string{"log", "log2", "log10", "log1p", "arcsin", "arccos", "arctanh", "reciprocal"} {
		lines = append(lines, fn+"(u)", fn+"(float32(u))", fn+"(0.5)")
	}
	lines = append(lines, "arccosh(d*d+1)", "arctan2(d, u)", "arctan2(f, 2)", "hypot(d, 3)", "hypot(f, f)", "copysign(d, -1)", "copysign(f, d)", "copysign(3, d)",
		"minimum(d, 1)", "maximum(f, 0)", "maximum(i, 2.5)", "minimum(g, d)", "maximum(g, 0)", "maximum(i, j)", "minimum(b, c)", "maximum(b, i)",
		"clip(d, -1, 2)", "clip(f, 0, 1)", "clip(i, -2, 3)", "clip(i, 0, 1.5)", "clip(g, -1, 1)", "clip(d, u, 3)", "where(b, d, 0)", "where(b, f, 0)", "where(b, 1, 2)", "where(b, 1.5, i)",
		"where(b, c, False)", "where(d > 0, f, d)", "where(i, f, 2.0)", "power(d, 2)", "power(u, d)", "mod(d, 2)", "float32(d)", "int64(d)", "float64(i)", "int64(b)", "float32(i)",
		"arange(5)", "arange(2, 10, 3)", "arange(1, 2, 0.1)", "arange(10, 0, -3)", "arange(5, 0)", "linspace(0, 1, 7)", "linspace(-1, 3, 50)", "linspace(2, 2, 3)", "linspace(1, 2, 1)", "linspace(0.1, 0.7)",
		"len(d)", "d[1:5]", "d[::-1]", "d[-3:]", "d[:-1]", "d[5:2]", "d[6:1:-2]", "d[2]", "d[-1]", "(d*2+i)[1:7:3]", "d[b]", "d[d > 0]*2", "d[b & c]", "i[b] + i[b]", "b[c]", "d[1:][b[1:]]", "arange(10)[::3]", "linspace(0, 1, 11)[::-2]")
	checkNumpy(t, numpyVars(), lines, 1)
}

func TestNumPy_Reductions(t *testing.T) {
	var lines []string
	for _, x := range []string{"d", "f", "i", "b", "u", "(d*2)", "float32(u)", "p"} {
		for _, fn := range []string{"sum", "prod", "mean", "var", "std", "min", "max", "argmin", "argmax", "any", "all", "count_nonzero", "median", "cumsum", "cumprod", "diff"} {
			if x == "b" && fn == "median" {
				continue // NumPy has its own idea of the mean of two masks
			}
			lines = append(lines, fn+"("+x+")")
		}
		lines = append(lines, "std("+x+", ddof=1)", "sum("+x+", where=c)", "mean("+x+", where=c)", "std("+x+", where=c)", "mean("+x+"[c])")
		if x != "b" {
			lines = append(lines, "quantile("+x+", 0.3)", "quantile("+x+", 1.0)", "percentile("+x+", 37)", "median("+x+"[c])", "quantile("+x+"[c], 0.77)")
		}
		if x != "b" {
			lines = append(lines, "argmin("+x+"[c])", "argmax("+x+"[c])", "max("+x+"[c])")
		}
	}
	lines = append(lines, "min(g)", "argmax(g)", "median(g)", "sum(g)", "dot(d, u)", "dot(f, f)", "dot(i, j)", "dot(b, c)", "dot(i, d)", "sum(d[:0])", "prod(d[:0])", "any(d[:0])", "all(d[:0])", "diff(b)",
		"diff(d[:1])", "diff(d[:0])", "cumsum(d)[-1]", "cumsum(d)[2:5]", "diff(diff(d))", "diff(d)[::2]", "sum(d, where=False)", "len(d[b])", "(d - mean(d)) / std(d)", "sum(d > mean(d))")
	checkNumpy(t, numpyVars(), lines, 4)
}

// TestNumPy_Random: what is drawn is what NumPy's Philox draws under the key {seed, stream + number of the call}.
func TestNumPy_Random(t *testing.T) {
	vars := numpyVars()
	python := []string{
		"rand(7, 3).random(50)", "rand(7, 4).random(1000)[100::7]",
		"cumsum(d[(rand(7, 5).random((40, 10)) * 8).astype('int64')], axis=1)[:, -1]",
		"-cumsum(d[b][(rand(7, 6).random((40, 3)) * 4).astype('int64')], axis=1)[:, -1][5:]",
	}
	p, err := Compile("uniform(50), uniform(1000)[100::7], bootstrap(d, paths=40, horizon=10), -bootstrap(d[b], 40, 3)[5:]")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Eval(p, vars, &Options{Seed: 7, Stream: 3})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range numpyEval(t, vars, python) {
		if _, exact := describeValue(got[i]); want.Err != "" || fmt.Sprint(exact) != fmt.Sprint(normalHex(want.V)) {
			t.Errorf("%s is %v, NumPy has %v %s", p.Targets()[i], exact, normalHex(want.V), want.Err)
		}
	}
}

func TestNumPy_Slices(t *testing.T) {
	var lines []string
	ends := []string{"", "-9", "-8", "-3", "0", "2", "7", "8", "99"}
	for _, lo := range ends {
		for _, hi := range ends {
			for _, step := range []string{"", "1", "3", "-1", "-2", "99", "-99"} {
				lines = append(lines, "i["+lo+":"+hi+":"+step+"]", "(d * 2)[::-1]["+lo+":"+hi+":"+step+"]")
			}
		}
	}
	checkNumpy(t, numpyVars(), lines, 0)
}

// TestNumPy_QuantilesExact compares order statistics bit for bit.
func TestNumPy_QuantilesExact(t *testing.T) {
	vars := map[string]any{}
	n := 20001
	d, f, i := make([]float64, n), make([]float32, n), make([]int64, n)
	s := uint64(1)
	for k := range d {
		s = s*6364136223846793005 + 1442695040888963407
		d[k] = math.Exp(float64(int64(s)>>11) * 0x1p-50)
		if s&64 != 0 {
			d[k] = -d[k]
		}
		f[k], i[k] = float32(d[k]), int64(s>>40)%1000-500
	}
	vars["d"], vars["f"], vars["i"] = d, f, i
	var lines []string
	for _, x := range []string{"d", "f", "i", "d[d > 0]", "f[:777]", "i*i"} {
		for _, q := range []string{"0.0", "0.001", "0.1", "0.25", "0.5", "0.61803", "0.99", "1.0"} {
			lines = append(lines, "quantile("+x+", "+q+")", "percentile("+x+", 100*"+q+")")
		}
		lines = append(lines, "median("+x+")", "sum("+x+" > 0)")
	}
	for _, x := range []string{"d", "f", "i"} {
		lines = append(lines, "histogram("+x+", bins=37, range=(-5, 5))[0]", "histogram("+x+", 10)[0]", "histogram("+x+", 3, (0, 100))[0]")
	}
	want := numpyEval(t, vars, lines)
	for k, line := range lines {
		src := line
		if len(line) > 9 && line[:9] == "histogram" {
			src = line[:len(line)-3]
		}
		p, err := Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Eval(p, vars, nil)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		dt, exact := describeValue(got[0])
		if dt != want[k].T || fmt.Sprint(exact) != fmt.Sprint(normalHex(want[k].V)) {
			t.Errorf("%s is %s %v, NumPy has %s %v", src, dt, exact, want[k].T, normalHex(want[k].V))
		}
	}
}

// normalHex writes Python's hexadecimal floats as Go does.
func normalHex(v []string) []string {
	out := make([]string, len(v))
	for i, s := range v {
		out[i] = s
		if f, err := strconv.ParseFloat(s, 64); err == nil && len(s) > 2 && (s[1] == 'x' || s[2] == 'x') {
			out[i] = strconv.FormatFloat(f, 'x', -1, 64)
		}
	}
	return out
}
