package kernels

import "gonum.org/v1/gonum/blas"

// multiply computes y = alpha*A*x + beta*y or y = alpha*Aᵀ*x + beta*y for an m-row matrix.
func (r *rowMatrix[T]) multiply(trans bool, m int, alpha T, x *stridedVec[T], beta T, y *stridedVec[T]) {
	fy := y.flat()
	scaleFlat(beta, fy)
	if alpha != 0 {
		t, fx := tileOf[T](), x.flat()
		switch {
		case r.kind == denseRows && trans:
			t.adds(fy, x.scaled(alpha), r.a, r.ld, m, r.n)
		case r.kind == denseRows:
			t.dots(alpha, fy, fx, r.a, r.ld, m, r.n)
		case trans:
			fx = x.scaled(alpha)
			for i := range m {
				row, first := r.row(i)
				t.addRow(fy[first:], fx[i:], row)
			}
		default:
			for i := range m {
				row, first := r.row(i)
				t.dotRow(alpha, fy[i:], fx[first:], row)
			}
		}
		x.done()
	}
	y.store()
}

// symmetric computes y = alpha*A*x + beta*y for a symmetric matrix of which one triangle is stored.
func (r *rowMatrix[T]) symmetric(ul blas.Uplo, alpha T, x *stridedVec[T], beta T, y *stridedVec[T]) {
	fy := y.flat()
	scaleFlat(beta, fy)
	if alpha != 0 {
		t, fx := tileOf[T](), x.scaled(alpha)
		for i := range r.n {
			d, row, first := r.split(ul, i)
			fy[i] += T(*d * fx[i])
			t.dotRow(1, fy[i:], fx[first:], row)
			t.addRow(fy[first:], fx[i:], row)
		}
		x.done()
	}
	y.store()
}

// order says in which order the rows of a triangle are taken when x is overwritten on the way.
func order(n, step int, ascending bool) int {
	if ascending {
		return step
	}
	return n - 1 - step
}

// triangular computes x = A*x or x = Aᵀ*x.
func (r *rowMatrix[T]) triangular(ul blas.Uplo, trans bool, d blas.Diag, x *stridedVec[T]) {
	t, fx := tileOf[T](), x.flat()
	for s := range r.n {
		i := order(r.n, s, (ul == blas.Upper) != trans)
		diagonal, row, first := r.split(ul, i)
		if trans {
			t.addRow(fx[first:], fx[i:], row)
		}
		if d == blas.NonUnit {
			fx[i] *= *diagonal
		}
		if !trans {
			t.dotRow(1, fx[i:], fx[first:], row)
		}
	}
	x.store()
}

// solve computes x = A⁻¹*x or x = A⁻ᵀ*x.
func (r *rowMatrix[T]) solve(ul blas.Uplo, trans bool, d blas.Diag, x *stridedVec[T]) {
	t, fx := tileOf[T](), x.flat()
	for s := range r.n {
		i := order(r.n, s, (ul == blas.Lower) != trans)
		diagonal, row, first := r.split(ul, i)
		if !trans {
			t.dotRow(-1, fx[i:], fx[first:], row)
		}
		if d == blas.NonUnit {
			fx[i] /= *diagonal
		}
		if trans {
			fx[i] = -fx[i]
			t.addRow(fx[first:], fx[i:], row)
			fx[i] = -fx[i]
		}
	}
	x.store()
}

// rankOne adds alpha*x*yᵀ, to the stored part alone.
func (r *rowMatrix[T]) rankOne(m int, alpha T, x, y *stridedVec[T]) {
	if alpha == 0 {
		return
	}
	t, fx, fy := tileOf[T](), x.scaled(alpha), y.flat()
	for i := range m {
		row, first := r.row(i)
		t.addRow(row, fx[i:], fy[first:first+len(row)])
	}
	x.done()
	y.done()
}

// rankTwo adds alpha*x*yᵀ + alpha*y*xᵀ, to the stored part alone.
func (r *rowMatrix[T]) rankTwo(alpha T, x, y *stridedVec[T]) {
	if alpha == 0 {
		return
	}
	t, fx, fy := tileOf[T](), x.scaled(alpha), y.flat()
	for i := range r.n {
		row, first := r.row(i)
		t.addRow(row, fx[i:], fy[first:first+len(row)])
		t.addRow(row, fy[i:], fx[first:first+len(row)])
	}
	x.done()
	y.done()
}

