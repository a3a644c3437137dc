package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
)

// Evaluation is one line over files: what "shmath eval" runs.
type Evaluation struct {
	Line string   // an assignment, or one or several expressions
	Vars []string // NAME=FILE.npy, NAME=FILE.csv:COLUMN or NAME=NUMBER
	Out  string   // where the array result goes: FILE.npy, or shm:NAME for a segment; empty without one
	Seed uint64
}

const segmentPrefix = "shm:"

// evaluation is an Evaluation that has been checked.
type evaluation struct {
	*Evaluation
	prog    *expr.Program
	inputs  []*loaded
	numbers []number
	array   string // name of the array result; empty without one
}

// Eval runs a line over files and returns its numbers, in their order; an array goes to Out, computed in place. A call
// that is wrong in itself is a *UsageError; nothing is left of Out after an error.
func Eval(ctx context.Context, e Evaluation, opts *Options) (*Result, error) {
	if opts == nil {
		opts = new(Options)
	}
	c, err := e.check()
	if err != nil {
		return nil, join(err, c.close())
	}
	r, err := newRunner(ctx, e.Seed, opts)
	if err != nil {
		return nil, join(err, c.close())
	}
	r.tell(r.started(""))
	result, err := r.finish(c.run(r))
	return result, join(err, c.close())
}

func (c *evaluation) close() error {
	var errs []error
	for _, l := range c.inputs {
		errs = append(errs, l.close())
	}
	return errors.Join(errs...)
}

// check parses the line, loads the variables and types the line. What it has loaded is in the evaluation even after an
// error.
func (e *Evaluation) check() (*evaluation, error) {
	c := &evaluation{Evaluation: e}
	var err error
	if c.prog, err = expr.Compile(e.Line); err != nil {
		return c, &UsageError{What: err.Error()}
	}
	names := make(map[string]known)
	for _, arg := range e.Vars {
		if err := c.variable(arg, names); err != nil {
			return c, err
		}
	}
	p := &planner{names: names, seed: e.Seed}
	results, err := p.line(c.prog)
	if err != nil {
		if c.misses(names) {
			return c, &UsageError{What: err.Error()}
		}
		return c, err
	}
	return c, c.destination(results)
}

// misses tells whether the line has a name that nothing is known of: then the call is wrong, not the data.
func (c *evaluation) misses(names map[string]known) bool {
	for _, name := range c.prog.Names() {
		if _, ok := names[name]; ok {
			continue
		}
		if p, err := expr.Compile(name); err == nil {
			if _, err := p.Plan(nil, nil); err != nil {
				return true
			}
		}
	}
	return false
}

// variable reads NAME=VALUE.
func (c *evaluation) variable(arg string, names map[string]known) error {
	name, value, ok := strings.Cut(arg, "=")
	if !ok || !validName(name) || value == "" {
		return usage("%q is no variable; write NAME=FILE.npy, NAME=FILE.csv:COLUMN or NAME=NUMBER", arg)
	}
	if _, ok := names[name]; ok {
		return usage("%s is given twice; keep one of them", name)
	}
	if v, ok := parseScalar(value); ok {
		c.numbers = append(c.numbers, number{name: name, value: v})
		t, err := expr.VarOf(numberValue(v))
		names[name] = known{Var: t}
		return err
	}
	l, err := c.file(name, value)
	if err != nil {
		return err
	}
	c.inputs = append(c.inputs, l)
	t, err := l.variable()
	names[name] = known{Var: t}
	return err
}

func (c *evaluation) file(name, value string) (*loaded, error) {
	if at := strings.LastIndex(value, ":"); at > 0 && strings.EqualFold(filepath.Ext(value[:at]), ".csv") {
		return loadCSV(name, value[:at], value[at+1:], naError)
	}
	if strings.EqualFold(filepath.Ext(value), ".csv") {
		return nil, usage("%s=%s names no column; write %s=%s:COLUMN", name, value, name, value)
	}
	return loadNPY(name, value)
}

