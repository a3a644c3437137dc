package expr

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// TestParse_Precedence holds values that Python prints for the same text (TestNumPy_Precedence asks it again).
func TestParse_Precedence(t *testing.T) {
	for _, c := range []struct {
		src  string
		want any
	}{
		{"1 + 2 * 3", int64(7)}, {"(1 + 2) * 3", int64(9)}, {"2 ** 3 ** 2", int64(512)}, {"-2 ** 2", int64(-4)}, {"(-2) ** 2", int64(4)},
		{"2 ** -1", 0.5}, {"2 ** -2 ** 2", 0.0625}, {"-2 ** -2", -0.25}, {"~2 ** 2", int64(-5)}, {"- - 3", int64(3)}, {"-~3", int64(4)}, {"+-+3", int64(-3)},
		{"7 // 2 * 2", int64(6)}, {"7 % 4 * 2", int64(6)}, {"-7 // 2", int64(-4)}, {"-7 % 3", int64(2)}, {"7 // -2", int64(-4)}, {"7 % -3", int64(-2)}, {"-7.5 // 2", -4.0}, {"-7.5 % 2", 0.5},
		{"8 / 2 / 2", 2.0}, {"8 / (2 / 2)", 8.0}, {"10 - 3 - 2", int64(5)}, {"2 * 3 % 4", int64(2)}, {"2 + 3 & 4", int64(4)}, {"1 | 2 ^ 3 & 4", int64(3)}, {"5 & 6 ^ 3", int64(7)},
		{"1 + 1 == 2", true}, {"3 > 2 + 2", false}, {"6 & 3 == 2", true}, {"1 | 4 == 5", true}, {"(1 < 2) == True", true}, {"~5 & 7", int64(2)}, {"-3 * -3", int64(9)}, {"2 * -3 ** 2", int64(-18)},
		{"1_000 + 0x_ff + 0b11 + 0o17", int64(1273)}, {".5 + 5. + 1e-3", 5.501}, {"1E3", 1000.0}, {"1e400", math.Inf(1)}, {"2 ** 62", int64(1 << 62)}, {"4 ** 0.5", 2.0}, {"0x1e3", int64(483)}, {"00", int64(0)},
		{"2 * pi", 2 * math.Pi}, {"e ** 0", 1.0}, {"-inf", math.Inf(-1)}, {"1 - -1", int64(2)}, {"2--2", int64(4)}, {"3 # three", int64(3)}, {"abs(-3) ** 2", int64(9)}, {"-abs(-3)", int64(-3)},
		{"(  4\n)", int64(4)}, {"2**3*2", int64(16)}, {"-9223372036854775807 - 1", int64(math.MinInt64)},
	} {
		p, err := Compile(c.src)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		got, err := Eval(p, nil, nil)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
		} else if got[0] != c.want {
			t.Errorf("%s is %v (%T), want %v (%T)", c.src, got[0], got[0], c.want, c.want)
		}
	}
}

func TestNumPy_Precedence(t *testing.T) {
	checkNumpy(t, nil, []string{"1 + 2 * 3", "2 ** 3 ** 2", "-2 ** 2", "2 ** -2 ** 2", "-2 ** -2", "~2 ** 2", "-~3", "-7 // 2", "-7 % 3", "7 % -3", "-7.5 // 2", "-7.5 % 2",
		"8 / 2 / 2", "2 * 3 % 4", "2 + 3 & 4", "1 | 2 ^ 3 & 4", "5 & 6 ^ 3", "3 > 2 + 2", "~5 & 7", "2 * -3 ** 2", "1_000 + 0x_ff + 0b11 + 0o17", ".5 + 5. + 1e-3", "1E3", "1e400"}, 0)
}

