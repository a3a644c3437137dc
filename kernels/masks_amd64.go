//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// The bodies over masks by instruction set. Each returns the number of elements done from the front.
type (
	compareBody[T Number]       [isaCount]func(dst *bool, x, y *T, n int) int
	compareScalarBody[T Number] [isaCount]func(dst *bool, x *T, a T, n int) int
	selectBody[T Number]        [isaCount]func(dst *T, mask *bool, x, y *T, n int) int
)

var compareBodies64 = [compareOps]compareBody[float64]{
	lessOp:         {avx2: asm.LessF64AVX2, avx512: asm.LessF64AVX512},
	lessEqualOp:    {avx2: asm.LessEqualF64AVX2, avx512: asm.LessEqualF64AVX512},
	equalOp:        {avx2: asm.EqualF64AVX2, avx512: asm.EqualF64AVX512},
	notEqualOp:     {avx2: asm.NotEqualF64AVX2, avx512: asm.NotEqualF64AVX512},
	greaterOp:      {avx2: asm.GreaterF64AVX2, avx512: asm.GreaterF64AVX512},
	greaterEqualOp: {avx2: asm.GreaterEqualF64AVX2, avx512: asm.GreaterEqualF64AVX512},
}

var compareScalarBodies64 = [compareOps]compareScalarBody[float64]{
	lessOp:         {avx2: asm.LessScalarF64AVX2, avx512: asm.LessScalarF64AVX512},
	lessEqualOp:    {avx2: asm.LessEqualScalarF64AVX2, avx512: asm.LessEqualScalarF64AVX512},
	equalOp:        {avx2: asm.EqualScalarF64AVX2, avx512: asm.EqualScalarF64AVX512},
	notEqualOp:     {avx2: asm.NotEqualScalarF64AVX2, avx512: asm.NotEqualScalarF64AVX512},
	greaterOp:      {avx2: asm.GreaterScalarF64AVX2, avx512: asm.GreaterScalarF64AVX512},
	greaterEqualOp: {avx2: asm.GreaterEqualScalarF64AVX2, avx512: asm.GreaterEqualScalarF64AVX512},
}

var compareBodies32 = [compareOps]compareBody[float32]{
	lessOp:         {avx2: asm.LessF32AVX2, avx512: asm.LessF32AVX512},
	lessEqualOp:    {avx2: asm.LessEqualF32AVX2, avx512: asm.LessEqualF32AVX512},
	equalOp:        {avx2: asm.EqualF32AVX2, avx512: asm.EqualF32AVX512},
	notEqualOp:     {avx2: asm.NotEqualF32AVX2, avx512: asm.NotEqualF32AVX512},
	greaterOp:      {avx2: asm.GreaterF32AVX2, avx512: asm.GreaterF32AVX512},
	greaterEqualOp: {avx2: asm.GreaterEqualF32AVX2, avx512: asm.GreaterEqualF32AVX512},
}

var compareScalarBodies32 = [compareOps]compareScalarBody[float32]{
	lessOp:         {avx2: asm.LessScalarF32AVX2, avx512: asm.LessScalarF32AVX512},
	lessEqualOp:    {avx2: asm.LessEqualScalarF32AVX2, avx512: asm.LessEqualScalarF32AVX512},
	equalOp:        {avx2: asm.EqualScalarF32AVX2, avx512: asm.EqualScalarF32AVX512},
	notEqualOp:     {avx2: asm.NotEqualScalarF32AVX2, avx512: asm.NotEqualScalarF32AVX512},
	greaterOp:      {avx2: asm.GreaterScalarF32AVX2, avx512: asm.GreaterScalarF32AVX512},
	greaterEqualOp: {avx2: asm.GreaterEqualScalarF32AVX2, avx512: asm.GreaterEqualScalarF32AVX512},
}

var (
	selectBody64 = selectBody[float64]{avx2: asm.SelectF64AVX2, avx512: asm.SelectF64AVX512}
	selectBody32 = selectBody[float32]{avx2: asm.SelectF32AVX2, avx512: asm.SelectF32AVX512}
)

// vectorCompare sets dst[i] to whether x[i] op y[i] from the front and returns how many.
func vectorCompare[T Number](op compareOp, dst []bool, x, y []T) int {
	switch x := any(x).(type) {
	case []float64:
		return runCompare(&compareBodies64[op], dst, x, any(y).([]float64))
	case []float32:
		return runCompare(&compareBodies32[op], dst, x, any(y).([]float32))
	case []int64:
		return runCompare(&compareBodiesI64[op], dst, x, any(y).([]int64))
	case []int32:
		return runCompare(&compareBodiesI32[op], dst, x, any(y).([]int32))
	case []int:
		return vectorCompare(op, dst, asInt64s(x), asInt64s(any(y).([]int)))
	}
	return 0
}

