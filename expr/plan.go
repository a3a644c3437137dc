package expr

import (
	"slices"
	"sort"
	"sync"
)

// Var says what a name stands for: an array of a type and a shape (nil for a 0-d array), or a number.
type Var struct {
	Array bool
	DType DType
	Shape []int
	Bits  uint64 // of a number: its float64, float32 or int64 bits, 0 or 1 for a bool
	Weak  bool   // of a number: as one written in the line, it gives way to the type of what it meets
}

func (v *Var) equal(w *Var) bool {
	return v.Array == w.Array && v.DType == w.DType && v.Bits == w.Bits && v.Weak == w.Weak && slices.Equal(v.Shape, w.Shape)
}

// Options configure a plan. A nil *Options means the defaults.
type Options struct {
	Seed   uint64 // of the random calls; 0 is a seed like any other
	Stream uint64 // number of the line's first random call; call k draws with the Philox key {Seed, Stream+k}
}

// ArrayKind tells what an array of a plan is for.
type ArrayKind uint8

// The kinds of arrays.
const (
	Input       ArrayKind = iota // a variable; only read
	ResultArray                  // a result; written by one stage
	Temp                         // an argument that is read at random places, or counts used further
)

// Array is one array that a plan reads or writes: an operand of its frames.
type Array struct {
	Name    string // of an input or a result
	Kind    ArrayKind
	DType   DType // as stored
	Shape   []int
	N       int  // elements; at most, when Dynamic
	Dynamic bool // the length is known after the first pass of the stage that writes it: Frame.Len
}

// Result is one result of a plan.
type Result struct {
	Name    string
	DType   DType // Bool, Int64, Float32 or Float64
	Shape   []int // of an array; an upper bound when Dynamic
	Scalar  bool
	Weak    bool // a scalar that Python, too, would compute as one of its own numbers, such as len(x) or 2*3
	Dynamic bool // one-dimensional, its length depends on a mask
	Array   int  // its number among Plan.Arrays; -1 for a scalar
	node    nodeID
}

// Plan is a program fitted to its variables: stages to be run one after the other. It is immutable, and the same source,
// variables and options give the same plan in every process.
type Plan struct {
	prog     *Program
	opt      Options
	g        *graph
	arrays   []Array
	results  []Result
	reducers []reducer
	finals   []final
	stages   []Stage
	slots    []int32 // of each node: its place among the scalars, -1 for arrays
	start    []uint64
	states   []int32 // of each reducer: where its state begins among the scalars
	lengths  []int32 // of each array: where its length is kept among the scalars, -1 unless dynamic
	buffers  bufferNeeds
	ranges   map[int]*syntax    // of each histogram: its call
	faults   map[nodeID]*syntax // where the operations stand that may fail while running
	idle     sync.Pool          // of frames
}

// Plan types the program for its variables, shares common subexpressions, folds constants and cuts it into stages.
// vars may hold more than Names. The same variables and options as in the last call give the same plan, at once. Errors
// are *Error.
func (p *Program) Plan(vars map[string]Var, opt *Options) (*Plan, error) {
	if opt == nil {
		opt = &Options{}
	}
	if pl := p.kept(vars, *opt); pl != nil {
		return pl, nil
	}
	b := &builder{prog: p, vars: vars, opt: *opt, g: newGraph(), inputs: map[string]int{}, faults: map[nodeID]*syntax{}, ranges: map[int]*syntax{}}
	pl := &Plan{prog: p, opt: b.opt}
	for i, e := range p.list {
		v, err := b.expression(e)
		if err != nil {
			return nil, err
		}
		pl.results = append(pl.results, b.result(p.targets[i], v))
	}
	pl.g, pl.arrays, pl.reducers, pl.finals = b.g, b.arrays, b.reducers, b.finals
	pl.faults, pl.ranges = b.faults, b.ranges
	pl.placeScalars()
	if err := pl.cut(b); err != nil {
		return nil, err
	}
	p.keep(vars, pl)
	return pl, nil
}