func TestCompile_NamesAndTargets(t *testing.T) {
	for _, c := range []struct{ src, names, targets string }{
		{"y = exp(-x**2/2)", "x", "y"},
		{"mean(x), std(x)", "x", "mean(x)|std(x)"},
		{"b + a * b - pi", "b a", "b + a * b - pi"},
		{"z[lo:hi:2] + where(m, q, e)", "z lo hi m q", "z[lo:hi:2] + where(m, q, e)"},
		{"histogram(x, bins=n, range=(l, h))", "x n l h", "histogram(x, bins=n, range=(l, h))"},
		{"x,", "x", "x"},
		{"(x), ((y))", "x y", "(x)|((y))"},
		{"é = ü + 1", "ü", "é"},
	} {
		p, err := Compile(c.src)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if got := strings.Join(p.Names(), " "); got != c.names {
			t.Errorf("%s: names %q, want %q", c.src, got, c.names)
		}
		if got := strings.Join(p.Targets(), "|"); got != c.targets {
			t.Errorf("%s: targets %q, want %q", c.src, got, c.targets)
		}
		if p.Assigned() != strings.Contains(c.targets, c.src[:1]) && c.src[0] == 'y' {
			t.Errorf("%s: assigned is %v", c.src, p.Assigned())
		}
	}
	p, err := Compile("uniform(3) + normal(3), bootstrap(x, 1, 1)")
	if err != nil || p.RandomCalls() != 3 {
		t.Errorf("RandomCalls: %v, %v; want 3", p.RandomCalls(), err)
	}
}

// errorCases are lines with the column and a piece of the message of their error.
var errorCases = []struct {
	src  string
	col  int
	text string
}{
	{"", 1, "the line is empty"},
	{"   ", 4, "the line is empty"},
	{"x +", 4, "ends too early"},
	{"x y", 3, "an operator or a comma is missing"},
	{"x and y", 3, "use & | ~"},
	{"not x", 1, "use & | ~"},
	{"x or y", 3, "use & | ~"},
	{"x && y", 3, "use & | ~"},
	{"!x", 1, "use ~"},
	{"0 < x < 1", 7, "(a < b) & (b < c)"},
	{"x > 0 & x < 1", 11, "(a < b) & (b < c)"},
	{"x == y == z", 8, "(a < b) & (b < c)"},
	{"y = a = b", 7, "compare with =="},
	{"y = a, b", 6, "one line for each name"},
	{"pi = 3", 1, "a constant"},
	{"exp = 3", 1, "a function"},
	{"(x + 1", 1, "add )"},
	{"mean(x", 5, "add )"},
	{"x[1:2", 2, "add ]"},
	{"x)", 2, "closes nothing"},
	{"x[1, 2]", 4, "first axis"},
	{"x[]", 2, "empty brackets"},
	{"x[1:2:3:4]", 8, "two colons"},
	{"[1, 2]", 1, "lists are not supported"},
	{"(1, 2)", 3, "only as an argument"},
	{"exp((1, 2))", 5, "not a tuple"},
	{"* x", 1, "nothing on its left"},
	{"x * / y", 5, "nothing on its left"},
	{"x << 2", 3, "shifts"},
	{"x @ y", 3, "dot(x, y)"},
	{"x if y else z", 3, "where(mask, a, b)"},
	{"np.exp(x)", 1, "without np."},
	{"x.mean()", 2, "attributes"},
	{"'x'", 1, "strings"},
	{"x $ y", 3, "unexpected character"},
	{"2j", 1, "complex"},
	{"1__0", 1, "underscore"},
	{"012", 1, "leading zero"},
	{"2x", 1, "cannot start with a digit"},
	{"99999999999999999999", 1, "write it as a float"},
	{"f(x)(y)", 5, "only a function can be called"},
	{"mean(x)(y)", 8, "only a function can be called"},
	{"sqr(x)", 1, "did you mean sqrt?"},
	{"meen(x)", 1, "did you mean mean?"},
	{"quantil(x, 0.5)", 1, "did you mean quantile?"},
	{"xyzzy(x)", 1, "unknown function xyzzy"},
	{"exp()", 1, "argument x is missing"},
	{"exp(x, y)", 8, "too many arguments for exp(x)"},
	{"mean(x, axis=0)", 9, "axis= is not supported"},
	{"mean(x, wher=m)", 9, "did you mean where?"},
	{"normal(3, std=1, std=2)", 18, "given twice"},
	{"normal(mean=1, 3)", 16, "named arguments last"},
	{"histogram(x, range=(1, 2, 3))", 20, "range=(lo, hi)"},
	{"é + $", 5, "unexpected character"},
	{"x = ", 5, "ends too early"},
	{"x ** ", 6, "ends too early"},
	{strings.Repeat("(", 1000), 201, "nested deeper"},
	{strings.Repeat("-", 1000) + "x", 200, "nested deeper"},
	{"\xff", 1, "UTF-8"},
}

