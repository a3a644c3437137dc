package kernels

// Stencil5 sets each inner element of a rows×cols grid in C order to a weighted sum of itself and its four neighbours:
//
//	dst[i, j] = center*src[i, j] + north*src[i-1, j] + south*src[i+1, j] + west*src[i, j-1] + east*src[i, j+1]
//
// weights are in that order. The first and last rows and columns are the halo: they are read, and left as they are in dst.
// To split a grid, give each part the rows it owns and one more above and below. dst and src do not overlap. Products are
// rounded, and added in the order of the weights.
func Stencil5[T Float](dst, src []T, rows, cols int, weights [5]T) {
	sameLen3(len(dst), len(src), rows*cols)
	if cols < 3 {
		return
	}
	for i := 1; i+1 < rows; i++ {
		at := i * cols
		stencilRow(dst[at+1:at+cols-1], src, at+1, [5]int{0, -cols, cols, -1, 1}, weights)
	}
}

// stencilRow computes one row of five points, of which the first in dst is src[at].
func stencilRow[T Float](dst, src []T, at int, to [5]int, w [5]T) {
	n := len(dst)
	c, north, south := src[at:at+n], src[at+to[1]:][:n], src[at+to[2]:][:n]
	west, east := src[at+to[3]:][:n], src[at+to[4]:][:n]
	w0, w1, w2, w3, w4 := w[0], w[1], w[2], w[3], w[4]
	for j := range dst {
		dst[j] = T(w0*c[j]) + T(w1*north[j]) + T(w2*south[j]) + T(w3*west[j]) + T(w4*east[j])
	}
}

// Stencil7 is [Stencil5] for a grid of planes×rows×cols: the last two weights are those of the planes before and behind.
func Stencil7[T Float](dst, src []T, planes, rows, cols int, weights [7]T) {
	sameLen3(len(dst), len(src), planes*rows*cols)
	if cols < 3 {
		return
	}
	plane := rows * cols
	for k := 1; k+1 < planes; k++ {
		for i := 1; i+1 < rows; i++ {
			at := k*plane + i*cols + 1
			row := dst[at : at+cols-2]
			stencilRow(row, src, at, [5]int{0, -cols, cols, -1, 1}, [5]T(weights[:5]))
			before, behind := src[at-plane:][:len(row)], src[at+plane:][:len(row)]
			for j := range row {
				row[j] = row[j] + T(weights[5]*before[j]) + T(weights[6]*behind[j])
			}
		}
	}
}
