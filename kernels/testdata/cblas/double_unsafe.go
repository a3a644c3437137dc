package main

import "C"

import (
	"gonum.org/v1/gonum/blas"

	"github.com/shmath/shmath/kernels"
)

var (
	d        kernels.BLAS
	float64s = &library[float64]{
		"d", d.Dgemv, d.Dgbmv, d.Dtrmv, d.Dtrsv, d.Dtbmv, d.Dtbsv, d.Dtpmv, d.Dtpsv, d.Dsymv, d.Dsbmv, d.Dspmv, d.Dger, d.Dsyr,
		d.Dspr, d.Dsyr2, d.Dspr2, d.Dgemm, d.Dsymm, d.Dsyrk, d.Dsyr2k, d.Dtrmm, d.Dtrsm,
	}
)

//export cblas_ddot
func cblas_ddot(n int32, x *float64, incX int32, y *float64, incY int32) float64 {
	return d.Ddot(int(n), vec(x, n, incX), int(incX), vec(y, n, incY), int(incY))
}

//export cblas_dnrm2
func cblas_dnrm2(n int32, x *float64, incX int32) float64 {
	return d.Dnrm2(int(n), vec(x, n, incX), int(incX))
}

//export cblas_dasum
func cblas_dasum(n int32, x *float64, incX int32) float64 {
	return d.Dasum(int(n), vec(x, n, incX), int(incX))
}

//export cblas_idamax
func cblas_idamax(n int32, x *float64, incX int32) uint64 {
	return uint64(max(0, d.Idamax(int(n), vec(x, n, incX), int(incX))))
}

//export cblas_dswap
func cblas_dswap(n int32, x *float64, incX int32, y *float64, incY int32) {
	d.Dswap(int(n), vec(x, n, incX), int(incX), vec(y, n, incY), int(incY))
}

//export cblas_dcopy
func cblas_dcopy(n int32, x *float64, incX int32, y *float64, incY int32) {
	d.Dcopy(int(n), vec(x, n, incX), int(incX), vec(y, n, incY), int(incY))
}

//export cblas_daxpy
func cblas_daxpy(n int32, alpha float64, x *float64, incX int32, y *float64, incY int32) {
	d.Daxpy(int(n), alpha, vec(x, n, incX), int(incX), vec(y, n, incY), int(incY))
}

//export cblas_drotg
func cblas_drotg(a, b, cos, sin *float64) { *cos, *sin, *a, *b = d.Drotg(*a, *b) }

//export cblas_drotmg
func cblas_drotmg(d1, d2, x1 *float64, y1 float64, param *float64) {
	var r blas.DrotmParams
	r, *d1, *d2, *x1 = d.Drotmg(*d1, *d2, *x1, y1)
	p := vec(param, 5, 1)
	p[0] = float64(r.Flag)
	for i, h := range r.H {
		if used := r.Flag == blas.Rescaling || r.Flag == blas.OffDiagonal && (i == 1 || i == 2) || r.Flag == blas.Diagonal && (i == 0 || i == 3); used {
			p[1+i] = h
		}
	}
}

//export cblas_drot
func cblas_drot(n int32, x *float64, incX int32, y *float64, incY int32, cos, sin float64) {
	d.Drot(int(n), vec(x, n, incX), int(incX), vec(y, n, incY), int(incY), cos, sin)
}

//export cblas_drotm
func cblas_drotm(n int32, x *float64, incX int32, y *float64, incY int32, param *float64) {
	d.Drotm(int(n), vec(x, n, incX), int(incX), vec(y, n, incY), int(incY), blas.DrotmParams{Flag: blas.Flag(*param), H: [4]float64(vec(param, 5, 1)[1:])})
}

//export cblas_dscal
func cblas_dscal(n int32, alpha float64, x *float64, incX int32) {
	d.Dscal(int(n), alpha, vec(x, n, incX), int(incX))
}

//export cblas_dgemv
func cblas_dgemv(layout, t, m, n int32, alpha float64, a *float64, lda int32, x *float64, incX int32, beta float64, y *float64, incY int32) {
	float64s.doGemv(layout, t, m, n, alpha, a, lda, x, incX, beta, y, incY)
}

//export cblas_dgbmv
func cblas_dgbmv(layout, t, m, n, kl, ku int32, alpha float64, a *float64, lda int32, x *float64, incX int32, beta float64, y *float64, incY int32) {
	float64s.doGbmv(layout, t, m, n, kl, ku, alpha, a, lda, x, incX, beta, y, incY)
}

//export cblas_dtrmv
func cblas_dtrmv(layout, ul, t, diag, n int32, a *float64, lda int32, x *float64, incX int32) {
	float64s.doTr("trmv", float64s.trmv, layout, ul, t, diag, n, a, lda, x, incX)
}

//export cblas_dtrsv
func cblas_dtrsv(layout, ul, t, diag, n int32, a *float64, lda int32, x *float64, incX int32) {
	float64s.doTr("trsv", float64s.trsv, layout, ul, t, diag, n, a, lda, x, incX)
}

