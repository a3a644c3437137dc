//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// The bodies of integers by instruction set, as those of floats. AVX2 has no division of 64 bits.
var (
	unaryBodiesI64 = [unaryOps]unaryBody[int64]{
		negOp:    {avx2: asm.NegI64AVX2, avx512: asm.NegI64AVX512},
		absOp:    {avx2: asm.AbsI64AVX2, avx512: asm.AbsI64AVX512},
		squareOp: {avx2: asm.SquareI64AVX2, avx512: asm.SquareI64AVX512},
		signOp:   {avx2: asm.SignI64AVX2, avx512: asm.SignI64AVX512},
		bitNotOp: {avx2: asm.BitNotI64AVX2, avx512: asm.BitNotI64AVX512},
	}
	binaryBodiesI64 = [binaryOps]binaryBody[int64]{
		addOp:        {avx2: asm.AddI64AVX2, avx512: asm.AddI64AVX512},
		subOp:        {avx2: asm.SubI64AVX2, avx512: asm.SubI64AVX512},
		mulOp:        {avx2: asm.MulI64AVX2, avx512: asm.MulI64AVX512},
		minOp:        {avx2: asm.MinI64AVX2, avx512: asm.MinI64AVX512},
		maxOp:        {avx2: asm.MaxI64AVX2, avx512: asm.MaxI64AVX512},
		bitAndOp:     {avx2: asm.BitAndI64AVX2, avx512: asm.BitAndI64AVX512},
		bitOrOp:      {avx2: asm.BitOrI64AVX2, avx512: asm.BitOrI64AVX512},
		bitXorOp:     {avx2: asm.BitXorI64AVX2, avx512: asm.BitXorI64AVX512},
		shiftLeftOp:  {avx2: asm.ShiftLeftI64AVX2, avx512: asm.ShiftLeftI64AVX512},
		shiftRightOp: {avx2: asm.ShiftRightI64AVX2, avx512: asm.ShiftRightI64AVX512},
		floorDivOp:   {avx512: asm.FloorDivI64AVX512},
		modOp:        {avx512: asm.ModI64AVX512},
	}
	scalarBodiesI64 = [scalarOps]scalarBody[int64]{
		addScalarOp:        {avx2: asm.AddScalarI64AVX2, avx512: asm.AddScalarI64AVX512},
		subScalarOp:        {avx2: asm.SubScalarI64AVX2, avx512: asm.SubScalarI64AVX512},
		mulScalarOp:        {avx2: asm.MulScalarI64AVX2, avx512: asm.MulScalarI64AVX512},
		bitAndScalarOp:     {avx2: asm.BitAndScalarI64AVX2, avx512: asm.BitAndScalarI64AVX512},
		bitOrScalarOp:      {avx2: asm.BitOrScalarI64AVX2, avx512: asm.BitOrScalarI64AVX512},
		bitXorScalarOp:     {avx2: asm.BitXorScalarI64AVX2, avx512: asm.BitXorScalarI64AVX512},
		shiftLeftScalarOp:  {avx2: asm.ShiftLeftScalarI64AVX2, avx512: asm.ShiftLeftScalarI64AVX512},
		shiftRightScalarOp: {avx2: asm.ShiftRightScalarI64AVX2, avx512: asm.ShiftRightScalarI64AVX512},
		rsubScalarOp:       {avx2: asm.RSubScalarI64AVX2, avx512: asm.RSubScalarI64AVX512},
		floorDivScalarOp:   {avx512: asm.FloorDivScalarI64AVX512},
		modScalarOp:        {avx512: asm.ModScalarI64AVX512},
	}
	compareBodiesI64 = [compareOps]compareBody[int64]{
		lessOp:         {avx2: asm.LessI64AVX2, avx512: asm.LessI64AVX512},
		lessEqualOp:    {avx2: asm.LessEqualI64AVX2, avx512: asm.LessEqualI64AVX512},
		equalOp:        {avx2: asm.EqualI64AVX2, avx512: asm.EqualI64AVX512},
		notEqualOp:     {avx2: asm.NotEqualI64AVX2, avx512: asm.NotEqualI64AVX512},
		greaterOp:      {avx2: asm.GreaterI64AVX2, avx512: asm.GreaterI64AVX512},
		greaterEqualOp: {avx2: asm.GreaterEqualI64AVX2, avx512: asm.GreaterEqualI64AVX512},
	}
	compareScalarBodiesI64 = [compareOps]compareScalarBody[int64]{
		lessOp:         {avx2: asm.LessScalarI64AVX2, avx512: asm.LessScalarI64AVX512},
		lessEqualOp:    {avx2: asm.LessEqualScalarI64AVX2, avx512: asm.LessEqualScalarI64AVX512},
		equalOp:        {avx2: asm.EqualScalarI64AVX2, avx512: asm.EqualScalarI64AVX512},
		notEqualOp:     {avx2: asm.NotEqualScalarI64AVX2, avx512: asm.NotEqualScalarI64AVX512},
		greaterOp:      {avx2: asm.GreaterScalarI64AVX2, avx512: asm.GreaterScalarI64AVX512},
		greaterEqualOp: {avx2: asm.GreaterEqualScalarI64AVX2, avx512: asm.GreaterEqualScalarI64AVX512},
	}
	extremeBodiesI64 = [extremeOps]extremeBody[int64]{
		least:    {avx2: asm.LeastI64AVX2, avx512: asm.LeastI64AVX512},
		greatest: {avx2: asm.GreatestI64AVX2, avx512: asm.GreatestI64AVX512},
	}
	clampBodyI64  = clampBody[int64]{avx2: asm.ClampI64AVX2, avx512: asm.ClampI64AVX512}
	sumIntBodyI64 = sumIntBody[int64]{avx2: asm.SumI64AVX2, avx512: asm.SumI64AVX512}
	dotIntBodyI64 = dotIntBody[int64]{avx2: asm.DotI64AVX2, avx512: asm.DotI64AVX512}
	cumSumBodyI64 = cumSumBody[int64]{avx2: asm.CumSumI64AVX2, avx512: asm.CumSumI64AVX512}

	unaryBodiesI32 = [unaryOps]unaryBody[int32]{
		negOp:    {avx2: asm.NegI32AVX2, avx512: asm.NegI32AVX512},
		absOp:    {avx2: asm.AbsI32AVX2, avx512: asm.AbsI32AVX512},
		squareOp: {avx2: asm.SquareI32AVX2, avx512: asm.SquareI32AVX512},
		signOp:   {avx2: asm.SignI32AVX2, avx512: asm.SignI32AVX512},
		bitNotOp: {avx2: asm.BitNotI32AVX2, avx512: asm.BitNotI32AVX512},
	}
	binaryBodiesI32 = [binaryOps]binaryBody[int32]{
		addOp:        {avx2: asm.AddI32AVX2, avx512: asm.AddI32AVX512},
		subOp:        {avx2: asm.SubI32AVX2, avx512: asm.SubI32AVX512},
		mulOp:        {avx2: asm.MulI32AVX2, avx512: asm.MulI32AVX512},
		minOp:        {avx2: asm.MinI32AVX2, avx512: asm.MinI32AVX512},
		maxOp:        {avx2: asm.MaxI32AVX2, avx512: asm.MaxI32AVX512},
		bitAndOp:     {avx2: asm.BitAndI32AVX2, avx512: asm.BitAndI32AVX512},
		bitOrOp:      {avx2: asm.BitOrI32AVX2, avx512: asm.BitOrI32AVX512},
		bitXorOp:     {avx2: asm.BitXorI32AVX2, avx512: asm.BitXorI32AVX512},
		shiftLeftOp:  {avx2: asm.ShiftLeftI32AVX2, avx512: asm.ShiftLeftI32AVX512},
		shiftRightOp: {avx2: asm.ShiftRightI32AVX2, avx512: asm.ShiftRightI32AVX512},
		floorDivOp:   {avx2: asm.FloorDivI32AVX2, avx512: asm.FloorDivI32AVX512},
		modOp:        {avx2: asm.ModI32AVX2, avx512: asm.ModI32AVX512},
	}
	scalarBodiesI32 = [scalarOps]scalarBody[int32]{
		addScalarOp:        {avx2: asm.AddScalarI32AVX2, avx512: asm.AddScalarI32AVX512},
		subScalarOp:        {avx2: asm.SubScalarI32AVX2, avx512: asm.SubScalarI32AVX512},
		mulScalarOp:        {avx2: asm.MulScalarI32AVX2, avx512: asm.MulScalarI32AVX512},
		bitAndScalarOp:     {avx2: asm.BitAndScalarI32AVX2, avx512: asm.BitAndScalarI32AVX512},
		bitOrScalarOp:      {avx2: asm.BitOrScalarI32AVX2, avx512: asm.BitOrScalarI32AVX512},
		bitXorScalarOp:     {avx2: asm.BitXorScalarI32AVX2, avx512: asm.BitXorScalarI32AVX512},
		shiftLeftScalarOp:  {avx2: asm.ShiftLeftScalarI32AVX2, avx512: asm.ShiftLeftScalarI32AVX512},
		shiftRightScalarOp: {avx2: asm.ShiftRightScalarI32AVX2, avx512: asm.ShiftRightScalarI32AVX512},
		rsubScalarOp:       {avx2: asm.RSubScalarI32AVX2, avx512: asm.RSubScalarI32AVX512},
		floorDivScalarOp:   {avx2: asm.FloorDivScalarI32AVX2, avx512: asm.FloorDivScalarI32AVX512},
		modScalarOp:        {avx2: asm.ModScalarI32AVX2, avx512: asm.ModScalarI32AVX512},
	}
	compareBodiesI32 = [compareOps]compareBody[int32]{
		lessOp:         {avx2: asm.LessI32AVX2, avx512: asm.LessI32AVX512},
		lessEqualOp:    {avx2: asm.LessEqualI32AVX2, avx512: asm.LessEqualI32AVX512},
		equalOp:        {avx2: asm.EqualI32AVX2, avx512: asm.EqualI32AVX512},
		notEqualOp:     {avx2: asm.NotEqualI32AVX2, avx512: asm.NotEqualI32AVX512},
		greaterOp:      {avx2: asm.GreaterI32AVX2, avx512: asm.GreaterI32AVX512},
		greaterEqualOp: {avx2: asm.GreaterEqualI32AVX2, avx512: asm.GreaterEqualI32AVX512},
	}
	compareScalarBodiesI32 = [compareOps]compareScalarBody[int32]{
		lessOp:         {avx2: asm.LessScalarI32AVX2, avx512: asm.LessScalarI32AVX512},
		lessEqualOp:    {avx2: asm.LessEqualScalarI32AVX2, avx512: asm.LessEqualScalarI32AVX512},
		equalOp:        {avx2: asm.EqualScalarI32AVX2, avx512: asm.EqualScalarI32AVX512},
		notEqualOp:     {avx2: asm.NotEqualScalarI32AVX2, avx512: asm.NotEqualScalarI32AVX512},
		greaterOp:      {avx2: asm.GreaterScalarI32AVX2, avx512: asm.GreaterScalarI32AVX512},
		greaterEqualOp: {avx2: asm.GreaterEqualScalarI32AVX2, avx512: asm.GreaterEqualScalarI32AVX512},
	}
	extremeBodiesI32 = [extremeOps]extremeBody[int32]{
		least:    {avx2: asm.LeastI32AVX2, avx512: asm.LeastI32AVX512},
		greatest: {avx2: asm.GreatestI32AVX2, avx512: asm.GreatestI32AVX512},
	}
	clampBodyI32  = clampBody[int32]{avx2: asm.ClampI32AVX2, avx512: asm.ClampI32AVX512}
	sumIntBodyI32 = sumIntBody[int32]{avx2: asm.SumI32AVX2, avx512: asm.SumI32AVX512}
	dotIntBodyI32 = dotIntBody[int32]{avx2: asm.DotI32AVX2, avx512: asm.DotI32AVX512}
	cumSumBodyI32 = cumSumBody[int32]{avx2: asm.CumSumI32AVX2, avx512: asm.CumSumI32AVX512}
)

