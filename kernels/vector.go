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
	binaryOps // how many take two arrays
)

const (
	negOp vectorOp = iota
	absOp
	squareOp
	reciprocalOp
	sqrtOp
	rsqrtOp
	floorOp
	ceilOp
	truncOp
	roundOp
	unaryOps // how many take one array
)

const (
	addScalarOp vectorOp = iota
	subScalarOp
	rsubScalarOp
	mulScalarOp
	divScalarOp
	rdivScalarOp
	scalarOps // how many take one array and one number
)
