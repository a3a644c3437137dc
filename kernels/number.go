package kernels

// Float is the element type of most kernels.
type Float interface{ float32 | float64 }

// Integer is every integer type that an array can hold.
type Integer interface {
	int8 | int16 | int32 | int64 | int | uint8 | uint16 | uint32 | uint64 | uint
}

// Number is every numeric type that an array can hold.
type Number interface{ Integer | Float }

// isInteger tells the integer types.
func isInteger[T Number]() bool {
	one := T(1)
	return one/2 == 0
}

// isSigned tells the types that have negative numbers.
func isSigned[T Number]() bool { return -T(1) < 0 }

// The panics of this package: each is a bug of the caller.
const (
	panicLength   = "kernels: slice lengths do not match"
	panicEmpty    = "kernels: empty slice"
	panicBlock    = "kernels: block longer than SumBlock"
	panicLevel    = "kernels: subtree pushed at a level that does not fit"
	panicRange    = "kernels: range is not finite, not increasing or has no width"
	panicBins     = "kernels: no bins"
	panicQuantile = "kernels: quantile not in [0, 1]"
	panicRank     = "kernels: rank out of range"
	panicPrefix   = "kernels: prefix leaves no bits of the key"
	panicShort    = "kernels: destination is too short"
	panicHorizon  = "kernels: horizon is negative or too long"
	panicBound    = "kernels: bound is not positive"
	panicPoints   = "kernels: a stencil has 1 to 64 points"
	panicSweeps   = "kernels: sweeps or rows out of range"
	panicShape    = "kernels: a dimension is negative, or their product too large"
	panicMatrix   = "kernels: slice is too short for its matrix"
	panicOutside  = "kernels: view has elements outside of its slice"
	panicAxes     = "kernels: views have different axes, or more than eight"

	panicOneElement = "kernels: destination has one element in many places: stride zero"
)

// sameLen panics unless two lengths are equal.
func sameLen(n, m int) {
	if n != m {
		panic(panicLength)
	}
}

// sameLen3 panics unless three lengths are equal.
func sameLen3(n, m, k int) {
	if n != m || n != k {
		panic(panicLength)
	}
}