func TestCompile_Errors(t *testing.T) {
	for _, c := range errorCases {
		_, err := Compile(c.src)
		checkError(t, c.src, err, c.col, c.text)
	}
}

func checkError(t *testing.T, src string, err error, col int, text string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%.60q: error is %v, want an *Error", src, err)
		return
	}
	if e.Col != col || !strings.Contains(e.Msg, text) {
		t.Errorf("%.60q: column %d %q, want column %d and %q", src, e.Col, e.Msg, col, text)
	}
	if strings.ContainsAny(e.Error(), "\n\r") || e.Source != src {
		t.Errorf("%.60q: the error is not one line: %q", src, e.Error())
	}
}

func TestError_LongLine(t *testing.T) {
	_, err := Compile("x" + strings.Repeat(" + x", 500) + " $ y" + strings.Repeat(" + x", 500))
	if err == nil || len(err.Error()) > 250 || !strings.Contains(err.Error(), "column 2003") || !strings.Contains(err.Error(), "x $ y") {
		t.Errorf("error of a long line: %v", err)
	}
}

// planErrors are lines that parse, and what Plan or the run says of them.
var planErrors = []struct {
	src  string
	col  int
	text string
}{
	{"x + zz", 5, "unknown variable zz"},
	{"prise + 1", 1, "did you mean price?"},
	{"exp + 1", 1, "exp is a function"},
	{"arange(10**15)", 1, "choose a larger step"},
	{"arange(0, 1, 0)", 1, "has no end"},
	{"normal(3, std=-1)", 15, "must not be negative"},
	{"x + y3", 3, "x at column 1 has (5,), y3 at column 5 has (3,)"},
	{"x + a2", 3, "(5,), a2 at column 5 has (2, 3)"},
	{"where(x > 0, y3, 1)", 1, "shapes do not match"},
	{"x & 1", 3, "x is float64"},
	{"x & (x < 1)", 3, "(a > 0) & (b < 1)"},
	{"~x", 1, "compare first"},
	{"-m", 1, "use ~ to invert"},
	{"m - m", 3, "use ^"},
	{"i ** -2", 3, "negative power"},
	{"i ** i", 3, "negative power"},
	{"1 / 0", 3, "division by zero"},
	{"0 ** -1", 3, "division by zero"},
	{"(-8) ** 0.5", 6, "complex"},
	{"2 ** 64", 3, "64 bits"},
	{"9223372036854775807 + 1", 21, "64 bits"},
	{"mean(3)", 1, "mean needs an array"},
	{"mean(empty)", 1, "mean of an empty array"},
	{"min(empty)", 1, "min of an empty array"},
	{"argmax(empty)", 1, "argmax of an empty array"},
	{"1 + median(empty)", 5, "median of an empty array"},
	{"quantile(x[x > 99], 0.5)", 1, "the mask selects no element"},
	{"max(x, where=x > 99)", 1, "the mask selects no element"},
	{"std(x, ddof=5)", 1, "ddof=5"},
	{"quantile(x, 1.5)", 13, "between 0 and 1"},
	{"quantile(x, mean(x))", 13, "known before the run"},
	{"percentile(x, 101)", 15, "between 0 and 100"},
	{"mean(x, where=x)", 15, "needs a mask"},
	{"sum(x, where=x[1:] > 0)", 20, "shapes do not match"},
	{"x[m] + x", 6, "index both with the same mask"},
	{"x[m] + x[x > 0]", 6, "different masks"},
	{"x[m[1:]]", 2, "shapes do not match"},
	{"x[i]", 3, "indexing by an array of int64"},
	{"x[1.5]", 3, "must be an integer or a mask"},
	{"x[5]", 3, "out of range"},
	{"x[-6]", 3, "out of range"},
	{"x[::0]", 5, "cannot be 0"},
	{"x[mean(x):]", 3, "known before the run"},
	{"x[m][1:]", 5, "a line of its own"},
	{"cumsum(x[m])", 1, "a line of its own"},
	{"3[0]", 2, "a number and cannot be indexed"},
	{"a2[::2]", 3, "one-dimensional"},
	{"diff(a2)", 1, "one-dimensional"},
	{"uniform(-1)", 9, "between 0 and"},
	{"uniform(2.5)", 9, "must be an integer"},
	{"uniform(mean(x))", 9, "known before the run"},
	{"bootstrap(empty, 2, 2)", 11, "it is empty"},
	{"2 * bootstrap(x[x > 99], 2, 2)[1:]", 5, "draws from nothing"},
	{"bootstrap(3, 2, 2)", 11, "draws from an array"},
	{"arange(0, 1, 0)", 1, "has no end"},
	{"histogram(x, 0)", 14, "between 1 and"},
	{"histogram(x, range=(2, 1))", 1, "finite and increasing"},
	{"histogram(log(x - 99), 3)", 1, "finite and increasing"},
	{"histogram(x*0 + 1e300, 3)", 1, "wide enough for bins"},
	{"histogram(x, 3, 4)", 17, "range=(lo, hi)"},
	{"reciprocal(i)", 1, "write 1/i"},
	{"sign(m)", 1, "int64(mask)"},
	{"len(3)", 1, "needs an array"},
}

