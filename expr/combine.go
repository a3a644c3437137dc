package expr

import (
	"fmt"
	"math"

	"github.com/shmath/shmath/kernels"
)

// Combine ends a pass of a stage: it reads the partial results of all blocks, Words words each in the order of the
// blocks, and sets the scalars that follow. One frame combines, and its Scalars go to all others before the next pass.
// again asks for another pass of the same stage, with the same partials, which Combine may have changed. Counts of a
// histogram are written here, so the frame that combines needs the memory of their array. Errors are *Error.
func (f *Frame) Combine(stage int, partials []uint64, blocks int) (again bool, err error) {
	st := &f.plan.stages[stage]
	if blocks != st.Blocks() || len(partials) != blocks*st.Words {
		panic(panicPartial)
	}
	if pass := int(f.scalars[st.passSlot]); pass < len(st.passes)-1 {
		for i := range st.scans {
			if st.scans[i].pass == pass {
				f.combineScan(&st.scans[i], st.Words, partials, blocks)
			}
		}
		for i := range st.places {
			if st.places[i].pass == pass {
				f.combinePlaces(&st.places[i], st.Words, partials, blocks)
			}
		}
		f.scalars[st.passSlot]++
		return true, nil
	}
	for i, at := range st.reducers {
		r := &f.plan.reducers[at]
		p := partialsOf{partials, st.offsets[i], st.Words, blocks}
		if r.kind == kindSelect {
			more, err := f.combineSelect(at, p)
			if err != nil {
				return false, err
			}
			again = again || more
			continue
		}
		if err := f.combineReducer(st, at, p); err != nil {
			return false, err
		}
	}
	if again {
		return true, nil
	}
	return false, f.finish(st)
}

// finish computes the scalars that follow from a stage, and readies the stage for another run of the plan.
func (f *Frame) finish(st *Stage) error {
	for _, id := range st.after {
		n := &f.plan.g.nodes[id]
		bits, err := evalScalar(f.plan.g, n, func(a nodeID) uint64 { return f.scalars[f.plan.slots[a]] })
		if err != nil {
			return f.plan.fault(f.plan.faults[id], err.Error())
		}
		f.scalars[f.plan.slots[id]] = bits
	}
	f.scalars[st.passSlot] = 0
	for _, at := range st.reducers {
		if f.plan.reducers[at].kind == kindSelect {
			clear(f.scalars[f.plan.states[at] : f.plan.states[at]+selectState])
		}
	}
	return nil
}

// partialsOf reads one reducer's words of each block.
type partialsOf struct {
	all    []uint64
	offset int
	stride int
	blocks int
}

func (p partialsOf) block(b int) []uint64 { return p.all[b*p.stride+p.offset:] }

// combinePlaces replaces each block's number of selected elements by the place where the block writes its own.
func (f *Frame) combinePlaces(s *placeState, words int, partials []uint64, blocks int) {
	var at uint64
	for b := range blocks {
		w := &partials[b*words+s.word]
		*w, at = at, at+*w
	}
	for _, array := range s.array {
		f.scalars[f.plan.lengths[array]] = at
	}
}

// combineReducer merges the blocks in their order, and in the fixed tree where the order shows in the bits.
func (f *Frame) combineReducer(st *Stage, at int, p partialsOf) error {
	r := &f.plan.reducers[at]
	if r.kind == kindHistogram {
		return f.combineHistogram(at, p)
	}
	a := &accumulator{}
	a.clear(r.kind)
	level := st.subtree()
	for b := range p.blocks {
		w := p.block(b)
		switch r.kind {
		case kindSum, kindDot:
			a.sum.PushAt(level, math.Float64frombits(w[0]))
			a.count += int64(w[1])
		case kindMoments:
			a.mom.PushAt(level, kernels.Moments{N: int64(w[0]), Mean: math.Float64frombits(w[1]), M2: math.Float64frombits(w[2])})
			a.count += int64(w[0])
		case kindProd:
			a.prod.pushAt(level, math.Float64frombits(w[0]))
			a.count += int64(w[1])
		case kindSumInt, kindDotInt:
			a.i += int64(w[0])
			a.count += int64(w[1])
		case kindProdInt:
			a.i *= int64(w[0])
			a.count += int64(w[1])
		case kindCount:
			a.hits += int64(w[0])
			a.count += int64(w[1])
		case kindMin, kindMax:
			a.merge(r, w[0], 0, 0, int64(w[1]))
		case kindArgMin, kindArgMax:
			a.merge(r, w[0], int64(w[1]), a.count+int64(w[2]), int64(w[3]))
		case kindItem:
			a.f, a.i, a.count = math.Float64frombits(w[0]), int64(w[0]), 1
		}
	}
	for i := range f.plan.finals {
		fin := &f.plan.finals[i]
		if fin.reducer != at {
			continue
		}
		bits, err := f.finalize(fin, r, a)
		if err != nil {
			return err
		}
		f.scalars[f.plan.slots[fin.node]] = bits
	}
	return nil
}

