package kernels

import "math/bits"

// sameShape panics unless n elements fill an array of these dimensions.
func sameShape(n int, dims ...int) {
	all := uint64(1)
	for _, d := range dims {
		hi, lo := bits.Mul64(all, uint64(d))
		if d < 0 || hi != 0 {
			panic(panicShape)
		}
		all = lo
	}
	if all != uint64(n) {
		panic(panicLength)
	}
}

// holds panics unless n elements hold rows of so many columns, where element (i, j) is number i*rowStride + j*colStride.
func holds(n, rows, cols, rowStride, colStride int) {
	if rows < 0 || cols < 0 || rowStride < 0 || colStride < 0 {
		panic(panicShape)
	}
	if rows == 0 || cols == 0 {
		return
	}
	down, i := bits.Mul64(uint64(rows-1), uint64(rowStride))
	right, j := bits.Mul64(uint64(cols-1), uint64(colStride))
	if down|right != 0 || i >= uint64(n) || j >= uint64(n)-i {
		panic(panicMatrix)
	}
}
