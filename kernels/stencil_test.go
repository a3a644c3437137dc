package kernels

import (
	"slices"
	"testing"
)

// TestStencil_EqualsTheDefinition compares with plain loops, for points in every direction and rows of every length.
func TestStencil_EqualsTheDefinition(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		testStencil[float64](t)
		testStencil[float32](t)
	})
	x := make([]float64, 8)
	wantPanic(t, "Stencil", panicPoints, func() { Stencil(x, x[:8:8], 1, 2, 4, nil) })
	wantPanic(t, "Stencil", panicLength, func() { Stencil(x, x, 1, 3, 4, []Point[float64]{{}}) })
}

func testStencil[T Float](t *testing.T) {
	points := []Point[T]{{0, 0, 0, -2.5}, {0, -1, 0, 0.3}, {1, 0, 2, 0.7}, {-2, 1, 0, 1.1}, {0, 0, -3, 0.25}, {0, 2, 1, -0.125}}
	for _, use := range [][]Point[T]{points[:1], points[:2], points[:3], points} {
		for cols := 1; cols <= 80; cols++ {
			planes, rows := 1+cols%5, 3+cols%4
			src := make([]T, planes*rows*cols)
			Uniform(src, testKey, uint64(cols))
			dst, intact := guarded(make([]T, len(src)), cols%3)
			want := slices.Clone(dst)
			Stencil(dst, src, planes, rows, cols, use)
			plainStencil(want, src, [3]int{planes, rows, cols}, use)
			if !slices.Equal(dst, want) || !intact() {
				t.Fatalf("%d points, %d×%d×%d", len(use), planes, rows, cols)
			}
		}
	}
}

func plainStencil[T Float](dst, src []T, n [3]int, points []Point[T]) {
	for at := range dst {
		k, i, j := at/(n[1]*n[2]), at/n[2]%n[1], at%n[2]
		sum, inner := T(0), true
		for p, d := range points {
			a, b, c := k+d.Plane, i+d.Row, j+d.Col
			if inner = inner && a >= 0 && a < n[0] && b >= 0 && b < n[1] && c >= 0 && c < n[2]; !inner {
				break
			}
			term := T(d.Weight * src[(a*n[1]+b)*n[2]+c])
			if p == 0 {
				sum = term
			} else {
				sum += term
			}
		}
		if inner {
			dst[at] = sum
		}
	}
}

// TestStencil5Sweeps_EqualsSingleSweeps compares with one sweep after the other, whole and in parts.
func TestStencil5Sweeps_EqualsSingleSweeps(t *testing.T) {
	eachISA(t, testSweeps)
	wantPanic(t, "Stencil5Sweeps", panicSweeps, func() { Stencil5Sweeps(make([]float64, 4), make([]float64, 4), 2, 2, -1, [5]float64{}, 0, 2) })
}

func testSweeps(t *testing.T) {
	w := [5]float64{0.2, 0.3, 0.1, 0.25, 0.15}
	for _, shape := range [][2]int{{1, 1}, {2, 5}, {3, 3}, {20, 33}, {66, sweepCols + 2}, {150, 600}} {
		rows, cols := shape[0], shape[1]
		src := noise(9, rows*cols)
		a, b := slices.Clone(src), slices.Clone(src)
		for sweeps := range 6 {
			got, intact := guarded(src, 1)
			third := rows / 3
			for _, part := range [][2]int{{0, third}, {third, rows}} {
				Stencil5Sweeps(got, src, rows, cols, sweeps, w, part[0], part[1])
			}
			wantSame(t, "sweeps", got, a)
			if !intact() {
				t.Fatal("wrote outside")
			}
			Stencil5(b, a, rows, cols, w)
			a, b = b, a
		}
	}
}
