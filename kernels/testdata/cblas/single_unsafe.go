package main

import "C"

import (
	"gonum.org/v1/gonum/blas"

	"github.com/shmath/shmath/kernels"
)

var (
	s        kernels.BLAS
	float32s = &library[float32]{
		"s", s.Sgemv, s.Sgbmv, s.Strmv, s.Strsv, s.Stbmv, s.Stbsv, s.Stpmv, s.Stpsv, s.Ssymv, s.Ssbmv, s.Sspmv, s.Sger, s.Ssyr,
		s.Sspr, s.Ssyr2, s.Sspr2, s.Sgemm, s.Ssymm, s.Ssyrk, s.Ssyr2k, s.Strmm, s.Strsm,
	}
)

//export cblas_sdot
func cblas_sdot(n int32, x *float32, incX int32, y *float32, incY int32) float32 {
	return s.Sdot(int(n), vec(x, n, incX), int(incX), vec(y, n, incY), int(incY))
}

//export cblas_snrm2
func cblas_snrm2(n int32, x *float32, incX int32) float32 {
	return s.Snrm2(int(n), vec(x, n, incX), int(incX))
}

//export cblas_sasum
func cblas_sasum(n int32, x *float32, incX int32) float32 {
	return s.Sasum(int(n), vec(x, n, incX), int(incX))
}

//export cblas_isamax
func cblas_isamax(n int32, x *float32, incX int32) uint64 {
	return uint64(max(0, s.Isamax(int(n), vec(x, n, incX), int(incX))))
}

//export cblas_sswap
func cblas_sswap(n int32, x *float32, incX int32, y *float32, incY int32) {
	s.Sswap(int(n), vec(x, n, incX), int(incX), vec(y, n, incY), int(incY))
}

//export cblas_scopy
func cblas_scopy(n int32, x *float32, incX int32, y *float32, incY int32) {
	s.Scopy(int(n), vec(x, n, incX), int(incX), vec(y, n, incY), int(incY))
}

//export cblas_saxpy
func cblas_saxpy(n int32, alpha float32, x *float32, incX int32, y *float32, incY int32) {
	s.Saxpy(int(n), alpha, vec(x, n, incX), int(incX), vec(y, n, incY), int(incY))
}

//export cblas_srotg
func cblas_srotg(a, b, cos, sin *float32) { *cos, *sin, *a, *b = s.Srotg(*a, *b) }

//export cblas_srotmg
func cblas_srotmg(d1, d2, x1 *float32, y1 float32, param *float32) {
	var r blas.SrotmParams
	r, *d1, *d2, *x1 = s.Srotmg(*d1, *d2, *x1, y1)
	p := vec(param, 5, 1)
	p[0] = float32(r.Flag)
	for i, h := range r.H {
		if used := r.Flag == blas.Rescaling || r.Flag == blas.OffDiagonal && (i == 1 || i == 2) || r.Flag == blas.Diagonal && (i == 0 || i == 3); used {
			p[1+i] = h
		}
	}
}

//export cblas_srot
func cblas_srot(n int32, x *float32, incX int32, y *float32, incY int32, cos, sin float32) {
	s.Srot(int(n), vec(x, n, incX), int(incX), vec(y, n, incY), int(incY), cos, sin)
}

//export cblas_srotm
func cblas_srotm(n int32, x *float32, incX int32, y *float32, incY int32, param *float32) {
	s.Srotm(int(n), vec(x, n, incX), int(incX), vec(y, n, incY), int(incY), blas.SrotmParams{Flag: blas.Flag(*param), H: [4]float32(vec(param, 5, 1)[1:])})
}

//export cblas_sscal
func cblas_sscal(n int32, alpha float32, x *float32, incX int32) {
	s.Sscal(int(n), alpha, vec(x, n, incX), int(incX))
}

//export cblas_sgemv
func cblas_sgemv(layout, t, m, n int32, alpha float32, a *float32, lda int32, x *float32, incX int32, beta float32, y *float32, incY int32) {
	float32s.doGemv(layout, t, m, n, alpha, a, lda, x, incX, beta, y, incY)
}

//export cblas_sgbmv
func cblas_sgbmv(layout, t, m, n, kl, ku int32, alpha float32, a *float32, lda int32, x *float32, incX int32, beta float32, y *float32, incY int32) {
	float32s.doGbmv(layout, t, m, n, kl, ku, alpha, a, lda, x, incX, beta, y, incY)
}

//export cblas_strmv
func cblas_strmv(layout, ul, t, diag, n int32, a *float32, lda int32, x *float32, incX int32) {
	float32s.doTr("trmv", float32s.trmv, layout, ul, t, diag, n, a, lda, x, incX)
}

//export cblas_strsv
func cblas_strsv(layout, ul, t, diag, n int32, a *float32, lda int32, x *float32, incX int32) {
	float32s.doTr("trsv", float32s.trsv, layout, ul, t, diag, n, a, lda, x, incX)
}

