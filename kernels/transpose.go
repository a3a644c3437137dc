package kernels

const (
	// transposeTile is the edge of the square tiles in which a matrix is turned: their rows and columns stay in the L1
	// cache, and in its table of pages.
	transposeTile = 64

	// streamBytes is from which size a result goes past the caches, which could not hold it anyway.
	streamBytes = 8 << 20
)

// Transpose sets dst[j*rows + i] = src[i*cols + j] for a matrix of rows×cols in C order. dst and src do not overlap.
func Transpose[T Number](dst, src []T, rows, cols int) {
	sameShape(len(dst), rows, cols)
	sameLen(len(dst), len(src))
	if rows == 0 || cols == 0 {
		return
	}
	TransposeRows(dst, rows, src, cols, 0, rows, cols)
}

// TransposeRows does rows lo to hi of a [Transpose], so that many can share the work: dst[j*ldd + i] = src[i*lds + j] for
// lo <= i < hi and j < cols. It panics where a slice does not hold these elements.
func TransposeRows[T Number](dst []T, ldd int, src []T, lds, lo, hi, cols int) {
	if lo < 0 || lo > hi {
		panic(panicShape)
	}
	holds(len(src), hi, cols, lds, 1)
	holds(len(dst), hi, cols, 1, ldd)
	if lo == hi || cols == 0 {
		return
	}
	turn := tilesOf(dst, ldd)
	for i := lo; i < hi; i += transposeTile {
		rows := min(transposeTile, hi-i)
		for j := 0; j < cols; j += transposeTile {
			turn(dst[j*ldd+i:], ldd, src[i*lds+j:], lds, rows, min(transposeTile, cols-j))
		}
	}
}

// TransposeSquare transposes a matrix of n×n in C order in place.
func TransposeSquare[T Number](x []T, n int) {
	sameShape(len(x), n, n)
	turn := tilesOf(x[:0], n)
	var room [transposeTile * transposeTile]T
	for i := 0; i < n; i += transposeTile {
		rows := min(transposeTile, n-i)
		for j := 0; j <= i; j += transposeTile {
			cols := min(transposeTile, n-j)
			lower, upper := x[i*n+j:], x[j*n+i:]
			turn(room[:], transposeTile, lower, n, rows, cols)
			if i != j {
				turn(lower, n, upper, n, cols, rows)
			}
			for r := range cols {
				copy(upper[r*n:r*n+rows], room[r*transposeTile:])
			}
		}
	}
}

// turnTile sets dst[j*ldd + i] = src[i*lds + j] for a tile of rows×cols.
type turnTile[T Number] func(dst []T, ldd int, src []T, lds, rows, cols int)

// turnPortable is the twin in Go of every turnTile.
func turnPortable[T Number](dst []T, ldd int, src []T, lds, rows, cols int) {
	for i := range rows {
		row := src[i*lds : i*lds+cols]
		at := i
		for _, v := range row {
			dst[at] = v
			at += ldd
		}
	}
}

// turnWhole turns as many whole squares of the registers' lanes as the tile has by body, and what is left in Go.
func turnWhole[T Number](body turnTile[T], lanes int, dst []T, ldd int, src []T, lds, rows, cols int) {
	r, c := rows-rows%lanes, cols-cols%lanes
	if r > 0 && c > 0 {
		body(dst, ldd, src, lds, r, c)
	} else {
		r, c = 0, 0
	}
	if c < cols && r > 0 {
		turnPortable(dst[c*ldd:], ldd, src[c:], lds, r, cols-c)
	}
	if r < rows {
		turnPortable(dst[r:], ldd, src[r*lds:], lds, rows-r, cols)
	}
}
