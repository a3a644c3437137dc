package batch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/parallel"
	"github.com/shmath/shmath/sched"
)

// runner runs lines one after the other on a pool, and carries their results from line to line.
type runner struct {
	ctx     context.Context
	opts    *Options
	pool    *sched.Pool
	began   time.Time
	seed    uint64
	stream  uint64
	vars    map[string]any // arena.AnyArray, expr.Var, int, float64, bool
	values  map[string]any // the numbers among them, as they are printed
	result  *Result
	files   []*product
	leaving []func() error // of the attendants
	mu      sync.Mutex     // Progress and the runner speak to Listen in turn
}

// Result is what a job has given.
type Result struct {
	Scalars []Named  // those of print
	Files   []string // written, in the order of the job
	Steps   []Event  // one Stepped for each line and figure
	CPUs    []int    // of each worker
}

// Named is a number with its name.
type Named struct {
	Name  string
	Value any // bool, int64, float32 or float64
}

func newRunner(ctx context.Context, seed uint64, opts *Options) (*runner, error) {
	r := &runner{ctx: ctx, opts: opts, seed: seed, began: time.Now(), result: new(Result),
		vars: make(map[string]any), values: make(map[string]any)}
	var err error
	if r.pool, err = opts.start(ctx); err != nil {
		return nil, interruption(ctx, err)
	}
	r.result.CPUs = r.pool.CPUs()
	if err := r.attend(); err != nil {
		_, err = r.finish(err)
		return nil, err
	}
	return r, nil
}

// started says who works.
func (r *runner) started(job string) Event {
	return Event{Kind: Started, Job: job, Workers: r.pool.Workers(), CPUs: r.result.CPUs, Shared: r.pool.Plan().Shared()}
}

// interruption is the signal that canceled ctx, if one did; else err.
func interruption(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if c := context.Cause(ctx); errors.Is(c, ErrInterrupted) {
		return c
	}
	return err
}

func (r *runner) tell(e Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.opts.listen(e)
}

// input makes a loaded array a variable.
func (r *runner) input(l *loaded) error {
	x, err := l.place(r.pool.Arena())
	if err != nil {
		return fmt.Errorf("array %s: %w", l.name, err)
	}
	r.vars[l.name] = x
	return nil
}

// number makes a number a variable.
func (r *runner) number(name string, v any) {
	r.vars[name], r.values[name] = numberValue(v), v
}

// shape plans a line with what is known now, which before the run may have been less.
func (r *runner) shape(prog *expr.Program) ([]expr.Result, error) {
	used := make(map[string]any)
	for _, name := range prog.Names() {
		if v, ok := r.vars[name]; ok {
			used[name] = v
		}
	}
	types, err := parallel.Types(used)
	if err != nil {
		return nil, err
	}
	plan, err := prog.Plan(types, &expr.Options{Seed: r.seed, Stream: r.stream})
	if err != nil {
		return nil, err
	}
	return plan.Results(), nil
}

// line runs one line and tells how long it took. Targets in out are written there.
func (r *runner) line(prog *expr.Program, label string, number int, out map[string]arena.AnyArray) ([]parallel.Value, error) {
	e := Event{Kind: Stepped, Label: label, Line: number, CPUs: r.result.CPUs, Workers: len(r.result.CPUs)}
	began := time.Now()
	values, err := parallel.Run(r.ctx, r.pool, prog, r.vars, &parallel.Options{
		Seed: r.seed, Stream: r.stream, Out: out,
		Progress: func(p parallel.Progress) {
			r.tell(Event{Kind: Progressed, Label: label, Line: number, Done: p.Done, Total: p.Total})
		},
		Report: func(p parallel.Report) {
			e.Elements = max(e.Elements, p.Elements)
			e.Bytes += p.Bytes
			e.Passes += p.Passes
		},
	})
	if err != nil {
		return nil, err
	}
	r.stream += uint64(prog.RandomCalls())
	e.Took = time.Since(began)
	r.result.Steps = append(r.result.Steps, e)
	r.tell(e)
	return values, nil
}

// compiled is line for a source that is known to be right.
func (r *runner) compiled(source, label string, number int) ([]parallel.Value, error) {
	prog, err := expr.Compile(source)
	if err != nil {
		return nil, err
	}
	return r.line(prog, label, number, nil)
}

// keep makes a result a variable of the lines that follow.
func (r *runner) keep(v parallel.Value) {
	if v.Array != nil {
		r.vars[v.Name] = v.Array
		return
	}
	r.vars[v.Name], r.values[v.Name] = v.Var, v.Scalar
}

// free gives back the memory of an array that nobody needs any more. Mapped files stay: they cost no memory.
func (r *runner) free(name string) error {
	x, ok := r.vars[name].(arena.AnyArray)
	delete(r.vars, name)
	if !ok {
		return nil
	}
	if err := x.Free(); err != nil && !errors.Is(err, arena.ErrNotInArena) {
		return fmt.Errorf("freeing %s: %w", name, err)
	}
	return nil
}

// finish gives the files their names, if all went well, and ends the pool.
func (r *runner) finish(err error) (*Result, error) {
	unseen := r.leave()
	if err == nil {
		err = r.ctx.Err()
	}
	for _, f := range r.files {
		if err == nil {
			err = r.commit(f)
		}
	}
	for _, f := range r.files {
		err = join(err, f.close())
	}
	if err == nil {
		err = unseen
	}
	if err != nil {
		return nil, join(interruption(r.ctx, err), r.pool.Terminate())
	}
	if err := r.pool.Close(); err != nil {
		return nil, err
	}
	r.tell(Event{Kind: Finished, Took: time.Since(r.began)})
	return r.result, nil
}

// join adds what went wrong while cleaning up; without that an error stays what it was.
func join(err, more error) error {
	if more == nil {
		return err
	}
	return errors.Join(err, more)
}
