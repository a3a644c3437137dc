package expr

import (
	"math"
	"slices"

	"github.com/shmath/shmath/kernels"
)

// Order statistics are found without sorting and without a copy of the data. Elements are compared by a key of their
// bits that has their order (kernels.Key64). Each counting pass extends the known prefix of the wanted key by 11 bits;
// when the elements that share the prefix are few, a gathering pass collects their keys, and the least key above them,
// which may be the neighbour that the interpolation needs.

const (
	radixBuckets = 2048
	// selectWords is the partial result of a block. Counting: elements, NaNs, buckets. Gathering: keys found, least key
	// above, keys.
	selectWords = 2 + radixBuckets
)

// The state of a selection among the scalars.
const (
	stateBits   = iota // of the key that are known
	statePrefix        // those bits, right-aligned
	statePhase
	stateBelow  // elements with a smaller prefix
	stateCount  // elements
	stateBucket // elements with the prefix
	selectState
)

const (
	phaseCount = iota
	phaseGather
	phaseDone
)

func keyBits(dt DType) int {
	if dt == Float32 {
		return 32
	}
	return 64
}

func keyInt(v int64) uint64 { return uint64(v) ^ 1<<63 }

// state returns the state words of a selection.
func (f *Frame) state(at int) []uint64 {
	return f.scalars[f.plan.states[at]:][:selectState]
}

// feedSelect gives a leaf of floats to a selection.
func (f *Frame) feedSelect(r *reducer, s *sink, x any, partial []uint64) {
	state, p := f.state(s.reducer), partial[s.word:s.word+selectWords]
	switch state[statePhase] {
	case phaseCount:
		counts := (*[radixBuckets]uint64)(p[2:])
		switch x := x.(type) {
		case []float64:
			count(p, x, state)
			kernels.RadixCount(counts, x, state[statePrefix], int(state[stateBits]))
		case []float32:
			count(p, x, state)
			kernels.RadixCount(counts, x, state[statePrefix], int(state[stateBits]))
		}
	case phaseGather:
		switch x := x.(type) {
		case []float64:
			for _, v := range x {
				gather(p, state, kernels.Key64(v), 64)
			}
		case []float32:
			for _, v := range x {
				gather(p, state, uint64(kernels.Key32(v)), 32)
			}
		}
	}
}

// count notes elements and NaNs in the first pass.
func count[T kernels.Float](p []uint64, x []T, state []uint64) {
	if p[1] == math.MaxUint64 {
		p[1] = 0
	}
	if state[stateBits] != 0 {
		return
	}
	p[0] += uint64(len(x))
	for _, v := range x {
		if v != v {
			p[1]++
		}
	}
}

// gather collects a key that has the prefix, or keeps it when it is the least above.
func gather(p, state []uint64, key uint64, width int) {
	known := int(state[stateBits])
	head := key >> (width - known)
	switch {
	case head > state[statePrefix]:
		p[1] = min(p[1], key)
	case head == state[statePrefix] && known < width:
		p[2+p[0]] = key
		p[0]++
	}
}

// feedSelectInt gives a leaf of integers to a selection.
func (f *Frame) feedSelectInt(r *reducer, s *sink, x []int64, partial []uint64) {
	state, p := f.state(s.reducer), partial[s.word:s.word+selectWords]
	switch state[statePhase] {
	case phaseCount:
		if p[1] == math.MaxUint64 {
			p[1] = 0
		}
		if state[stateBits] == 0 {
			p[0] += uint64(len(x))
		}
		known := int(state[stateBits])
		width := min(11, 64-known)
		shift := 64 - known - width
		for _, v := range x {
			if k := keyInt(v) >> shift; k>>width == state[statePrefix] {
				p[2+k&(1<<width-1)]++
			}
		}
	case phaseGather:
		for _, v := range x {
			gather(p, state, keyInt(v), 64)
		}
	}
}

