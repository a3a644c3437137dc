package kernels

import (
	"fmt"
	"slices"
)

// sellRows is how many rows lie side by side.
const sellRows = 8

// SELL is a sparse matrix in the format SELL-8-sigma (Kreutzer, Hager, Wellein, Fehske and Bishop, "A unified sparse matrix
// data format for efficient general sparse matrix-vector multiplication on modern processors with wide SIMD units", 2014):
// the elements of eight rows lie side by side, so that they are summed at once. Make one by [NewSELL].
type SELL[T Float] struct {
	rows, cols int
	order      []int32 // the row of each lane
	lengths    []int   // its number of elements
	starts     []int   // where each slice starts, and the last one ends
	columns    []int32
	data       []T
}

// NewSELL returns a in the format SELL-8-sigma: among each sigma rows those of similar lengths come together. Sigma is
// rounded up to a multiple of 8; 0 keeps the rows in their order. Rows of one length fill every place, as in the format ELL. Errors: [ErrSparse], as a.Check has it.
func NewSELL[T Float, I Index](a *CSR[T, I], sigma int) (*SELL[T], error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	rows := a.Rows()
	if int64(rows) > 1<<31-1 || int64(a.Cols) > 1<<31-1 {
		return nil, fmt.Errorf("%w: %d rows and %d columns; SELL has at most 2^31-1 of both", ErrSparse, rows, a.Cols)
	}
	s := &SELL[T]{rows: rows, cols: a.Cols, order: make([]int32, rows), starts: []int{0}}
	for i := range s.order {
		s.order[i] = int32(i)
	}
	length := func(row int32) int { return int(a.Indptr[row+1] - a.Indptr[row]) }
	sigma = (min(max(sigma, 0), rows) + sellRows - 1) / sellRows * sellRows
	for lo := 0; lo < rows && sigma > 0; lo += sigma {
		slices.SortStableFunc(s.order[lo:min(lo+sigma, rows)], func(i, j int32) int { return length(j) - length(i) })
	}
	s.lengths = make([]int, (rows+sellRows-1)/sellRows*sellRows)
	for lo := 0; lo < rows; lo += sellRows {
		width := 0
		for r, row := range s.order[lo:min(lo+sellRows, rows)] {
			s.lengths[lo+r] = length(row)
			width = max(width, length(row))
		}
		at := s.starts[len(s.starts)-1]
		s.starts = append(s.starts, at+width*sellRows)
		s.columns = append(s.columns, make([]int32, width*sellRows)...)
		s.data = append(s.data, make([]T, width*sellRows)...)
		for r, row := range s.order[lo:min(lo+sellRows, rows)] {
			for p := range length(row) {
				from := int(a.Indptr[row]) + p
				s.columns[at+p*sellRows+r], s.data[at+p*sellRows+r] = int32(a.Indices[from]), a.Data[from]
			}
		}
	}
	return s, nil
}

// Rows returns the number of rows.
func (s *SELL[T]) Rows() int { return s.rows }

// Cols returns the number of columns.
func (s *SELL[T]) Cols() int { return s.cols }

// Fill returns the share of the places that hold elements: the rest is what the rows of a slice are shorter than its longest.
func (s *SELL[T]) Fill() float64 {
	if len(s.data) == 0 {
		return 1
	}
	n := 0
	for _, l := range s.lengths {
		n += l
	}
	return float64(n) / float64(len(s.data))
}

// sellPart is how many slices are computed before their sums go to y.
const sellPart = 16

// SpMV sets y = A*x. x has s.Cols elements, y has s.Rows(). The products of a row are rounded to float64 and added one
// after the other, from zero.
func (s *SELL[T]) SpMV(y, x []T) {
	sameLen(len(y), s.rows)
	sameLen(len(x), s.cols)
	var sums [sellPart * sellRows]float64
	for lo := 0; lo+1 < len(s.starts); lo += sellPart {
		n := min(sellPart, len(s.starts)-1-lo)
		if !vectorSELL(s, sums[:], x, lo, n) {
			for i := range n {
				s.slice(sums[i*sellRows:(i+1)*sellRows], x, lo+i)
			}
		}
		for i, row := range s.order[lo*sellRows : min((lo+n)*sellRows, s.rows)] {
			y[row] = T(sums[i])
		}
	}
}

// SpMM sets C = A*B for a dense B of s.Cols() rows of n elements ldb apart and a dense C of s.Rows() rows ldc apart, which does
// not overlap B. It has the bits of [SpMM] with alpha one and beta zero.
func (s *SELL[T]) SpMM(n int, b []T, ldb int, c []T, ldc int) {
	if n <= 0 || s.rows == 0 {
		return
	}
	holds(len(c), s.rows, n, ldc, 1)
	holds(len(b), s.cols, n, ldb, 1)
	t := tileOf[T]()
	for i, row := range s.order {
		to := c[int(row)*ldc : int(row)*ldc+n]
		clear(to)
		p := s.starts[i/sellRows] + i%sellRows
		for range s.lengths[i] {
			j := int(s.columns[p])
			t.adds(to, s.data[p:], b[j*ldb:j*ldb+n], 0, 1, n)
			p += sellRows
		}
	}
}

// slice computes the rows of one slice.
func (s *SELL[T]) slice(sums []float64, x []T, at int) {
	for r := range sums {
		sum, p := 0.0, s.starts[at]+r
		for range s.lengths[at*sellRows+r] {
			sum += float64(float64(s.data[p]) * float64(x[s.columns[p]]))
			p += sellRows
		}
		sums[r] = sum
	}
}
