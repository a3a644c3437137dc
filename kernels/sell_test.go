package kernels

import (
	"errors"
	"testing"
)

// TestSELL_IsTheDefinition compares with sums row by row, rows of every length, infinities where no element is.
func TestSELL_IsTheDefinition(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		testSELL[float64](t)
		testSELL[float32](t)
	})
	if _, err := NewSELL(&CSR[float64, int32]{Cols: 1, Indptr: []int32{0, 1}, Indices: []int32{1}, Data: []float64{1}}, 8); !errors.Is(err, ErrSparse) {
		t.Errorf("a column too far: %v", err)
	}
}

func testSELL[T Float](t *testing.T) {
	r := newRand(3)
	for _, rows := range []int{0, 1, 7, 8, 9, 64, 300} {
		cols := 1 + rows*2
		a := CSR[T, int64]{Cols: cols, Indptr: []int64{0}}
		for range rows {
			for range r.IntN(20) {
				a.Indices = append(a.Indices, int64(1+r.IntN(cols)/2*2)%int64(cols))
				a.Data = append(a.Data, T(r.NormFloat64()))
			}
			a.Indptr = append(a.Indptr, int64(len(a.Data)))
		}
		x := make([]T, cols)
		for i := range x {
			x[i] = T(r.NormFloat64())
		}
		used := make([]bool, cols)
		for _, j := range a.Indices {
			used[j] = true
		}
		if !used[0] {
			x[0] = T(inf) // padding must not read it
		}
		want := make([]T, rows)
		for i := range want {
			sum := 0.0
			for p := a.Indptr[i]; p < a.Indptr[i+1]; p++ {
				sum += float64(float64(a.Data[p]) * float64(x[a.Indices[p]]))
			}
			want[i] = T(sum)
		}
		for _, sigma := range []int{0, 8, 30, 1000} {
			s, err := NewSELL(&a, sigma)
			if err != nil {
				t.Fatal(err)
			}
			got, intact := guarded(make([]T, rows), 2)
			s.SpMV(got, x)
			wantSame(t, "SELL", got, want)
			if !intact() || s.Rows() != rows || s.Cols() != cols || s.Fill() <= 0 || s.Fill() > 1 {
				t.Fatalf("rows %d, cols %d, fill %g", s.Rows(), s.Cols(), s.Fill())
			}
		}
	}
}

// TestSELL_SpMMHasTheBitsOfCSR compares with SpMM for matrices apart, of every width around a register's.
func TestSELL_SpMMHasTheBitsOfCSR(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		testSELLTimesMatrix[float64](t)
		testSELLTimesMatrix[float32](t)
	})
}

func testSELLTimesMatrix[T Float](t *testing.T) {
	r := newRand(5)
	for _, rows := range []int{0, 1, 8, 67} {
		cols := 1 + rows
		a := CSR[T, int32]{Cols: cols, Indptr: []int32{0}}
		for range rows {
			for range r.IntN(9) {
				a.Indices = append(a.Indices, int32(r.IntN(cols)))
				a.Data = append(a.Data, T(r.NormFloat64()))
			}
			a.Indptr = append(a.Indptr, int32(len(a.Data)))
		}
		s, err := NewSELL(&a, 16)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 3, 8, 17} {
			b := newFenced[T](cols, n, 2, func(i, j int) float64 { return r.NormFloat64() })
			c := newFenced[T](rows, n, 3, func(i, j int) float64 { return nan })
			want := c.clone()
			SpMM(1, &a, n, b.data(), b.ld, 0, want.data(), want.ld)
			s.SpMM(n, b.data(), b.ld, c.data(), c.ld)
			c.check(t, "SELL.SpMM", func(i, j int, v T) bool { return v == want.at(i, j) })
		}
	}
	s, err := NewSELL(&CSR[T, int32]{Cols: 2, Indptr: []int32{0, 1}, Indices: []int32{1}, Data: []T{1}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(){
		"short B":      func() { s.SpMM(3, make([]T, 5), 3, make([]T, 3), 3) },
		"short C":      func() { s.SpMM(3, make([]T, 6), 3, make([]T, 2), 3) },
		"negative ldb": func() { s.SpMM(3, make([]T, 6), -3, make([]T, 3), 3) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}
