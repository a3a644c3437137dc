package kernels

// Point is one term of a stencil: the neighbour that lies so many planes, rows and columns further, and its weight.
type Point[T Float] struct {
	Plane, Row, Col int
	Weight          T
}

// Stencil sets each inner element of a grid of planes×rows×cols in C order to the sum of its neighbours by their weights,
// of at most 64 points:
//
//	dst[k, i, j] = sum over the points of Weight * src[k+Plane, i+Row, j+Col]
//
// Inner are the elements all whose neighbours are in the grid. The others are the halo: they are read, and left as they are
// in dst. To split a grid, give each part the rows (or planes) that it owns and as many more on both sides as the stencil
// reaches. A grid of two dimensions has one plane. dst and src do not overlap. Products are rounded, and added in the order
// of the points. It panics when there is no point or there are too many.
func Stencil[T Float](dst, src []T, planes, rows, cols int, points []Point[T]) {
	sameShape(len(dst), planes, rows, cols)
	sameLen(len(dst), len(src))
	if len(points) == 0 || len(points) > stencilMax {
		panic(panicPoints)
	}
	var s stencil[T]
	var lo, hi [3]int // how far the points reach
	for p, at := range points {
		s.offsets[p] = (at.Plane*rows+at.Row)*cols + at.Col
		s.weights[p] = at.Weight
		for d, reach := range [3]int{at.Plane, at.Row, at.Col} {
			if size := [3]int{planes, rows, cols}[d]; reach <= -size || reach >= size {
				return // no element is inner
			}
			lo[d], hi[d] = max(lo[d], -reach), max(hi[d], reach)
		}
	}
	s.points = len(points)
	n := cols - lo[2] - hi[2]
	for k := lo[0]; k < planes-hi[0] && n > 0; k++ {
		for i := lo[1]; i < rows-hi[1]; i++ {
			at := (k*rows+i)*cols + lo[2]
			s.row(dst[at:at+n], src, at)
		}
	}
}

// stencilMax is the most points of a stencil.
const stencilMax = 64

// stencil is a stencil on a grid of known strides.
type stencil[T Float] struct {
	points  int
	offsets [stencilMax]int
	weights [stencilMax]T
}

// row sets dst to the elements from number at on.
func (s *stencil[T]) row(dst, src []T, at int) {
	for len(dst) > 0 {
		n := min(len(dst), chunk)
		s.part(dst[:n], src, at)
		dst, at = dst[n:], at+n
	}
}

func (s *stencil[T]) part(dst, src []T, at int) {
	done := 0
	if s.points > 1 {
		done = vectorStencil(s, dst, src[at:])
	}
	for j := done; j < len(dst); j++ {
		sum := T(s.weights[0] * src[at+j+s.offsets[0]])
		for p := 1; p < s.points; p++ {
			sum += T(s.weights[p] * src[at+j+s.offsets[p]])
		}
		dst[j] = sum
	}
}

// Stencil5 sets each inner element of a rows×cols grid in C order to a weighted sum of itself and its four neighbours:
//
//	dst[i, j] = center*src[i, j] + north*src[i-1, j] + south*src[i+1, j] + west*src[i, j-1] + east*src[i, j+1]
//
// weights are in that order. It is a [Stencil]: the first and last rows and columns are the halo.
func Stencil5[T Float](dst, src []T, rows, cols int, weights [5]T) {
	points := points5(weights)
	Stencil(dst, src, 1, rows, cols, points[:])
}

func points5[T Float](w [5]T) [5]Point[T] {
	return [5]Point[T]{{0, 0, 0, w[0]}, {0, -1, 0, w[1]}, {0, 1, 0, w[2]}, {0, 0, -1, w[3]}, {0, 0, 1, w[4]}}
}

// Stencil7 is [Stencil5] for a grid of planes×rows×cols: the last two weights are those of the planes before and behind.
func Stencil7[T Float](dst, src []T, planes, rows, cols int, weights [7]T) {
	five := points5([5]T(weights[:5]))
	points := append(five[:], Point[T]{-1, 0, 0, weights[5]}, Point[T]{1, 0, 0, weights[6]})
	Stencil(dst, src, planes, rows, cols, points)
}

// sweepCols is how many columns several sweeps go down together: four rows of each sweep stay in the L1 cache.
const sweepCols = 256

// Stencil5Sweeps sets rows lo to hi of dst to what they are after some sweeps of [Stencil5] over src, the halo being that
// of src in each sweep, so that many can share the work. The halo is left as it is in dst. The bits are those of as many
// calls of Stencil5.
//
// Memory is read and written once, not once for each sweep: all sweeps go down the grid together, each a row behind the
// one before (Lamport's hyperplanes, 1974), in strips of columns that overlap by as many columns as there are sweeps. From
// about sixteen sweeps on, the overlap costs more than that saves. It takes room for 4*(sweeps+1)*(256+2*sweeps) elements.
func Stencil5Sweeps[T Float](dst, src []T, rows, cols, sweeps int, weights [5]T, lo, hi int) {
	sameShape(len(dst), rows, cols)
	sameLen(len(dst), len(src))
	if sweeps < 0 || lo < 0 || hi > rows {
		panic(panicSweeps)
	}
	room := borrow[T]((sweeps + 1) * sweepRing * (sweepCols + 2*sweeps))
	defer room.giveBack()
	w := wave[T]{dst: dst, src: src, room: room.buf, rows: rows, cols: cols, sweeps: sweeps, lo: max(lo, 1), hi: min(hi, rows-1)}
	w.points, w.offsets[3], w.offsets[4] = 5, -1, 1
	copy(w.weights[:], weights[:])
	for j := 1; j < cols-1 && w.lo < w.hi; j += sweepCols {
		w.strip(j, min(j+sweepCols, cols-1))
	}
}

// sweepRing is how many rows of each sweep are kept: three to read, and the one that is written.
const sweepRing = 4

// wave is several sweeps over rows lo to hi of a grid.
type wave[T Float] struct {
	stencil[T]
	dst, src, room             []T
	rows, cols, sweeps, lo, hi int
}

// strip does columns j to jEnd. Row r of sweep t lies in ring t of room; sweep 0 is src.
func (w *wave[T]) strip(j, jEnd int) {
	left := max(j-w.sweeps, 0)
	n := min(jEnd+w.sweeps, w.cols) - left
	top, bottom := max(w.lo-w.sweeps, 0), min(w.hi+w.sweeps, w.rows)
	at := func(t, row int) int { return (t*sweepRing + row%sweepRing) * n }
	for front := top; front < bottom+w.sweeps; front++ {
		if front < bottom {
			copy(w.room[at(0, front):][:n], w.src[front*w.cols+left:])
		}
		for t := 1; t <= w.sweeps; t++ {
			row := front - t
			// Each sweep knows one row less at an edge that is not that of the grid.
			if row < top || top > 0 && row < top+t || row >= bottom || bottom < w.rows && row >= bottom-t {
				continue
			}
			from, to := w.room[at(t-1, row):][:n], w.room[at(t, row):][:n]
			if row == 0 || row == w.rows-1 {
				copy(to, from)
				continue
			}
			to[0], to[n-1] = from[0], from[n-1]
			w.offsets[1], w.offsets[2] = at(t-1, row-1)-at(t-1, row), at(t-1, row+1)-at(t-1, row)
			w.row(to[1:n-1], w.room, at(t-1, row)+1)
		}
		if row := front - w.sweeps; row >= w.lo && row < w.hi {
			copy(w.dst[row*w.cols+j:row*w.cols+jEnd], w.room[at(w.sweeps, row)+j-left:])
		}
	}
}
