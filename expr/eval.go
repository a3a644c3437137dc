package expr

import (
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/shmath/shmath/shm"
)

// Shaped is an array of more than one dimension, or of none, as a variable of Eval: a slice of its elements in C order.
type Shaped struct {
	Data  Operand
	Shape []int
}

// Eval compiles nothing and starts nothing: it plans the program for the variables and runs the plan in this goroutine.
// A variable is a slice (one-dimensional), a Shaped, or a number: int, float64 and bool behave as numbers written in the
// line, the other types as typed scalars. A result is a bool, int64, float32 or float64, or a slice of these, in the
// order of Program.Targets.
func Eval(p *Program, vars map[string]any, opt *Options) ([]any, error) {
	types := make(map[string]Var, len(vars))
	for name, v := range vars {
		t, err := VarOf(v)
		if err != nil {
			return nil, fmt.Errorf("expr: variable %s: %w", name, err)
		}
		types[name] = t
	}
	pl, err := p.Plan(types, opt)
	if err != nil {
		return nil, err
	}
	if err := pl.fitsMemory(); err != nil {
		return nil, err
	}
	operands := make([]Operand, len(pl.arrays))
	for i, a := range pl.arrays {
		switch {
		case a.Kind == Input:
			operands[i] = data(vars[a.Name])
		case !a.Dynamic:
			operands[i] = makeOperand(a.DType, a.N)
		}
	}
	f, err := pl.NewFrame(operands)
	if err != nil {
		return nil, err
	}
	defer f.Free()
	for i := range pl.stages {
		if err := f.runStage(i); err != nil {
			return nil, err
		}
	}
	results := make([]any, len(pl.results))
	for i, r := range pl.results {
		if r.Scalar {
			results[i] = f.Value(i)
		} else {
			results[i] = f.arrays[r.Array]
		}
	}
	return results, nil
}

// fitsMemory refuses a plan whose arrays the machine cannot hold: Go ends a program that asks for them.
func (pl *Plan) fitsMemory() error {
	need := 0.0
	for _, a := range pl.arrays {
		if a.Kind != Input && !a.Dynamic {
			need += float64(a.N) * float64(a.DType.Size())
		}
	}
	if has := shm.MachineMemory(); need > float64(has) {
		return fmt.Errorf("expr: the results of %.80q take %.0f MiB, the machine has %d MiB; reduce them in the same line, as in mean(...)",
			pl.prog.src, need/(1<<20), has>>20)
	}
	return nil
}

// runStage runs all passes of a stage, block by block.
func (f *Frame) runStage(stage int) error {
	st := &f.plan.stages[stage]
	blocks := st.Blocks()
	partials := make([]uint64, blocks*st.Words)
	for again := true; again; {
		if err := f.ensureOperands(st); err != nil {
			return err
		}
		for b := range blocks {
			lo, hi := st.Bounds(b)
			if err := f.Run(stage, lo, hi, partials[b*st.Words:(b+1)*st.Words]); err != nil {
				return err
			}
		}
		var err error
		if again, err = f.Combine(stage, partials, blocks); err != nil {
			return err
		}
	}
	return f.ensureOperands(st)
}

// ensureOperands allocates the dynamic arrays of a stage once their length is known.
func (f *Frame) ensureOperands(st *Stage) error {
	for _, w := range st.Writes {
		if a := &f.plan.arrays[w]; a.Dynamic && (f.arrays[w] == nil || reflect.ValueOf(f.arrays[w]).Len() != f.Len(w)) {
			if err := f.SetOperand(w, makeOperand(a.DType, f.Len(w))); err != nil {
				return err
			}
		}
	}
	return nil
}

func makeOperand(dt DType, n int) Operand {
	switch dt {
	case Bool:
		return make([]bool, n)
	case Int64:
		return make([]int64, n)
	case Float32:
		return make([]float32, n)
	}
	return make([]float64, n)
}

// data is the slice of a variable.
func data(v any) Operand {
	if s, ok := v.(Shaped); ok {
		return s.Data
	}
	return v
}

// VarOf describes a Go value to Plan, as Eval does.
func VarOf(v any) (Var, error) {
	switch v := v.(type) {
	case bool:
		return Var{DType: Bool, Bits: boolBits(v)}, nil
	case int:
		return IntVar(int64(v)), nil
	case float64:
		return FloatVar(v), nil
	case float32:
		return Var{DType: Float32, Bits: floatBits(Float32, float64(v))}, nil
	case int64:
		return Var{DType: Int64, Bits: uint64(v)}, nil
	case Var:
		return v, nil
	case Shaped:
		dt, n, ok := operandType(v.Data)
		if !ok {
			return Var{}, fmt.Errorf("element type of %T is not supported; convert it to bool, integers of 8 to 64 bits, float32 or float64", v.Data)
		}
		if elements(v.Shape) != n || slices.ContainsFunc(v.Shape, func(d int) bool { return d < 0 }) {
			return Var{}, fmt.Errorf("shape %s does not fit %d elements", shapeString(v.Shape), n)
		}
		return ArrayVar(dt, v.Shape...), nil
	}
	dt, n, ok := operandType(v)
	if !ok {
		return Var{}, fmt.Errorf("type %T is not supported; pass a number or a slice of bool, integers of 8 to 64 bits, float32 or float64", v)
	}
	return ArrayVar(dt, n), nil
}

// FloatVar is a number that behaves as one written in the line.
func FloatVar(v float64) Var { return Var{DType: Float64, Bits: math.Float64bits(v), Weak: true} }

// IntVar is an integer that behaves as one written in the line.
func IntVar(v int64) Var { return Var{DType: Int64, Bits: uint64(v), Weak: true} }

// ArrayVar is an array of a type and a shape; without dimensions, a 0-d array.
func ArrayVar(dt DType, shape ...int) Var { return Var{Array: true, DType: dt, Shape: shape} }
