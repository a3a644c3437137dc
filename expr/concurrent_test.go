package expr

import (
	"sync"
	"sync/atomic"
	"testing"
)

// TestFrames_Concurrent runs the blocks of each stage by several goroutines, one frame each: the race detector watches.
func TestFrames_Concurrent(t *testing.T) {
	vars := blockVars(300_000)
	for _, src := range blockLines {
		p, err := Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Eval(p, vars, &Options{Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		pl := planOf(t, src, vars, &Options{Seed: 5})
		operands := make([]Operand, len(pl.arrays))
		for i, a := range pl.arrays {
			if operands[i] = makeOperand(a.DType, a.N); a.Kind == Input {
				operands[i] = vars[a.Name]
			}
		}
		frames := make([]*Frame, 4)
		for i := range frames {
			if frames[i], err = pl.NewFrame(operands); err != nil {
				t.Fatal(err)
			}
		}
		for s := range pl.Stages() {
			runConcurrent(t, frames, s)
		}
		for i, r := range pl.results {
			if r.Scalar && !sameBits(frames[0].Value(i), want[i]) {
				t.Errorf("%s: result %d differs", src, i)
			}
			if !r.Scalar && !r.Dynamic && !sameBits(operands[r.Array], want[i]) {
				t.Errorf("%s: result %d differs", src, i)
			}
		}
	}
}

// runConcurrent is what a pool does: the first frame combines, all run.
func runConcurrent(t *testing.T, frames []*Frame, stage int) {
	st := &frames[0].plan.stages[stage]
	partials := make([]uint64, st.Blocks()*st.Words)
	for again := true; again; {
		var next atomic.Int64
		var workers sync.WaitGroup
		for i, f := range frames {
			if i > 0 {
				f.SetScalars(frames[0].Scalars())
			}
			workers.Go(func() {
				for {
					b := int(next.Add(1)) - 1
					if b >= st.Blocks() {
						return
					}
					lo, hi := st.Bounds(b)
					if err := f.Run(stage, lo, hi, partials[b*st.Words:(b+1)*st.Words]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		workers.Wait()
		var err error
		if again, err = frames[0].Combine(stage, partials, st.Blocks()); err != nil {
			t.Fatal(err)
		}
	}
}