// result gives an expression's value its array.
func (b *builder) result(name string, v value) Result {
	r := Result{Name: name, DType: v.dt, Scalar: v.scalar, Weak: v.weak, Array: -1, node: v.id}
	if v.scalar {
		return r
	}
	r.Shape, r.Dynamic = v.shape, v.mask != noNode
	if n := b.g.nodes[v.id]; n.op == opLoad && v.mask == noNode && n.imm[1] == 0 && n.imm[2] == 1 {
		if a := &b.arrays[n.imm[0]]; a.Kind == Temp && a.N == v.n && a.DType == v.dt { // what was made for others is the result
			a.Kind, a.Name, r.Array = ResultArray, name, int(n.imm[0])
			return r
		}
	}
	level := b.g.level[v.id]
	if v.mask != noNode {
		level = max(level, b.g.level[v.mask])
	}
	r.Array = len(b.arrays)
	b.arrays = append(b.arrays, Array{Name: name, Kind: ResultArray, DType: v.dt, Shape: v.shape, N: v.n, Dynamic: r.Dynamic})
	b.outputs = append(b.outputs, output{node: v.id, mask: v.mask, n: v.n, array: r.Array, level: level})
	return r
}

// Results returns the results in the order of the line.
func (pl *Plan) Results() []Result { return append([]Result(nil), pl.results...) }

// Arrays returns every array that the plan reads or writes, in the order in which NewFrame takes them.
func (pl *Plan) Arrays() []Array { return append([]Array(nil), pl.arrays...) }

// Stages returns the stages in the order in which they must run.
func (pl *Plan) Stages() []Stage { return append([]Stage(nil), pl.stages...) }

// Source returns the line that the plan was made from.
func (pl *Plan) Source() string { return pl.prog.src }

// fault is an error found while the plan runs.
func (pl *Plan) fault(s *syntax, msg string) error {
	return &Error{Source: pl.prog.src, Col: s.col, Msg: msg}
}

// placeScalars lays out the words that travel between frames: one for each scalar node, then the pass of each stage
// (added by cut), the state of each selection and the length of each dynamic array.
func (pl *Plan) placeScalars() {
	pl.slots = make([]int32, len(pl.g.nodes))
	for i := range pl.g.nodes {
		n := &pl.g.nodes[i]
		pl.slots[i] = -1
		if n.scalar {
			pl.slots[i] = int32(len(pl.start))
			var bits uint64
			if n.op == opConst {
				bits = uint64(n.imm[0])
			}
			pl.start = append(pl.start, bits)
		}
	}
	pl.states = make([]int32, len(pl.reducers))
	for i := range pl.reducers {
		pl.states[i] = int32(len(pl.start))
		if pl.reducers[i].kind == kindSelect {
			pl.start = append(pl.start, make([]uint64, selectState)...)
		}
	}
	pl.lengths = make([]int32, len(pl.arrays))
	for i := range pl.arrays {
		pl.lengths[i] = -1
		if pl.arrays[i].Dynamic {
			pl.lengths[i] = int32(len(pl.start))
			pl.start = append(pl.start, 0)
		}
	}
}

// stageKey orders the stages: by level, selections after the rest of their level, and by domain.
type stageKey struct {
	level  int
	rounds bool
	n      int
}

// cut groups reductions and outputs that can share a pass, and lowers each group.
func (pl *Plan) cut(b *builder) error {
	groups := map[stageKey]*Stage{}
	var keys []stageKey
	group := func(k stageKey) *Stage {
		st := groups[k]
		if st == nil {
			st = &Stage{N: k.n}
			groups[k] = st
			keys = append(keys, k)
		}
		return st
	}
	for i := range pl.reducers {
		r := &pl.reducers[i]
		st := group(stageKey{b.levelOf(r), r.kind == kindSelect, r.n})
		st.reducers = append(st.reducers, i)
		if r.kind == kindHistogram {
			st.Writes = append(st.Writes, r.array)
		}
	}
	for _, o := range b.outputs {
		st := group(stageKey{o.level, false, o.n})
		st.outputs = append(st.outputs, o)
		st.Writes = append(st.Writes, o.array)
	}
	sort.SliceStable(keys, func(i, j int) bool {
		if keys[i].level != keys[j].level {
			return keys[i].level < keys[j].level
		}
		return !keys[i].rounds && keys[j].rounds
	})
	for i, k := range keys {
		st := groups[k]
		st.passSlot = len(pl.start)
		pl.start = append(pl.start, 0)
		pl.lower(st)
		if i+1 == len(keys) || keys[i+1].level != k.level {
			st.after = pl.scalarsOf(k.level + 1)
		}
		pl.stages = append(pl.stages, *st)
	}
	return nil
}

// scalarsOf lists the scalar operations that can be computed once the stages below a level are done.
func (pl *Plan) scalarsOf(level int) []nodeID {
	var ids []nodeID
	for i := range pl.g.nodes {
		if n := &pl.g.nodes[i]; n.scalar && n.op != opConst && n.op != opReduced && pl.g.level[i] == level {
			ids = append(ids, nodeID(i))
		}
	}
	return ids
}
