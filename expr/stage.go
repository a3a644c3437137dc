package expr

import (
	"math/bits"
	"strings"

	"github.com/shmath/shmath/kernels"
)

const (
	// leafLen is the unit of all reductions: a leaf of the summation tree.
	leafLen = kernels.SumBlock
	// tileLen is the number of elements that an operation handles at once: the registers of a stage stay in the first
	// level of the cache. It divides leafLen.
	tileLen = 1024
	// blockLen is the least number of elements per block.
	blockLen = 8 * leafLen
	// blocksMax is the number of blocks from which blocks grow.
	blocksMax = 1 << 15
	// partialsMin is the number of words that the partial results of a stage may always take.
	partialsMin = 1 << 19
)

// StageKind is the character of a stage, for progress and reports.
type StageKind uint8

// The kinds of stages.
const (
	Map    StageKind = iota // writes arrays, one pass
	Reduce                  // leaves scalars or counts, one pass; may write arrays too
	Scan                    // carries values from block to block, so takes two passes or more
	Select                  // order statistics: several passes, each of which narrows down
)

// String returns the name of the kind.
func (k StageKind) String() string { return [...]string{"map", "reduce", "scan", "select"}[k&3] }

// Stage is one pass over a domain, or a pass that is repeated until Combine is content. The domain [0, N) is cut into
// blocks of Block elements, the last one shorter; blocks may be run in any order, anywhere, and more than once.
type Stage struct {
	Kind         StageKind
	N            int    // elements of the domain
	Block        int    // elements per block; a power of two times 4096
	Words        int    // of partial result per block
	BytesPerElem int    // read and written for one element of the domain, in one pass
	Label        string // what the stage computes, for people
	Writes       []int  // the arrays it writes, by their number among Plan.Arrays

	reducers []int
	outputs  []output
	passes   []program // one for each depth of running sums, and the last that does the rest
	offsets  []int     // of each reducer: where its words begin
	scans    []scanState
	places   []placeState
	after    []nodeID // scalar operations to do when the stage is done
	touched  int      // bytes, in one pass
	passSlot int      // where the number of the pass is kept among the scalars
}

// Blocks returns the number of blocks of the stage.
func (st *Stage) Blocks() int { return (st.N + st.Block - 1) / st.Block }

// Bounds returns the range [lo, hi) of a block.
func (st *Stage) Bounds(block int) (lo, hi int) {
	return block * st.Block, min((block+1)*st.Block, st.N)
}

// scanState is a running sum or product of a stage.
type scanState struct {
	node nodeID
	dt   DType
	mul  bool
	pass int // in which the block totals are computed
	word int
}

// placeState is a mask whose selected elements are written out: each block must know where its own begin.
type placeState struct {
	mask  nodeID
	pass  int
	word  int
	array []int
}

// chooseBlock sets Block: large enough that the partial results of all blocks are small beside the data (at most a word
// for 32 elements, or 4 MiB). The bits of a
// result do not depend on it, but for running sums, which therefore keep the same block for every N.
func (st *Stage) chooseBlock() {
	st.Block = blockLen
	if len(st.scans) > 0 {
		return
	}
	words := max(st.N/32, partialsMin)
	for st.N/st.Block > blocksMax || st.N/st.Block*st.Words > words && st.Block < st.N {
		st.Block *= 2
	}
}

// subtree is the level of a block in the summation tree.
func (st *Stage) subtree() int { return bits.TrailingZeros(uint(st.Block / leafLen)) }

// describe sets Kind, Label and BytesPerElem.
func (pl *Plan) describe(st *Stage) {
	var names []string
	add := func(name string) {
		if name != "" && !contains(names, name) {
			names = append(names, name)
		}
	}
	st.Kind = Map
	for _, r := range st.reducers {
		st.Kind = max(st.Kind, Reduce)
		if pl.reducers[r].kind == kindSelect {
			st.Kind = Select
		}
		if pl.reducers[r].kind == kindHistogram {
			add("histogram")
		}
		for _, f := range pl.finals {
			if f.reducer == r {
				add(f.red.String())
			}
		}
	}
	if st.Kind != Select && len(st.passes) > 1 {
		st.Kind = Scan
	}
	for _, o := range st.outputs {
		name := pl.arrays[o.array].Name
		if name == "" {
			name = "temporary"
		}
		add(name)
	}
	st.Label = st.Kind.String() + " " + strings.Join(names, ", ")
	read := map[int64]bool{}
	for _, p := range st.passes[len(st.passes)-1:] {
		for _, l := range p.loads {
			read[l] = true
		}
	}
	for l := range read {
		st.BytesPerElem += pl.arrays[l].DType.Size()
	}
	for _, o := range st.outputs {
		st.BytesPerElem += pl.arrays[o.array].DType.Size()
	}
}
