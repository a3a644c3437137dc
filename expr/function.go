package expr

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// constants are the names that need no value; a variable of the same name hides them.
var constants = map[string]float64{"pi": math.Pi, "e": math.E, "inf": math.Inf(1), "nan": math.NaN(), "True": 1, "False": 0}

// functionKind selects how a call is typed and lowered.
type functionKind uint8

const (
	fnFloat     functionKind = iota // float result, elementwise
	fnKeep                          // elementwise, the type of the argument
	fnRounding                      // as fnKeep, and integers stay as they are
	fnPredicate                     // bool result, from a float
	fnBinary                        // elementwise of two, typed as an operator
	fnFloatPair                     // elementwise of two, float result
	fnCast                          // to a fixed type
	fnClip
	fnWhere
	fnReduce
	fnDot
	fnQuantile
	fnHistogram
	fnScan
	fnDiff
	fnRandom
	fnBootstrap
	fnArange
	fnLinspace
	fnLen
)

// function is one entry of the language: its parameters, what they default to, and the operation behind it.
type function struct {
	name   string
	params []string // in order of position; "x?" may be left out, "*x" is by name only and may be left out
	kind   functionKind
	op     op
	red    reduction
	dt     DType
}

// functions is the whole vocabulary, under NumPy's names.
var functions = map[string]*function{}

// functionNames is the vocabulary in order, for suggestions.
var functionNames []string

func define(kind functionKind, params string, o op, names ...string) {
	for _, n := range names {
		functions[n] = &function{name: n, params: strings.Fields(params), kind: kind, op: o}
	}
}

func defineReduction(params string, kind functionKind, r reduction, names ...string) {
	for _, n := range names {
		functions[n] = &function{name: n, params: strings.Fields(params), kind: kind, red: r}
	}
}

func init() {
	for name, o := range map[string]op{
		"exp": opExp, "exp2": opExp2, "expm1": opExpm1, "log": opLog, "log2": opLog2, "log10": opLog10, "log1p": opLog1p,
		"sqrt": opSqrt, "cbrt": opCbrt, "sin": opSin, "cos": opCos, "tan": opTan, "sinh": opSinh, "cosh": opCosh, "tanh": opTanh,
		"arcsin": opAsin, "asin": opAsin, "arccos": opAcos, "acos": opAcos, "arctan": opAtan, "atan": opAtan,
		"arcsinh": opAsinh, "asinh": opAsinh, "arccosh": opAcosh, "acosh": opAcosh, "arctanh": opAtanh, "atanh": opAtanh,
		"erf": opErf, "erfc": opErfc, "sigmoid": opSigmoid, "reciprocal": opReciprocal,
	} {
		define(fnFloat, "x", o, name)
	}
	define(fnFloat, "x", opRound, "rint")
	define(fnKeep, "x", opAbs, "abs", "absolute", "fabs")
	define(fnKeep, "x", opSign, "sign")
	define(fnKeep, "x", opSquare, "square")
	define(fnKeep, "x", opNeg, "negative")
	define(fnRounding, "x", opFloor, "floor")
	define(fnRounding, "x", opCeil, "ceil")
	define(fnRounding, "x", opTrunc, "trunc")
	define(fnRounding, "x", opRound, "round")
	define(fnPredicate, "x", opIsNaN, "isnan")
	define(fnPredicate, "x", opIsInf, "isinf")
	define(fnPredicate, "x", opIsFinite, "isfinite")
	define(fnFloatPair, "y x", opAtan2, "arctan2", "atan2")
	define(fnFloatPair, "x y", opHypot, "hypot")
	define(fnFloatPair, "x y", opCopysign, "copysign")
	define(fnBinary, "x y", opMinimum, "minimum")
	define(fnBinary, "x y", opMaximum, "maximum")
	define(fnBinary, "x y", opPow, "power", "pow")
	define(fnBinary, "x y", opMod, "mod", "remainder")
	define(fnBinary, "x y", opFloorDiv, "floor_divide")
	define(fnCast, "x", opNone, "float64", "float32", "int64")
	functions["float64"].dt, functions["float32"].dt, functions["int64"].dt = Float64, Float32, Int64
	define(fnClip, "x lo hi", opNone, "clip")
	define(fnWhere, "mask a b", opNone, "where")
	define(fnDiff, "x", opDiff, "diff")
	define(fnScan, "x", opCumSum, "cumsum")
	define(fnScan, "x", opCumProd, "cumprod")
	define(fnRandom, "n", opUniform, "uniform")
	define(fnRandom, "n mean? std?", opNormal, "normal")
	define(fnBootstrap, "r paths horizon", opBootstrap, "bootstrap")
	define(fnArange, "start stop? step?", opArange, "arange")
	define(fnLinspace, "start stop num?", opLinspace, "linspace")
	define(fnLen, "x", opNone, "len")
	defineReductions()
	for n := range functions {
		functionNames = append(functionNames, n)
	}
	sort.Strings(functionNames)
}

