package kernels

import "gonum.org/v1/gonum/blas"

// Ddot returns the dot product of x and y.
func (BLAS) Ddot(n int, x []float64, incX int, y []float64, incY int) float64 {
	return blasDdot(n, x, incX, y, incY)
}

// Dnrm2 returns the Euclidean norm of x, without overflow or underflow on the way; 0 for a negative increment.
func (BLAS) Dnrm2(n int, x []float64, incX int) float64 {
	return blasNrm2(n, x, incX)
}

// Dasum returns the sum of |x[i]|; 0 for a negative increment.
func (BLAS) Dasum(n int, x []float64, incX int) float64 {
	return blasAsum(n, x, incX)
}

// Idamax returns the index of the first of the greatest |x[i]|; -1 for none.
func (BLAS) Idamax(n int, x []float64, incX int) int {
	return blasIamax(n, x, incX)
}

// Dswap exchanges x and y.
func (BLAS) Dswap(n int, x []float64, incX int, y []float64, incY int) {
	blasSwap(n, x, incX, y, incY)
}

// Dcopy copies x to y.
func (BLAS) Dcopy(n int, x []float64, incX int, y []float64, incY int) {
	blasCopy(n, x, incX, y, incY)
}

// Daxpy adds alpha*x to y.
func (BLAS) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	blasAxpy(n, alpha, x, incX, y, incY)
}

// Dscal multiplies x by alpha; zero clears x, NaN included.
func (BLAS) Dscal(n int, alpha float64, x []float64, incX int) {
	blasScal(n, alpha, x, incX)
}

// Drotg computes the plane rotation that turns (a, b) into (r, 0), and z, from which c and s can be rebuilt.
func (BLAS) Drotg(a, b float64) (c, s, r, z float64) {
	return blasRotg(a, b)
}

// Drotmg computes the modified Givens rotation that makes the second component of (sqrt(d1)*x1, sqrt(d2)*y1) zero.
func (BLAS) Drotmg(d1, d2, x1, y1 float64) (p blas.DrotmParams, rd1, rd2, rx1 float64) {
	m := blasRotmg(d1, d2, x1, y1)
	return blas.DrotmParams{Flag: m.flag, H: m.params()}, m.d1, m.d2, m.x1
}

// Drot applies a plane rotation: x = c*x + s*y, y = c*y - s*x.
func (BLAS) Drot(n int, x []float64, incX int, y []float64, incY int, c, s float64) {
	blasRotate(n, x, incX, y, incY, c, s, -s, c)
}

// Drotm applies a modified Givens rotation.
func (BLAS) Drotm(n int, x []float64, incX int, y []float64, incY int, p blas.DrotmParams) {
	blasRotm(n, x, incX, y, incY, p.Flag, p.H)
}

// Dgemv computes y = alpha*op(A)*x + beta*y for an m×n matrix.
func (BLAS) Dgemv(t blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	blasGemv(t, m, n, alpha, a, lda, x, incX, beta, y, incY)
}

// Dgbmv computes y = alpha*op(A)*x + beta*y for an m×n band matrix.
func (BLAS) Dgbmv(t blas.Transpose, m, n, kL, kU int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	blasGbmv(t, m, n, kL, kU, alpha, a, lda, x, incX, beta, y, incY)
}

// Dtrmv computes x = op(A)*x for a triangular matrix.
func (BLAS) Dtrmv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) {
	fullTriangle(ul, n, a, lda).mv(t, d, x, incX)
}

// Dtbmv computes x = op(A)*x for a triangular band matrix.
func (BLAS) Dtbmv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n, k int, a []float64, lda int, x []float64, incX int) {
	bandedTriangle(ul, n, k, a, lda).mv(t, d, x, incX)
}

// Dtpmv computes x = op(A)*x for a packed triangular matrix.
func (BLAS) Dtpmv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, ap []float64, x []float64, incX int) {
	packed(ul, n, ap).mv(t, d, x, incX)
}

// Dtrsv computes x = op(A)⁻¹*x for a triangular matrix.
func (BLAS) Dtrsv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, a []float64, lda int, x []float64, incX int) {
	fullTriangle(ul, n, a, lda).sv(t, d, x, incX)
}

