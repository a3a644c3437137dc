//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// The bodies of reductions by instruction set: over rows of 64 elements, at most chunk elements a call.
type (
	sumBody[T Float]      [isaCount]func(lanes *float64, x *T, rows int) float64
	dotBody[T Float]      [isaCount]func(lanes *float64, x, y *T, rows int) float64
	momentsBody[T Float]  [isaCount]func(d, s *float64, x *T, mean float64, rows int)
	extremeBody[T Number] [isaCount]func(lanes, x *T, rows int)
)

var sumBodies64 = [sumOps]sumBody[float64]{
	plainSum: {avx2: asm.SumF64AVX2, avx512: asm.SumF64AVX512},
	sumAbs:   {avx2: asm.SumAbsF64AVX2, avx512: asm.SumAbsF64AVX512},
	nanSum:   {avx2: asm.NanSumF64AVX2, avx512: asm.NanSumF64AVX512},
}

var extremeBodies64 = [extremeOps]extremeBody[float64]{
	least:       {avx2: asm.LeastF64AVX2, avx512: asm.LeastF64AVX512},
	greatest:    {avx2: asm.GreatestF64AVX2, avx512: asm.GreatestF64AVX512},
	greatestAbs: {avx2: asm.GreatestAbsF64AVX2, avx512: asm.GreatestAbsF64AVX512},
	nanLeast:    {avx2: asm.NanLeastF64AVX2, avx512: asm.NanLeastF64AVX512},
	nanGreatest: {avx2: asm.NanGreatestF64AVX2, avx512: asm.NanGreatestF64AVX512},
}

var sumBodies32 = [sumOps]sumBody[float32]{
	plainSum: {avx2: asm.SumF32AVX2, avx512: asm.SumF32AVX512},
	sumAbs:   {avx2: asm.SumAbsF32AVX2, avx512: asm.SumAbsF32AVX512},
	nanSum:   {avx2: asm.NanSumF32AVX2, avx512: asm.NanSumF32AVX512},
}

var extremeBodies32 = [extremeOps]extremeBody[float32]{
	least:       {avx2: asm.LeastF32AVX2, avx512: asm.LeastF32AVX512},
	greatest:    {avx2: asm.GreatestF32AVX2, avx512: asm.GreatestF32AVX512},
	greatestAbs: {avx2: asm.GreatestAbsF32AVX2, avx512: asm.GreatestAbsF32AVX512},
	nanLeast:    {avx2: asm.NanLeastF32AVX2, avx512: asm.NanLeastF32AVX512},
	nanGreatest: {avx2: asm.NanGreatestF32AVX2, avx512: asm.NanGreatestF32AVX512},
}

var (
	dotBody64     = dotBody[float64]{avx2: asm.DotF64AVX2, avx512: asm.DotF64AVX512}
	dotBody32     = dotBody[float32]{avx2: asm.DotF32AVX2, avx512: asm.DotF32AVX512}
	momentsBody64 = momentsBody[float64]{avx2: asm.MomentsF64AVX2, avx512: asm.MomentsF64AVX512}
	momentsBody32 = momentsBody[float32]{avx2: asm.MomentsF32AVX2, avx512: asm.MomentsF32AVX512}
)

type (
	sum2Body[T Float] [isaCount]func(lanes *float64, x *T, rows int)
	dot2Body[T Float] [isaCount]func(lanes *float64, x, y *T, rows int)
)

var (
	sum2Body64 = sum2Body[float64]{avx2: asm.Sum2F64AVX2, avx512: asm.Sum2F64AVX512}
	sum2Body32 = sum2Body[float32]{avx2: asm.Sum2F32AVX2, avx512: asm.Sum2F32AVX512}
	dot2Body64 = dot2Body[float64]{avx2: asm.Dot2F64AVX2, avx512: asm.Dot2F64AVX512}
	dot2Body32 = dot2Body[float32]{avx2: asm.Dot2F32AVX2, avx512: asm.Dot2F32AVX512}
)

