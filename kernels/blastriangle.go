package kernels

import "gonum.org/v1/gonum/blas"

// sided is a triangular matrix op(A) that multiplies or divides B from one side.
type sided[T Float] struct {
	left, upper, unit bool
	rest              int // of B: its columns if left, its rows if right
	a                 Matrix[T]
	b                 []T
	ldb               int
}

func newSided[T Float](s blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, a []T, lda int, b []T, ldb int) (sided[T], int, bool) {
	needTrans(t)
	needDiag(d)
	order, work := checkSided(s, ul, m, n, a, lda, b, ldb, ldb)
	x := sided[T]{left: s == blas.Left, upper: (ul == blas.Upper) == (t == blas.NoTrans), unit: d == blas.Unit,
		rest: m + n - order, a: op(t, a, lda), b: b, ldb: ldb}
	return x, order, work
}

func blasTrmm[T Float](s blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, alpha T, a []T, lda int, b []T, ldb int) {
	x, order, work := newSided(s, ul, t, d, m, n, a, lda, b, ldb)
	if !work {
		return
	}
	if alpha == 0 {
		x.scale(0, order, 0)
		return
	}
	x.multiply(0, order, alpha)
}

func blasTrsm[T Float](s blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, alpha T, a []T, lda int, b []T, ldb int) {
	x, order, work := newSided(s, ul, t, d, m, n, a, lda, b, ldb)
	if !work {
		return
	}
	if alpha == 0 {
		x.scale(0, order, 0)
		return
	}
	x.solve(0, order, alpha)
}

// part returns the rows (left) or columns (right) of B from number at on, as a matrix.
func (x *sided[T]) part(at int) []T {
	if x.left {
		return x.b[at*x.ldb:]
	}
	return x.b[at:]
}

// scale multiplies the part of B by alpha.
func (x *sided[T]) scale(at, n int, alpha T) {
	rows, cols := n, x.rest
	if !x.left {
		rows, cols = x.rest, n
	}
	b := x.part(at)
	for i := range rows {
		scaleFlat(alpha, b[i*x.ldb:i*x.ldb+cols])
	}
}

// update adds alpha times the block of A that joins part src of B to part dst, times part src.
func (x *sided[T]) update(dst, nDst, src, nSrc int, alpha, beta T) {
	if x.left {
		Gemm(nDst, x.rest, nSrc, alpha, x.a.from(dst, src), RowMajor(x.part(src), x.ldb), beta, x.part(dst), x.ldb)
	} else {
		Gemm(x.rest, nDst, nSrc, alpha, RowMajor(x.part(src), x.ldb), x.a.from(src, dst), beta, x.part(dst), x.ldb)
	}
}

// cut halves a triangle of order n; small ones at a multiple of solveMax.
func cut(n int) int {
	if n > squareMax {
		return halve(n)
	}
	return roundUp(n/2, solveMax)
}

// multiply computes part = alpha * op(A) * part, or part * op(A), for the triangle of order n that begins at (at, at).
func (x *sided[T]) multiply(at, n int, alpha T) {
	if n <= solveMax {
		x.multiplySmall(at, n, alpha)
		return
	}
	h := cut(n)
	lo, hi := at, at+h
	// The part that the other one needs as it was is done last.
	if x.upper == x.left {
		x.multiply(lo, h, alpha)
		x.update(lo, h, hi, n-h, alpha, 1)
		x.multiply(hi, n-h, alpha)
	} else {
		x.multiply(hi, n-h, alpha)
		x.update(hi, n-h, lo, h, alpha, 1)
		x.multiply(lo, h, alpha)
	}
}

// solve computes part = alpha * op(A)⁻¹ * part, or part * op(A)⁻¹.
func (x *sided[T]) solve(at, n int, alpha T) {
	if n <= solveMax {
		x.scale(at, n, alpha)
		x.solveSmall(at, n)
		return
	}
	h := cut(n)
	lo, hi := at, at+h
	if x.upper == x.left {
		x.solve(hi, n-h, alpha)
		x.update(lo, h, hi, n-h, -1, alpha)
		x.solve(lo, h, 1)
	} else {
		x.solve(lo, h, alpha)
		x.update(hi, n-h, lo, h, -1, alpha)
		x.solve(hi, n-h, 1)
	}
}

