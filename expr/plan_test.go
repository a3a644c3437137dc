package expr

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// TestPlan_Stages: what shares a pass, and in which order passes come.
func TestPlan_Stages(t *testing.T) {
	const n = 1_000_000
	vars := map[string]Var{"x": ArrayVar(Float64, n), "y": ArrayVar(Float64, n), "f": ArrayVar(Float32, n), "k": ArrayVar(Int8, n), "m": ArrayVar(Bool, n), "short": ArrayVar(Float64, 10)}
	for _, c := range []struct{ src, want string }{
		{"mean(x), std(x), min(x), max(x)", "reduce mean, std, min, max/1000000/8"},
		{"(x - mean(x)) / std(x)", "reduce mean, std/1000000/8; map (x - mean(x)) / std(x)/1000000/16"},
		{"z = x * y + 1", "map z/1000000/24"},
		{"z = x * 2, ", ""},
		{"x * 2, mean(x)", "reduce mean, x * 2/1000000/16"},
		{"c = cumsum(k)", "scan c/1000000/9"},
		{"d = diff(log(x))", "map d/999999/16"},
		{"x[m]", "scan x[m]/1000000/17"},
		{"mean(x[m])", "reduce mean/1000000/9"},
		{"median(x) + mean(x)", "reduce mean/1000000/8; select median/1000000/8"},
		{"mean(x), mean(short)", "reduce mean/1000000/8; reduce mean/10/8"},
		{"l = -bootstrap(short, paths=500, horizon=10)", "map l/500/16"},
		{"l = bootstrap(diff(short), paths=500, horizon=10)", "map temporary/9/16; map l/500/16"},
		{"h = histogram(x, 10)", "reduce min, max/1000000/8; reduce histogram/1000000/8"},
		{"2 + 3 * pi", ""},
		{"x + x * 0 == x", "map x + x * 0 == x/1000000/9"},
	} {
		p, err := Compile(c.src)
		if err != nil {
			if c.want != "" {
				t.Errorf("%s: %v", c.src, err)
			}
			continue
		}
		pl, err := p.Plan(vars, nil)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		var got []string
		for _, st := range pl.Stages() {
			got = append(got, fmt.Sprintf("%s/%d/%d", st.Label, st.N, st.BytesPerElem))
			if st.Block%leafLen != 0 || st.Block&(st.Block-1) != 0 {
				t.Errorf("%s: block of %d", c.src, st.Block)
			}
		}
		if g := strings.Join(got, "; "); g != c.want {
			t.Errorf("%s has stages %q, want %q", c.src, g, c.want)
		}
	}
}

