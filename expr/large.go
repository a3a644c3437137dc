package expr

import "github.com/shmath/shmath/kernels"

// The kernels of a tile would first wait for its elements and then leave the memory idle while they compute. So a stage that
// touches more than the second level of the cache holds asks for the next tile's elements meanwhile, some before each
// instruction. The results of one that touches more than the last level holds are made in registers and leave past the
// caches, which saves reading their lines.

// The bytes that a stage touches from which it fetches, some times a second level, and from which its results pass by the
// caches. They are variables for tests.
var (
	fetchFrom  = 4 << 20
	streamFrom = kernels.StreamFrom()
)

// touches is the bytes that a stage reads and writes in one pass.
func (pl *Plan) touches(st *Stage) int {
	read := map[int64]bool{}
	seen := map[nodeID]bool{}
	var visit func(id nodeID)
	visit = func(id nodeID) {
		if id == noNode || seen[id] {
			return
		}
		seen[id] = true
		n := &pl.g.nodes[id]
		if n.op == opLoad {
			read[n.imm[0]] = true
		}
		for _, a := range n.args {
			visit(a)
		}
	}
	bytes := 0
	for _, r := range st.reducers {
		visit(pl.reducers[r].x)
		visit(pl.reducers[r].y)
		visit(pl.reducers[r].mask)
	}
	for _, o := range st.outputs {
		visit(o.node)
		visit(o.mask)
		bytes += pl.arrays[o.array].DType.Size()
	}
	for array := range read {
		bytes += pl.arrays[array].DType.Size()
	}
	return bytes * st.N
}

// fetch asks for the share of instruction i in the elements [lo, hi) of what is read in place.
func (f *Frame) fetch(p *program, i, lo, hi int) {
	n := hi - lo
	if n <= 0 {
		return
	}
	lo, hi = lo+n*i/len(p.code), lo+n*(i+1)/len(p.code)
	fetchBank(&f.i64, p.slots[Int64], lo, hi)
	fetchBank(&f.f32, p.slots[Float32], lo, hi)
	fetchBank(&f.f64, p.slots[Float64], lo, hi)
}

func fetchBank[T int64 | float32 | float64](b *bank[T], slots []slot, lo, hi int) {
	for i := range slots {
		if s := &slots[i]; s.kind == slotInput {
			kernels.Fetch(b.arrays[s.index][int(s.offset)+lo : int(s.offset)+hi])
		}
	}
}
