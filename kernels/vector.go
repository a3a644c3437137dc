package kernels

// vectorOp names an elementwise loop that has bodies in assembly.
type vectorOp uint8

const (
	addOp vectorOp = iota
	subOp
	mulOp
	divOp
	minOp
	maxOp
	copysignOp
	bitAndOp
	bitOrOp
	bitXorOp
	shiftLeftOp
	shiftRightOp
	powOp
	atan2Op
	hypotOp
	modOp
	floorDivOp
	binaryOps // how many take two arrays
)

const (
	negOp vectorOp = iota
	absOp
	squareOp
	reciprocalOp
	sqrtOp
	rsqrtOp
	signOp
	bitNotOp
	floorOp
	ceilOp
	truncOp
	roundOp
	expOp
	exp2Op
	exp10Op
	expm1Op
	sigmoidOp
	logOp
	log2Op
	log10Op
	log1pOp
	sinOp
	cosOp
	tanOp
	sinhOp
	coshOp
	tanhOp
	asinhOp
	acoshOp
	atanhOp
	asinOp
	acosOp
	atanOp
	erfOp
	erfcOp
	cbrtOp
	normalOp
	unaryOps // how many take one array
)

const (
	addScalarOp vectorOp = iota
	subScalarOp
	rsubScalarOp
	mulScalarOp
	divScalarOp
	rdivScalarOp
	bitAndScalarOp
	bitOrScalarOp
	bitXorScalarOp
	shiftLeftScalarOp
	shiftRightScalarOp
	powScalarOp
	modScalarOp
	floorDivScalarOp
	scalarOps // how many take one array and one number
)

// compareOp names a comparison that has bodies in assembly.
type compareOp uint8

const (
	lessOp compareOp = iota
	lessEqualOp
	equalOp
	notEqualOp
	greaterOp
	greaterEqualOp
	compareOps
)

// sumOp names a sum of rows that has bodies in assembly.
type sumOp uint8

const (
	plainSum sumOp = iota
	sumAbs
	nanSum
	sumOps
)

// extremeOp names a search for an extreme that has bodies in assembly.
type extremeOp uint8

const (
	least extremeOp = iota
	greatest
	greatestAbs
	nanLeast
	nanGreatest
	extremeOps
)

// chunk is the most elements that one call of assembly does: nothing can stop a goroutine inside machine code, and the
// collector waits for all.
const chunk = 1 << 14

// elementwise sets dst[i] = one(x[i]): the assembly of op as far as it goes, one for what it leaves.
func elementwise[T Float](op vectorOp, dst, x []T, one func(float64) float64) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := 0; i < len(dst); {
		i += vector1(op, dst[i:], x[i:])
		for end := min(i+8, len(dst)); i < end; i++ {
			dst[i] = T(one(float64(x[i])))
		}
	}
}

// elementwise2 sets dst[i] = one(x[i], y[i]) likewise.
func elementwise2[T Float](op vectorOp, dst, x, y []T, one func(x, y float64) float64) {
	elementwiseOf2(op, dst, x, y, func(x, y T) T { return T(one(float64(x), float64(y))) })
}

// elementwiseOf2 is elementwise2 for a function that computes in the type of its arguments.
func elementwiseOf2[T Number](op vectorOp, dst, x, y []T, one func(x, y T) T) {
	sameLen3(len(dst), len(x), len(y))
	x, y = x[:len(dst)], y[:len(dst)]
	for i := 0; i < len(dst); {
		i += vector2(op, dst[i:], x[i:], y[i:])
		for end := min(i+8, len(dst)); i < end; i++ {
			dst[i] = one(x[i], y[i])
		}
	}
}

// elementwiseScalar sets dst[i] = one(x[i], a) likewise.
func elementwiseScalar[T Number](op vectorOp, dst, x []T, a T, one func(x, a T) T) {
	sameLen(len(dst), len(x))
	x = x[:len(dst)]
	for i := 0; i < len(dst); {
		i += vectorScalar(op, dst[i:], x[i:], a)
		for end := min(i+8, len(dst)); i < end; i++ {
			dst[i] = one(x[i], a)
		}
	}
}
