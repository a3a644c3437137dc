package expr

// program is what a stage does in one pass: instructions for each tile, sinks for each leaf.
type program struct {
	code    []instr
	slots   [4][]slot // by type of the elements
	splats  []splat
	packs   []pack
	sinks   []sink
	writers []writer
	carries []carry // running sums that are applied in this pass
	totals  []total // running sums whose block totals are computed in this pass
	loads   []int64 // arrays read, for reports
	ext     int     // elements that some value is needed for beyond a tile
	fetches bool    // inputs are fetched a tile ahead
	streams bool    // results go past the caches
}

// form tells which operands of an instruction are scalars.
type form uint8

const (
	formArrays form = iota
	formRight       // the second operand is a scalar
	formLeft        // the first operand is a scalar
)

// instr is one operation on a tile. Operands are slots of the bank of their type, or scalars.
type instr struct {
	op      op
	form    form
	in      DType // of the operands
	out     DType
	dst     int32
	a, b, c int32
	s, s2   int32 // scalars
	ext     int32 // elements computed beyond the tile
	carry   int32
	coefs   []int32 // scalars of opHorner, the highest power first
	imm     [3]int64
	src     *syntax
}

// slotKind tells where a slot's elements lie.
type slotKind uint8

const (
	slotRegister slotKind = iota // a buffer of one tile
	slotLeaf                     // a buffer of one leaf
	slotInput                    // an array that is read in place
	slotOutput                   // an array that is written in place
)

// slot is an operand of instructions.
type slot struct {
	kind   slotKind
	index  int32 // of the register, the leaf buffer or the array
	offset int64 // of an input: the element for domain element 0
}

// splat is a register that holds one scalar in all elements, filled once per block.
type splat struct {
	dt     DType
	slot   int32
	scalar int32
}

// leafRef names the elements of one leaf: a leaf buffer, an array in place, or a pack.
type leafRef struct {
	kind   slotKind // slotLeaf or slotInput
	packed bool     // index is a pack
	dt     DType
	index  int32
	offset int64
}

// pack collects the elements of a leaf that a mask selects.
type pack struct {
	from, mask leafRef
	buffer     int32 // a leaf buffer of from.dt
}

// sink feeds a reducer with a leaf.
type sink struct {
	reducer int // its number in the plan
	word    int
	x, y    leafRef
}

// writer appends the selected elements of a leaf to an array.
type writer struct {
	array int
	word  int // of the partial result: where the block's elements begin
	x     leafRef
}

// carry is a running sum that is applied: it starts from the total of all blocks before.
type carry struct {
	dt   DType
	mul  bool
	word int
}

// total is a running sum of which the block's own total is computed.
type total struct {
	dt   DType
	mul  bool
	word int
	x    leafRef
}

// bufferNeeds are the buffers that the frames of a plan allocate, by type of the elements.
type bufferNeeds struct {
	registers [4]int
	leaves    [4]int
	carries   int
	ext       int
}