//export cblas_stbmv
func cblas_stbmv(layout, ul, t, diag, n, k int32, a *float32, lda int32, x *float32, incX int32) {
	float32s.doTb("tbmv", float32s.tbmv, layout, ul, t, diag, n, k, a, lda, x, incX)
}

//export cblas_stbsv
func cblas_stbsv(layout, ul, t, diag, n, k int32, a *float32, lda int32, x *float32, incX int32) {
	float32s.doTb("tbsv", float32s.tbsv, layout, ul, t, diag, n, k, a, lda, x, incX)
}

//export cblas_stpmv
func cblas_stpmv(layout, ul, t, diag, n int32, ap, x *float32, incX int32) {
	float32s.doTp("tpmv", float32s.tpmv, layout, ul, t, diag, n, ap, x, incX)
}

//export cblas_stpsv
func cblas_stpsv(layout, ul, t, diag, n int32, ap, x *float32, incX int32) {
	float32s.doTp("tpsv", float32s.tpsv, layout, ul, t, diag, n, ap, x, incX)
}

//export cblas_ssymv
func cblas_ssymv(layout, ul, n int32, alpha float32, a *float32, lda int32, x *float32, incX int32, beta float32, y *float32, incY int32) {
	float32s.doSymv(layout, ul, n, alpha, a, lda, x, incX, beta, y, incY)
}

//export cblas_ssbmv
func cblas_ssbmv(layout, ul, n, k int32, alpha float32, a *float32, lda int32, x *float32, incX int32, beta float32, y *float32, incY int32) {
	float32s.doSbmv(layout, ul, n, k, alpha, a, lda, x, incX, beta, y, incY)
}

//export cblas_sspmv
func cblas_sspmv(layout, ul, n int32, alpha float32, ap, x *float32, incX int32, beta float32, y *float32, incY int32) {
	float32s.doSpmv(layout, ul, n, alpha, ap, x, incX, beta, y, incY)
}

//export cblas_sger
func cblas_sger(layout, m, n int32, alpha float32, x *float32, incX int32, y *float32, incY int32, a *float32, lda int32) {
	float32s.doGer(layout, m, n, alpha, x, incX, y, incY, a, lda)
}

//export cblas_ssyr
func cblas_ssyr(layout, ul, n int32, alpha float32, x *float32, incX int32, a *float32, lda int32) {
	float32s.doSyr(layout, ul, n, alpha, x, incX, a, lda)
}

//export cblas_sspr
func cblas_sspr(layout, ul, n int32, alpha float32, x *float32, incX int32, ap *float32) {
	float32s.doSpr(layout, ul, n, alpha, x, incX, ap)
}

//export cblas_ssyr2
func cblas_ssyr2(layout, ul, n int32, alpha float32, x *float32, incX int32, y *float32, incY int32, a *float32, lda int32) {
	float32s.doSyr2(layout, ul, n, alpha, x, incX, y, incY, a, lda)
}

//export cblas_sspr2
func cblas_sspr2(layout, ul, n int32, alpha float32, x *float32, incX int32, y *float32, incY int32, ap *float32) {
	float32s.doSpr2(layout, ul, n, alpha, x, incX, y, incY, ap)
}

//export cblas_sgemm
func cblas_sgemm(layout, ta, tb, m, n, k int32, alpha float32, a *float32, lda int32, b *float32, ldb int32, beta float32, c *float32, ldc int32) {
	float32s.doGemm(layout, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

//export cblas_ssymm
func cblas_ssymm(layout, s, ul, m, n int32, alpha float32, a *float32, lda int32, b *float32, ldb int32, beta float32, c *float32, ldc int32) {
	float32s.doSymm(layout, s, ul, m, n, alpha, a, lda, b, ldb, beta, c, ldc)
}

//export cblas_ssyrk
func cblas_ssyrk(layout, ul, t, n, k int32, alpha float32, a *float32, lda int32, beta float32, c *float32, ldc int32) {
	float32s.doSyrk(layout, ul, t, n, k, alpha, a, lda, beta, c, ldc)
}

//export cblas_ssyr2k
func cblas_ssyr2k(layout, ul, t, n, k int32, alpha float32, a *float32, lda int32, b *float32, ldb int32, beta float32, c *float32, ldc int32) {
	float32s.doSyr2k(layout, ul, t, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

//export cblas_strmm
func cblas_strmm(layout, s, ul, t, diag, m, n int32, alpha float32, a *float32, lda int32, b *float32, ldb int32) {
	float32s.doTrm("trmm", float32s.trmm, layout, s, ul, t, diag, m, n, alpha, a, lda, b, ldb)
}

//export cblas_strsm
func cblas_strsm(layout, s, ul, t, diag, m, n int32, alpha float32, a *float32, lda int32, b *float32, ldb int32) {
	float32s.doTrm("trsm", float32s.trsm, layout, s, ul, t, diag, m, n, alpha, a, lda, b, ldb)
}
