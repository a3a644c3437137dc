package kernels

import (
	"errors"
	"math"
	"testing"
)

// randomCSR has rows of 0 to 11 elements.
func randomCSR[T Float, I Index](rows, cols int) *CSR[T, I] {
	r := newRand(uint64(rows*1000 + cols))
	a := &CSR[T, I]{Cols: cols, Indptr: []I{0}}
	for i := range rows {
		for range i % 12 {
			a.Indices = append(a.Indices, I(r.IntN(cols)))
			a.Data = append(a.Data, T(r.NormFloat64()))
		}
		a.Indptr = append(a.Indptr, I(len(a.Data)))
	}
	return a
}

func TestSparse_AgreesWithDense(t *testing.T) {
	t.Run("type=float64", testSparse[float64, int64])
	t.Run("type=float32", testSparse[float32, int32])
}

func testSparse[T Float, I Index](t *testing.T) {
	for _, s := range [][3]int{{1, 1, 1}, {13, 5, 3}, {40, 70, 17}, {25, 33, 64}} {
		rows, cols, n := s[0], s[1], s[2]
		a := randomCSR[T, I](rows, cols)
		if err := a.Check(); err != nil {
			t.Fatal(err)
		}
		full := make([]float64, rows*cols)
		for i := range rows {
			for p := a.Indptr[i]; p < a.Indptr[i+1]; p++ {
				full[i*cols+int(a.Indices[p])] += float64(a.Data[p])
			}
		}
		b, c := normalMatrix[T](cols, n), normalMatrix[T](rows, n)
		before := c.clone()
		SpMM(0.5, a, n, b.data(), b.ld, -2, c.data(), c.ld)
		c.check(t, "SpMM", func(i, j int, got T) bool {
			want := -2 * float64(before.at(i, j))
			for k := range cols {
				want += 0.5 * full[i*cols+k] * float64(b.at(k, j))
			}
			return closeTo(got, T(want), 40)
		})

		x, y := normalMatrix[T](1, cols), newFenced[T](1, rows, 0, func(i, j int) float64 { return nan })
		SpMV(0.5, a, x.data(), 0, y.data())
		y.check(t, "SpMV", func(_, i int, got T) bool {
			want := 0.0
			for k := range cols {
				want += 0.5 * full[i*cols+k] * float64(x.at(0, k))
			}
			return closeTo(got, T(want), 40)
		})
		h := rows / 2
		whole, part := make([]T, rows), make([]T, rows-h)
		SpMV(1, a, x.data(), 0, whole)
		SpMV(1, &CSR[T, I]{cols, a.Indptr[h:], a.Indices, a.Data}, x.data(), 0, part)
		for i, v := range part {
			if v != whole[h+i] {
				t.Fatalf("row %d of a part is %v, of the whole %v", h+i, v, whole[h+i])
			}
		}
	}
}

func TestCSR_CheckSaysWhatIsWrong(t *testing.T) {
	for name, a := range map[string]*CSR[float64, int32]{
		"empty":    {Cols: 1},
		"lengths":  {Cols: 1, Indptr: []int32{0, 1}, Indices: []int32{0}, Data: nil},
		"order":    {Cols: 1, Indptr: []int32{0, 1, 0}, Indices: []int32{0}, Data: []float64{1}},
		"beyond":   {Cols: 1, Indptr: []int32{0, 2}, Indices: []int32{0}, Data: []float64{1}},
		"column":   {Cols: 1, Indptr: []int32{0, 1}, Indices: []int32{1}, Data: []float64{1}},
		"negative": {Cols: 1, Indptr: []int32{0, 1}, Indices: []int32{-1}, Data: []float64{1}},
	} {
		if err := a.Check(); !errors.Is(err, ErrSparse) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKMeansStep_IsItsDefinition(t *testing.T) {
	const rows, d, k = 700, 5, 9
	x, c := normalMatrix[float64](rows, d), normalMatrix[float64](k, d)
	centers := make([]float64, 0, k*d)
	for i := range k {
		centers = append(centers, c.data()[i*c.ld:i*c.ld+d]...)
	}
	nearest, sums, counts := make([]int32, rows), make([]float64, k*d), make([]int64, k)
	total := KMeansStep(nearest, sums, counts, RowMajor(x.data(), x.ld), centers, d)
	wantSums, wantCounts, wantTotal := make([]float64, k*d), make([]int64, k), 0.0
	distances := make([]float64, rows*k)
	SquaredDistances(rows, k, d, RowMajor(x.data(), x.ld), RowMajor(centers, d), distances, k)
	for i := range rows {
		best, at := math.Inf(1), 0
		for j := range k {
			var s float64
			for p := range d {
				s += (x.at(i, p) - centers[j*d+p]) * (x.at(i, p) - centers[j*d+p])
			}
			if math.Abs(s-distances[i*k+j]) > 1e-13 {
				t.Fatalf("distance of row %d to center %d is %v, want %v", i, j, distances[i*k+j], s)
			}
			if s < best {
				best, at = s, j
			}
		}
		if int(nearest[i]) != at {
			t.Fatalf("row %d: center %d is nearest, got %d", i, at, nearest[i])
		}
		wantTotal += best
		wantCounts[at]++
		for p := range d {
			wantSums[at*d+p] += x.at(i, p)
		}
	}
	if math.Abs(total-wantTotal) > 1e-9 {
		t.Errorf("inertia %v, want %v", total, wantTotal)
	}
	for j := range wantSums {
		if sums[j] != wantSums[j] || counts[j/d] != wantCounts[j/d] {
			t.Fatalf("center %d: sum %v of %d, want %v of %d", j/d, sums[j], counts[j/d], wantSums[j], wantCounts[j/d])
		}
	}
}

func TestStencils_TouchTheInnerAlone(t *testing.T) {
	w := [7]float64{0.5, 0.25, -0.125, 2, -1, 3, 0.75}
	for planes := 1; planes <= 4; planes++ {
		for rows := 1; rows <= 5; rows++ {
			for cols := 1; cols <= 9; cols++ {
				src := normalMatrix[float64](1, planes*rows*cols).data()
				dst, flat := make([]float64, len(src)), make([]float64, rows*cols)
				Fill(dst, post)
				Fill(flat, post)
				Stencil7(dst, src, planes, rows, cols, w)
				Stencil5(flat, src[:rows*cols], rows, cols, [5]float64(w[:5]))
				for at := range dst {
					k, i, j := at/(rows*cols), at/cols%rows, at%cols
					inner := i > 0 && i+1 < rows && j > 0 && j+1 < cols
					five := post
					sum := func() float64 {
						return float64(w[0]*src[at]) + float64(w[1]*src[at-cols]) + float64(w[2]*src[at+cols]) + float64(w[3]*src[at-1]) + float64(w[4]*src[at+1])
					}
					if inner {
						five = sum()
					}
					if k == 0 && flat[at] != five {
						t.Fatalf("%d×%d: element (%d, %d) is %v, want %v", rows, cols, i, j, flat[at], five)
					}
					seven := float64(post)
					if inner && k > 0 && k+1 < planes {
						seven = sum() + float64(w[5]*src[at-rows*cols]) + float64(w[6]*src[at+rows*cols])
					}
					if dst[at] != seven {
						t.Fatalf("%d×%d×%d: element (%d, %d, %d) is %v, want %v", planes, rows, cols, k, i, j, dst[at], seven)
					}
				}
			}
		}
	}
}
