package kernels

import (
	"errors"
	"fmt"
)

// Index is the type of the indices of a sparse matrix.
type Index interface{ int32 | int64 }

// CSR is a sparse matrix by compressed rows, with SciPy's three arrays: row i has the elements Data[p] in the columns
// Indices[p] for Indptr[i] <= p < Indptr[i+1]. Rows lo to hi of it are the CSR of Indptr[lo:hi+1] with the other arrays as
// they are, so that many can share the work.
type CSR[T Float, I Index] struct {
	Cols    int
	Indptr  []I // one more than there are rows
	Indices []I
	Data    []T
}

// ErrSparse is returned for arrays that make no sparse matrix.
var ErrSparse = errors.New("kernels: not a CSR matrix")

// Rows returns the number of rows.
func (a *CSR[T, I]) Rows() int { return len(a.Indptr) - 1 }

// Check returns an error that says where the arrays do not fit together. The products do not check: they panic.
func (a *CSR[T, I]) Check() error {
	if len(a.Indptr) == 0 {
		return fmt.Errorf("%w: Indptr is empty; it has one entry more than there are rows", ErrSparse)
	}
	if a.Cols < 0 {
		return fmt.Errorf("%w: there are %d columns", ErrSparse, a.Cols)
	}
	if len(a.Indices) != len(a.Data) {
		return fmt.Errorf("%w: %d indices for %d elements", ErrSparse, len(a.Indices), len(a.Data))
	}
	last := I(0)
	for i, p := range a.Indptr {
		if p < last || int(p) > len(a.Data) {
			return fmt.Errorf("%w: Indptr[%d] is %d, after %d, and there are %d elements", ErrSparse, i, p, last, len(a.Data))
		}
		last = p
	}
	for p, j := range a.Indices[a.Indptr[0]:last] {
		if j < 0 || int(j) >= a.Cols {
			return fmt.Errorf("%w: Indices[%d] is %d, and there are %d columns", ErrSparse, p+int(a.Indptr[0]), j, a.Cols)
		}
	}
	return nil
}

// SpMV computes y = alpha*A*x + beta*y. x has a.Cols elements, y has a.Rows(). The products of a row are rounded to float64
// and summed in four lanes: lane l adds products l, l+4, ... of the row; then (0+1) + (2+3). With beta zero y is not read.
func SpMV[T Float, I Index](alpha T, a *CSR[T, I], x []T, beta T, y []T) {
	sameLen(len(x), a.Cols)
	sameLen(len(y), a.Rows())
	scaleFlat(beta, y)
	for i := range y {
		lo, hi := a.Indptr[i], a.Indptr[i+1]
		data, at := a.Data[lo:hi], a.Indices[lo:hi]
		at = at[:len(data)]
		var s0, s1, s2, s3 float64
		p := 0
		for ; p+4 <= len(data); p += 4 {
			d, j := data[p:p+4:p+4], at[p:p+4:p+4]
			s0 += float64(float64(d[0]) * float64(x[j[0]]))
			s1 += float64(float64(d[1]) * float64(x[j[1]]))
			s2 += float64(float64(d[2]) * float64(x[j[2]]))
			s3 += float64(float64(d[3]) * float64(x[j[3]]))
		}
		if p < len(data) {
			s0 += float64(float64(data[p]) * float64(x[at[p]]))
		}
		if p+1 < len(data) {
			s1 += float64(float64(data[p+1]) * float64(x[at[p+1]]))
		}
		if p+2 < len(data) {
			s2 += float64(float64(data[p+2]) * float64(x[at[p+2]]))
		}
		y[i] += T(alpha * T((s0+s1)+(s2+s3)))
	}
}

// SpMM computes C = alpha*A*B + beta*C for a dense B of a.Cols rows of n elements ldb apart, and a dense C of a.Rows() rows
// ldc apart. To each element of C the products of its row are added in turn, each by one fused multiply-add. C does not
// overlap B; with beta zero it is not read.
func SpMM[T Float, I Index](alpha T, a *CSR[T, I], n int, b []T, ldb int, beta T, c []T, ldc int) {
	t := tileOf[T]()
	one := borrow[T](1)
	defer one.giveBack()
	for i := range a.Rows() {
		row := c[i*ldc : i*ldc+n]
		scaleFlat(beta, row)
		for p := a.Indptr[i]; p < a.Indptr[i+1]; p++ {
			j := int(a.Indices[p])
			one.buf[0] = alpha * a.Data[p]
			t.adds(row, one.buf, b[j*ldb:j*ldb+n], 0, 1, n)
		}
	}
}
