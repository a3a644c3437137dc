package expr

import (
	"math"
	"math/bits"

	"github.com/shmath/shmath/kernels"
)

// accumulator is the state of one reducer while a block runs, or while blocks are combined.
type accumulator struct {
	sum    kernels.SumTree
	mom    kernels.MomentsTree
	prod   prodTree
	f      float64 // best value of floats
	i      int64   // best value, sum or product of integers
	index  int64   // of the best value, in the domain
	rank   int64   // of the best value, among the selected elements
	count  int64   // elements seen
	hits   int64   // true ones among them
	counts []int64 // of a histogram
}

// prodTree multiplies the products of consecutive leaves in the shape of kernels.SumTree.
type prodTree struct {
	used   uint64
	totals [64]float64
}

func (t *prodTree) pushAt(level int, p float64) {
	for ; t.used>>level&1 != 0; level++ {
		p = t.totals[level&63] * p
		t.used &^= 1 << level
	}
	t.totals[level&63] = p
	t.used |= 1 << level
}

func (t *prodTree) total() float64 {
	p := 1.0
	for u := t.used; u != 0; u &= u - 1 {
		p = t.totals[bits.TrailingZeros64(u)] * p
	}
	return p
}

// clear makes the accumulator empty.
func (a *accumulator) clear(kind reducerKind) {
	counts := a.counts
	switch kind {
	case kindSum, kindDot:
		a.sum.Reset()
	case kindMoments:
		a.mom = kernels.MomentsTree{}
	case kindProd:
		a.prod.used = 0
	}
	a.f, a.i, a.index, a.rank, a.count, a.hits = 0, int64(oneIf(kind == kindProdInt)), 0, 0, 0, 0
	clear(counts)
}

// reset readies the accumulator of a sink for a block.
func (a *accumulator) reset(pl *Plan, s *sink, partial []uint64) {
	if s.reducer < 0 {
		a.clear(kindPlaces)
		return
	}
	r := &pl.reducers[s.reducer]
	a.clear(r.kind)
	switch r.kind {
	case kindHistogram:
		if len(a.counts) != r.bins {
			a.counts = make([]int64, r.bins)
		}
	case kindSelect:
		clear(partial[s.word : s.word+selectWords])
		partial[s.word+1] = math.MaxUint64
	}
}

// feed gives a leaf of n elements from element at of the domain to a reducer.
func (f *Frame) feed(a *accumulator, s *sink, at, n int, partial []uint64) error {
	if s.reducer < 0 {
		a.hits += int64(kernels.Count(elementsOf(&f.b, &s.x, at, n)))
		return nil
	}
	r := &f.plan.reducers[s.reducer]
	switch r.dt {
	case Bool:
		x := elementsOf(&f.b, &s.x, at, n)
		a.count += int64(len(x))
		if r.kind == kindItem {
			a.i = int64(boolBits(x[0]))
			return nil
		}
		a.hits += int64(kernels.Count(x))
		return nil
	case Int64:
		x := elementsOf(&f.i64, &s.x, at, n)
		if r.kind == kindSelect {
			f.feedSelectInt(r, s, x, partial)
			return nil
		}
		var y []int64
		if r.kind == kindDotInt {
			y = elementsOf(&f.i64, &s.y, at, n)
		}
		f.feedInt(a, r, s, x, y, at, n)
		return nil
	case Float32:
		return feedFloat(f, &f.f32, a, r, s, at, n, partial)
	}
	return feedFloat(f, &f.f64, a, r, s, at, n, partial)
}

func feedFloat[T kernels.Float](f *Frame, b *bank[T], a *accumulator, r *reducer, s *sink, at, n int, partial []uint64) error {
	x := elementsOf(b, &s.x, at, n)
	before := a.count
	a.count += int64(len(x))
	switch r.kind {
	case kindSum:
		a.sum.Push(kernels.BlockSum(x))
	case kindDot:
		a.sum.Push(kernels.BlockDot(x, elementsOf(b, &s.y, at, n)))
	case kindMoments:
		a.mom.Push(kernels.MomentsOf(x))
	case kindProd:
		a.prod.pushAt(0, f.leafProduct(x))
	case kindItem:
		a.f = float64(x[0])
	case kindHistogram:
		return f.feedHistogram(a, r, x)
	case kindSelect:
		f.feedSelect(r, s, x, partial)
	default:
		if len(x) == 0 {
			return nil
		}
		switch r.kind {
		case kindMin:
			a.extreme(float64(kernels.Min(x)), before == 0, false)
		case kindMax:
			a.extreme(float64(kernels.Max(x)), before == 0, true)
		case kindArgMin:
			k := kernels.ArgMin(x)
			a.bestFloat(float64(x[k]), f.placeOf(s, k, at, n), before+int64(k), before == 0, false)
		case kindArgMax:
			k := kernels.ArgMax(x)
			a.bestFloat(float64(x[k]), f.placeOf(s, k, at, n), before+int64(k), before == 0, true)
		}
	}
	return nil
}

