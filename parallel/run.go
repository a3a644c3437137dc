package parallel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/sched"
)

// Options configures a run. A nil *Options means the defaults, and the pool's seed.
type Options struct {
	Seed, Stream uint64                    // of the random calls, see expr.Options; after a line, add its RandomCalls to Stream
	Out          map[string]arena.AnyArray // where a target is written; without, a new array in Pool.Arena()
	Progress     func(Progress)            // called about ten times a second while a pass runs
	Report       func(Report)              // called after each stage
}

// Progress is how far a pass over the data is.
type Progress struct {
	Label       string // what the stage computes
	Done, Total int    // blocks of this pass
}

// Report says what a stage did.
type Report struct {
	Label    string
	Elements int   // of the stage's domain
	Bytes    int64 // read and written, in all passes
	Passes   int
	Duration time.Duration
}

// Value is a result: an array, or a number.
type Value struct {
	Name   string
	Array  arena.AnyArray // nil for a number; the caller frees it
	Scalar any            // bool, int64, float32 or float64
	Var    expr.Var       // a number's description for the next line
}

// Run plans prog for the variables, which are arrays in shared memory (arena.AnyArray), expr.Vars and Go numbers, and
// runs the plan on the pool's workers. Results are in the order of prog.Targets.
//
// Errors: *expr.Error, with a column, for what the line asks of its variables; [ErrVariable], [ErrOverlap], [ErrOutput]; those
// of sched.Loop.Run. Nothing that Run made is left after an error.
func Run(ctx context.Context, pool *sched.Pool, prog *expr.Program, vars map[string]any, opts *Options) ([]Value, error) {
	if err := pool.Err(); err != nil {
		return nil, err
	}
	r := &run{ctx: ctx, pool: pool, prog: prog, opts: Options{Seed: pool.Seed()}, inlineCost: inlineCost}
	if opts != nil {
		r.opts = *opts
	}
	for name := range r.opts.Out {
		if !slices.Contains(prog.Targets(), name) {
			return nil, fmt.Errorf("%w: %q has no result %s; the names are %q", ErrOutput, prog.Source(), name, prog.Targets())
		}
	}
	return r.do(vars)
}

// do runs the stages, and hands over what they made.
func (r *run) do(vars map[string]any) ([]Value, error) {
	err := r.prepare(vars)
	for stage := 0; err == nil && stage < len(r.stages); stage++ {
		err = r.stage(stage)
	}
	if err == nil {
		err = r.ctx.Err()
	}
	return r.finish(err)
}

// Eval runs a program of one result, with the pool's seed, and writes it into out.
func Eval(ctx context.Context, pool *sched.Pool, out arena.AnyArray, prog *expr.Program, vars map[string]any) error {
	targets := prog.Targets()
	if out == nil {
		return fmt.Errorf("%w: no output is given; Run makes one", ErrOutput)
	}
	if err := pool.Err(); err != nil {
		return err
	}
	if len(targets) != 1 {
		return fmt.Errorf("%w: %q has %d results, Eval writes one; use Run", ErrOutput, prog.Source(), len(targets))
	}
	values, err := Run(ctx, pool, prog, vars, &Options{Seed: pool.Seed(), Out: map[string]arena.AnyArray{targets[0]: out}})
	if err == nil && values[0].Array == nil {
		err = fmt.Errorf("%w: %q is a number; use Run", ErrOutput, prog.Source())
	}
	return err
}

// run is the coordinator of one Run.
type run struct {
	ctx    context.Context
	pool   *sched.Pool
	prog   *expr.Program
	opts   Options
	id     uint64
	types  map[string]expr.Var
	plan   *expr.Plan
	frame  *expr.Frame // the coordinator's own, which combines
	kinds  []expr.Array
	arrays []arena.AnyArray // one for each of plan.Arrays; nil until a stage writes it
	made   []bool           // which of them this run made
	stages []expr.Stage

	inlineCost float64 // up to which the caller runs a pass itself
}

