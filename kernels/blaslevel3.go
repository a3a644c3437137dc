package kernels

import "gonum.org/v1/gonum/blas"

// op returns the view of op(A) for a row-major matrix.
func op[T Float](t blas.Transpose, a []T, lda int) Matrix[T] {
	if t == blas.NoTrans {
		return RowMajor(a, lda)
	}
	return RowMajor(a, lda).T()
}

// stored returns the shape in memory of an m×n matrix op(A).
func stored(t blas.Transpose, m, n int) (rows, cols int) {
	if t == blas.NoTrans {
		return m, n
	}
	return n, m
}

func blasGemm[T Float](tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	needTrans(tA)
	needTrans(tB)
	need(m >= 0, mLT0)
	need(n >= 0, nLT0)
	need(k >= 0, kLT0)
	rowsA, colsA := stored(tA, m, k)
	rowsB, colsB := stored(tB, k, n)
	need(lda >= max(1, colsA), badLdA)
	need(ldb >= max(1, colsB), badLdB)
	need(ldc >= max(1, n), badLdC)
	if m == 0 || n == 0 {
		return
	}
	needMat(rowsA, colsA, len(a), lda, shortA)
	needMat(rowsB, colsB, len(b), ldb, shortB)
	needMat(m, n, len(c), ldc, shortC)
	Gemm(m, n, k, alpha, op(tA, a, lda), op(tB, b, ldb), beta, c, ldc)
}

// halve cuts a triangle of order n in two, at a multiple of every tile.
func halve(n int) int { return roundUp(n/2, 48) }

// Triangles up to this order are computed as squares, or by rows.
const (
	squareMax = 96
	solveMax  = 8
)

// checkSided checks the arguments that symm, trmm and trsm have in common: A of the order of m or of n, and B; of C its leading
// dimension, which trmm and trsm do not have.
func checkSided[T Float](s blas.Side, ul blas.Uplo, m, n int, a []T, lda int, b []T, ldb, ldc int) (order int, work bool) {
	needSide(s)
	needUplo(ul)
	need(m >= 0, mLT0)
	need(n >= 0, nLT0)
	order = n
	if s == blas.Left {
		order = m
	}
	need(lda >= max(1, order), badLdA)
	need(ldb >= max(1, n), badLdB)
	need(ldc >= max(1, n), badLdC)
	if m == 0 || n == 0 {
		return order, false
	}
	needMat(order, order, len(a), lda, shortA)
	needMat(m, n, len(b), ldb, shortB)
	return order, true
}

func blasSymm[T Float](s blas.Side, ul blas.Uplo, m, n int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	order, work := checkSided(s, ul, m, n, a, lda, b, ldb, ldc)
	if !work {
		return
	}
	needMat(m, n, len(c), ldc, shortC)
	upper := RowMajor(a, lda)
	if ul == blas.Lower {
		upper = upper.T()
	}
	if s == blas.Left {
		symmLeft(order, n, alpha, upper, RowMajor(b, ldb), beta, c, ldc)
	} else {
		symmRight(order, m, alpha, upper, RowMajor(b, ldb), beta, c, ldc)
	}
}

// mirrored copies a symmetric matrix of which the upper triangle is stored.
func mirrored[T Float](n int, a Matrix[T]) (Matrix[T], *scratch[T]) {
	s := borrow[T](n * n)
	for i := range n {
		for j := i; j < n; j++ {
			v := a.Data[i*a.RowStride+j*a.ColStride]
			s.buf[i*n+j], s.buf[j*n+i] = v, v
		}
	}
	return RowMajor(s.buf, n), s
}

// symmLeft computes C = alpha*A*B + beta*C for a symmetric A of order m, whose upper triangle is stored.
func symmLeft[T Float](m, n int, alpha T, a, b Matrix[T], beta T, c []T, ldc int) {
	if m <= squareMax {
		full, s := mirrored(m, a)
		Gemm(m, n, m, alpha, full, b, beta, c, ldc)
		s.giveBack()
		return
	}
	h := halve(m)
	corner, low := a.from(0, h), c[h*ldc:]
	symmLeft(h, n, alpha, a, b, beta, c, ldc)
	Gemm(h, n, m-h, alpha, corner, b.from(h, 0), 1, c, ldc)
	symmLeft(m-h, n, alpha, a.from(h, h), b.from(h, 0), beta, low, ldc)
	Gemm(m-h, n, h, alpha, corner.T(), b, 1, low, ldc)
}