// Dtbsv computes x = op(A)⁻¹*x for a triangular band matrix.
func (BLAS) Dtbsv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n, k int, a []float64, lda int, x []float64, incX int) {
	bandedTriangle(ul, n, k, a, lda).sv(t, d, x, incX)
}

// Dtpsv computes x = op(A)⁻¹*x for a packed triangular matrix.
func (BLAS) Dtpsv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, ap []float64, x []float64, incX int) {
	packed(ul, n, ap).sv(t, d, x, incX)
}

// Dsymv computes y = alpha*A*x + beta*y for a symmetric matrix.
func (BLAS) Dsymv(ul blas.Uplo, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	fullTriangle(ul, n, a, lda).symv(alpha, x, incX, beta, y, incY)
}

// Dsbmv computes y = alpha*A*x + beta*y for a symmetric band matrix.
func (BLAS) Dsbmv(ul blas.Uplo, n, k int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	bandedTriangle(ul, n, k, a, lda).symv(alpha, x, incX, beta, y, incY)
}

// Dspmv computes y = alpha*A*x + beta*y for a packed symmetric matrix.
func (BLAS) Dspmv(ul blas.Uplo, n int, alpha float64, ap []float64, x []float64, incX int, beta float64, y []float64, incY int) {
	packed(ul, n, ap).symv(alpha, x, incX, beta, y, incY)
}

// Dger adds alpha*x*yᵀ to an m×n matrix.
func (BLAS) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	blasGer(m, n, alpha, x, incX, y, incY, a, lda)
}

// Dsyr adds alpha*x*xᵀ to a symmetric matrix.
func (BLAS) Dsyr(ul blas.Uplo, n int, alpha float64, x []float64, incX int, a []float64, lda int) {
	fullTriangle(ul, n, a, lda).rank(alpha, x, incX)
}

// Dspr adds alpha*x*xᵀ to a packed symmetric matrix.
func (BLAS) Dspr(ul blas.Uplo, n int, alpha float64, x []float64, incX int, ap []float64) {
	packed(ul, n, ap).rank(alpha, x, incX)
}

// Dsyr2 adds alpha*(x*yᵀ + y*xᵀ) to a symmetric matrix.
func (BLAS) Dsyr2(ul blas.Uplo, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	fullTriangle(ul, n, a, lda).rank2(alpha, x, incX, y, incY)
}

// Dspr2 adds alpha*(x*yᵀ + y*xᵀ) to a packed symmetric matrix.
func (BLAS) Dspr2(ul blas.Uplo, n int, alpha float64, x []float64, incX int, y []float64, incY int, ap []float64) {
	packed(ul, n, ap).rank2(alpha, x, incX, y, incY)
}

// Dgemm computes C = alpha*op(A)*op(B) + beta*C: [Gemm] with gonum's arguments.
func (BLAS) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	blasGemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Dsymm computes C = alpha*A*B + beta*C, or alpha*B*A + beta*C, for a symmetric matrix A.
func (BLAS) Dsymm(s blas.Side, ul blas.Uplo, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	blasSymm(s, ul, m, n, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Dsyrk computes one triangle of C = alpha*A*Aᵀ + beta*C, or alpha*Aᵀ*A + beta*C.
func (BLAS) Dsyrk(ul blas.Uplo, t blas.Transpose, n, k int, alpha float64, a []float64, lda int, beta float64, c []float64, ldc int) {
	blasSyrk(ul, t, n, k, alpha, a, lda, beta, c, ldc)
}

// Dsyr2k computes one triangle of C = alpha*(A*Bᵀ + B*Aᵀ) + beta*C, or alpha*(Aᵀ*B + Bᵀ*A) + beta*C.
func (BLAS) Dsyr2k(ul blas.Uplo, t blas.Transpose, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	blasSyr2k(ul, t, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Dtrmm computes B = alpha*op(A)*B, or alpha*B*op(A), for a triangular matrix A.
func (BLAS) Dtrmm(s blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int) {
	blasTrmm(s, ul, t, d, m, n, alpha, a, lda, b, ldb)
}

// Dtrsm solves op(A)*X = alpha*B, or X*op(A) = alpha*B, for a triangular matrix A, and writes X into B.
func (BLAS) Dtrsm(s blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, alpha float64, a []float64, lda int, b []float64, ldb int) {
	blasTrsm(s, ul, t, d, m, n, alpha, a, lda, b, ldb)
}
