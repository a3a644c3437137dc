package expr

import "math"

// reducerKind is how a reduction accumulates; several reductions may share one (mean and sum of x, var and std).
type reducerKind uint8

const (
	kindSum    reducerKind = iota // float: the fixed tree of kernels.Sum; words: total, count
	kindSumInt                    // wraps around; words: total, count
	kindMoments
	kindProd
	kindProdInt
	kindMin // words: value, count
	kindMax
	kindArgMin // words: value, index, rank among the selected, count
	kindArgMax
	kindCount // of a mask; words: how many are true, count
	kindDot
	kindDotInt
	kindItem
	kindHistogram // words: one per bin
	kindSelect    // order statistics, by radix
	kindScanSum   // block total of a running sum
	kindScanProd
	kindPlaces // number of selected elements, for the array output of a mask
)

var reducerWords = [...]int{
	kindSum: 2, kindSumInt: 2, kindMoments: 3, kindProd: 2, kindProdInt: 2, kindMin: 2, kindMax: 2, kindArgMin: 4, kindArgMax: 4,
	kindCount: 2, kindDot: 2, kindDotInt: 2, kindItem: 1, kindHistogram: 0, kindSelect: selectWords, kindScanSum: 1, kindScanProd: 1, kindPlaces: 1,
}

// reducer accumulates over the domain of a stage. It is its own key: equal reducers are one.
type reducer struct {
	kind    reducerKind
	x, y    nodeID // what is reduced; y of a dot product
	mask    nodeID // noNode, or the elements to take
	n       int    // elements of the domain
	dt      DType  // of x
	bins    int    // of a histogram
	lo, hi  nodeID // of a histogram
	array   int    // of a histogram: where the counts go
	q       uint64 // of a selection: float64 bits of the quantile
	median  bool
	percent bool // the quantile was given in percent
}

// final is the scalar that a reduction leaves when its reducer is done.
type final struct {
	node    nodeID
	reducer int
	red     reduction
	ddof    float64 // of argmin and argmax: 1 when the place among the selected elements is wanted
	src     *syntax
}

// words of partial result per block.
func (r *reducer) words() int {
	if r.kind == kindHistogram {
		return r.bins
	}
	return reducerWords[r.kind]
}

// levelOf is the stage level at which a reducer can run.
func (b *builder) levelOf(r *reducer) int {
	level := b.g.level[r.x]
	for _, id := range []nodeID{r.mask, r.y, r.lo, r.hi} {
		if id != noNode {
			level = max(level, b.g.level[id])
		}
	}
	return level
}

// addReducer returns the number of a reducer, made now or before.
func (b *builder) addReducer(r reducer) int {
	if r.kind != kindDot && r.kind != kindDotInt {
		r.y = noNode
	}
	if r.kind != kindHistogram {
		r.lo, r.hi = noNode, noNode
	}
	for i := range b.reducers {
		if b.reducers[i] == r {
			return i
		}
	}
	b.reducers = append(b.reducers, r)
	return len(b.reducers) - 1
}

// reduction makes the scalar that a reducer leaves.
func (b *builder) reduction(s *syntax, red reduction, r reducer, dt DType, ddof float64) value {
	at := b.addReducer(r)
	r = b.reducers[at]
	nd := node{op: opReduced, dt: dt, scalar: true, args: noArgs, imm: [3]int64{int64(at), int64(red), int64(math.Float64bits(ddof))}}
	if known, ok := b.g.index[nd]; ok {
		return value{id: known, dt: dt, scalar: true, mask: noNode, src: s}
	}
	id := b.g.add(nd, b.levelOf(&r)+1)
	b.finals = append(b.finals, final{node: id, reducer: at, red: red, ddof: ddof, src: s})
	return value{id: id, dt: dt, scalar: true, mask: noNode, src: s}
}
