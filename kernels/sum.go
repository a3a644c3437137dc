package kernels

import "math"

// SumBlock is the number of elements in one leaf of the summation tree.
const SumBlock = 4096

// lanes is the number of running sums in a block.
const lanes = 64

// stretch is how many elements of a block are added to all lanes before the next ones are touched.
const stretch = 8 * lanes

// touch reads x in order, one element of each cache line: the hardware then fetches ahead, which it does not where a
// group of lanes skips from row to row (32 MiB: 21 instead of 6 GB/s). It must not be inlined, lest its loads vanish.
//
//go:noinline
func touch[T Float](x []T) (s T) {
	for ; len(x) >= 32; x = x[32:] {
		s += x[0] + x[8] + x[16] + x[24]
	}
	return s
}

// laneSums holds the running sums of a block.
type laneSums [lanes]float64

// total adds the lanes pairwise: lane j with lane j+32, then with j+16, and so on.
func (l *laneSums) total() float64 {
	for h := lanes / 2; h > 0; h /= 2 {
		for j := 0; j < h; j++ {
			l[j] += l[j+h]
		}
	}
	return l[0]
}

// product multiplies the lanes in the same tree.
func (l *laneSums) product() float64 {
	for h := lanes / 2; h > 0; h /= 2 {
		for j := 0; j < h; j++ {
			l[j] *= l[j+h]
		}
	}
	return l[0]
}

// Sum returns the sum of x in the fixed order of this package: blocks of SumBlock elements from the start of x, 64
// float64 lanes in a block, a binary tree over lanes and over blocks. A lane starts at +0, so the sum of nothing and of
// negative zeros is +0.
//
// The error is at most (64+6+log2(blocks)) * 2^-53 * sum(|x[i]|) to first order, and one rounding for float32.
func Sum[T Float](x []T) T { return T(TreeSum(x)) }

// TreeSum is Sum before it is rounded to T. When x starts at a multiple of SumBlock<<k of a longer slice and holds at
// most SumBlock<<k elements, the result is a subtree that SumTree.PushAt takes at level k.
func TreeSum[T Float](x []T) float64 {
	if len(x) <= SumBlock {
		return BlockSum(x)
	}
	var t SumTree
	for ; len(x) > SumBlock; x = x[SumBlock:] {
		t.Push(BlockSum(x[:SumBlock]))
	}
	t.Push(BlockSum(x))
	return t.Total()
}

// BlockSum returns the sum of one block of at most SumBlock elements: a leaf of a SumTree.
func BlockSum[T Float](x []T) float64 {
	if len(x) > SumBlock {
		panic(panicBlock)
	}
	var l laneSums
	full := len(x) &^ (lanes - 1)
	total, ok := vectorSum(plainSum, &l, x[:full])
	if !ok {
		addRows(&l, x[:full])
	} else if full == len(x) {
		return total
	}
	for j, v := range x[full:] {
		l[j] += float64(v)
	}
	return l.total()
}

// addRows adds whole rows of 64 elements to the lanes.
func addRows[T Float](l *laneSums, x []T) {
	for lo := 0; lo < len(x); lo += stretch {
		part := x[lo:min(lo+stretch, len(x))]
		touch(part)
		for g := 0; g < lanes; g += 8 {
			p := l[g : g+8 : g+8]
			s0, s1, s2, s3, s4, s5, s6, s7 := p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]
			for r := part[g:]; len(r) >= 8; {
				s0 += float64(r[0])
				s1 += float64(r[1])
				s2 += float64(r[2])
				s3 += float64(r[3])
				s4 += float64(r[4])
				s5 += float64(r[5])
				s6 += float64(r[6])
				s7 += float64(r[7])
				if len(r) < lanes {
					break
				}
				r = r[lanes:]
			}
			p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7] = s0, s1, s2, s3, s4, s5, s6, s7
		}
	}
}

// Dot returns the sum of x[i]*y[i] in the order of Sum. In a lane each product is added by one fused multiply-add.
//
// The error is at most (64+6+log2(blocks)) * 2^-53 * sum(|x[i]*y[i]|) to first order, and one rounding for float32.
func Dot[T Float](x, y []T) T {
	sameLen(len(x), len(y))
	return T(TreeDot(x, y))
}

// TreeDot is Dot before it is rounded to T: as TreeSum, a subtree of the whole.
func TreeDot[T Float](x, y []T) float64 {
	sameLen(len(x), len(y))
	if len(x) <= SumBlock {
		return BlockDot(x, y)
	}
	var t SumTree
	for ; len(x) > SumBlock; x, y = x[SumBlock:], y[SumBlock:] {
		t.Push(BlockDot(x[:SumBlock], y[:SumBlock]))
	}
	t.Push(BlockDot(x, y))
	return t.Total()
}

// BlockDot returns the dot product of one block of at most SumBlock elements: a leaf of a SumTree.
func BlockDot[T Float](x, y []T) float64 {
	sameLen(len(x), len(y))
	if len(x) > SumBlock {
		panic(panicBlock)
	}
	y = y[:len(x)]
	var l laneSums
	full := len(x) &^ (lanes - 1)
	total, ok := vectorDot(&l, x[:full], y[:full])
	if !ok {
		addProducts(&l, x[:full], y[:full])
	} else if full == len(x) {
		return total
	}
	rest := y[full:]
	for j, v := range x[full:] {
		l[j] = math.FMA(float64(v), float64(rest[j]), l[j])
	}
	return l.total()
}

// addProducts adds the products of whole rows of 64 elements to the lanes.
func addProducts[T Float](l *laneSums, x, y []T) {
	for lo := 0; lo < len(x); lo += stretch {
		hi := min(lo+stretch, len(x))
		touch(x[lo:hi])
		touch(y[lo:hi])
		for g := 0; g < lanes; g += 4 {
			p := l[g : g+4 : g+4]
			s0, s1, s2, s3 := p[0], p[1], p[2], p[3]
			for i := lo + g; i+4 <= hi; i += lanes {
				a, b := x[i:i+4:i+4], y[i:i+4:i+4]
				s0 = math.FMA(float64(a[0]), float64(b[0]), s0)
				s1 = math.FMA(float64(a[1]), float64(b[1]), s1)
				s2 = math.FMA(float64(a[2]), float64(b[2]), s2)
				s3 = math.FMA(float64(a[3]), float64(b[3]), s3)
			}
			p[0], p[1], p[2], p[3] = s0, s1, s2, s3
		}
	}
}