//export cblas_dtbmv
func cblas_dtbmv(layout, ul, t, diag, n, k int32, a *float64, lda int32, x *float64, incX int32) {
	float64s.doTb("tbmv", float64s.tbmv, layout, ul, t, diag, n, k, a, lda, x, incX)
}

//export cblas_dtbsv
func cblas_dtbsv(layout, ul, t, diag, n, k int32, a *float64, lda int32, x *float64, incX int32) {
	float64s.doTb("tbsv", float64s.tbsv, layout, ul, t, diag, n, k, a, lda, x, incX)
}

//export cblas_dtpmv
func cblas_dtpmv(layout, ul, t, diag, n int32, ap, x *float64, incX int32) {
	float64s.doTp("tpmv", float64s.tpmv, layout, ul, t, diag, n, ap, x, incX)
}

//export cblas_dtpsv
func cblas_dtpsv(layout, ul, t, diag, n int32, ap, x *float64, incX int32) {
	float64s.doTp("tpsv", float64s.tpsv, layout, ul, t, diag, n, ap, x, incX)
}

//export cblas_dsymv
func cblas_dsymv(layout, ul, n int32, alpha float64, a *float64, lda int32, x *float64, incX int32, beta float64, y *float64, incY int32) {
	float64s.doSymv(layout, ul, n, alpha, a, lda, x, incX, beta, y, incY)
}

//export cblas_dsbmv
func cblas_dsbmv(layout, ul, n, k int32, alpha float64, a *float64, lda int32, x *float64, incX int32, beta float64, y *float64, incY int32) {
	float64s.doSbmv(layout, ul, n, k, alpha, a, lda, x, incX, beta, y, incY)
}

//export cblas_dspmv
func cblas_dspmv(layout, ul, n int32, alpha float64, ap, x *float64, incX int32, beta float64, y *float64, incY int32) {
	float64s.doSpmv(layout, ul, n, alpha, ap, x, incX, beta, y, incY)
}

//export cblas_dger
func cblas_dger(layout, m, n int32, alpha float64, x *float64, incX int32, y *float64, incY int32, a *float64, lda int32) {
	float64s.doGer(layout, m, n, alpha, x, incX, y, incY, a, lda)
}

//export cblas_dsyr
func cblas_dsyr(layout, ul, n int32, alpha float64, x *float64, incX int32, a *float64, lda int32) {
	float64s.doSyr(layout, ul, n, alpha, x, incX, a, lda)
}

//export cblas_dspr
func cblas_dspr(layout, ul, n int32, alpha float64, x *float64, incX int32, ap *float64) {
	float64s.doSpr(layout, ul, n, alpha, x, incX, ap)
}

//export cblas_dsyr2
func cblas_dsyr2(layout, ul, n int32, alpha float64, x *float64, incX int32, y *float64, incY int32, a *float64, lda int32) {
	float64s.doSyr2(layout, ul, n, alpha, x, incX, y, incY, a, lda)
}

//export cblas_dspr2
func cblas_dspr2(layout, ul, n int32, alpha float64, x *float64, incX int32, y *float64, incY int32, ap *float64) {
	float64s.doSpr2(layout, ul, n, alpha, x, incX, y, incY, ap)
}

//export cblas_dgemm
func cblas_dgemm(layout, ta, tb, m, n, k int32, alpha float64, a *float64, lda int32, b *float64, ldb int32, beta float64, c *float64, ldc int32) {
	float64s.doGemm(layout, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

//export cblas_dsymm
func cblas_dsymm(layout, s, ul, m, n int32, alpha float64, a *float64, lda int32, b *float64, ldb int32, beta float64, c *float64, ldc int32) {
	float64s.doSymm(layout, s, ul, m, n, alpha, a, lda, b, ldb, beta, c, ldc)
}

//export cblas_dsyrk
func cblas_dsyrk(layout, ul, t, n, k int32, alpha float64, a *float64, lda int32, beta float64, c *float64, ldc int32) {
	float64s.doSyrk(layout, ul, t, n, k, alpha, a, lda, beta, c, ldc)
}

//export cblas_dsyr2k
func cblas_dsyr2k(layout, ul, t, n, k int32, alpha float64, a *float64, lda int32, b *float64, ldb int32, beta float64, c *float64, ldc int32) {
	float64s.doSyr2k(layout, ul, t, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

//export cblas_dtrmm
func cblas_dtrmm(layout, s, ul, t, diag, m, n int32, alpha float64, a *float64, lda int32, b *float64, ldb int32) {
	float64s.doTrm("trmm", float64s.trmm, layout, s, ul, t, diag, m, n, alpha, a, lda, b, ldb)
}

//export cblas_dtrsm
func cblas_dtrsm(layout, s, ul, t, diag, m, n int32, alpha float64, a *float64, lda int32, b *float64, ldb int32) {
	float64s.doTrm("trsm", float64s.trsm, layout, s, ul, t, diag, m, n, alpha, a, lda, b, ldb)
}