type (
	sumIntBody[T Integer] [isaCount]func(x *T, rows int) int64
	dotIntBody[T Integer] [isaCount]func(x, y *T, rows int) int64
	cumSumBody[T Integer] [isaCount]func(dst, x, carry *T, n int) int
)

// vectorSumInt returns the sum of elements at the front of x, and how many those are.
func vectorSumInt[T Integer](x []T) (sum int64, n int) {
	switch x := any(x).(type) {
	case []int64:
		return runSumInt(&sumIntBodyI64, x)
	case []int32:
		return runSumInt(&sumIntBodyI32, x)
	case []int:
		return runSumInt(&sumIntBodyI64, asInt64s(x))
	}
	return 0, 0
}

func runSumInt[T Integer](body *sumIntBody[T], x []T) (sum int64, n int) {
	f := body[active]
	if f == nil {
		return 0, 0
	}
	for n+lanes <= len(x) {
		rows := min(len(x)-n, chunk) / lanes
		sum += f(first(x[n:]), rows)
		n += rows * lanes
	}
	return sum, n
}

// vectorDotInt is vectorSumInt for the products of x and y.
func vectorDotInt[T Integer](x, y []T) (sum int64, n int) {
	switch x := any(x).(type) {
	case []int64:
		return runDotInt(&dotIntBodyI64, x, any(y).([]int64))
	case []int32:
		return runDotInt(&dotIntBodyI32, x, any(y).([]int32))
	case []int:
		return runDotInt(&dotIntBodyI64, asInt64s(x), asInt64s(any(y).([]int)))
	}
	return 0, 0
}

func runDotInt[T Integer](body *dotIntBody[T], x, y []T) (sum int64, n int) {
	f := body[active]
	if f == nil {
		return 0, 0
	}
	for n+lanes <= len(x) {
		rows := min(len(x)-n, chunk) / lanes
		sum += f(first(x[n:]), first(y[n:]), rows)
		n += rows * lanes
	}
	return sum, n
}

// vectorCumSum is CumSum from the front, on from start, which it sets to the last; it returns how many.
func vectorCumSum[T Number](dst, x []T, start *T) int {
	switch d := any(dst).(type) {
	case []int64:
		return runCumSum(&cumSumBodyI64, d, any(x).([]int64), any(start).(*int64))
	case []int32:
		return runCumSum(&cumSumBodyI32, d, any(x).([]int32), any(start).(*int32))
	}
	return 0
}

func runCumSum[T Integer](body *cumSumBody[T], dst, x []T, start *T) int {
	f := body[active]
	i := 0
	for f != nil && i < len(dst) {
		carry := [1]T{*start}
		n := min(len(dst)-i, chunk)
		done := f(first(dst[i:]), first(x[i:]), first(carry[:]), n)
		*start = carry[0]
		if i += done; done < n {
			break
		}
	}
	return i
}