// leafProduct multiplies a leaf in float64.
func (f *Frame) leafProduct(x any) float64 {
	switch x := x.(type) {
	case []float64:
		return kernels.Prod(x)
	case []float32:
		if f.wide == nil {
			f.wide = make([]float64, leafLen)
		}
		kernels.Convert(f.wide[:len(x)], x)
		return kernels.Prod(f.wide[:len(x)])
	}
	panic(panicOp)
}

// histogramRange says whether the ends of a histogram can be used.
func histogramRange(dt DType, lo, hi uint64) (l, h float64, ok bool) {
	l, h = toFloat(dt, lo), toFloat(dt, hi)
	if dt == Float32 {
		return l, h, kernels.HistogramTakes(float32(l), float32(h))
	}
	return l, h, kernels.HistogramTakes(l, h)
}

// feedHistogram counts a leaf into bins.
func (f *Frame) feedHistogram(a *accumulator, r *reducer, x any) error {
	lo, hi, ok := histogramRange(r.dt, f.scalars[f.plan.slots[r.lo]], f.scalars[f.plan.slots[r.hi]])
	if !ok {
		return nil // Combine reports it
	}
	switch x := x.(type) {
	case []float64:
		kernels.Histogram(a.counts, x, lo, hi)
	case []float32:
		kernels.Histogram(a.counts, x, float32(lo), float32(hi))
	}
	return nil
}

// feedInt is feed for integers.
func (f *Frame) feedInt(a *accumulator, r *reducer, s *sink, x, y []int64, at, n int) {
	before := a.count
	a.count += int64(len(x))
	switch r.kind {
	case kindSumInt:
		a.i += kernels.SumInt(x)
	case kindProdInt:
		a.i *= kernels.ProdInt(x)
	case kindDotInt:
		a.i += kernels.DotInt(x, y)
	case kindItem:
		a.i = x[0]
	default:
		if len(x) == 0 {
			return
		}
		switch r.kind {
		case kindMin:
			a.bestInt(kernels.Min(x), before == 0, false)
		case kindMax:
			a.bestInt(kernels.Max(x), before == 0, true)
		case kindArgMin, kindArgMax:
			k, largest := 0, r.kind == kindArgMax
			if largest {
				k = kernels.ArgMax(x)
			} else {
				k = kernels.ArgMin(x)
			}
			if a.bestInt(x[k], before == 0, largest) {
				a.index, a.rank = f.placeOf(s, k, at, n), before+int64(k)
			}
		}
	}
}

// bestInt keeps the first least or greatest value, and says whether that is v.
func (a *accumulator) bestInt(v int64, first, largest bool) bool {
	if !first && (largest && v <= a.i || !largest && v >= a.i) {
		return false
	}
	a.i = v
	return true
}

// placeOf is the domain element of element k of a sink's leaf.
func (f *Frame) placeOf(s *sink, k, at, n int) int64 {
	if !s.x.packed {
		return int64(at + k)
	}
	for i, m := range elementsOf(&f.b, &s.y, at, n) {
		if m {
			if k == 0 {
				return int64(at + i)
			}
			k--
		}
	}
	panic(panicOp)
}

// bestFloat keeps the place of the first least or greatest value; a NaN beats all, and the first of them stays.
func (a *accumulator) bestFloat(v float64, index, rank int64, first, largest bool) {
	better := first
	if !first && a.f == a.f {
		better = v != v || v < a.f && !largest || v > a.f && largest
	}
	if better {
		a.f, a.index, a.rank = v, index, rank
	}
}

// extreme keeps the least or greatest value as kernels.Min and kernels.Max do.
func (a *accumulator) extreme(v float64, first, largest bool) {
	switch {
	case first:
		a.f = v
	case largest:
		a.f = max(a.f, v)
	default:
		a.f = min(a.f, v)
	}
}

// store writes the partial result of a block.
func (a *accumulator) store(pl *Plan, s *sink, partial []uint64) {
	if s.reducer < 0 {
		partial[s.word] = uint64(a.hits)
		return
	}
	r := &pl.reducers[s.reducer]
	p := partial[s.word : s.word+r.words()]
	switch r.kind {
	case kindSum, kindDot:
		p[0], p[1] = math.Float64bits(a.sum.Total()), uint64(a.count)
	case kindMoments:
		m := a.mom.Total()
		p[0], p[1], p[2] = uint64(m.N), math.Float64bits(m.Mean), math.Float64bits(m.M2)
	case kindProd:
		p[0], p[1] = math.Float64bits(a.prod.total()), uint64(a.count)
	case kindSumInt, kindProdInt, kindDotInt:
		p[0], p[1] = uint64(a.i), uint64(a.count)
	case kindMin, kindMax:
		p[0], p[1] = a.value(r.dt), uint64(a.count)
	case kindArgMin, kindArgMax:
		p[0], p[1], p[2], p[3] = a.value(r.dt), uint64(a.index), uint64(a.rank), uint64(a.count)
	case kindCount:
		p[0], p[1] = uint64(a.hits), uint64(a.count)
	case kindItem:
		p[0] = a.value(r.dt)
	case kindHistogram:
		for i, c := range a.counts {
			p[i] = uint64(c)
		}
	}
}

// value is the best value in float64 or int64 bits.
func (a *accumulator) value(dt DType) uint64 {
	if dt.isFloat() {
		return math.Float64bits(a.f)
	}
	return uint64(a.i)
}
