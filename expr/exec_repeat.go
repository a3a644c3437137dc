package expr

import "github.com/shmath/shmath/kernels"

// repeat reads an array whose elements come again and again: see tiling.
func (f *Frame) repeat(in *instr, at, m int) {
	inner, period := int(in.imm[1]), int(in.imm[2])
	switch x := f.arrays[in.imm[0]].(type) {
	case []bool:
		repeatRuns(f.b.cur[in.dst][:m], at, inner, period, func(dst []bool, from int) { copy(dst, x[from:]) })
	case []int8:
		repeatFrom(f, in, x, at, m)
	case []int16:
		repeatFrom(f, in, x, at, m)
	case []int32:
		repeatFrom(f, in, x, at, m)
	case []int64:
		repeatFrom(f, in, x, at, m)
	case []uint8:
		repeatFrom(f, in, x, at, m)
	case []uint16:
		repeatFrom(f, in, x, at, m)
	case []uint32:
		repeatFrom(f, in, x, at, m)
	case []uint64:
		repeatFrom(f, in, x, at, m)
	case []float32:
		repeatFrom(f, in, x, at, m)
	case []float64:
		repeatFrom(f, in, x, at, m)
	default:
		panic(panicOperand)
	}
}

func repeatFrom[S kernels.Number](f *Frame, in *instr, x []S, at, m int) {
	switch in.out {
	case Int64:
		repeatTo(f.i64.cur[in.dst][:m], x, in, at)
	case Float32:
		repeatTo(f.f32.cur[in.dst][:m], x, in, at)
	default:
		repeatTo(f.f64.cur[in.dst][:m], x, in, at)
	}
}

func repeatTo[D, S kernels.Number](dst []D, x []S, in *instr, at int) {
	repeatRuns(dst, at, int(in.imm[1]), int(in.imm[2]), func(dst []D, from int) { kernels.Convert(dst, x[from:from+len(dst)]) })
}

// repeatRuns fills dst with the elements from element at of the domain on. load reads consecutive elements of the array.
func repeatRuns[D any](dst []D, at, inner, period int, load func(dst []D, from int)) {
	if inner == 1 {
		from := at % period
		n := min(period-from, len(dst))
		load(dst[:n], from)
		if rest := dst[n:]; len(rest) > 0 { // from the start of the array on
			k := min(period, len(rest))
			load(rest[:k], 0)
			for ; k < len(rest); k += copy(rest[k:], rest[:k]) {
			}
		}
		return
	}
	var one [1]D
	for i := 0; i < len(dst); {
		load(one[:], (at+i)/inner%period)
		n := min(inner-(at+i)%inner, len(dst)-i)
		for j := range dst[i : i+n] {
			dst[i+j] = one[0]
		}
		i += n
	}
}
