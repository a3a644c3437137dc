package kernels

import "gonum.org/v1/gonum/blas"

// Sdot returns the dot product of x and y.
func (BLAS) Sdot(n int, x []float32, incX int, y []float32, incY int) float32 {
	return float32(blasDot(n, x, incX, y, incY))
}

// Dsdot returns the dot product of x and y in float64.
func (BLAS) Dsdot(n int, x []float32, incX int, y []float32, incY int) float64 {
	return blasDot(n, x, incX, y, incY)
}

// Sdsdot returns alpha plus the dot product of x and y, summed in float64 and rounded once. Of nothing it is alpha, as in
// the reference BLAS.
func (BLAS) Sdsdot(n int, alpha float32, x []float32, incX int, y []float32, incY int) float32 {
	return float32(float64(alpha) + blasDot(n, x, incX, y, incY))
}

// Snrm2 returns the Euclidean norm of x, without overflow or underflow on the way; 0 for a negative increment.
func (BLAS) Snrm2(n int, x []float32, incX int) float32 {
	return blasNrm2(n, x, incX)
}

// Sasum returns the sum of |x[i]|; 0 for a negative increment.
func (BLAS) Sasum(n int, x []float32, incX int) float32 {
	return blasAsum(n, x, incX)
}

// Isamax returns the index of the first of the greatest |x[i]|; -1 for none.
func (BLAS) Isamax(n int, x []float32, incX int) int {
	return blasIamax(n, x, incX)
}

// Sswap exchanges x and y.
func (BLAS) Sswap(n int, x []float32, incX int, y []float32, incY int) {
	blasSwap(n, x, incX, y, incY)
}

// Scopy copies x to y.
func (BLAS) Scopy(n int, x []float32, incX int, y []float32, incY int) {
	blasCopy(n, x, incX, y, incY)
}

// Saxpy adds alpha*x to y.
func (BLAS) Saxpy(n int, alpha float32, x []float32, incX int, y []float32, incY int) {
	blasAxpy(n, alpha, x, incX, y, incY)
}

// Sscal multiplies x by alpha; zero clears x, NaN included.
func (BLAS) Sscal(n int, alpha float32, x []float32, incX int) {
	blasScal(n, alpha, x, incX)
}

// Srotg computes the plane rotation that turns (a, b) into (r, 0), and z, from which c and s can be rebuilt.
func (BLAS) Srotg(a, b float32) (c, s, r, z float32) {
	return blasRotg(a, b)
}

// Srotmg computes the modified Givens rotation that makes the second component of (sqrt(d1)*x1, sqrt(d2)*y1) zero.
func (BLAS) Srotmg(d1, d2, x1, y1 float32) (p blas.SrotmParams, rd1, rd2, rx1 float32) {
	m := blasRotmg(d1, d2, x1, y1)
	return blas.SrotmParams{Flag: m.flag, H: m.params()}, m.d1, m.d2, m.x1
}

// Srot applies a plane rotation: x = c*x + s*y, y = c*y - s*x.
func (BLAS) Srot(n int, x []float32, incX int, y []float32, incY int, c, s float32) {
	blasRotate(n, x, incX, y, incY, c, s, -s, c)
}

// Srotm applies a modified Givens rotation.
func (BLAS) Srotm(n int, x []float32, incX int, y []float32, incY int, p blas.SrotmParams) {
	blasRotm(n, x, incX, y, incY, p.Flag, p.H)
}

// Sgemv computes y = alpha*op(A)*x + beta*y for an m×n matrix.
func (BLAS) Sgemv(t blas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	blasGemv(t, m, n, alpha, a, lda, x, incX, beta, y, incY)
}

// Sgbmv computes y = alpha*op(A)*x + beta*y for an m×n band matrix.
func (BLAS) Sgbmv(t blas.Transpose, m, n, kL, kU int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	blasGbmv(t, m, n, kL, kU, alpha, a, lda, x, incX, beta, y, incY)
}

// Strmv computes x = op(A)*x for a triangular matrix.
func (BLAS) Strmv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, a []float32, lda int, x []float32, incX int) {
	fullTriangle(ul, n, a, lda).mv(t, d, x, incX)
}

// Stbmv computes x = op(A)*x for a triangular band matrix.
func (BLAS) Stbmv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n, k int, a []float32, lda int, x []float32, incX int) {
	bandedTriangle(ul, n, k, a, lda).mv(t, d, x, incX)
}

// Stpmv computes x = op(A)*x for a packed triangular matrix.
func (BLAS) Stpmv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, ap []float32, x []float32, incX int) {
	packed(ul, n, ap).mv(t, d, x, incX)
}