// merge joins the best value of a block of count elements.
func (a *accumulator) merge(r *reducer, value uint64, index, rank, count int64) {
	if count == 0 {
		return
	}
	first := a.count == 0
	a.count += count
	largest := r.kind == kindMax || r.kind == kindArgMax
	switch {
	case r.dt.isFloat() && (r.kind == kindMin || r.kind == kindMax):
		a.extreme(math.Float64frombits(value), first, largest)
		return
	case r.dt.isFloat():
		a.bestFloat(math.Float64frombits(value), index, rank, first, largest)
		return
	}
	if v := int64(value); first || v < a.i && !largest || v > a.i && largest {
		a.i, a.index, a.rank = v, index, rank
	}
}

// finalize turns what was accumulated into the bits of a result.
func (f *Frame) finalize(fin *final, r *reducer, a *accumulator) (uint64, error) {
	dt := f.plan.g.nodes[fin.node].dt
	switch fin.red {
	case redSum:
		if r.kind == kindSumInt {
			return uint64(a.i), nil
		}
		return floatBits(dt, a.sum.Total()), nil
	case redDot:
		if r.kind == kindDotInt {
			return uint64(a.i), nil
		}
		return floatBits(dt, a.sum.Total()), nil
	case redProd:
		if r.kind == kindProdInt {
			return uint64(a.i), nil
		}
		return floatBits(dt, a.prod.total()), nil
	case redCount:
		return uint64(a.hits), nil
	case redAny:
		return boolBits(a.hits > 0), nil
	case redAll:
		return boolBits(a.hits == a.count), nil
	}
	if a.count == 0 {
		return 0, f.empty(fin.src, fin.red.String(), r)
	}
	switch fin.red {
	case redMean:
		return floatBits(dt, a.sum.Total()/float64(a.count)), nil
	case redVar, redStd:
		m := a.mom.Total()
		divisor := float64(m.N) - fin.ddof
		if divisor <= 0 {
			return 0, f.plan.fault(fin.src, fmt.Sprintf("%s of %d elements with ddof=%v is undefined; give more elements or a smaller ddof", fin.red, m.N, fin.ddof))
		}
		if fin.red == redStd {
			return floatBits(dt, math.Sqrt(m.M2/divisor)), nil
		}
		return floatBits(dt, m.M2/divisor), nil
	case redArgMin, redArgMax:
		if fin.ddof == 1 {
			return uint64(a.rank), nil
		}
		return uint64(a.index), nil
	}
	if r.dt.isFloat() { // min, max, item
		return floatBits(dt, a.f), nil
	}
	return castScalar(Int64, dt, uint64(a.i)), nil
}

// empty is the error of a reduction that needs an element.
func (f *Frame) empty(s *syntax, what string, r *reducer) error {
	if r.mask != noNode && r.n > 0 {
		return f.plan.fault(s, what+" of nothing: the mask selects no element; test count(mask) first")
	}
	return f.plan.fault(s, what+" of an empty array is undefined; give it elements")
}

// combineHistogram adds up the bins into the array of counts.
func (f *Frame) combineHistogram(at int, p partialsOf) error {
	r := &f.plan.reducers[at]
	counts := f.i64.arrays[r.array]
	if len(counts) != r.bins {
		panic(panicOperand)
	}
	lo, hi, ok := histogramRange(r.dt, f.scalars[f.plan.slots[r.lo]], f.scalars[f.plan.slots[r.hi]])
	if !ok {
		return f.plan.fault(f.plan.ranges[at], fmt.Sprintf("histogram's range must be finite and increasing, and wide enough for bins; it is from %v to %v; give range=(lo, hi)", lo, hi))
	}
	clear(counts)
	for b := range p.blocks {
		for i, c := range p.block(b)[:r.bins] {
			counts[i] += int64(c)
		}
	}
	return nil
}
