package expr

// nodeID numbers a node. Arguments of a node have smaller numbers than the node.
type nodeID int32

const noNode nodeID = -1

// node is one value of the graph. Equal nodes are one node (that is the common subexpression elimination), so the
// struct is its own key. An array node has no length: it is the same whatever range it is evaluated over, and element i
// of it depends on element i of its array arguments (opDiff: also on i+1; scans: on all before).
type node struct {
	op     op
	dt     DType
	scalar bool
	args   [3]nodeID
	imm    [3]int64
}

// graph holds the nodes of one plan.
type graph struct {
	nodes []node
	level []int // the first stage level at which a node can be evaluated
	index map[node]nodeID
}

func newGraph() *graph { return &graph{index: map[node]nodeID{}} }

// add returns the node, made now or before. base is the least level, for leaves that earlier stages produce.
func (g *graph) add(n node, base int) nodeID {
	if id, ok := g.index[n]; ok {
		return id
	}
	level := base
	for _, a := range n.args {
		if a != noNode {
			level = max(level, g.level[a])
		}
	}
	id := nodeID(len(g.nodes))
	g.nodes = append(g.nodes, n)
	g.level = append(g.level, level)
	g.index[n] = id
	return id
}

var noArgs = [3]nodeID{noNode, noNode, noNode}

func (g *graph) constant(dt DType, bits uint64) nodeID {
	return g.add(node{op: opConst, dt: dt, scalar: true, args: noArgs, imm: [3]int64{int64(bits)}}, 0)
}

// apply makes an operation node: a scalar when all its arguments are, folded at once when they are constant.
func (g *graph) apply(o op, dt DType, args ...nodeID) (nodeID, error) {
	n := node{op: o, dt: dt, scalar: true, args: noArgs}
	folded := true
	for i, a := range args {
		n.args[i] = a
		n.scalar = n.scalar && g.nodes[a].scalar
		folded = folded && g.nodes[a].op == opConst
	}
	if n.scalar && folded {
		bits, err := evalScalar(g, &n, func(id nodeID) uint64 { return uint64(g.nodes[id].imm[0]) })
		if err != nil {
			return noNode, err
		}
		return g.constant(dt, bits), nil
	}
	return g.add(n, 0), nil
}

// constantBits returns the value of a node that is known before the run.
func (g *graph) constantBits(id nodeID) (uint64, bool) {
	if n := g.nodes[id]; n.op == opConst {
		return uint64(n.imm[0]), true
	}
	return 0, false
}

// cast converts a node; a load from a stored type is read in the wanted type at once.
func (g *graph) cast(id nodeID, dt DType, raw func(array int64) DType) nodeID {
	n := g.nodes[id]
	if n.dt == dt {
		return id
	}
	if n.op == opLoad && dt.isFloat() && n.dt == Int64 && raw(n.imm[0]) != Int64 {
		n.dt = dt
		return g.add(n, g.level[id])
	}
	o := opCast
	if dt == Bool {
		o = opToBool
	}
	out, err := g.apply(o, dt, id)
	if err != nil {
		return id // conversions cannot fail
	}
	return out
}

// viewKey names a view that was made.
type viewKey struct {
	id           nodeID
	offset, step int64
}

// view returns the node whose element i is element offset+i*step of id: slices are moved down to the leaves, which can
// all start anywhere. ok is false where a scan is in the way, whose elements depend on all before.
func (g *graph) view(id nodeID, offset, step int64, memo map[viewKey]nodeID) (out nodeID, ok bool) {
	if offset == 0 && step == 1 {
		return id, true
	}
	key := viewKey{id, offset, step}
	if out, seen := memo[key]; seen {
		return out, out != noNode
	}
	n := g.nodes[id]
	switch {
	case n.scalar:
		return id, true
	case n.op.isScan() || n.op == opRepeat || n.op == opBootstrap && step != 1:
		memo[key] = noNode
		return noNode, false
	case n.op == opLoad || n.op == opUniform || n.op == opNormal || n.op == opArange || n.op == opLinspace || n.op == opBootstrap:
		n.imm[1] += offset * n.stepOf()
		if n.op != opBootstrap {
			n.imm[2] *= step
		}
		out = g.add(n, g.level[id])
	case n.op == opDiff && step != 1:
		next, ok1 := g.view(n.args[0], offset+1, step, memo)
		this, ok2 := g.view(n.args[0], offset, step, memo)
		if !ok1 || !ok2 {
			memo[key] = noNode
			return noNode, false
		}
		o := opSub
		if n.dt == Bool {
			o = opXor
		}
		out = g.add(node{op: o, dt: n.dt, args: [3]nodeID{next, this, noNode}}, 0)
	default:
		for i, a := range n.args {
			if a == noNode {
				continue
			}
			if n.args[i], ok = g.view(a, offset, step, memo); !ok {
				memo[key] = noNode
				return noNode, false
			}
		}
		out = g.add(n, 0)
	}
	memo[key] = out
	return out, true
}

// stepOf is the step of a leaf.
func (n *node) stepOf() int64 {
	if n.op == opBootstrap {
		return 1
	}
	return n.imm[2]
}