// TestPlan_SharesSubexpressions counts instructions: what is written twice is computed once.
func TestPlan_SharesSubexpressions(t *testing.T) {
	vars := map[string]Var{"x": ArrayVar(Float64, 100), "y": ArrayVar(Float64, 100)}
	for src, want := range map[string]int{
		"exp(x*y) + exp(x*y)": 3, "z = x + (1 + 2 * 3)": 1, "sqrt(2*pi) * x": 1, "x": 1, "((x*y+1.5)*x-y)*0.25+x": 6, "sum(x), sum(y)": 0,
	} {
		p, err := Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		pl, err := p.Plan(vars, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(pl.stages[0].passes[0].code); got != want {
			t.Errorf("%s takes %d instructions, want %d", src, got, want)
		}
	}
	p, _ := Compile("((x*y+1.5)*x-y)*0.25+x")
	pl, _ := p.Plan(vars, nil)
	if r := pl.buffers.registers[Float64]; r != 1 {
		t.Errorf("a chain takes %d registers, want 1", r)
	}
}

func TestPlan_ResultsAndArrays(t *testing.T) {
	vars := map[string]Var{"x": ArrayVar(Float32, 3, 4), "m": ArrayVar(Bool, 3, 4), "k": ArrayVar(Uint8, 6), "z": ArrayVar(Float64), "unused": ArrayVar(Float64, 9)}
	for _, c := range []struct {
		src    string
		dt     DType
		shape  string
		scalar bool
	}{
		{"x * 2", Float32, "(3, 4)", false}, {"x[1:]", Float32, "(2, 4)", false}, {"x[-1]", Float32, "(4,)", false}, {"x > 0", Bool, "(3, 4)", false}, {"x[m]", Float32, "(12,)", false},
		{"cumsum(x)", Float32, "(12,)", false}, {"mean(x)", Float32, "()", true}, {"k", Int64, "(6,)", false}, {"k / 2", Float64, "(6,)", false}, {"k[2]", Int64, "()", true}, {"z * 2", Float64, "()", true},
		{"len(x)", Int64, "()", true}, {"x * z", Float64, "(3, 4)", false}, {"histogram(x, 7)", Int64, "(7,)", false}, {"linspace(0, 1, 5)", Float64, "(5,)", false}, {"argmax(x)", Int64, "()", true},
	} {
		p, err := Compile(c.src)
		if err != nil {
			t.Fatal(err)
		}
		pl, err := p.Plan(vars, nil)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		r := pl.Results()[0]
		if r.Name != c.src || r.DType != c.dt || shapeString(r.Shape) != c.shape || r.Scalar != c.scalar || r.Dynamic != (c.src == "x[m]") {
			t.Errorf("%s has result %+v", c.src, r)
		}
		if !r.Scalar {
			if a := pl.Arrays()[r.Array]; a.Kind != ResultArray || a.DType != c.dt || a.N != elements(r.Shape) || a.Name != c.src {
				t.Errorf("%s has array %+v", c.src, a)
			}
		}
		for _, a := range pl.Arrays() {
			if a.Name == "unused" {
				t.Errorf("%s reads a variable that it does not name", c.src)
			}
		}
	}
}

// TestEval_StoredTypes: every type that an array may be stored in is loaded, as promised.
func TestEval_StoredTypes(t *testing.T) {
	for _, c := range []struct {
		v    any
		want any
	}{
		{[]int8{-128, 127, 3}, []int64{-256, 254, 6}}, {[]int16{-32768, 5, 0}, []int64{-65536, 10, 0}}, {[]int32{math.MinInt32, 1, 2}, []int64{-1 << 32, 2, 4}},
		{[]int64{math.MinInt64, 1, 2}, []int64{0, 2, 4}}, {[]uint8{255, 1, 2}, []int64{510, 2, 4}}, {[]uint16{65535, 1, 2}, []int64{131070, 2, 4}}, {[]uint32{math.MaxUint32, 1, 2}, []int64{8589934590, 2, 4}},
		{[]uint64{math.MaxUint64, 1, 2}, []float64{0x1p65, 2, 4}}, {[]float32{1.5, 1, 2}, []float32{3, 2, 4}}, {[]float64{1.5, 1, 2}, []float64{3, 2, 4}}, {[]bool{true, false, true}, []bool{true, false, true}},
	} {
		for _, src := range []string{"x + x", "x[::-1] + x[::-1]", "(x * 1)[0:3] + x", "x * 0.5"} {
			p, err := Compile(src)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Eval(p, map[string]any{"x": c.v}, nil)
			if err != nil {
				t.Fatal(err)
			}
			want := c.want
			switch {
			case src == "x * 0.5":
				if _, ok := got[0].([]float32); !ok && reflect.TypeOf(got[0]) != reflect.TypeOf([]float64{}) {
					t.Errorf("%s of %T is %T", src, c.v, got[0])
				}
				continue
			case src[1] == '[':
				want = reversed(want)
			case src[0] == '(' && reflect.TypeOf(c.v) == reflect.TypeOf([]bool{}):
				want = []int64{2, 0, 2}
			}
			if !sameBits(got[0], want) {
				t.Errorf("%s of %T is %v, want %v", src, c.v, got[0], want)
			}
		}
	}
}

func reversed(v any) any {
	s := reflect.ValueOf(v)
	out := reflect.MakeSlice(s.Type(), 0, s.Len())
	for i := s.Len() - 1; i >= 0; i-- {
		out = reflect.Append(out, s.Index(i))
	}
	return out.Interface()
}

func TestEval_ShapesAndEmpties(t *testing.T) {
	vars := map[string]any{"a": Shaped{[]float64{1, 2, 3, 4, 5, 6}, []int{2, 3}}, "z": Shaped{[]float64{5}, nil}, "none": []float64{}, "nb": []bool{}, "ni": []int32{}, "w": 2, "s": float32(0.5), "f": []float32{1, 2}}
	for src, want := range map[string]any{
		"a[1]": []float64{4, 5, 6}, "a[:1] * 2": []float64{2, 4, 6}, "a[-1][0]": 4.0, "sum(a)": 21.0, "a[a > 4]": []float64{5, 6}, "argmax(a)": int64(5), "len(a)": int64(2), "a[5:]": []float64{},
		"z + 1": 6.0, "a[0] * z": []float64{5, 10, 15}, "sum(none)": 0.0, "prod(none)": 1.0, "count(nb)": int64(0), "any(nb)": false, "all(nb)": true, "sum(ni)": int64(0), "none * 2": []float64{}, "diff(none)": []float64{},
		"cumsum(none)": []float64{}, "none[nb]": []float64{}, "cumsum(none)[1:]": []float64{}, "histogram(none, 3)": []int64{0, 0, 0}, "len(none)": int64(0), "uniform(0)": []float64{}, "arange(0)": []int64{},
		"dot(none, none)": 0.0, "sum(a, where=a > 99)": 0.0, "f * w": []float32{2, 4}, "f * s": []float32{0.5, 1}, "len(f[f > 1]) * f": []float32{1, 2}, "a[0, ]": nil,
		"argmax(a[a > 2])": int64(3), "argmax(a, where=a < 3)": int64(1), "x = w ** 3": int64(8), "arange(20)[::3][1:4]": []int64{3, 6, 9}, "arange(5)[2:-100:-1]": []int64{2, 1, 0}, "arange(5)[100:1:-1]": []int64{4, 3, 2},
		"arange(5)[-100:2]": []int64{0, 1}, "arange(5)[3:-9:-2]": []int64{3, 1}, "arange(5)[-2:-100]": []int64{}, "arange(5)[-100::-1]": []int64{}, "arange(20)[::-2][2:8:3]": []int64{15, 9}, "arange(20)[5:][::4][1]": int64(9), "f[1]": float32(2), "sum(f > 1)": int64(1), "mean(f[::-1] > 1)": 0.5,
	} {
		p, err := Compile(src)
		if err != nil {
			if want != nil {
				t.Errorf("%s: %v", src, err)
			}
			continue
		}
		got, err := Eval(p, vars, nil)
		if err != nil {
			t.Errorf("%s: %v", src, err)
		} else if !sameBits(got[0], want) {
			t.Errorf("%s is %v (%T), want %v (%T)", src, got[0], got[0], want, want)
		}
	}
}

func TestDTypeOf(t *testing.T) {
	for name, want := range map[string]DType{"float64": Float64, "<f8": Float64, "|b1": Bool, "bool": Bool, "<i4": Int32, "|u1": Uint8, "uint64": Uint64, "<f4": Float32, "=i8": Int64} {
		if got, err := DTypeOf(name); err != nil || got != want {
			t.Errorf("%s is %v, %v; want %v", name, got, err, want)
		}
	}
	for name, text := range map[string]string{"<c16": "not supported", ">f8": "astype('<f8')", "float16": "not supported", "": "not supported", "<U5": "not supported", ">x": "not supported"} {
		if _, err := DTypeOf(name); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: error %v, want %q", name, err, text)
		}
	}
	if Float64.Size() != 8 || Bool.Size() != 1 || Uint16.Size() != 2 || Float32.String() != "float32" {
		t.Error("sizes or names are wrong")
	}
}

