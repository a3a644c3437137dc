package kernels

import "testing"

// TestTranspose_EveryShape turns matrices of every size class around the tiles, out of place and in place.
func TestTranspose_EveryShape(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		for _, rows := range []int{0, 1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 130} {
			for _, cols := range []int{0, 1, 3, 8, 9, 16, 17, 31, 64, 66, 129} {
				testTranspose[float64](t, rows, cols)
				testTranspose[float32](t, rows, cols)
				testTranspose[int64](t, rows, cols)
				testTranspose[int16](t, rows, cols)
				testTranspose[uint8](t, rows, cols)
			}
		}
		// Long enough to go past the caches, with rows that are lines and rows that are not.
		testTranspose[float64](t, 1024, 1032)
		testTranspose[float64](t, 1030, 1030)
		testTranspose[float32](t, 2048, 1040)
	})
	wantPanic(t, "Transpose", panicLength, func() { Transpose(make([]int8, 6), make([]int8, 6), 2, 4) })
	wantPanic(t, "TransposeSquare", panicLength, func() { TransposeSquare(make([]int8, 6), 2) })
}

func testTranspose[T Number](t *testing.T, rows, cols int) {
	t.Helper()
	src := make([]T, rows*cols)
	for i := range src {
		src[i] = T(i * 7)
	}
	for _, off := range []int{0, 3} {
		dst, intact := guarded(make([]T, rows*cols), off)
		Transpose(dst, src, rows, cols)
		for i := range rows {
			for j := range cols {
				if dst[j*rows+i] != src[i*cols+j] {
					t.Fatalf("%d×%d of %T: element %d, %d is %v", rows, cols, src, j, i, dst[j*rows+i])
				}
			}
		}
		if !intact() {
			t.Fatalf("%d×%d: wrote outside", rows, cols)
		}
	}
	if rows != cols {
		return
	}
	x, intact := guarded(src, 1)
	TransposeSquare(x, rows)
	for i := range rows {
		for j := range cols {
			if x[j*rows+i] != src[i*cols+j] || !intact() {
				t.Fatalf("square of %d: element %d, %d is %v", rows, j, i, x[j*rows+i])
			}
		}
	}
}