func runCompare[T Number](body *compareBody[T], dst []bool, x, y []T) int {
	f := body[active]
	if f == nil {
		return 0
	}
	i := 0
	for i < len(dst) {
		done := f(first(dst[i:]), first(x[i:]), first(y[i:]), min(len(dst)-i, chunk))
		if i += done; done < chunk {
			break
		}
	}
	return i
}

// vectorCompareScalar is vectorCompare with one number.
func vectorCompareScalar[T Number](op compareOp, dst []bool, x []T, a T) int {
	switch x := any(x).(type) {
	case []float64:
		return runCompareScalar(&compareScalarBodies64[op], dst, x, float64(a))
	case []float32:
		return runCompareScalar(&compareScalarBodies32[op], dst, x, float32(a))
	case []int64:
		return runCompareScalar(&compareScalarBodiesI64[op], dst, x, int64(a))
	case []int32:
		return runCompareScalar(&compareScalarBodiesI32[op], dst, x, int32(a))
	case []int:
		return vectorCompareScalar(op, dst, asInt64s(x), int64(a))
	}
	return 0
}

func runCompareScalar[T Number](body *compareScalarBody[T], dst []bool, x []T, a T) int {
	f := body[active]
	if f == nil {
		return 0
	}
	i := 0
	for i < len(dst) {
		done := f(first(dst[i:]), first(x[i:]), a, min(len(dst)-i, chunk))
		if i += done; done < chunk {
			break
		}
	}
	return i
}

// vectorSelect is Select from the front; it returns how many. Elements are bits: the bodies of floats do for all types.
func vectorSelect[T Number](dst []T, mask []bool, x, y []T) int {
	switch elementSize(dst) {
	case 8:
		return runSelect(&selectBody64, asFloat64s(dst), mask, asFloat64s(x), asFloat64s(y))
	case 4:
		return runSelect(&selectBody32, asFloat32s(dst), mask, asFloat32s(x), asFloat32s(y))
	}
	return 0
}

func runSelect[T Number](body *selectBody[T], dst []T, mask []bool, x, y []T) int {
	f := body[active]
	if f == nil || len(dst) == 0 {
		return 0
	}
	if streamed(streamFrom, 3*len(dst), dst, x) && &dst[0] != &y[0] {
		return stream(dst, x, y, func(to []T, i int) { f(first(to), first(mask[i:]), first(x[i:]), first(y[i:]), len(to)) })
	}
	i := 0
	for i < len(dst) {
		done := f(first(dst[i:]), first(mask[i:]), first(x[i:]), first(y[i:]), min(len(dst)-i, chunk))
		if i += done; done < chunk {
			break
		}
	}
	return i
}

// vectorCompress is Compress from the front; it returns how many elements of x it has read, and of dst written.
func vectorCompress[T Number](dst []T, mask []bool, x []T) (read, written int) {
	if active < avx512 {
		return 0, 0
	}
	switch elementSize(dst) {
	case 8:
		return runCompress(asm.CompressF64AVX512, asFloat64s(dst), mask, asFloat64s(x))
	case 4:
		return runCompress(asm.CompressF32AVX512, asFloat32s(dst), mask, asFloat32s(x))
	}
	return 0, 0
}

func runCompress[T Float](f func(dst *T, mask *bool, x *T, n, room int) (read, written int), dst []T, mask []bool, x []T) (read, written int) {
	for read < len(x) && written < len(dst) {
		n := min(len(x)-read, chunk)
		r, w := f(first(dst[written:]), first(mask[read:]), first(x[read:]), n, len(dst)-written)
		read, written = read+r, written+w
		if r < chunk {
			break
		}
	}
	return read, written
}

// vectorCount counts the true elements at the front of mask, and says how many it has looked at.
func vectorCount(mask []bool) (hits, looked int) {
	n := len(mask) &^ 63
	for i := 0; i < n && active != portable; i += chunk {
		m := min(n-i, chunk)
		if active == avx2 {
			hits += asm.CountAVX2(&mask[i], m)
		} else {
			hits += asm.CountAVX512(&mask[i], m)
		}
		looked += m
	}
	return hits, looked
}
