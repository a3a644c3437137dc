package expr

// op is an elementwise operation, or a leaf, of the graph.
type op uint8

const (
	opNone op = iota
	// Leaves.
	opConst     // scalar; imm[0] holds the bits
	opReduced   // scalar; imm[0] is the number of the reduction that sets it
	opLoad      // imm: array, offset, step
	opRepeat    // imm: array, inner, period; element i is element i/inner%period
	opUniform   // imm: stream, offset, step
	opNormal    // imm: as opUniform; args: mean, std
	opBootstrap // imm: stream, offset, array | horizon<<32; step 1
	opArange    // args: start, step; imm: -, offset, step
	opLinspace  // args: start, stop; imm: num, offset, step
	opSplat     // array of one scalar
	// Scans carry a value from block to block.
	opCumSum
	opCumProd
	opDiff // reads one element past its own
	// Conversions.
	opCast
	opToBool
	// Binary, result of the operands' type.
	opAdd
	opSub
	opMul
	opDiv
	opMod
	opFloorDiv
	opPow
	opMinimum
	opMaximum
	opAtan2
	opHypot
	opCopysign
	// Masks and integers.
	opAnd
	opOr
	opXor
	opNot
	// Comparisons.
	opLess
	opLessEqual
	opEqual
	opNotEqual
	opGreater
	opGreaterEqual
	// Ternary.
	opSelect
	opClamp // args: array, scalar, scalar
	// Made while lowering.
	opHorner // a polynomial of one array; coefs: scalars
	opStream // a copy past the caches
	// Unary.
	opNeg
	opAbs
	opSign
	opSquare
	opReciprocal
	opFloor
	opCeil
	opTrunc
	opRound
	opSqrt
	opExp
	opExp2
	opExpm1
	opLog
	opLog2
	opLog10
	opLog1p
	opSin
	opCos
	opTan
	opAsin
	opAcos
	opAtan
	opSinh
	opCosh
	opTanh
	opAsinh
	opAcosh
	opAtanh
	opCbrt
	opErf
	opErfc
	opSigmoid
	opIsNaN
	opIsInf
	opIsFinite
	opCount // number of operations
)

func (o op) isCompare() bool   { return o >= opLess && o <= opGreaterEqual }
func (o op) isPredicate() bool { return o >= opIsNaN && o <= opIsFinite }
func (o op) isScan() bool      { return o == opCumSum || o == opCumProd }

// operatorOps are the binary operators of the language.
var operatorOps = map[string]op{
	"+": opAdd, "-": opSub, "*": opMul, "/": opDiv, "//": opFloorDiv, "%": opMod, "**": opPow, "&": opAnd, "|": opOr,
	"^": opXor, "<": opLess, "<=": opLessEqual, "==": opEqual, "!=": opNotEqual, ">": opGreater, ">=": opGreaterEqual,
}

// reduction is what a reducing function returns.
type reduction uint8

const (
	redSum reduction = iota
	redMean
	redProd
	redVar
	redStd
	redMin
	redMax
	redArgMin
	redArgMax
	redCount
	redAny
	redAll
	redDot
	redItem
	redQuantile
	redPercentile
	redMedian
	redHistogram
)

var reductionNames = [...]string{"sum", "mean", "prod", "var", "std", "min", "max", "argmin", "argmax", "count", "any", "all",
	"dot", "item", "quantile", "percentile", "median", "histogram"}

func (r reduction) String() string { return reductionNames[r] }