// The checks below say whether there is work. Their order is gonum's.

func checkGemv[T Float](t blas.Transpose, m, n int, a []T, lda int, x []T, incX int, y []T, incY int) bool {
	needTrans(t)
	need(m >= 0, mLT0)
	need(n >= 0, nLT0)
	need(lda >= max(1, n), badLdA)
	need(incX != 0, zeroIncX)
	need(incY != 0, zeroIncY)
	if m == 0 || n == 0 {
		return false
	}
	lenX, lenY := lengths(t, m, n)
	needVec(lenX, len(x), incX, shortX)
	needVec(lenY, len(y), incY, shortY)
	needMat(m, n, len(a), lda, shortA)
	return true
}

// lengths returns how long x and y are in y = op(A)*x.
func lengths(t blas.Transpose, m, n int) (x, y int) {
	if t == blas.NoTrans {
		return n, m
	}
	return m, n
}

func checkGbmv[T Float](t blas.Transpose, m, n, kl, ku int, a []T, lda int, x []T, incX int, y []T, incY int) bool {
	needTrans(t)
	need(m >= 0, mLT0)
	need(n >= 0, nLT0)
	need(kl >= 0, kLLT0)
	need(ku >= 0, kULT0)
	need(lda >= kl+ku+1, badLdA)
	need(incX != 0, zeroIncX)
	need(incY != 0, zeroIncY)
	if m == 0 || n == 0 {
		return false
	}
	needMat(min(m, n+kl), kl+ku+1, len(a), lda, shortA)
	lenX, lenY := lengths(t, m, n)
	needVec(lenX, len(x), incX, shortX)
	needVec(lenY, len(y), incY, shortY)
	return true
}

// triangle is how a triangular or symmetric matrix of order n is stored: dense, as a band, or packed.
type triangle[T Float] struct {
	rows rowMatrix[T]
	ul   blas.Uplo
}

func fullTriangle[T Float](ul blas.Uplo, n int, a []T, lda int) *triangle[T] {
	needUplo(ul)
	need(n >= 0, nLT0)
	need(lda >= max(1, n), badLdA)
	if n > 0 {
		needMat(n, n, len(a), lda, shortA)
	}
	return &triangle[T]{denseTriangle(ul, a, lda, n), ul}
}

func bandedTriangle[T Float](ul blas.Uplo, n, k int, a []T, lda int) *triangle[T] {
	needUplo(ul)
	need(n >= 0, nLT0)
	need(k >= 0, kLT0)
	need(lda >= k+1, badLdA)
	if n > 0 {
		needMat(n, k+1, len(a), lda, shortA)
	}
	return &triangle[T]{bandTriangle(ul, a, lda, n, k), ul}
}

func packed[T Float](ul blas.Uplo, n int, ap []T) *triangle[T] {
	needUplo(ul)
	need(n >= 0, nLT0)
	need(len(ap) >= n*(n+1)/2, shortAP)
	return &triangle[T]{packedTriangle(ul, ap, n), ul}
}

func (t *triangle[T]) mv(tr blas.Transpose, d blas.Diag, x []T, incX int) {
	if t.vectorCheck(tr, d, x, incX) {
		v := vecOf(x, t.rows.n, incX)
		t.rows.triangular(t.ul, tr != blas.NoTrans, d, &v)
	}
}

func (t *triangle[T]) sv(tr blas.Transpose, d blas.Diag, x []T, incX int) {
	if t.vectorCheck(tr, d, x, incX) {
		v := vecOf(x, t.rows.n, incX)
		t.rows.solve(t.ul, tr != blas.NoTrans, d, &v)
	}
}

func (t *triangle[T]) vectorCheck(tr blas.Transpose, d blas.Diag, x []T, incX int) bool {
	needTrans(tr)
	needDiag(d)
	need(incX != 0, zeroIncX)
	if t.rows.n > 0 {
		needVec(t.rows.n, len(x), incX, shortX)
	}
	return t.rows.n > 0
}