func defineReductions() {
	for name, r := range map[string]reduction{
		"sum": redSum, "prod": redProd, "mean": redMean, "min": redMin, "max": redMax, "argmin": redArgMin, "argmax": redArgMax,
		"count": redCount, "count_nonzero": redCount, "any": redAny, "all": redAll,
	} {
		defineReduction("x *where", fnReduce, r, name)
	}
	defineReduction("x *ddof *where", fnReduce, redVar, "var")
	defineReduction("x *ddof *where", fnReduce, redStd, "std")
	defineReduction("x *where", fnQuantile, redMedian, "median")
	defineReduction("x q *where", fnQuantile, redQuantile, "quantile")
	defineReduction("x q *where", fnQuantile, redPercentile, "percentile")
	defineReduction("x y *where", fnDot, redDot, "dot")
	defineReduction("x bins? range? *where", fnHistogram, redHistogram, "histogram")
}

// Functions returns the functions of the language with their parameters, such as "quantile(x, q, where=)", in
// alphabetical order.
func Functions() []string {
	var list []string
	for _, n := range functionNames {
		list = append(list, functions[n].signature())
	}
	return list
}

// signature shows a function as a user would call it.
func (f *function) signature() string {
	var parts []string
	for _, p := range f.params {
		switch {
		case strings.HasSuffix(p, "?"):
			parts = append(parts, strings.TrimSuffix(p, "?")+"=")
		case strings.HasPrefix(p, "*"):
			parts = append(parts, strings.TrimPrefix(p, "*")+"=")
		default:
			parts = append(parts, p)
		}
	}
	return f.name + "(" + strings.Join(parts, ", ") + ")"
}

// random says whether a call draws random numbers, and so takes a stream of its own.
func (f *function) random() bool { return f.kind == fnRandom || f.kind == fnBootstrap }

// bind matches a call's arguments with the parameters of the function it names.
func bind(src string, c *syntax) error {
	fail := func(col int, format string, args ...any) error {
		return &Error{Source: src, Col: col, Msg: fmt.Sprintf(format, args...)}
	}
	f := functions[c.text]
	if f == nil {
		hint := nearest(c.text, functionNames)
		if hint == "" {
			hint = "; the functions are NumPy's, such as exp, mean, where"
		}
		return fail(c.col, "unknown function %s%s", c.text, hint)
	}
	c.fn, c.bound = f, make([]*syntax, len(f.params))
	for i, a := range c.args {
		if i == 1 && len(c.args) == 2 && (f.name == "min" || f.name == "max") {
			return fail(a.col, "%s reduces one array; the %s of each two elements is %simum(a, b)", f.name, f.name, f.name)
		}
		if i >= len(f.params) || f.params[i][0] == '*' {
			return fail(a.col, "too many arguments for %s", f.signature())
		}
		c.bound[i] = a
	}
	for _, k := range c.keywords {
		at := -1
		var names []string
		for i, p := range f.params {
			name := strings.Trim(p, "*?")
			names = append(names, name)
			if name == k.name {
				at = i
			}
		}
		switch {
		case at < 0 && k.name == "axis":
			return fail(k.col, "axis= is not supported, %s works on the whole array; leave it out", f.name)
		case at < 0:
			hint := nearest(k.name, names)
			if hint == "" {
				hint = "; call it as " + f.signature()
			}
			return fail(k.col, "%s has no argument %s%s", f.name, k.name, hint)
		case c.bound[at] != nil:
			return fail(k.col, "argument %s of %s is given twice; remove one", k.name, f.name)
		}
		c.bound[at] = k.value
	}
	for i, p := range f.params {
		if c.bound[i] == nil && !strings.ContainsAny(p, "*?") {
			return fail(c.col, "argument %s is missing; call it as %s", p, f.signature())
		}
		if c.bound[i] != nil && c.bound[i].kind == synTuple && p != "range?" {
			return fail(c.bound[i].col, "argument %s of %s takes one value, not a tuple; remove the inner parentheses", strings.Trim(p, "*?"), f.name)
		}
	}
	return nil
}

// argument returns the expression bound to a parameter of a call, nil where it was left out.
func (s *syntax) argument(name string) *syntax {
	for i, p := range s.fn.params {
		if strings.Trim(p, "*?") == name {
			return s.bound[i]
		}
	}
	return nil
}
