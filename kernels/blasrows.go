package kernels

import "gonum.org/v1/gonum/blas"

// storage says where a matrix keeps its rows.
type storage int

const (
	denseRows storage = iota
	denseUpper
	denseLower
	bandRows
	packedUpper
	packedLower
)

// rowMatrix is a matrix of level 2: dense, band or packed, whole or a triangle. All that the routines ask of it is a
// row's elements, which lie side by side, and the column of the first.
type rowMatrix[T Float] struct {
	kind   storage
	a      []T
	ld     int
	n      int // columns
	kl, ku int // of a band
}

func (r *rowMatrix[T]) row(i int) (elements []T, first int) {
	switch r.kind {
	case denseUpper:
		return r.a[i*r.ld+i : i*r.ld+r.n], i
	case denseLower:
		return r.a[i*r.ld : i*r.ld+i+1], 0
	case bandRows:
		lo, hi := max(0, i-r.kl), min(r.n, i+r.ku+1)
		if hi <= lo {
			return nil, 0
		}
		at := i*r.ld + r.kl - i
		return r.a[at+lo : at+hi], lo
	case packedUpper:
		at := i * (2*r.n - i + 1) / 2
		return r.a[at : at+r.n-i], i
	case packedLower:
		at := i * (i + 1) / 2
		return r.a[at : at+i+1], 0
	}
	return r.a[i*r.ld : i*r.ld+r.n], 0
}

func dense[T Float](a []T, ld, n int) rowMatrix[T] { return rowMatrix[T]{denseRows, a, ld, n, 0, 0} }

func denseTriangle[T Float](ul blas.Uplo, a []T, ld, n int) rowMatrix[T] {
	if ul == blas.Upper {
		return rowMatrix[T]{denseUpper, a, ld, n, 0, 0}
	}
	return rowMatrix[T]{denseLower, a, ld, n, 0, 0}
}

func bandTriangle[T Float](ul blas.Uplo, a []T, ld, n, k int) rowMatrix[T] {
	if ul == blas.Upper {
		return rowMatrix[T]{bandRows, a, ld, n, 0, k}
	}
	return rowMatrix[T]{bandRows, a, ld, n, k, 0}
}

func packedTriangle[T Float](ul blas.Uplo, ap []T, n int) rowMatrix[T] {
	if ul == blas.Upper {
		return rowMatrix[T]{packedUpper, ap, 0, n, 0, 0}
	}
	return rowMatrix[T]{packedLower, ap, 0, n, 0, 0}
}

// split parts row i of a triangle into its diagonal element and the others, which belong to the columns from first on.
func (r *rowMatrix[T]) split(ul blas.Uplo, i int) (diagonal *T, others []T, first int) {
	row, first := r.row(i)
	if ul == blas.Upper {
		return &row[0], row[1:], i + 1
	}
	last := len(row) - 1
	return &row[last], row[:last], first
}