// destination checks that the results and Out fit together, and that Out can be written.
func (c *evaluation) destination(results []result) error {
	for _, r := range results {
		if !r.known.Array {
			continue
		}
		if c.array != "" {
			return usage("%s and %s are arrays; one line writes one, so evaluate them one by one", c.array, r.name)
		}
		c.array = r.name
		if c.Out == "" {
			return usage("the result %s is an array of %s; write it with -o FILE.npy, or reduce it, such as mean(%s)",
				r.name, shapeText(r.known), r.name)
		}
	}
	segment, isSegment := strings.CutPrefix(c.Out, segmentPrefix)
	switch {
	case c.Out == "":
		return nil
	case c.array == "":
		return usage("-o %s: the line gives no array, only numbers; leave -o out", c.Out)
	case isSegment && segment == "":
		return usage("-o %s: the segment has no name; write -o shm:NAME", c.Out)
	case isSegment:
		return nil
	case filepath.Ext(c.Out) != ".npy":
		return usage("-o %s: arrays are written as .npy files; write -o %s.npy, or -o shm:NAME for a segment", c.Out,
			strings.TrimSuffix(c.Out, filepath.Ext(c.Out)))
	}
	for _, arg := range c.Vars {
		name, value, _ := strings.Cut(arg, "=")
		if _, err := os.Stat(value); err == nil && identity(value) == identity(c.Out) {
			return usage("-o %s is the input %s; choose another file name", c.Out, name)
		}
	}
	if err := writable(c.Out); err != nil {
		return &Error{File: c.Out, What: strings.TrimPrefix(err.What, "output "+c.Out+" "), Remedy: err.Remedy}
	}
	return nil
}

func shapeText(k known) string {
	dims := make([]string, len(k.Shape))
	for i, d := range k.Shape {
		dims[i] = fmt.Sprint(d)
	}
	s := strings.Join(dims, " by ") + " " + k.DType.String()
	if k.open {
		return "at most " + s
	}
	return s
}

func (c *evaluation) run(r *runner) error {
	for _, l := range c.inputs {
		if err := r.input(l); err != nil {
			return err
		}
		l.values = nil
	}
	for _, n := range c.numbers {
		r.number(n.name, n.value)
	}
	out, err := c.product(r)
	if err != nil {
		return err
	}
	values, err := r.line(c.prog, label(c.Line), 0, out)
	if err != nil {
		return err
	}
	for _, v := range values {
		if v.Array == nil {
			r.result.Scalars = append(r.result.Scalars, Named{v.Name, v.Scalar})
			r.tell(Event{Kind: Scalar, Name: v.Name, Value: v.Scalar})
			continue
		}
		if len(out) == 0 { // its length was not known before
			if err := c.place(r, v.Array); err != nil {
				return err
			}
		}
	}
	return nil
}

// product makes the memory of the array result, where it will stay, when its length is known before the run.
func (c *evaluation) product(r *runner) (map[string]arena.AnyArray, error) {
	shape, err := r.shape(c.prog)
	if err != nil || c.array == "" {
		return nil, err
	}
	for _, s := range shape {
		if s.Scalar || s.Dynamic {
			continue
		}
		p, err := c.destine(s)
		if err != nil {
			return nil, err
		}
		r.files = append(r.files, p)
		return map[string]arena.AnyArray{s.Name: p.array}, nil
	}
	return nil, nil
}

func (c *evaluation) destine(s expr.Result) (*product, error) {
	if segment, ok := strings.CutPrefix(c.Out, segmentPrefix); ok {
		return newSegment(s.Name, segment, s)
	}
	return newFile(s.Name, c.Out, c.Out, s)
}

// place copies an array whose length only the data could tell to Out.
func (c *evaluation) place(r *runner, x arena.AnyArray) error {
	d, err := expr.DTypeOf(x.DType().String())
	if err != nil {
		return err
	}
	p, err := c.destine(expr.Result{Name: c.array, DType: d, Shape: x.Shape()})
	if err != nil {
		return err
	}
	r.files = append(r.files, p)
	copy(p.array.Bytes(), x.Bytes())
	return nil
}
