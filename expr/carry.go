package expr

import "github.com/shmath/shmath/kernels"

// Running sums go from block to block by their prefix: the first pass leaves each block's own total, Combine turns the
// totals into what comes before each block, and the second pass adds that to the block's own running sum. Within a block
// the sum is the sequential one; its last element is the next block's prefix, so a sum of positive numbers never falls.

func (f *Frame) startCarry(dt DType, mul bool, at int) {
	switch dt {
	case Int64:
		f.i64.carries[at] = int64(oneIf(mul))
	case Float32:
		f.f32.carries[at] = float32(oneIf(mul))
	default:
		f.f64.carries[at] = float64(oneIf(mul))
	}
}

// setPrefix notes what comes before the block; the first block has none.
func (f *Frame) setPrefix(dt DType, mul bool, at int, bits uint64, any bool) {
	if !any {
		bits = scanIdentity(dt, mul)
	}
	switch dt {
	case Int64:
		f.i64.prefix[at] = int64(bits)
	case Float32:
		f.f32.prefix[at] = float32(toFloat(dt, bits))
	default:
		f.f64.prefix[at] = toFloat(dt, bits)
	}
}

// scanIdentity is 0 or 1, in the bits of a type.
func scanIdentity(dt DType, mul bool) uint64 {
	if dt.isFloat() {
		return floatBits(dt, float64(oneIf(mul)))
	}
	return uint64(oneIf(mul))
}

func (f *Frame) carryBits(dt DType, at int) uint64 {
	switch dt {
	case Int64:
		return uint64(f.i64.carries[at])
	case Float32:
		return floatBits(Float32, float64(f.f32.carries[at]))
	}
	return floatBits(Float64, f.f64.carries[at])
}

// addTotal carries the running sum of a leaf on.
func (f *Frame) addTotal(t *total, i, at, n int) {
	switch t.dt {
	case Int64:
		if x := elementsOf(&f.i64, &t.x, at, n); t.mul {
			f.i64.carries[i] *= kernels.ProdInt(x)
		} else {
			f.i64.carries[i] += kernels.SumInt(x)
		}
	case Float32:
		f.f32.carries[i] = totalOf(f.f32.carries[i], elementsOf(&f.f32, &t.x, at, n), t.mul)
	default:
		f.f64.carries[i] = totalOf(f.f64.carries[i], elementsOf(&f.f64, &t.x, at, n), t.mul)
	}
}

// totalOf adds or multiplies in the order of the running sum.
func totalOf[T kernels.Number](acc T, x []T, mul bool) T {
	if mul {
		for _, v := range x {
			acc *= v
		}
		return acc
	}
	for _, v := range x {
		acc += v
	}
	return acc
}

// scanTile writes the running sum of a tile of n elements, and of those beyond it that the instruction asks for.
func scanTile[T kernels.Number](b *bank[T], in *instr, n int) {
	m := n + int(in.ext)
	dst, x := b.cur[in.dst][:m], b.cur[in.a][:m]
	acc, before := b.carries[in.carry], b.prefix[in.carry]
	if in.op == opCumProd {
		for i, v := range x {
			acc *= v
			if dst[i] = before * acc; i == n-1 {
				b.carries[in.carry] = acc
			}
		}
		return
	}
	for i, v := range x {
		acc += v
		if dst[i] = before + acc; i == n-1 {
			b.carries[in.carry] = acc
		}
	}
}

// scanInts is scanTile for integers, which may be added in any order.
func scanInts(b *bank[int64], in *instr, n int) {
	if in.op == opCumProd || n == 0 {
		scanTile(b, in, n)
		return
	}
	m, before := n+int(in.ext), b.prefix[in.carry]
	dst := b.cur[in.dst][:m]
	kernels.CumSum(dst, b.cur[in.a][:m], before+b.carries[in.carry])
	b.carries[in.carry] = dst[n-1] - before
}

// combineScan replaces each block's total by what comes before the block.
func (f *Frame) combineScan(s *scanState, words int, partials []uint64, blocks int) {
	acc := scanIdentity(s.dt, s.mul)
	for b := range blocks {
		at := b*words + s.word
		total := partials[at]
		partials[at] = acc
		acc = scanStep(s, acc, total)
	}
}

// scanStep adds or multiplies two totals in their own type.
func scanStep(s *scanState, a, b uint64) uint64 {
	x, y := toFloat(s.dt, a), toFloat(s.dt, b)
	switch {
	case s.dt == Int64 && s.mul:
		return a * b
	case s.dt == Int64:
		return a + b
	case s.dt == Float32 && s.mul:
		return floatBits(Float32, float64(float32(x)*float32(y)))
	case s.dt == Float32:
		return floatBits(Float32, float64(float32(x)+float32(y)))
	case s.mul:
		return floatBits(Float64, x*y)
	}
	return floatBits(Float64, x+y)
}
