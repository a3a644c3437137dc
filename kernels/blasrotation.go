package kernels

import (
	"math"

	"gonum.org/v1/gonum/blas"
)

// blasRotg computes the plane rotation that makes the second of (a, b) zero: r has the sign of the larger of the two,
// z is the one number from which c and s can be found again (Anderson, "Algorithm 978: Safe scaling in the level 1
// BLAS", ACM TOMS 44, 2017).
func blasRotg[T Float](a, b T) (c, s, r, z T) {
	switch {
	case a != a || b != b:
		return a + b, a + b, a + b, a + b
	case b == 0:
		return 1, 0, a, 0
	case a == 0:
		return 0, 1, b, 1
	}
	fa, fb := float64(a), float64(b)
	aLeads := math.Abs(fa) > math.Abs(fb)
	lead := fb
	if aLeads {
		lead = fa
	}
	r = T(math.Copysign(hypot(fa, fb), lead))
	c, s = a/r, b/r
	switch {
	case aLeads:
		z = s
	case c != 0:
		z = 1 / c
	default:
		z = 1
	}
	return c, s, r, z
}

// modified is a modified Givens rotation in the making: the matrix ((h11, h12), (h21, h22)) and the scaled pair.
type modified[T Float] struct {
	flag               blas.Flag
	h11, h12, h21, h22 T
	d1, d2, x1         T
}

// blasRotmg computes the modified Givens rotation (Hopkins, "Restructuring the BLAS level 1 routine for computing the
// modified Givens transformation", ACM SIGNUM 32, 1997). The result with flag Rescaling and all zeros says that the
// arguments allow none.
func blasRotmg[T Float](d1, d2, x1, y1 T) modified[T] {
	m := modified[T]{d1: d1, d2: d2, x1: x1}
	p1, p2 := d1*x1, d2*y1
	q1, q2 := p1*x1, p2*y1
	switch {
	case d1 < 0:
		return modified[T]{flag: blas.Rescaling}
	case d2 == 0 || y1 == 0:
		m.flag = blas.Identity
		return m
	case (d1 == 0 || x1 == 0) && d2 > 0:
		m.flag, m.h12, m.h21 = blas.Diagonal, 1, -1
		m.d1, m.d2, m.x1 = d2, d1, y1
	case math.Abs(float64(q1)) > math.Abs(float64(q2)):
		m.flag, m.h11, m.h22 = blas.OffDiagonal, 1, 1
		m.h21, m.h12 = -y1/x1, p2/p1
		u := 1 - T(m.h12*m.h21)
		if u <= 0 {
			return modified[T]{flag: blas.Rescaling}
		}
		m.d1, m.d2, m.x1 = d1/u, d2/u, x1*u
	case q2 < 0:
		return modified[T]{flag: blas.Rescaling}
	default:
		m.flag, m.h12, m.h21 = blas.Diagonal, 1, -1
		m.h11, m.h22 = p1/p2, x1/y1
		u := 1 + T(m.h11*m.h22)
		m.d1, m.d2, m.x1 = d2/u, d1/u, y1*u
	}
	m.rescale()
	return m
}

// rescale brings d1 and d2 back between 1/gam² and gam².
func (m *modified[T]) rescale() {
	const gam = 4096
	for m.d1 <= 1/T(gam*gam) && m.d1 != 0 {
		m.flag = blas.Rescaling
		m.d1 = m.d1 * gam * gam
		m.x1, m.h11, m.h12 = m.x1/gam, m.h11/gam, m.h12/gam
	}
	for m.d1 > gam*gam {
		m.flag = blas.Rescaling
		m.d1 = m.d1 / gam / gam
		m.x1, m.h11, m.h12 = m.x1*gam, m.h11*gam, m.h12*gam
	}
	for math.Abs(float64(m.d2)) <= 1.0/(gam*gam) && m.d2 != 0 {
		m.flag = blas.Rescaling
		m.d2 = m.d2 * gam * gam
		m.h21, m.h22 = m.h21/gam, m.h22/gam
	}
	for math.Abs(float64(m.d2)) > gam*gam {
		m.flag = blas.Rescaling
		m.d2 = m.d2 / gam / gam
		m.h21, m.h22 = m.h21*gam, m.h22*gam
	}
}

// params returns the elements that the flag says are not implied, column by column.
func (m *modified[T]) params() [4]T {
	switch m.flag {
	case blas.Diagonal:
		return [4]T{m.h11, 0, 0, m.h22}
	case blas.OffDiagonal:
		return [4]T{0, m.h21, m.h12, 0}
	case blas.Rescaling:
		return [4]T{m.h11, m.h21, m.h12, m.h22}
	}
	return [4]T{}
}

// blasRotate sets each pair (x, y) to (h11*x + h12*y, h21*x + h22*y).
func blasRotate[T Float](n int, x []T, incX int, y []T, incY int, h11, h12, h21, h22 T) {
	if !pairCheck(n, len(x), incX, len(y), incY) {
		return
	}
	ix, iy := vecOf(x, n, incX).at, vecOf(y, n, incY).at
	for range n {
		vx, vy := x[ix], y[iy]
		x[ix], y[iy] = T(h11*vx)+T(h12*vy), T(h21*vx)+T(h22*vy)
		ix += incX
		iy += incY
	}
}

// blasRotm applies a modified Givens rotation.
func blasRotm[T Float](n int, x []T, incX int, y []T, incY int, flag blas.Flag, h [4]T) {
	switch flag {
	case blas.Identity:
		pairCheck(n, len(x), incX, len(y), incY)
	case blas.Rescaling:
		blasRotate(n, x, incX, y, incY, h[0], h[2], h[1], h[3])
	case blas.OffDiagonal:
		blasRotate(n, x, incX, y, incY, 1, h[2], h[1], 1)
	case blas.Diagonal:
		blasRotate(n, x, incX, y, incY, h[0], 1, -1, h[3])
	default:
		panic(badFlag)
	}
}
