package kernels

import "math"

// pairCheck checks the arguments of a level-1 routine of two vectors, and says whether there is work.
func pairCheck(n, lenX, incX, lenY, incY int) bool {
	need(incX != 0, zeroIncX)
	need(incY != 0, zeroIncY)
	need(n >= 0, nLT0)
	if n == 0 {
		return false
	}
	needVec(n, lenX, incX, shortX)
	needVec(n, lenY, incY, shortY)
	return true
}

// oneCheck checks the arguments of a level-1 routine of one vector, and says whether there is work: a negative
// increment means none.
func oneCheck(n, lenX, incX int) bool {
	need(incX != 0, zeroIncX)
	need(n >= 0, nLT0)
	if incX < 0 || n == 0 {
		return false
	}
	needVec(n, lenX, incX, shortX)
	return true
}

// blasDot is the dot product before it is rounded to T.
func blasDot[T Float](n int, x []T, incX int, y []T, incY int) float64 {
	if !pairCheck(n, len(x), incX, len(y), incY) {
		return 0
	}
	vx, vy := vecOf(x, n, incX), vecOf(y, n, incY)
	s := TreeDot(vx.flat(), vy.flat())
	vx.done()
	vy.done()
	return s
}

// shortStride is the length up to which a vector with an increment is not worth a copy.
const shortStride = 32

// blasDdot is the dot product of float64, in the order of level 2: LAPACK asks for many that are short.
func blasDdot(n int, x []float64, incX int, y []float64, incY int) float64 {
	if !pairCheck(n, len(x), incX, len(y), incY) {
		return 0
	}
	switch {
	case incX == 1 && incY == 1 && n <= shortRow:
		return shortDot(x[:n], y)
	case incX == 1 && incY == 1:
		return tile64.dot(x[:n], y[:n])
	case n <= shortStride:
		s, ix, iy := 0.0, vecOf(x, n, incX).at, vecOf(y, n, incY).at
		for range n {
			s += float64(x[ix] * y[iy])
			ix += incX
			iy += incY
		}
		return s
	}
	vx, vy := vecOf(x, n, incX), vecOf(y, n, incY)
	s := tile64.dot(vx.flat(), vy.flat())
	vx.done()
	vy.done()
	return s
}

func blasNrm2[T Float](n int, x []T, incX int) T {
	if !oneCheck(n, len(x), incX) {
		return 0
	}
	if n <= shortRow {
		// Squares neither overflow nor vanish unless their sum says so.
		s, at := 0.0, 0
		for range n {
			s += float64(float64(x[at]) * float64(x[at]))
			at += incX
		}
		if s > 0x1p-900 && s < 0x1p1000 {
			return T(math.Sqrt(s))
		}
	}
	v := vecOf(x, n, incX)
	s := Norm2(v.flat())
	v.done()
	return s
}

func blasAsum[T Float](n int, x []T, incX int) T {
	if !oneCheck(n, len(x), incX) {
		return 0
	}
	v := vecOf(x, n, incX)
	s := Norm1(v.flat())
	v.done()
	return s
}

func blasIamax[T Float](n int, x []T, incX int) int {
	if !oneCheck(n, len(x), incX) {
		return -1
	}
	best, at := T(math.Abs(float64(x[0]))), 0
	for i := 1; i < n; i++ {
		if a := T(math.Abs(float64(x[i*incX]))); a > best {
			best, at = a, i
		}
	}
	return at
}

func blasScal[T Float](n int, alpha T, x []T, incX int) {
	if !oneCheck(n, len(x), incX) {
		return
	}
	if incX == 1 {
		scaleFlat(alpha, x[:n])
		return
	}
	for at := 0; n > 0; n, at = n-1, at+incX {
		if alpha == 0 {
			x[at] = 0 // NaN as well
		} else {
			x[at] *= alpha
		}
	}
}

// scaleFlat multiplies x by alpha; zero clears even NaN, as BLAS asks.
func scaleFlat[T Float](alpha T, x []T) {
	switch alpha {
	case 0:
		clear(x)
	case 1:
	default:
		MulScalar(x, x, alpha)
	}
}

func blasSwap[T Float](n int, x []T, incX int, y []T, incY int) {
	if !pairCheck(n, len(x), incX, len(y), incY) {
		return
	}
	if incX == 1 && incY == 1 {
		y = y[:n]
		for i, v := range x[:n] {
			x[i], y[i] = y[i], v
		}
		return
	}
	ix, iy := vecOf(x, n, incX).at, vecOf(y, n, incY).at
	for range n {
		x[ix], y[iy] = y[iy], x[ix]
		ix += incX
		iy += incY
	}
}

func blasCopy[T Float](n int, x []T, incX int, y []T, incY int) {
	if !pairCheck(n, len(x), incX, len(y), incY) {
		return
	}
	if incX == 1 && incY == 1 {
		copy(y[:n], x[:n])
		return
	}
	ix, iy := vecOf(x, n, incX).at, vecOf(y, n, incY).at
	for range n {
		y[iy] = x[ix]
		ix += incX
		iy += incY
	}
}

func blasAxpy[T Float](n int, alpha T, x []T, incX int, y []T, incY int) {
	if !pairCheck(n, len(x), incX, len(y), incY) || alpha == 0 {
		return
	}
	if incX == 1 && incY == 1 {
		if n > shortRow {
			Axpy(alpha, x[:n], y[:n])
			return
		}
		y = y[:n]
		for i, v := range x[:n] {
			y[i] += T(alpha * v)
		}
		return
	}
	ix, iy := vecOf(x, n, incX).at, vecOf(y, n, incY).at
	for range n {
		y[iy] += T(alpha * x[ix])
		ix += incX
		iy += incY
	}
}
