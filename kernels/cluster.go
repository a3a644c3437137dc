package kernels

// SquaredDistances sets dst[i*ldd + j] to the squared Euclidean distance of row i of x (m rows) and row j of y (n rows), all
// of d elements. It is |x|² + |y|² - 2xy by [Gemm]: of rows that are much closer to each other than to the origin few
// digits are left. It is never negative.
func SquaredDistances[T Float](m, n, d int, x, y Matrix[T], dst []T, ldd int) {
	norms := borrow[T](n)
	defer norms.giveBack()
	rowNorms(norms.buf, n, d, y)
	squaredDistances(m, n, d, x, y, norms.buf, dst, ldd)
}

// rowNorms sets dst[i] to the sum of the squares of row i.
func rowNorms[T Float](dst []T, rows, d int, x Matrix[T]) {
	for i := range rows {
		var s float64
		for j := range d {
			v := float64(x.Data[i*x.RowStride+j*x.ColStride])
			s += float64(v * v)
		}
		dst[i] = T(s)
	}
}

func squaredDistances[T Float](m, n, d int, x, y Matrix[T], norms, dst []T, ldd int) {
	own := borrow[T](m)
	defer own.giveBack()
	rowNorms(own.buf, m, d, x)
	Gemm(m, n, d, -2, x, y.T(), 0, dst, ldd)
	for i := range m {
		row := dst[i*ldd : i*ldd+n]
		for j, v := range row {
			row[j] = max(0, v+(own.buf[i]+norms[j]))
		}
	}
}

// kMeansRows is how many rows are compared with all centers at once.
const kMeansRows = 256

// KMeansStep is one step of Lloyd's algorithm: it sets nearest[i] to the number of the center that is nearest to row i of x,
// the first of several, adds the row to that row of sums and one to that count, and returns the sum of the squared
// distances. x has len(nearest) rows of d elements; centers and sums are row-major with d elements in a row, and one row
// for each count. The new centers are sums over counts. Distances are those of [SquaredDistances].
//
// sums and counts are added to, so that parts of x can be done one by one, or by many workers who add theirs up.
func KMeansStep[T Float](nearest []int32, sums []T, counts []int64, x Matrix[T], centers []T, d int) float64 {
	k := len(counts)
	if k == 0 {
		panic(panicEmpty)
	}
	sameLen3(len(sums), len(centers), k*d)
	room := borrow[T](kMeansRows*k + k)
	defer room.giveBack()
	norms, distances := room.buf[:k], room.buf[k:]
	c := RowMajor(centers, d)
	rowNorms(norms, k, d, c)
	var total float64
	for lo := 0; lo < len(nearest); lo += kMeansRows {
		rows := min(kMeansRows, len(nearest)-lo)
		part := Matrix[T]{x.Data[lo*x.RowStride:], x.RowStride, x.ColStride}
		squaredDistances(rows, k, d, part, c, norms, distances, k)
		for i := range rows {
			best := ArgMin(distances[i*k : (i+1)*k])
			nearest[lo+i] = int32(best)
			total += float64(distances[i*k+best])
			counts[best]++
			sum := sums[best*d : (best+1)*d]
			for j := range sum {
				sum[j] += part.Data[i*part.RowStride+j*part.ColStride]
			}
		}
	}
	return total
}
