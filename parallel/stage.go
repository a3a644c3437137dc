package parallel

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
	"github.com/shmath/shmath/sched"
)

// stageArgs is all that a worker needs to run a stage: it compiles and plans the line for itself, which gives the same
// plan in every process, and keeps the frame for the stages and passes that follow.
type stageArgs struct {
	Run          uint64
	Parent       int // process
	Source       string
	Seed, Stream uint64
	Types        map[string]expr.Var
	Stage        int
	Scalars      []uint64
	Arrays       []arena.AnyArray
	Partials     *arena.Array[uint64]
}

// boundStage is a stage in a worker.
type boundStage struct {
	frame    *expr.Frame
	stage    *expr.Stage
	index    int
	partials []uint64
}

var stageLoop = sched.NewLoopWith("parallel.stage", bind, func(c *sched.Chunk, b *boundStage) error {
	words := b.stage.Words
	return b.frame.Run(b.index, c.Lo, c.Hi, b.partials[c.Index*words:(c.Index+1)*words])
})

// bind finds the worker's frame for the run, or makes it, and brings it up to date.
func bind(worker int, a stageArgs) (*boundStage, error) {
	k, err := frameFor(worker, &a)
	if err != nil {
		return nil, err
	}
	for i, x := range a.Arrays {
		o, err := operand(x)
		if err == nil && o != nil {
			err = k.frame.SetOperand(i, o)
		}
		if err != nil {
			return nil, err
		}
	}
	k.frame.SetScalars(a.Scalars)
	return &boundStage{frame: k.frame, stage: &k.stages[a.Stage], index: a.Stage, partials: a.Partials.Slice()}, nil
}

// frames keeps each worker's last frame: the stages and passes of one run follow each other, and so do runs of one line.
var frames struct {
	sync.Mutex
	byWorker map[int]*keptFrame
}

type keptFrame struct {
	run    uint64
	prog   *expr.Program
	plan   *expr.Plan
	frame  *expr.Frame
	stages []expr.Stage
}

// fits says whether the kept frame can serve a run of the plan. Workers that are goroutines of the parent have their
// numbers in common with those of its other pools, so only the run itself is theirs alone.
func (k *keptFrame) fits(plan *expr.Plan, a *stageArgs) bool {
	return k != nil && k.plan == plan && (k.run == a.Run || a.Parent != os.Getpid())
}

func frameFor(worker int, a *stageArgs) (*keptFrame, error) {
	frames.Lock()
	k := frames.byWorker[worker]
	frames.Unlock()
	var prog *expr.Program
	if k != nil && k.prog.Source() == a.Source {
		prog = k.prog
	} else {
		var err error
		if prog, err = expr.Compile(a.Source); err != nil {
			return nil, err
		}
	}
	plan, err := prog.Plan(a.Types, &expr.Options{Seed: a.Seed, Stream: a.Stream})
	if err != nil {
		return nil, err
	}
	if k.fits(plan, a) {
		return k, nil
	}
	operands := make([]expr.Operand, len(a.Arrays))
	for i, x := range a.Arrays {
		if operands[i], err = operand(x); err != nil {
			return nil, err
		}
	}
	f, err := plan.NewFrame(operands)
	if err != nil {
		return nil, err
	}
	k = &keptFrame{a.Run, prog, plan, f, plan.Stages()}
	frames.Lock()
	defer frames.Unlock()
	if frames.byWorker == nil {
		frames.byWorker = make(map[int]*keptFrame)
	}
	frames.byWorker[worker] = k
	return k, nil
}

// stage runs all passes of one stage.
func (r *run) stage(index int) error {
	st := &r.stages[index]
	begin, passes, blocks := time.Now(), 0, st.Blocks()
	pass, partials, free, err := r.share(index, st, blocks)
	if err != nil {
		return err
	}
	defer free()
	for again := true; again; passes++ {
		if err := r.grow(st); err != nil {
			return err
		}
		if err := pass(); err != nil {
			return err
		}
		if again, err = r.frame.Combine(index, partials, blocks); err != nil {
			return err
		}
	}
	if err := r.grow(st); err != nil {
		return err
	}
	if r.opts.Report != nil {
		r.opts.Report(Report{
			Label: st.Label, Elements: st.N, Passes: passes, Duration: time.Since(begin),
			Bytes: int64(st.N) * int64(st.BytesPerElem) * int64(passes),
		})
	}
	return nil
}

// share decides who runs the blocks of a stage, and makes room for what they leave: the caller itself runs what it has done
// before the workers would be there.
func (r *run) share(index int, st *expr.Stage, blocks int) (pass func() error, partials []uint64, free func(), err error) {
	if r.plan.Cost(st) <= r.inlineCost {
		partials = make([]uint64, blocks*st.Words)
		return func() error { return r.inline(index, st, partials) }, partials, func() {}, nil
	}
	shared, err := arena.New[uint64](r.pool.Arena(), blocks*st.Words)
	if err != nil {
		return nil, nil, nil, err
	}
	return func() error { return r.pass(index, st, shared) }, shared.Slice(), func() { shared.Free() }, nil
}

// inline runs the stage's blocks once, in the caller.
func (r *run) inline(index int, st *expr.Stage, partials []uint64) error {
	return r.pool.Inline(func() error {
		for b := range st.Blocks() {
			lo, hi := st.Bounds(b)
			if err := r.frame.Run(index, lo, hi, partials[b*st.Words:(b+1)*st.Words]); err != nil {
				return err
			}
		}
		return nil
	})
}

// pass runs the stage's blocks once, on all workers.
func (r *run) pass(index int, st *expr.Stage, partials *arena.Array[uint64]) error {
	opts := sched.LoopOptions{Block: st.Block, Idempotent: true}
	if r.opts.Progress != nil {
		opts.Progress = func(done, total int) { r.opts.Progress(Progress{st.Label, done, total}) }
	}
	return stageLoop.RunWith(r.ctx, r.pool, st.N, stageArgs{
		Run: r.id, Parent: os.Getpid(), Source: r.prog.Source(), Seed: r.opts.Seed, Stream: r.opts.Stream, Types: r.types,
		Stage: index, Scalars: r.frame.Scalars(), Arrays: r.arrays, Partials: partials,
	}, opts)
}

// grow makes the arrays of the stage whose length has become known.
func (r *run) grow(st *expr.Stage) error {
	for _, i := range st.Writes {
		k := r.kinds[i]
		if !k.Dynamic || r.arrays[i] != nil && r.arrays[i].Len() == r.frame.Len(i) {
			continue
		}
		if r.arrays[i] != nil {
			if err := r.arrays[i].Free(); err != nil {
				return err
			}
		}
		var err error
		if r.arrays[i], err = newArray(r.pool, k.DType, r.frame.Len(i)); err != nil {
			return err
		}
		r.made[i] = true
		o, err := operand(r.arrays[i])
		if err == nil {
			err = r.frame.SetOperand(i, o)
		}
		if err != nil {
			return fmt.Errorf("array %s: %w", k.Name, err)
		}
	}
	return nil
}