func TestFrame_ChecksOperands(t *testing.T) {
	vars := map[string]any{"x": []float64{1, 2, 3}}
	pl := planOf(t, "y = x * 2", vars, nil)
	for _, ops := range [][]Operand{nil, {nil, nil}, {[]float32{1, 2, 3}, nil}, {[]float64{1, 2}, nil}, {[]float64{1, 2, 3}, []int64{1, 2, 3}}, {[]float64{1, 2, 3}, "x"}} {
		if _, err := pl.NewFrame(ops); err == nil {
			t.Errorf("operands %v are taken", ops)
		}
	}
	if _, err := Eval(&Program{}, map[string]any{"x": "text"}, nil); err == nil || !strings.Contains(err.Error(), "variable x") {
		t.Errorf("a string as a variable: %v", err)
	}
	if _, err := VarOf(Shaped{[]float64{1}, []int{2}}); err == nil {
		t.Error("a shape that does not fit is taken")
	}
	if _, err := VarOf(Shaped{[]complex128{1}, []int{1}}); err == nil {
		t.Error("complex elements are taken")
	}
}

// TestRun_NeedsRoom: writing without memory, or with too little for a selection, is the caller's bug.
func TestRun_NeedsRoom(t *testing.T) {
	vars := map[string]any{"x": []float64{1, 2, 3}}
	for _, src := range []string{"y = x * 2", "y = x[x > 1]"} {
		pl := planOf(t, src, vars, nil)
		f, err := pl.NewFrame([]Operand{vars["x"], nil})
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer func() {
				if recover() != panicOperand {
					t.Errorf("%s runs without room for its result", src)
				}
			}()
			partial := make([]uint64, pl.stages[0].Words)
			for again := true; again; {
				if err := f.Run(0, 0, 3, partial); err != nil {
					t.Fatal(err)
				}
				again, err = f.Combine(0, partial, 1)
			}
		}()
	}
}