func (t *triangle[T]) symv(alpha T, x []T, incX int, beta T, y []T, incY int) {
	if n := t.rows.n; pairCheck(n, len(x), incX, len(y), incY) {
		vx, vy := vecOf(x, n, incX), vecOf(y, n, incY)
		t.rows.symmetric(t.ul, alpha, &vx, beta, &vy)
	}
}

func (t *triangle[T]) rank(alpha T, x []T, incX int) {
	if n := t.rows.n; pairCheck(n, len(x), incX, len(x), incX) {
		vx, vy := vecOf(x, n, incX), vecOf(x, n, incX)
		t.rows.rankOne(n, alpha, &vx, &vy)
	}
}

func (t *triangle[T]) rank2(alpha T, x []T, incX int, y []T, incY int) {
	if n := t.rows.n; pairCheck(n, len(x), incX, len(y), incY) {
		vx, vy := vecOf(x, n, incX), vecOf(y, n, incY)
		t.rows.rankTwo(alpha, &vx, &vy)
	}
}

func blasGemv[T Float](t blas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) {
	if !checkGemv(t, m, n, a, lda, x, incX, y, incY) {
		return
	}
	lenX, lenY := lengths(t, m, n)
	if incX == 1 && incY == 1 && t == blas.NoTrans {
		scaleFlat(beta, y[:lenY])
		if alpha != 0 {
			tileOf[T]().dots(alpha, y, x, a, lda, m, n)
		}
		return
	}
	if incX == 1 && incY == 1 && alpha == 1 {
		scaleFlat(beta, y[:lenY])
		tileOf[T]().adds(y, x, a, lda, m, n)
		return
	}
	if m*n <= smallMatrix {
		gemvSmall(t != blas.NoTrans, m, n, alpha, a, lda, x, incX, beta, y, incY)
		return
	}
	r := dense(a, lda, n)
	vx, vy := vecOf(x, lenX, incX), vecOf(y, lenY, incY)
	r.multiply(t != blas.NoTrans, m, alpha, &vx, beta, &vy)
}

// smallMatrix is how many elements are multiplied one by one where vectors would have to be copied.
const smallMatrix = 64

// gemvSmall is Gemv for few elements. Products are rounded; those of a row are added in turn, in float64.
func gemvSmall[T Float](trans bool, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) {
	lenX, lenY := n, m
	if trans {
		lenX, lenY = m, n
	}
	ix, iy := vecOf(x, lenX, incX).at, vecOf(y, lenY, incY).at
	for at := iy; lenY > 0; lenY, at = lenY-1, at+incY {
		if beta == 0 {
			y[at] = 0 // NaN as well
		} else {
			y[at] *= beta
		}
	}
	if alpha == 0 {
		return
	}
	for i := range m {
		row := a[i*lda : i*lda+n]
		if trans {
			c, at := T(alpha*x[ix+i*incX]), iy
			for _, v := range row {
				y[at] += T(c * v)
				at += incY
			}
			continue
		}
		s, at := 0.0, ix
		for _, v := range row {
			s += float64(float64(v) * float64(x[at]))
			at += incX
		}
		y[iy+i*incY] += T(float64(alpha) * s)
	}
}

func blasGbmv[T Float](t blas.Transpose, m, n, kl, ku int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) {
	if !checkGbmv(t, m, n, kl, ku, a, lda, x, incX, y, incY) {
		return
	}
	r := rowMatrix[T]{bandRows, a, lda, n, kl, ku}
	lenX, lenY := lengths(t, m, n)
	vx, vy := vecOf(x, lenX, incX), vecOf(y, lenY, incY)
	r.multiply(t != blas.NoTrans, m, alpha, &vx, beta, &vy)
}

func blasGer[T Float](m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int) {
	need(m >= 0, mLT0)
	need(n >= 0, nLT0)
	need(lda >= max(1, n), badLdA)
	need(incX != 0, zeroIncX)
	need(incY != 0, zeroIncY)
	if m == 0 || n == 0 {
		return
	}
	needVec(m, len(x), incX, shortX)
	needVec(n, len(y), incY, shortY)
	needMat(m, n, len(a), lda, shortA)
	if alpha == 0 {
		return
	}
	vx, vy := vecOf(x, m, incX), vecOf(y, n, incY)
	tileOf[T]().ranks(alpha, a, vx.flat(), vy.flat(), lda, m, n)
	vx.done()
	vy.done()
}
