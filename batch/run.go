package batch

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/shmath/shmath/arena"
)

// Run checks the job, starts workers, runs the steps, and writes the outputs. Before the workers start everything has
// been checked that can be: errors of that part are *Error and *expr.Error inside. When ctx is canceled, or a step
// fails, no output is written.
func (j *Job) Run(ctx context.Context, opts *Options) (*Result, error) {
	if opts == nil {
		opts = new(Options)
	}
	c, err := j.check()
	if err != nil {
		return nil, err
	}
	r, err := newRunner(ctx, j.Seed, opts)
	if err != nil {
		return nil, join(err, c.close())
	}
	r.tell(r.started(j.Name))
	err = j.run(r, c)
	if err == nil {
		for _, p := range j.prints {
			v := Named{p.name, r.values[p.name]}
			r.result.Scalars = append(r.result.Scalars, v)
			r.tell(Event{Kind: Scalar, Name: v.Name, Value: v.Value})
		}
	}
	result, err := r.finish(err)
	return result, join(err, c.close())
}

func (j *Job) run(r *runner, c *checked) error {
	for _, l := range c.inputs {
		if err := r.input(l); err != nil {
			return err
		}
		l.values = nil
	}
	for _, n := range j.numbers {
		r.number(n.name, n.value)
	}
	for i := range j.steps {
		if err := j.step(r, c, i); err != nil {
			return err
		}
	}
	for i := range j.figures {
		if err := j.draw(r, &j.figures[i]); err != nil {
			return err
		}
	}
	for _, o := range j.outputs {
		x := r.vars[o.name].(arena.AnyArray)
		r.files = append(r.files, &product{name: o.name, path: j.resolve(o.path), full: j.resolve(o.path), array: x})
	}
	return nil
}

// step runs one line. Its result stays in shared memory, where the lines that follow read it, until the job has come to
// its end: a disk, and less a network's, is no place to compute in.
func (j *Job) step(r *runner, c *checked, i int) error {
	s := &j.steps[i]
	values, err := r.line(s.prog, label(s.source), s.line, nil)
	if err != nil {
		return c.lineError(s, err)
	}
	r.keep(values[0])
	for name, last := range c.lastUse {
		if last <= i {
			if err := r.free(name); err != nil {
				return err
			}
			delete(c.lastUse, name)
		}
	}
	return nil
}

// label is a line with its spaces squeezed.
func label(source string) string { return strings.Join(strings.Fields(source), " ") }

// The lines of a figure. They are compiled when one is drawn: what a package does at its start, every worker does.
const (
	rangeLine     = "min(x), max(x)"
	histogramLine = "counts = histogram(x, bins=bins, range=(lo, hi))"
)

// draw counts a histogram on the workers and draws it.
func (j *Job) draw(r *runner, f *figure) error {
	fail := func(what, remedy string) error {
		return j.fault(f.line, "the histogram of "+f.of.name+" "+what, remedy)
	}
	x := r.vars[f.of.name].(arena.AnyArray)
	if x.Len() == 0 {
		return fail("has no values", "")
	}
	h := &histogram{title: j.Name, label: f.of.name}
	sub := &runner{ctx: r.ctx, opts: r.opts, pool: r.pool, result: &Result{CPUs: r.result.CPUs}, vars: map[string]any{"x": x}}
	ends, err := sub.compiled(rangeLine, "range of "+f.of.name, f.line)
	if err != nil {
		return fail("failed: "+err.Error(), "")
	}
	h.lo, _ = asFloat(ends[0].Scalar)
	h.hi, _ = asFloat(ends[1].Scalar)
	if math.IsNaN(h.lo) || math.IsNaN(h.hi) || math.IsInf(h.lo, 0) || math.IsInf(h.hi, 0) {
		return fail(fmt.Sprintf("goes from %s to %s", FormatScalar(h.lo), FormatScalar(h.hi)),
			"draw what is finite: y = "+f.of.name+"[isfinite("+f.of.name+")]")
	}
	if h.lo == h.hi { // as NumPy widens it
		h.lo, h.hi = h.lo-0.5, h.hi+0.5
	}
	bins := f.bins
	if bins == 0 {
		bins = binsFor(x.Len())
	}
	sub.vars["bins"], sub.vars["lo"], sub.vars["hi"] = bins, h.lo, h.hi
	counted, err := sub.compiled(histogramLine, "histogram of "+f.of.name, f.line)
	if err != nil {
		return fail("failed: "+err.Error(), "")
	}
	counts, ok := counted[0].Array.(*arena.Array[int64])
	if !ok {
		return errors.New("batch: counts of a histogram are not int64")
	}
	h.counts = append(h.counts, counts.Slice()...)
	for _, m := range f.marks {
		if v, ok := r.values[m.name]; ok {
			at, _ := asFloat(v)
			h.marks = append(h.marks, mark{m.name, at})
		} else if at, ok := asFloat(m.fix); ok {
			h.marks = append(h.marks, mark{"", at})
		}
	}
	r.result.Steps = append(r.result.Steps, sub.result.Steps...)
	r.files = append(r.files, &product{name: "figure", path: j.resolve(f.path), full: j.resolve(f.path), bytes: h.svg()})
	return counts.Free()
}