// small is a triangle of at most solveMax rows, turned so that it multiplies from the left.
type small[T Float] struct {
	n     int
	upper bool
	a     [solveMax][solveMax]T
}

// corner copies the triangle that begins at (at, at). From the right it is transposed: B*A is (Aᵀ*Bᵀ)ᵀ.
func (x *sided[T]) corner(at, n int) small[T] {
	s := small[T]{n: n, upper: x.upper == x.left}
	a := x.a.from(at, at)
	if !x.left {
		a = a.T()
	}
	for i := range n {
		lo, hi := 0, i+1
		if s.upper {
			lo, hi = i, n
		}
		for j := lo; j < hi; j++ {
			s.a[i][j] = a.Data[i*a.RowStride+j*a.ColStride]
		}
		if x.unit {
			s.a[i][i] = 1
		}
	}
	return s
}

// others returns the columns of row i beside the diagonal.
func (s *small[T]) others(i int) (lo, hi int) {
	if s.upper {
		return i + 1, s.n
	}
	return 0, i
}

// turned copies up to rows turnedMax of B, which the triangle multiplies from the right, as columns; back copies them back.
const turnedMax = 256

func (x *sided[T]) turned(b []T, n, rows int, dst []T) {
	t := tileOf[T]()
	i := 0
	if n == 8 && t.transpose8 != nil {
		for ; i+8 <= rows; i += 8 {
			t.transpose8(dst[i:], turnedMax, b[i*x.ldb:], x.ldb, 8)
		}
	}
	for ; i < rows; i++ {
		for j, v := range b[i*x.ldb : i*x.ldb+n] {
			dst[j*turnedMax+i] = v
		}
	}
}

func (x *sided[T]) back(b []T, n, rows int, src []T) {
	t := tileOf[T]()
	i := 0
	if n == 8 && t.transpose8 != nil {
		for ; i+8 <= rows; i += 8 {
			t.transpose8(b[i*x.ldb:], x.ldb, src[i:], turnedMax, 8)
		}
	}
	for ; i < rows; i++ {
		for j := range n {
			b[i*x.ldb+j] = src[j*turnedMax+i]
		}
	}
}

// each runs f on what a small triangle multiplies from the left: the rows of B, or its columns turned.
func (x *sided[T]) each(at, n int, f func(b []T, ld, cols int)) {
	b := x.part(at)
	if x.left {
		f(b, x.ldb, x.rest)
		return
	}
	room := borrow[T](solveMax * turnedMax)
	for i := 0; i < x.rest; i += turnedMax {
		rows := min(turnedMax, x.rest-i)
		x.turned(b[i*x.ldb:], n, rows, room.buf)
		f(room.buf, turnedMax, rows)
		x.back(b[i*x.ldb:], n, rows, room.buf)
	}
	room.giveBack()
}

func (x *sided[T]) multiplySmall(at, n int, alpha T) {
	t, s := tileOf[T](), x.corner(at, n)
	x.each(at, n, func(b []T, ld, cols int) {
		for step := range n {
			i := order(n, step, s.upper)
			row := b[i*ld : i*ld+cols]
			MulScalar(row, row, s.a[i][i])
			if lo, hi := s.others(i); lo < hi {
				t.adds(row, s.a[i][lo:hi], b[lo*ld:], ld, hi-lo, cols)
			}
			scaleFlat(alpha, row)
		}
	})
}

func (x *sided[T]) solveSmall(at, n int) {
	t, s := tileOf[T](), x.corner(at, n)
	for i := range n {
		for lo, hi := s.others(i); lo < hi; lo++ {
			s.a[i][lo] = -s.a[i][lo]
		}
	}
	x.each(at, n, func(b []T, ld, cols int) {
		for step := range n {
			i := order(n, step, !s.upper)
			row := b[i*ld : i*ld+cols]
			if lo, hi := s.others(i); lo < hi {
				t.adds(row, s.a[i][lo:hi], b[lo*ld:], ld, hi-lo, cols)
			}
			if !x.unit {
				DivScalar(row, row, s.a[i][i])
			}
		}
	})
}
