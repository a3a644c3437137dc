package kernels

// Gemm computes C = alpha*A*B + beta*C for an m×k matrix A, a k×n matrix B and an m×n matrix C. C is row-major with ldc
// elements from row to row. With beta zero C is not read.
//
// The order of the sums depends on k alone, so the bits of an element depend on its row of A, its column of B and k,
// not on m, n, the instruction set, or how a caller cuts C into blocks: the k products are taken in blocks of one
// length, at most 384; in a block they are added from zero, each by one fused multiply-add; then
// c = fma(alpha, block, c), where c begins as beta*c.
//
// The plan is that of BLIS (Van Zee and van de Geijn, "BLIS: a framework for rapidly instantiating BLAS functionality",
// ACM TOMS 41, 2015) for rows instead of columns: a panel of A stays in L1, a block of B in L2, and a tile of C in
// registers. Blocks are packed only where that pays.
//
// It panics where a slice does not hold the elements that the shapes speak of. C overlaps neither A nor B.
func Gemm[T Float](m, n, k int, alpha T, a, b Matrix[T], beta T, c []T, ldc int) {
	if m <= 0 || n <= 0 {
		return
	}
	holds(len(c), m, n, ldc, 1)
	if alpha == 0 || k <= 0 {
		for i := range m {
			scaleFlat(beta, c[i*ldc:i*ldc+n])
		}
		return
	}
	holds(len(a.Data), m, k, a.RowStride, a.ColStride)
	holds(len(b.Data), k, n, b.RowStride, b.ColStride)
	g := gemm[T]{tile: tileOf[T](), alpha: alpha, beta: beta, c: c, ldc: ldc}
	step := depthStep(k)
	for p := 0; p < k; p += step {
		g.depth = min(step, k-p)
		g.block(m, n, a.from(0, p), b.from(p, 0))
		g.beta = 1
	}
}

// Matrix is a view of a matrix: element (i, j) is Data[i*RowStride + j*ColStride]. One of the strides is 1: ColStride of
// a row-major matrix, RowStride of its transpose.
type Matrix[T Float] struct {
	Data                 []T
	RowStride, ColStride int
}

// RowMajor returns the view of a row-major matrix with ld elements from row to row.
func RowMajor[T Float](data []T, ld int) Matrix[T] { return Matrix[T]{data, ld, 1} }

// T returns the transpose, of the same elements.
func (x Matrix[T]) T() Matrix[T] { return Matrix[T]{x.Data, x.ColStride, x.RowStride} }

// from returns the view whose element (0, 0) is element (i, j) of x.
func (x Matrix[T]) from(i, j int) Matrix[T] {
	return Matrix[T]{x.Data[i*x.RowStride+j*x.ColStride:], x.RowStride, x.ColStride}
}

// The blocks. depthMax rules the order of the sums; the others only what lies in which cache, and what is packed.
const (
	depthMax  = 384  // k: a panel of eight rows of A is 24 KiB of float64, half of L1
	rowsMax   = 3072 // m: rows of A are read where they lie up to here
	columnMax = 512  // m: columns of A are
	packTall  = 96   // m: below, nothing but a transposed B is packed
	packWide  = 256  // n: rows of B are read where they lie up to here
)

// depthStep cuts k into the fewest blocks of nearly equal length.
func depthStep(k int) int {
	blocks := (k + depthMax - 1) / depthMax
	return ((k+blocks-1)/blocks + 7) &^ 7
}

// gemm is one run of Gemm at one block of k.
type gemm[T Float] struct {
	tile        *tile[T]
	depth       int
	alpha, beta T
	c           []T
	ldc         int
}

// panels is an operand as the tile wants it: panel q of so many rows (of A) or columns (of B) begins at data[q*stride],
// element (r, p) of a panel at r*unit + p*step.
type panels[T Float] struct {
	data               []T
	stride, unit, step int
}

// block adds the products of one block of k. B is packed when its columns lie apart, or when so much of it is used again
// that its rows should lie close. Rows of A are streams that the hardware follows, and are packed late.
func (g *gemm[T]) block(m, n int, a, b Matrix[T]) {
	t := g.tile
	packA := n > packWide && (m > rowsMax || a.RowStride == 1 && m > columnMax)
	packB := b.ColStride != 1 || m > packTall && n > packWide
	var sa, sb *scratch[T]
	wide := n
	if packB {
		wide = min(n, t.wide)
		sb = borrow[T](roundUp(wide, t.cols) * g.depth)
		defer sb.giveBack()
	}
	tall := m
	if packA {
		tall = min(m, rowsMax)
		sa = borrow[T](roundUp(tall, t.rows) * g.depth)
		defer sa.giveBack()
	}
	for i := 0; i < m; i += tall {
		mi := min(tall, m-i)
		pa := panels[T]{a.from(i, 0).Data, t.rows * a.RowStride, a.RowStride, a.ColStride}
		if packA {
			pa = t.pack(sa.buf, t.rows, mi, g.depth, a.from(i, 0))
		}
		for j := 0; j < n; j += wide {
			nj := min(wide, n-j)
			pb := panels[T]{b.from(0, j).Data, t.cols, 1, b.RowStride}
			if packB {
				pb = t.pack(sb.buf, t.cols, nj, g.depth, b.from(0, j).T())
			}
			g.sweep(mi, nj, &pa, &pb, g.c[i*g.ldc+j:])
		}
	}
}

// sweep computes mi×nj elements of C tile by tile: the panel of A stays while those of B pass.
func (g *gemm[T]) sweep(mi, nj int, a, b *panels[T], c []T) {
	t := g.tile
	for i := 0; i < mi; i += t.rows {
		pa := a.data[i/t.rows*a.stride:]
		for j := 0; j < nj; j += t.cols {
			t.run(g.depth, g.alpha, pa, a.unit, a.step, b.data[j/t.cols*b.stride:], b.step, g.beta, c[i*g.ldc+j:], g.ldc,
				min(t.rows, mi-i), min(t.cols, nj-j))
		}
	}
}

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// pack copies the first count rows of x, depth columns of each, into panels of width rows: in a panel the elements of
// one column lie side by side.
func (t *tile[T]) pack(dst []T, width, count, depth int, x Matrix[T]) panels[T] {
	for i := 0; i < count; i += width {
		p := dst[i*depth:]
		w := min(width, count-i)
		if x.RowStride == 1 {
			for k := range depth {
				at := k*x.ColStride + i
				copy(p[k*width:k*width+w], x.Data[at:at+w])
			}
			continue
		}
		r := 0
		if t.transpose8 != nil {
			for ; r+8 <= w; r += 8 {
				t.packEight(p[r:], width, depth, x.Data[(i+r)*x.RowStride:], x.RowStride)
			}
		}
		for ; r < w; r++ {
			at := (i + r) * x.RowStride
			for k, v := range x.Data[at : at+depth] {
				p[k*width+r] = v
			}
		}
	}
	return panels[T]{dst, width * depth, 1, width}
}

// packEight packs eight rows; what is left of them after the multiple of eight that transpose8 takes goes one by one.
func (t *tile[T]) packEight(dst []T, width, depth int, src []T, ld int) {
	even := depth &^ 7
	if even > 0 {
		t.transpose8(dst, width, src, ld, even)
	}
	for k := even; k < depth; k++ {
		for r := range 8 {
			dst[k*width+r] = src[r*ld+k]
		}
	}
}
