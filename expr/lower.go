package expr

// lowerer makes the program of one pass of a stage.
type lowerer struct {
	pl      *Plan
	st      *Stage
	out     program
	roots   []nodeID
	order   []nodeID
	ext     map[nodeID]int32
	uses    map[nodeID]int // position of the last use in order
	place   map[nodeID]int32
	splats  map[nodeID]int32
	inLeaf  map[nodeID]bool  // values that sinks read leaf by leaf
	outputs map[nodeID][]int // arrays that a value is written to
	horner  map[nodeID]polynomial
	free    [4][]int32 // registers, by type
	used    [4]int32
	leaves  [4]int32
}

// depth is the number of passes over running sums that must precede a node.
func (pl *Plan) depth(id nodeID, memo map[nodeID]int) int {
	if d, ok := memo[id]; ok {
		return d
	}
	n := &pl.g.nodes[id]
	d := 0
	if !n.scalar {
		for _, a := range n.args {
			if a != noNode {
				d = max(d, pl.depth(a, memo))
			}
		}
		if n.op.isScan() {
			d++
		}
	}
	memo[id] = d
	return d
}

// lower makes the programs of a stage and lays out its partial results: words of running sums first, as they live from
// pass to pass, then those of places, then those of reducers.
func (pl *Plan) lower(st *Stage) {
	memo := map[nodeID]int{}
	last := 0
	var visit func(id nodeID)
	seen := map[nodeID]bool{}
	visit = func(id nodeID) {
		if id == noNode || seen[id] || pl.g.nodes[id].scalar {
			return
		}
		seen[id] = true
		n := &pl.g.nodes[id]
		for _, a := range n.args {
			visit(a)
		}
		if n.op.isScan() {
			st.scans = append(st.scans, scanState{node: id, dt: n.dt, mul: n.op == opCumProd, pass: pl.depth(n.args[0], memo), word: st.Words})
			st.Words++
			last = max(last, pl.depth(id, memo))
		}
	}
	for _, r := range st.reducers {
		visit(pl.reducers[r].x)
		visit(pl.reducers[r].y)
		visit(pl.reducers[r].mask)
	}
	for _, o := range st.outputs {
		visit(o.node)
		visit(o.mask)
	}
	for _, o := range st.outputs {
		if o.mask != noNode {
			st.addPlace(o, pl.depth(o.mask, memo))
			last = max(last, pl.depth(o.mask, memo)+1)
		}
	}
	for _, r := range st.reducers {
		st.offsets = append(st.offsets, st.Words)
		st.Words += pl.reducers[r].words()
	}
	st.chooseBlock()
	st.touched = pl.touches(st)
	for pass := 0; pass <= last; pass++ {
		st.passes = append(st.passes, pl.lowerPass(st, pass, pass == last))
	}
	pl.describe(st)
}

// addPlace notes that an output needs to know how many elements its mask selects in the blocks before.
func (st *Stage) addPlace(o output, pass int) {
	for i := range st.places {
		if st.places[i].mask == o.mask {
			st.places[i].array = append(st.places[i].array, o.array)
			return
		}
	}
	st.places = append(st.places, placeState{mask: o.mask, pass: pass, word: st.Words, array: []int{o.array}})
	st.Words++
}

func (pl *Plan) lowerPass(st *Stage, pass int, last bool) program {
	l := &lowerer{pl: pl, st: st, ext: map[nodeID]int32{}, uses: map[nodeID]int{}, place: map[nodeID]int32{},
		splats: map[nodeID]int32{}, inLeaf: map[nodeID]bool{}, outputs: map[nodeID][]int{}, horner: map[nodeID]polynomial{}}
	l.out.fetches, l.out.streams = st.touched > fetchFrom, st.touched > streamFrom
	leaf := func(id nodeID) {
		if id != noNode {
			l.roots = append(l.roots, id)
			l.inLeaf[id] = true
		}
	}
	for _, s := range st.scans {
		if s.pass == pass {
			leaf(pl.g.nodes[s.node].args[0])
		}
	}
	for _, p := range st.places {
		if p.pass == pass {
			leaf(p.mask)
		}
	}
	if last {
		for _, r := range st.reducers {
			leaf(pl.reducers[r].x)
			leaf(pl.reducers[r].y)
			leaf(pl.reducers[r].mask)
		}
		for _, o := range st.outputs {
			if o.mask != noNode {
				leaf(o.node)
				leaf(o.mask)
			} else {
				l.roots = append(l.roots, o.node)
				l.outputs[o.node] = append(l.outputs[o.node], o.array)
			}
		}
	}
	l.findPolynomials()
	l.schedule()
	for at, id := range l.order {
		l.emit(at, id)
	}
	l.attach(pass, last)
	l.tally()
	return l.out
}