func TestPlan_Errors(t *testing.T) {
	vars := map[string]any{"x": []float64{1, 2, 3, 4, 5}, "y3": []float64{1, 2, 3}, "m": []bool{true, false, true, false, true}, "i": []int64{1, -2, 3, 4, 5},
		"a2": Shaped{[]float64{1, 2, 3, 4, 5, 6}, []int{2, 3}}, "empty": []float64{}, "price": []float64{1}, "wide": []float64{1}, "v1": 1, "v2": 2, "v3": 3}
	for _, c := range planErrors {
		p, err := Compile(c.src)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		_, err = Eval(p, vars, nil)
		checkError(t, c.src, err, c.col, c.text)
	}
}

// FuzzCompile: no line makes the parser or the planner panic, and errors are one line inside the source.
func FuzzCompile(f *testing.F) {
	for _, c := range errorCases {
		f.Add(c.src)
	}
	for _, c := range planErrors {
		f.Add(c.src)
	}
	for _, s := range blockLines {
		f.Add(s)
	}
	vars := map[string]Var{"x": ArrayVar(Float64, 100), "f": ArrayVar(Float32, 100), "i": ArrayVar(Int16, 100), "m": ArrayVar(Bool, 100), "s": FloatVar(2), "n": IntVar(5), "a": ArrayVar(Uint64, 4, 5), "z": ArrayVar(Float64)}
	f.Fuzz(func(t *testing.T, src string) {
		p, err := Compile(src)
		if err == nil {
			_, err = p.Plan(vars, nil)
		}
		if err == nil {
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.Col < 1 || e.Col > len(src)+1 || strings.ContainsAny(e.Error(), "\n\r") {
			t.Errorf("%q: bad error %q", src, err)
		}
	})
}