// symmRight computes C = alpha*B*A + beta*C for a symmetric A of order n, whose upper triangle is stored.
func symmRight[T Float](n, m int, alpha T, a, b Matrix[T], beta T, c []T, ldc int) {
	if n <= squareMax {
		full, s := mirrored(n, a)
		Gemm(m, n, n, alpha, b, full, beta, c, ldc)
		s.giveBack()
		return
	}
	h := halve(n)
	corner, right := a.from(0, h), c[h:]
	symmRight(h, m, alpha, a, b, beta, c, ldc)
	Gemm(m, h, n-h, alpha, b.from(0, h), corner.T(), 1, c, ldc)
	symmRight(n-h, m, alpha, a.from(h, h), b.from(0, h), beta, right, ldc)
	Gemm(m, n-h, h, alpha, b, corner, 1, right, ldc)
}

// rankK is the triangle of C = alpha*A*B + beta*C where only one triangle of C may be touched.
type rankK[T Float] struct {
	upper       bool
	k           int
	alpha, beta T
	c           []T
	ldc         int
}

// checkRank checks syrk and syr2k, except for the memory of B, and says whether there is work.
func checkRank[T Float](ul blas.Uplo, t blas.Transpose, n, k int, a []T, lda, ldb int, c []T, ldc int) bool {
	needUplo(ul)
	needTrans(t)
	need(n >= 0, nLT0)
	need(k >= 0, kLT0)
	rows, cols := stored(t, n, k)
	need(lda >= max(1, cols), badLdA)
	need(ldb >= max(1, cols), badLdB)
	need(ldc >= max(1, n), badLdC)
	if n == 0 {
		return false
	}
	needMat(rows, cols, len(a), lda, shortA)
	needMat(n, n, len(c), ldc, shortC)
	return true
}

func blasSyrk[T Float](ul blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int) {
	if !checkRank(ul, t, n, k, a, lda, lda, c, ldc) {
		return
	}
	r := rankK[T]{ul == blas.Upper, k, alpha, beta, c, ldc}
	va := op(t, a, lda)
	r.add(0, n, va, va.T())
}

func blasSyr2k[T Float](ul blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	if !checkRank(ul, t, n, k, a, lda, ldb, c, ldc) {
		return
	}
	rows, cols := stored(t, n, k)
	needMat(rows, cols, len(b), ldb, shortB)
	r := rankK[T]{ul == blas.Upper, k, alpha, beta, c, ldc}
	va, vb := op(t, a, lda), op(t, b, ldb)
	r.add(0, n, va, vb.T())
	r.beta = 1
	r.add(0, n, vb, va.T())
}

// add computes the triangle of order n that begins at (at, at), with the bits that Gemm gives.
func (r *rankK[T]) add(at, n int, a, b Matrix[T]) {
	c := r.c[at*r.ldc+at:]
	if n <= squareMax {
		r.square(n, a.from(at, 0), b.from(0, at), c)
		return
	}
	h := halve(n)
	r.add(at, h, a, b)
	r.add(at+h, n-h, a, b)
	if r.upper {
		Gemm(h, n-h, r.k, r.alpha, a.from(at, 0), b.from(0, at+h), r.beta, c[h:], r.ldc)
	} else {
		Gemm(n-h, h, r.k, r.alpha, a.from(at+h, 0), b.from(0, at), r.beta, c[h*r.ldc:], r.ldc)
	}
}

// square computes a small triangle as a square, aside.
func (r *rankK[T]) square(n int, a, b Matrix[T], c []T) {
	s := borrow[T](n * n)
	defer s.giveBack()
	clear(s.buf)
	span := func(i int) (lo, hi int) {
		if r.upper {
			return i, n
		}
		return 0, i + 1
	}
	for i := range n {
		lo, hi := span(i)
		copy(s.buf[i*n+lo:i*n+hi], c[i*r.ldc+lo:i*r.ldc+hi])
	}
	Gemm(n, n, r.k, r.alpha, a, b, r.beta, s.buf, n)
	for i := range n {
		lo, hi := span(i)
		copy(c[i*r.ldc+lo:i*r.ldc+hi], s.buf[i*n+lo:i*n+hi])
	}
}
