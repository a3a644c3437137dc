//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// The bodies over masks by instruction set. Each returns the number of elements done from the front.
type (
	compareBody[T Float]       [isaCount]func(dst *bool, x, y *T, n int) int
	compareScalarBody[T Float] [isaCount]func(dst *bool, x *T, a T, n int) int
	selectBody[T Float]        [isaCount]func(dst *T, mask *bool, x, y *T, n int) int
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

// vectorCompare sets dst[i] to whether x[i] op y[i] from the front and returns how many; 0 for integers.
func vectorCompare[T Number](op compareOp, dst []bool, x, y []T) int {
	switch x := any(x).(type) {
	case []float64:
		return runCompare(&compareBodies64[op], dst, x, any(y).([]float64))
	case []float32:
		return runCompare(&compareBodies32[op], dst, x, any(y).([]float32))
	}
	return 0
}

func runCompare[T Float](body *compareBody[T], dst []bool, x, y []T) int {
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
	}
	return 0
}

func runCompareScalar[T Float](body *compareScalarBody[T], dst []bool, x []T, a T) int {
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

// vectorSelect is Select from the front; it returns how many, 0 for integers.
func vectorSelect[T Number](dst []T, mask []bool, x, y []T) int {
	switch d := any(dst).(type) {
	case []float64:
		return runSelect(&selectBody64, d, mask, any(x).([]float64), any(y).([]float64))
	case []float32:
		return runSelect(&selectBody32, d, mask, any(x).([]float32), any(y).([]float32))
	}
	return 0
}

func runSelect[T Float](body *selectBody[T], dst []T, mask []bool, x, y []T) int {
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