// TestFrame_VarCarriesOn: what one line leaves behaves in the next as it would inside it.
func TestFrame_VarCarriesOn(t *testing.T) {
	vars := map[string]any{"f": []float32{1, 2, 4}}
	for src, want := range map[string]DType{"len(f)": Float32, "2 * pi": Float32, "mean(f)": Float32, "sqrt(2)": Float64, "argmax(f)": Float64, "float64(f[0])": Float64} {
		pl := planOf(t, src, vars, nil)
		operands := make([]Operand, len(pl.arrays))
		for i := range operands {
			operands[i] = vars["f"]
		}
		f, err := pl.NewFrame(operands)
		if err != nil {
			t.Fatal(err)
		}
		for s := range pl.stages {
			if err := f.runStage(s); err != nil {
				t.Fatal(err)
			}
		}
		next := planOf(t, "f * s", map[string]any{"f": vars["f"], "s": f.Var(0)}, nil)
		if got := next.Results()[0].DType; got != want {
			t.Errorf("s = %s, f * s is %s, want %s", src, got, want)
		}
	}
}

func TestFunctions_Signatures(t *testing.T) {
	all := strings.Join(Functions(), "\n")
	for _, want := range []string{"quantile(x, q, where=)", "bootstrap(r, paths, horizon)", "normal(n, mean=, std=)", "exp(x)", "histogram(x, bins=, range=, where=)"} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is not among the functions", want)
		}
	}
}

// TestRun_AllocatesNothing: blocks run without garbage.
func TestRun_AllocatesNothing(t *testing.T) {
	vars := blockVars(70_000)
	for _, src := range []string{"z = where(m, x * 2 + f, -x)", "mean(x), std(x[m]), min(y), argmax(x), prod(f)", "cumsum(x * 2)", "median(x), quantile(i, 0.2)", "uniform(70000) + normal(70000)"} {
		pl := planOf(t, src, vars, nil)
		operands := make([]Operand, len(pl.arrays))
		for i, a := range pl.arrays {
			if operands[i] = makeOperand(a.DType, a.N); a.Kind == Input {
				operands[i] = vars[a.Name]
			}
		}
		f, err := pl.NewFrame(operands)
		if err != nil {
			t.Fatal(err)
		}
		st := &pl.stages[0]
		lo, hi := st.Bounds(1)
		partial := make([]uint64, st.Words)
		run := func() {
			if err := f.Run(0, lo, hi, partial); err != nil {
				t.Fatal(err)
			}
		}
		run()
		if n := testing.AllocsPerRun(5, run); n != 0 {
			t.Errorf("%s: a block allocates %v times", src, n)
		}
	}
}