// schedule orders the nodes, arguments first, and finds for each how far beyond the tile it is needed and where it is
// used last.
func (l *lowerer) schedule() {
	seen := map[nodeID]bool{}
	var visit func(id nodeID)
	visit = func(id nodeID) {
		if id == noNode || seen[id] || l.pl.g.nodes[id].scalar {
			return
		}
		seen[id] = true
		for _, a := range l.args(id) {
			visit(a)
		}
		l.order = append(l.order, id)
	}
	for _, id := range l.roots {
		visit(id)
	}
	for at := len(l.order) - 1; at >= 0; at-- {
		id := l.order[at]
		n := &l.pl.g.nodes[id]
		beyond := l.ext[id]
		if n.op == opDiff {
			beyond++
		}
		for _, a := range l.args(id) {
			if a == noNode || l.pl.g.nodes[a].scalar {
				continue
			}
			l.ext[a] = max(l.ext[a], beyond)
			if _, used := l.uses[a]; !used {
				l.uses[a] = at
			}
		}
		l.out.ext = max(l.out.ext, int(l.ext[id]))
	}
}

// inPlaceLoad says whether a node is an array that can be read where it lies.
func (pl *Plan) inPlaceLoad(id nodeID) bool {
	n := &pl.g.nodes[id]
	return n.op == opLoad && n.imm[2] == 1 && pl.arrays[n.imm[0]].DType == n.dt
}

// newSlot adds a slot to the bank of a type.
func (l *lowerer) newSlot(dt DType, s slot) int32 {
	l.out.slots[dt] = append(l.out.slots[dt], s)
	return int32(len(l.out.slots[dt]) - 1)
}

// register takes a free register of a type.
func (l *lowerer) register(dt DType) int32 {
	if n := len(l.free[dt]); n > 0 {
		r := l.free[dt][n-1]
		l.free[dt] = l.free[dt][:n-1]
		return r
	}
	l.used[dt]++
	return l.newSlot(dt, slot{kind: slotRegister, index: l.used[dt] - 1})
}

// destination chooses where a node's elements go: to a leaf buffer when a sink wants whole leaves, else straight into
// the result, else into a register.
func (l *lowerer) destination(id nodeID) int32 {
	n := &l.pl.g.nodes[id]
	if l.inLeaf[id] {
		l.leaves[n.dt]++
		return l.newSlot(n.dt, slot{kind: slotLeaf, index: l.leaves[n.dt] - 1})
	}
	if out := l.outputs[id]; len(out) > 0 && l.ext[id] == 0 && !l.streams(n.dt) {
		l.outputs[id] = out[1:]
		return l.newSlot(n.dt, slot{kind: slotOutput, index: int32(out[0])})
	}
	return l.register(n.dt)
}

// streams says whether results of a type go past the caches.
func (l *lowerer) streams(dt DType) bool { return l.out.streams && dt.isFloat() }

// release frees the registers of arguments that are used here for the last time.
func (l *lowerer) release(at int, args [3]nodeID) {
	for i, a := range args {
		if a == noNode || l.pl.g.nodes[a].scalar || l.uses[a] != at || i > 0 && a == args[0] || i > 1 && a == args[1] {
			continue
		}
		dt := l.pl.g.nodes[a].dt
		if s := l.place[a]; l.out.slots[dt][s].kind == slotRegister {
			l.free[dt] = append(l.free[dt], s)
		}
	}
}

// emit places one node and appends its instruction, and a copy for each further array that wants it.
func (l *lowerer) emit(at int, id nodeID) {
	n := &l.pl.g.nodes[id]
	switch n.op {
	case opLoad, opRepeat:
		l.out.loads = append(l.out.loads, n.imm[0])
	case opBootstrap:
		l.out.loads = append(l.out.loads, n.imm[2]&0xffff)
	}
	if l.pl.inPlaceLoad(id) {
		l.place[id] = l.newSlot(n.dt, slot{kind: slotInput, index: int32(n.imm[0]), offset: n.imm[1]})
	} else {
		in := l.operands(id)
		if n.op == opDiff { // its operand is longer, so it cannot be overwritten
			in.dst = l.destination(id)
			l.release(at, n.args)
		} else {
			l.release(at, l.args(id))
			in.dst = l.destination(id)
		}
		l.place[id] = in.dst
		l.out.code = append(l.out.code, in)
	}
	for _, array := range l.outputs[id] {
		dst := l.newSlot(n.dt, slot{kind: slotOutput, index: int32(array)})
		op := opNone
		if l.streams(n.dt) {
			op = opStream
		}
		l.out.code = append(l.out.code, instr{op: op, in: n.dt, out: n.dt, dst: dst, a: l.place[id]})
	}
	delete(l.outputs, id)
}

// tally raises the plan's buffer needs to those of this program.
func (l *lowerer) tally() {
	need := &l.pl.buffers
	for dt := range need.registers {
		need.registers[dt] = max(need.registers[dt], int(l.used[dt]))
		need.leaves[dt] = max(need.leaves[dt], int(l.leaves[dt]))
	}
	need.carries = max(need.carries, len(l.out.carries), len(l.out.totals))
	need.ext = max(need.ext, l.out.ext)
}