// Strsv computes x = op(A)⁻¹*x for a triangular matrix.
func (BLAS) Strsv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, a []float32, lda int, x []float32, incX int) {
	fullTriangle(ul, n, a, lda).sv(t, d, x, incX)
}

// Stbsv computes x = op(A)⁻¹*x for a triangular band matrix.
func (BLAS) Stbsv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n, k int, a []float32, lda int, x []float32, incX int) {
	bandedTriangle(ul, n, k, a, lda).sv(t, d, x, incX)
}

// Stpsv computes x = op(A)⁻¹*x for a packed triangular matrix.
func (BLAS) Stpsv(ul blas.Uplo, t blas.Transpose, d blas.Diag, n int, ap []float32, x []float32, incX int) {
	packed(ul, n, ap).sv(t, d, x, incX)
}

// Ssymv computes y = alpha*A*x + beta*y for a symmetric matrix.
func (BLAS) Ssymv(ul blas.Uplo, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	fullTriangle(ul, n, a, lda).symv(alpha, x, incX, beta, y, incY)
}

// Ssbmv computes y = alpha*A*x + beta*y for a symmetric band matrix.
func (BLAS) Ssbmv(ul blas.Uplo, n, k int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	bandedTriangle(ul, n, k, a, lda).symv(alpha, x, incX, beta, y, incY)
}

// Sspmv computes y = alpha*A*x + beta*y for a packed symmetric matrix.
func (BLAS) Sspmv(ul blas.Uplo, n int, alpha float32, ap []float32, x []float32, incX int, beta float32, y []float32, incY int) {
	packed(ul, n, ap).symv(alpha, x, incX, beta, y, incY)
}

// Sger adds alpha*x*yᵀ to an m×n matrix.
func (BLAS) Sger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	blasGer(m, n, alpha, x, incX, y, incY, a, lda)
}

// Ssyr adds alpha*x*xᵀ to a symmetric matrix.
func (BLAS) Ssyr(ul blas.Uplo, n int, alpha float32, x []float32, incX int, a []float32, lda int) {
	fullTriangle(ul, n, a, lda).rank(alpha, x, incX)
}

// Sspr adds alpha*x*xᵀ to a packed symmetric matrix.
func (BLAS) Sspr(ul blas.Uplo, n int, alpha float32, x []float32, incX int, ap []float32) {
	packed(ul, n, ap).rank(alpha, x, incX)
}

// Ssyr2 adds alpha*(x*yᵀ + y*xᵀ) to a symmetric matrix.
func (BLAS) Ssyr2(ul blas.Uplo, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	fullTriangle(ul, n, a, lda).rank2(alpha, x, incX, y, incY)
}

// Sspr2 adds alpha*(x*yᵀ + y*xᵀ) to a packed symmetric matrix.
func (BLAS) Sspr2(ul blas.Uplo, n int, alpha float32, x []float32, incX int, y []float32, incY int, ap []float32) {
	packed(ul, n, ap).rank2(alpha, x, incX, y, incY)
}

// Sgemm computes C = alpha*op(A)*op(B) + beta*C: [Gemm] with gonum's arguments.
func (BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	blasGemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Ssymm computes C = alpha*A*B + beta*C, or alpha*B*A + beta*C, for a symmetric matrix A.
func (BLAS) Ssymm(s blas.Side, ul blas.Uplo, m, n int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	blasSymm(s, ul, m, n, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Ssyrk computes one triangle of C = alpha*A*Aᵀ + beta*C, or alpha*Aᵀ*A + beta*C.
func (BLAS) Ssyrk(ul blas.Uplo, t blas.Transpose, n, k int, alpha float32, a []float32, lda int, beta float32, c []float32, ldc int) {
	blasSyrk(ul, t, n, k, alpha, a, lda, beta, c, ldc)
}

// Ssyr2k computes one triangle of C = alpha*(A*Bᵀ + B*Aᵀ) + beta*C, or alpha*(Aᵀ*B + Bᵀ*A) + beta*C.
func (BLAS) Ssyr2k(ul blas.Uplo, t blas.Transpose, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	blasSyr2k(ul, t, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// Strmm computes B = alpha*op(A)*B, or alpha*B*op(A), for a triangular matrix A.
func (BLAS) Strmm(s blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, alpha float32, a []float32, lda int, b []float32, ldb int) {
	blasTrmm(s, ul, t, d, m, n, alpha, a, lda, b, ldb)
}

// Strsm solves op(A)*X = alpha*B, or X*op(A) = alpha*B, for a triangular matrix A, and writes X into B.
func (BLAS) Strsm(s blas.Side, ul blas.Uplo, t blas.Transpose, d blas.Diag, m, n int, alpha float32, a []float32, lda int, b []float32, ldb int) {
	blasTrsm(s, ul, t, d, m, n, alpha, a, lda, b, ldb)
}