var runs atomic.Uint64

// prepare plans, and finds or makes the memory of every array whose length is known.
func (r *run) prepare(vars map[string]any) error {
	needed := make(map[string]any)
	for _, name := range r.prog.Names() {
		if v, ok := vars[name]; ok {
			needed[name] = v // what the line does not name, workers need not know
		}
	}
	var err error
	if r.types, err = Types(needed); err != nil {
		return err
	}
	if r.plan, err = r.prog.Plan(r.types, &expr.Options{Seed: r.opts.Seed, Stream: r.opts.Stream}); err != nil {
		return err
	}
	r.id, r.kinds, r.stages = runs.Add(1), r.plan.Arrays(), r.plan.Stages()
	r.arrays, r.made = make([]arena.AnyArray, len(r.kinds)), make([]bool, len(r.kinds))
	operands := make([]expr.Operand, len(r.kinds))
	for i, k := range r.kinds {
		if err := r.place(i, k, needed); err != nil {
			return err
		}
		if operands[i], err = operand(r.arrays[i]); err != nil {
			return err
		}
	}
	if err := r.checkOverlap(); err != nil {
		return err
	}
	r.frame, err = r.plan.NewFrame(operands)
	return err
}

// place gives array i its memory: the caller's, or new.
func (r *run) place(i int, k expr.Array, vars map[string]any) error {
	var err error
	switch {
	case k.Kind == expr.Input:
		r.arrays[i], r.made[i], err = dense(r.pool.Arena(), vars[k.Name].(arena.AnyArray))
	case k.Kind == expr.ResultArray && r.opts.Out[k.Name] != nil:
		out := r.opts.Out[k.Name]
		if k.Dynamic {
			return fmt.Errorf("%w: the length of %s depends on its mask; let Run make it", ErrOutput, k.Name)
		}
		if out.DType().String() != k.DType.String() || !slices.Equal(out.Shape(), k.Shape) || !out.Contiguous() || out.ReadOnly() {
			return fmt.Errorf("%w: %s is %s of shape %v, the output is %v", ErrOutput, k.Name, k.DType, k.Shape, out)
		}
		r.arrays[i] = out
	case !k.Dynamic:
		r.arrays[i], err = newArray(r.pool, k.DType, k.Shape...)
		r.made[i] = err == nil
	}
	return err
}

func newArray(pool *sched.Pool, dt expr.DType, shape ...int) (arena.AnyArray, error) {
	for _, d := range []arena.DType{arena.Bool, arena.Int64, arena.Float32, arena.Float64} {
		if d.String() == dt.String() {
			return arena.EmptyAny(pool.Arena(), d, shape...)
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrVariable, dt)
}

func (r *run) checkOverlap() error {
	for i, out := range r.arrays {
		if r.kinds[i].Kind == expr.Input || out == nil {
			continue
		}
		for j, in := range r.arrays {
			if i != j && in != nil && overlap(out, in) {
				return fmt.Errorf("%w: %s and %s", ErrOverlap, r.kinds[i].Name, r.kinds[j].Name)
			}
		}
	}
	return nil
}

// finish hands the results over and frees the rest; after an error it frees all that was made.
func (r *run) finish(err error) ([]Value, error) {
	keep := make([]bool, len(r.arrays))
	var values []Value
	if err == nil {
		for i, res := range r.plan.Results() {
			v := Value{Name: res.Name}
			if res.Scalar {
				v.Scalar, v.Var = r.frame.Value(i), r.frame.Var(i)
			} else {
				v.Array, keep[res.Array] = r.arrays[res.Array], true
			}
			values = append(values, v)
		}
	}
	for i, x := range r.arrays {
		if x != nil && r.made[i] && !keep[i] {
			err = errors.Join(err, x.Free())
		}
	}
	if err != nil {
		return nil, err
	}
	r.frame.Free()
	return values, nil
}