// combineSelect ends a pass of a selection; more asks for another.
func (f *Frame) combineSelect(at int, p partialsOf) (more bool, err error) {
	state, r := f.state(at), &f.plan.reducers[at]
	switch state[statePhase] {
	case phaseDone:
		return false, nil
	case phaseGather:
		f.gathered(at, state, p)
		state[statePhase] = phaseDone
		return false, nil
	}
	var counts [radixBuckets]uint64
	var n, nans uint64
	for b := range p.blocks {
		w := p.block(b)
		n += w[0]
		nans += w[1]
		for i, c := range w[2:selectWords] {
			counts[i] += c
		}
	}
	if state[stateBits] == 0 {
		state[stateCount] = n
		if n == 0 {
			return false, f.empty(f.plan.sourceOf(at), f.plan.nameOf(at), r)
		}
		if nans > 0 {
			f.setSelected(at, math.Float64bits(math.NaN()), math.Float64bits(math.NaN()), 0)
			state[statePhase] = phaseDone
			return false, nil
		}
	}
	rank, _, _ := r.rank(int(state[stateCount]))
	width := min(11, keyBits(r.dt)-int(state[stateBits]))
	below := state[stateBelow]
	bucket := 0
	for below+counts[bucket] <= uint64(rank) {
		below += counts[bucket]
		bucket++
	}
	state[stateBelow], state[stateBucket] = below, counts[bucket]
	state[statePrefix] = state[statePrefix]<<width | uint64(bucket)
	state[stateBits] += uint64(width)
	if counts[bucket] <= radixBuckets || int(state[stateBits]) == keyBits(r.dt) {
		state[statePhase] = phaseGather
	}
	return true, nil
}

// gathered picks the two neighbours from the keys that were collected.
func (f *Frame) gathered(at int, state []uint64, p partialsOf) {
	r := &f.plan.reducers[at]
	keys := make([]uint64, 0, radixBuckets)
	above := uint64(math.MaxUint64)
	for b := range p.blocks {
		w := p.block(b)
		keys = append(keys, w[2:2+w[0]]...)
		above = min(above, w[1])
	}
	slices.Sort(keys)
	pick := func(rank int) uint64 {
		i := rank - int(state[stateBelow])
		switch {
		case i >= int(state[stateBucket]):
			return above
		case len(keys) == 0: // all bits are known: equal elements
			return state[statePrefix]
		}
		return keys[i]
	}
	lo, hi, t := r.rank(int(state[stateCount]))
	f.setSelected(at, fromKey(r.dt, pick(lo)), fromKey(r.dt, pick(hi)), t)
}

// rank returns the places of the two neighbours in sorted order and the fraction between them.
func (r *reducer) rank(n int) (lo, hi int, t float64) {
	if r.median {
		return (n - 1) / 2, n / 2, 0
	}
	q := math.Float64frombits(r.q)
	if r.percent {
		q /= 100
	}
	at := float64(float64(n-1) * q) // rounded: a fused at-lo would be another number
	lo = min(int(at), n-1)
	return lo, min(lo+1, n-1), at - float64(lo)
}

// fromKey returns a key's value: float64 bits for the floats, int64 bits for integers.
func fromKey(dt DType, key uint64) uint64 {
	switch dt {
	case Float32:
		return math.Float64bits(float64(kernels.FromKey32(uint32(key))))
	case Float64:
		return math.Float64bits(kernels.FromKey64(key))
	}
	return key ^ 1<<63
}

// setSelected interpolates between the neighbours by NumPy's formulas.
func (f *Frame) setSelected(at int, a, b uint64, t float64) {
	r := &f.plan.reducers[at]
	var out uint64
	x, y := math.Float64frombits(a), math.Float64frombits(b)
	switch {
	case r.dt == Int64 && r.median:
		out = math.Float64bits((float64(int64(a)) + float64(int64(b))) / 2)
	case r.dt == Int64:
		d := float64(int64(b) - int64(a))
		out = math.Float64bits(float64(int64(a)) + float64(d*t))
		if t >= 0.5 {
			out = math.Float64bits(float64(int64(b)) - float64(d*(1-t)))
		}
	case r.median && a == b:
		out = floatBits(r.dt, x)
	case r.median && r.dt == Float32:
		out = floatBits(Float32, float64((float32(x)+float32(y))/2))
	case r.median:
		out = floatBits(Float64, (x+y)/2)
	case r.dt == Float32:
		out = floatBits(Float32, float64(kernels.Lerp(float32(x), float32(y), t)))
	default:
		out = floatBits(Float64, kernels.Lerp(x, y, t))
	}
	for i := range f.plan.finals {
		if fin := &f.plan.finals[i]; fin.reducer == at {
			f.scalars[f.plan.slots[fin.node]] = out
		}
	}
}

// sourceOf and nameOf tell which call a reducer was made for.
func (pl *Plan) sourceOf(at int) *syntax {
	for i := range pl.finals {
		if pl.finals[i].reducer == at {
			return pl.finals[i].src
		}
	}
	return pl.ranges[at]
}

func (pl *Plan) nameOf(at int) string { return pl.sourceOf(at).text }