// vectorSum2 adds rows of x to the lanes and returns the number of elements that it has added.
func vectorSum2[T Float](l *twiceSums, x []T) int {
	i := 0
	for n := len(x) &^ (lanes - 1); i < n && active != portable; {
		m := min(n-i, SumBlock)
		switch x := any(x).(type) {
		case []float64:
			sum2Body64[active](first(l[:]), first(x[i:]), m/lanes)
		case []float32:
			sum2Body32[active](first(l[:]), first(x[i:]), m/lanes)
		}
		i += m
	}
	return i
}

// vectorDot2 is vectorSum2 for the products of x and y.
func vectorDot2[T Float](l *twiceSums, x, y []T) int {
	i := 0
	for n := len(x) &^ (lanes - 1); i < n && active != portable; {
		m := min(n-i, SumBlock)
		switch x := any(x).(type) {
		case []float64:
			dot2Body64[active](first(l[:]), first(x[i:]), first(any(y).([]float64)[i:]), m/lanes)
		case []float32:
			dot2Body32[active](first(l[:]), first(x[i:]), first(any(y).([]float32)[i:]), m/lanes)
		}
		i += m
	}
	return i
}

// vectorSum sets the lanes from rows of x and returns their total; ok is false when there is no assembly for it.
func vectorSum[T Float](op sumOp, l *laneSums, x []T) (total float64, ok bool) {
	if active == portable || len(x) == 0 {
		return 0, false
	}
	switch x := any(x).(type) {
	case []float64:
		return sumBodies64[op][active](first(l[:]), first(x), len(x)/lanes), true
	case []float32:
		return sumBodies32[op][active](first(l[:]), first(x), len(x)/lanes), true
	}
	return 0, false
}

// vectorDot is vectorSum for the products of x and y.
func vectorDot[T Float](l *laneSums, x, y []T) (total float64, ok bool) {
	if active == portable || len(x) == 0 {
		return 0, false
	}
	switch x := any(x).(type) {
	case []float64:
		return dotBody64[active](first(l[:]), first(x), first(any(y).([]float64)), len(x)/lanes), true
	case []float32:
		return dotBody32[active](first(l[:]), first(x), first(any(y).([]float32)), len(x)/lanes), true
	}
	return 0, false
}

// vectorMoments sets the lanes of d to sums of x-mean and those of s to sums of squares.
func vectorMoments[T Float](d, s *laneSums, x []T, mean float64) (ok bool) {
	if active == portable || len(x) == 0 {
		return false
	}
	switch x := any(x).(type) {
	case []float64:
		momentsBody64[active](first(d[:]), first(s[:]), first(x), mean, len(x)/lanes)
	case []float32:
		momentsBody32[active](first(d[:]), first(s[:]), first(x), mean, len(x)/lanes)
	}
	return true
}

// vectorExtreme sets the first lanes of l, as many as fill 64 bytes, from rows of x, and returns their number: 0
// without assembly.
func vectorExtreme[T Number](op extremeOp, l *[16]T, x []T) int {
	if active == portable || len(x) == 0 {
		return 0
	}
	switch x := any(x).(type) {
	case []float64:
		extremeBodies64[op][active](first(any(l).(*[16]float64)[:]), first(x), len(x)/lanes)
		return 8
	case []float32:
		extremeBodies32[op][active](first(any(l).(*[16]float32)[:]), first(x), len(x)/lanes)
		return 16
	case []int64:
		if f := extremeBodiesI64[op][active]; f != nil {
			f(first(any(l).(*[16]int64)[:]), first(x), len(x)/lanes)
			return 8
		}
	case []int32:
		if f := extremeBodiesI32[op][active]; f != nil {
			f(first(any(l).(*[16]int32)[:]), first(x), len(x)/lanes)
			return 16
		}
	case []int:
		return vectorExtreme(op, (*[16]int64)(asInt64s(any(l).(*[16]int)[:])), asInt64s(x))
	}
	return 0
}
