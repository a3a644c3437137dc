package main

import "gonum.org/v1/gonum/blas"

// library is kernels.BLAS in one precision, levels 2 and 3.
type library[T float32 | float64] struct {
	prefix     string
	gemv       func(t blas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	gbmv       func(t blas.Transpose, m, n, kl, ku int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	trmv, trsv func(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, a []T, lda int, x []T, incX int)
	tbmv, tbsv func(ul blas.Uplo, t blas.Transpose, d blas.Diag, n, k int, a []T, lda int, x []T, incX int)
	tpmv, tpsv func(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, ap []T, x []T, incX int)
	symv       func(ul blas.Uplo, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	sbmv       func(ul blas.Uplo, n, k int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	spmv       func(ul blas.Uplo, n int, alpha T, ap []T, x []T, incX int, beta T, y []T, incY int)
	ger        func(m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)
	syr        func(ul blas.Uplo, n int, alpha T, x []T, incX int, a []T, lda int)
	spr        func(ul blas.Uplo, n int, alpha T, x []T, incX int, ap []T)
	syr2       func(ul blas.Uplo, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)
	spr2       func(ul blas.Uplo, n int, alpha T, x []T, incX int, y []T, incY int, ap []T)
	gemm       func(ta, tb blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	symm       func(s blas.Side, ul blas.Uplo, m, n int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	syrk       func(ul blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, beta T, c []T, ldc int)
	syr2k      func(ul blas.Uplo, t blas.Transpose, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)
	trmm, trsm func(s blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, alpha T, a []T, lda int, b []T, ldb int)
}

func (l *library[T]) call(routine, names string, exchanged ...string) *call {
	return &call{routine: l.prefix + routine, names: "layout " + names, exchanged: exchanged}
}

func (l *library[T]) doGemv(layout, t, m, n int32, alpha T, a *T, lda int32, x *T, incX int32, beta T, y *T, incY int32) {
	c := l.call("gemv", "trans m n alpha a lda x incx beta y incy", "m", "n")
	defer c.done()
	c.order(layout)
	op := transpose(t, c.columns, "trans")
	if c.columns {
		m, n = n, m
	}
	lenX, lenY := n, m
	if op != blas.NoTrans {
		lenX, lenY = m, n
	}
	l.gemv(op, int(m), int(n), alpha, mat(a, m, n, lda), int(lda), vec(x, lenX, incX), int(incX), beta, vec(y, lenY, incY), int(incY))
}

func (l *library[T]) doGbmv(layout, t, m, n, kl, ku int32, alpha T, a *T, lda int32, x *T, incX int32, beta T, y *T, incY int32) {
	c := l.call("gbmv", "trans m n kl ku alpha a lda x incx beta y incy", "m", "n", "kl", "ku")
	defer c.done()
	c.order(layout)
	op := transpose(t, c.columns, "trans")
	if c.columns {
		m, n, kl, ku = n, m, ku, kl
	}
	lenX, lenY := n, m
	if op != blas.NoTrans {
		lenX, lenY = m, n
	}
	rows := min(m, n+kl)
	l.gbmv(op, int(m), int(n), int(kl), int(ku), alpha, mat(a, rows, kl+ku+1, lda), int(lda), vec(x, lenX, incX), int(incX), beta, vec(y, lenY, incY), int(incY))
}

type triangular[T any] func(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, a []T, lda int, x []T, incX int)

func (l *library[T]) doTr(routine string, f triangular[T], layout, ul, t, d, n int32, a *T, lda int32, x *T, incX int32) {
	c := l.call(routine, "uplo trans diag n a lda x incx")
	defer c.done()
	c.order(layout)
	f(triangle(ul, c.columns), transpose(t, c.columns, "trans"), diagonal(d), int(n), mat(a, n, n, lda), int(lda), vec(x, n, incX), int(incX))
}

type banded[T any] func(ul blas.Uplo, t blas.Transpose, d blas.Diag, n, k int, a []T, lda int, x []T, incX int)

func (l *library[T]) doTb(routine string, f banded[T], layout, ul, t, d, n, k int32, a *T, lda int32, x *T, incX int32) {
	c := l.call(routine, "uplo trans diag n k a lda x incx")
	defer c.done()
	c.order(layout)
	f(triangle(ul, c.columns), transpose(t, c.columns, "trans"), diagonal(d), int(n), int(k), mat(a, n, k+1, lda), int(lda), vec(x, n, incX), int(incX))
}

type packedTriangular[T any] func(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, ap []T, x []T, incX int)

func (l *library[T]) doTp(routine string, f packedTriangular[T], layout, ul, t, d, n int32, ap *T, x *T, incX int32) {
	c := l.call(routine, "uplo trans diag n ap x incx")
	defer c.done()
	c.order(layout)
	f(triangle(ul, c.columns), transpose(t, c.columns, "trans"), diagonal(d), int(n), packed(ap, n), vec(x, n, incX), int(incX))
}

func (l *library[T]) doSymv(layout, ul, n int32, alpha T, a *T, lda int32, x *T, incX int32, beta T, y *T, incY int32) {
	c := l.call("symv", "uplo n alpha a lda x incx beta y incy")
	defer c.done()
	c.order(layout)
	l.symv(triangle(ul, c.columns), int(n), alpha, mat(a, n, n, lda), int(lda), vec(x, n, incX), int(incX), beta, vec(y, n, incY), int(incY))
}

func (l *library[T]) doSbmv(layout, ul, n, k int32, alpha T, a *T, lda int32, x *T, incX int32, beta T, y *T, incY int32) {
	c := l.call("sbmv", "uplo n k alpha a lda x incx beta y incy")
	defer c.done()
	c.order(layout)
	l.sbmv(triangle(ul, c.columns), int(n), int(k), alpha, mat(a, n, k+1, lda), int(lda), vec(x, n, incX), int(incX), beta, vec(y, n, incY), int(incY))
}

func (l *library[T]) doSpmv(layout, ul, n int32, alpha T, ap *T, x *T, incX int32, beta T, y *T, incY int32) {
	c := l.call("spmv", "uplo n alpha ap x incx beta y incy")
	defer c.done()
	c.order(layout)
	l.spmv(triangle(ul, c.columns), int(n), alpha, packed(ap, n), vec(x, n, incX), int(incX), beta, vec(y, n, incY), int(incY))
}

func (l *library[T]) doGer(layout, m, n int32, alpha T, x *T, incX int32, y *T, incY int32, a *T, lda int32) {
	c := l.call("ger", "m n alpha x incx y incy a lda", "m", "n", "incx", "incy")
	defer c.done()
	c.order(layout)
	if c.columns {
		m, n, x, incX, y, incY = n, m, y, incY, x, incX
	}
	l.ger(int(m), int(n), alpha, vec(x, m, incX), int(incX), vec(y, n, incY), int(incY), mat(a, m, n, lda), int(lda))
}

func (l *library[T]) doSyr(layout, ul, n int32, alpha T, x *T, incX int32, a *T, lda int32) {
	c := l.call("syr", "uplo n alpha x incx a lda")
	defer c.done()
	c.order(layout)
	l.syr(triangle(ul, c.columns), int(n), alpha, vec(x, n, incX), int(incX), mat(a, n, n, lda), int(lda))
}

func (l *library[T]) doSpr(layout, ul, n int32, alpha T, x *T, incX int32, ap *T) {
	c := l.call("spr", "uplo n alpha x incx ap")
	defer c.done()
	c.order(layout)
	l.spr(triangle(ul, c.columns), int(n), alpha, vec(x, n, incX), int(incX), packed(ap, n))
}

func (l *library[T]) doSyr2(layout, ul, n int32, alpha T, x *T, incX int32, y *T, incY int32, a *T, lda int32) {
	c := l.call("syr2", "uplo n alpha x incx y incy a lda")
	defer c.done()
	c.order(layout)
	l.syr2(triangle(ul, c.columns), int(n), alpha, vec(x, n, incX), int(incX), vec(y, n, incY), int(incY), mat(a, n, n, lda), int(lda))
}

func (l *library[T]) doSpr2(layout, ul, n int32, alpha T, x *T, incX int32, y *T, incY int32, ap *T) {
	c := l.call("spr2", "uplo n alpha x incx y incy ap")
	defer c.done()
	c.order(layout)
	l.spr2(triangle(ul, c.columns), int(n), alpha, vec(x, n, incX), int(incX), vec(y, n, incY), int(incY), packed(ap, n))
}

func (l *library[T]) doGemm(layout, ta, tb, m, n, k int32, alpha T, a *T, lda int32, b *T, ldb int32, beta T, p *T, ldc int32) {
	c := l.call("gemm", "transa transb m n k alpha a lda b ldb beta c ldc", "m", "n", "lda", "ldb")
	defer c.done()
	c.order(layout)
	opA, opB := transpose(ta, false, "transa"), transpose(tb, false, "transb")
	if c.columns {
		opA, opB, m, n, a, lda, b, ldb = opB, opA, n, m, b, ldb, a, lda
	}
	l.gemm(opA, opB, int(m), int(n), int(k), alpha, operand(a, opA, m, k, lda), int(lda), operand(b, opB, k, n, ldb), int(ldb), beta, mat(p, m, n, ldc), int(ldc))
}

// operand is the memory of A when op(A) has rows×cols.
func operand[T any](p *T, op blas.Transpose, rows, cols, ld int32) []T {
	if op != blas.NoTrans {
		rows, cols = cols, rows
	}
	return mat(p, rows, cols, ld)
}

func (l *library[T]) doSymm(layout, s, ul, m, n int32, alpha T, a *T, lda int32, b *T, ldb int32, beta T, p *T, ldc int32) {
	c := l.call("symm", "side uplo m n alpha a lda b ldb beta c ldc", "m", "n")
	defer c.done()
	c.order(layout)
	if c.columns {
		m, n = n, m
	}
	at, order := side(s, c.columns), m
	if at == blas.Right {
		order = n
	}
	l.symm(at, triangle(ul, c.columns), int(m), int(n), alpha, mat(a, order, order, lda), int(lda), mat(b, m, n, ldb), int(ldb), beta, mat(p, m, n, ldc), int(ldc))
}

func (l *library[T]) doSyrk(layout, ul, t, n, k int32, alpha T, a *T, lda int32, beta T, p *T, ldc int32) {
	c := l.call("syrk", "uplo trans n k alpha a lda beta c ldc")
	defer c.done()
	c.order(layout)
	tri, op := triangle(ul, c.columns), transpose(t, c.columns, "trans")
	l.syrk(tri, op, int(n), int(k), alpha, operand(a, op, n, k, lda), int(lda), beta, mat(p, n, n, ldc), int(ldc))
}

func (l *library[T]) doSyr2k(layout, ul, t, n, k int32, alpha T, a *T, lda int32, b *T, ldb int32, beta T, p *T, ldc int32) {
	c := l.call("syr2k", "uplo trans n k alpha a lda b ldb beta c ldc")
	defer c.done()
	c.order(layout)
	tri, op := triangle(ul, c.columns), transpose(t, c.columns, "trans")
	l.syr2k(tri, op, int(n), int(k), alpha, operand(a, op, n, k, lda), int(lda), operand(b, op, n, k, ldb), int(ldb), beta, mat(p, n, n, ldc), int(ldc))
}

type triangularMatrix[T any] func(s blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, alpha T, a []T, lda int, b []T, ldb int)

func (l *library[T]) doTrm(routine string, f triangularMatrix[T], layout, s, ul, t, d, m, n int32, alpha T, a *T, lda int32, b *T, ldb int32) {
	c := l.call(routine, "side uplo trans diag m n alpha a lda b ldb", "m", "n")
	defer c.done()
	c.order(layout)
	if c.columns {
		m, n = n, m
	}
	at, order := side(s, c.columns), m
	if at == blas.Right {
		order = n
	}
	tri, op := triangle(ul, c.columns), transpose(t, false, "trans")
	f(at, tri, op, diagonal(d), int(m), int(n), alpha, mat(a, order, order, lda), int(lda), mat(b, m, n, ldb), int(ldb))
}
