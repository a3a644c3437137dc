//go:build amd64 && !noasm && !race

package kernels

import (
	"unsafe"

	"github.com/shmath/shmath/asm"
)

// The bodies of the elementwise loops by instruction set. Each does whole registers from the front and returns the
// number of elements that it has set; the twin in Go does the rest.
type (
	unaryBody[T Number]  [isaCount]func(dst, x *T, n int) int
	binaryBody[T Number] [isaCount]func(dst, x, y *T, n int) int
	ternaryBody[T Float] [isaCount]func(dst, x, y, z *T, n int) int
	scalarBody[T Number] [isaCount]func(dst, x *T, a T, n int) int
	axpyBody[T Float]    [isaCount]func(dst, x, y *T, a T, n int) int
	clampBody[T Number]  [isaCount]func(dst, x *T, lo, hi T, n int) int
)

var unaryBodies64 = [unaryOps]unaryBody[float64]{
	negOp:        {avx2: asm.NegF64AVX2, avx512: asm.NegF64AVX512},
	absOp:        {avx2: asm.AbsF64AVX2, avx512: asm.AbsF64AVX512},
	squareOp:     {avx2: asm.SquareF64AVX2, avx512: asm.SquareF64AVX512},
	reciprocalOp: {avx2: asm.ReciprocalF64AVX2, avx512: asm.ReciprocalF64AVX512},
	sqrtOp:       {avx2: asm.SqrtF64AVX2, avx512: asm.SqrtF64AVX512},
	rsqrtOp:      {avx2: asm.RsqrtF64AVX2, avx512: asm.RsqrtF64AVX512},
	signOp:       {avx2: asm.SignF64AVX2, avx512: asm.SignF64AVX512},
	floorOp:      {avx2: asm.FloorF64AVX2, avx512: asm.FloorF64AVX512},
	ceilOp:       {avx2: asm.CeilF64AVX2, avx512: asm.CeilF64AVX512},
	truncOp:      {avx2: asm.TruncF64AVX2, avx512: asm.TruncF64AVX512},
	roundOp:      {avx2: asm.RoundF64AVX2, avx512: asm.RoundF64AVX512},
	expOp:        {avx2: asm.ExpF64AVX2, avx512: asm.ExpF64AVX512},
	exp2Op:       {avx2: asm.Exp2F64AVX2, avx512: asm.Exp2F64AVX512},
	exp10Op:      {avx2: asm.Exp10F64AVX2, avx512: asm.Exp10F64AVX512},
	expm1Op:      {avx2: asm.Expm1F64AVX2, avx512: asm.Expm1F64AVX512},
	sigmoidOp:    {avx2: asm.SigmoidF64AVX2, avx512: asm.SigmoidF64AVX512},
	logOp:        {avx2: asm.LogF64AVX2, avx512: asm.LogF64AVX512},
	log2Op:       {avx2: asm.Log2F64AVX2, avx512: asm.Log2F64AVX512},
	log10Op:      {avx2: asm.Log10F64AVX2, avx512: asm.Log10F64AVX512},
	log1pOp:      {avx2: asm.Log1pF64AVX2, avx512: asm.Log1pF64AVX512},
	sinOp:        {avx2: asm.SinF64AVX2, avx512: asm.SinF64AVX512},
	cosOp:        {avx2: asm.CosF64AVX2, avx512: asm.CosF64AVX512},
	tanOp:        {avx2: asm.TanF64AVX2, avx512: asm.TanF64AVX512},
	sinhOp:       {avx2: asm.SinhF64AVX2, avx512: asm.SinhF64AVX512},
	coshOp:       {avx2: asm.CoshF64AVX2, avx512: asm.CoshF64AVX512},
	tanhOp:       {avx2: asm.TanhF64AVX2, avx512: asm.TanhF64AVX512},
	asinhOp:      {avx2: asm.AsinhF64AVX2, avx512: asm.AsinhF64AVX512},
	acoshOp:      {avx2: asm.AcoshF64AVX2, avx512: asm.AcoshF64AVX512},
	atanhOp:      {avx2: asm.AtanhF64AVX2, avx512: asm.AtanhF64AVX512},
	asinOp:       {avx2: asm.AsinF64AVX2, avx512: asm.AsinF64AVX512},
	acosOp:       {avx2: asm.AcosF64AVX2, avx512: asm.AcosF64AVX512},
	atanOp:       {avx2: asm.AtanF64AVX2, avx512: asm.AtanF64AVX512},
	erfOp:        {avx2: asm.ErfF64AVX2, avx512: asm.ErfF64AVX512},
	erfcOp:       {avx2: asm.ErfcF64AVX2, avx512: asm.ErfcF64AVX512},
	cbrtOp:       {avx2: asm.CbrtF64AVX2, avx512: asm.CbrtF64AVX512},
	normalOp:     {avx2: asm.NormalQuantileF64AVX2, avx512: asm.NormalQuantileF64AVX512},
}

var unaryBodies32 = [unaryOps]unaryBody[float32]{
	negOp:        {avx2: asm.NegF32AVX2, avx512: asm.NegF32AVX512},
	absOp:        {avx2: asm.AbsF32AVX2, avx512: asm.AbsF32AVX512},
	squareOp:     {avx2: asm.SquareF32AVX2, avx512: asm.SquareF32AVX512},
	reciprocalOp: {avx2: asm.ReciprocalF32AVX2, avx512: asm.ReciprocalF32AVX512},
	sqrtOp:       {avx2: asm.SqrtF32AVX2, avx512: asm.SqrtF32AVX512},
	rsqrtOp:      {avx2: asm.RsqrtF32AVX2, avx512: asm.RsqrtF32AVX512},
	signOp:       {avx2: asm.SignF32AVX2, avx512: asm.SignF32AVX512},
	floorOp:      {avx2: asm.FloorF32AVX2, avx512: asm.FloorF32AVX512},
	ceilOp:       {avx2: asm.CeilF32AVX2, avx512: asm.CeilF32AVX512},
	truncOp:      {avx2: asm.TruncF32AVX2, avx512: asm.TruncF32AVX512},
	roundOp:      {avx2: asm.RoundF32AVX2, avx512: asm.RoundF32AVX512},
	expOp:        {avx2: asm.ExpF32AVX2, avx512: asm.ExpF32AVX512},
	exp2Op:       {avx2: asm.Exp2F32AVX2, avx512: asm.Exp2F32AVX512},
	exp10Op:      {avx2: asm.Exp10F32AVX2, avx512: asm.Exp10F32AVX512},
	expm1Op:      {avx2: asm.Expm1F32AVX2, avx512: asm.Expm1F32AVX512},
	sigmoidOp:    {avx2: asm.SigmoidF32AVX2, avx512: asm.SigmoidF32AVX512},
	logOp:        {avx2: asm.LogF32AVX2, avx512: asm.LogF32AVX512},
	log2Op:       {avx2: asm.Log2F32AVX2, avx512: asm.Log2F32AVX512},
	log10Op:      {avx2: asm.Log10F32AVX2, avx512: asm.Log10F32AVX512},
	log1pOp:      {avx2: asm.Log1pF32AVX2, avx512: asm.Log1pF32AVX512},
	sinOp:        {avx2: asm.SinF32AVX2, avx512: asm.SinF32AVX512},
	cosOp:        {avx2: asm.CosF32AVX2, avx512: asm.CosF32AVX512},
	tanOp:        {avx2: asm.TanF32AVX2, avx512: asm.TanF32AVX512},
	sinhOp:       {avx2: asm.SinhF32AVX2, avx512: asm.SinhF32AVX512},
	coshOp:       {avx2: asm.CoshF32AVX2, avx512: asm.CoshF32AVX512},
	tanhOp:       {avx2: asm.TanhF32AVX2, avx512: asm.TanhF32AVX512},
	asinhOp:      {avx2: asm.AsinhF32AVX2, avx512: asm.AsinhF32AVX512},
	acoshOp:      {avx2: asm.AcoshF32AVX2, avx512: asm.AcoshF32AVX512},
	atanhOp:      {avx2: asm.AtanhF32AVX2, avx512: asm.AtanhF32AVX512},
	asinOp:       {avx2: asm.AsinF32AVX2, avx512: asm.AsinF32AVX512},
	acosOp:       {avx2: asm.AcosF32AVX2, avx512: asm.AcosF32AVX512},
	atanOp:       {avx2: asm.AtanF32AVX2, avx512: asm.AtanF32AVX512},
	erfOp:        {avx2: asm.ErfF32AVX2, avx512: asm.ErfF32AVX512},
	erfcOp:       {avx2: asm.ErfcF32AVX2, avx512: asm.ErfcF32AVX512},
	cbrtOp:       {avx2: asm.CbrtF32AVX2, avx512: asm.CbrtF32AVX512},
}

var binaryBodies64 = [binaryOps]binaryBody[float64]{
	addOp:      {avx2: asm.AddF64AVX2, avx512: asm.AddF64AVX512},
	subOp:      {avx2: asm.SubF64AVX2, avx512: asm.SubF64AVX512},
	mulOp:      {avx2: asm.MulF64AVX2, avx512: asm.MulF64AVX512},
	divOp:      {avx2: asm.DivF64AVX2, avx512: asm.DivF64AVX512},
	minOp:      {avx2: asm.MinF64AVX2, avx512: asm.MinF64AVX512},
	maxOp:      {avx2: asm.MaxF64AVX2, avx512: asm.MaxF64AVX512},
	copysignOp: {avx2: asm.CopysignF64AVX2, avx512: asm.CopysignF64AVX512},
	powOp:      {avx2: asm.PowF64AVX2, avx512: asm.PowF64AVX512},
	atan2Op:    {avx2: asm.Atan2F64AVX2, avx512: asm.Atan2F64AVX512},
	hypotOp:    {avx2: asm.HypotF64AVX2, avx512: asm.HypotF64AVX512},
	modOp:      {avx2: asm.ModF64AVX2, avx512: asm.ModF64AVX512},
	floorDivOp: {avx2: asm.FloorDivF64AVX2, avx512: asm.FloorDivF64AVX512},
}

var binaryBodies32 = [binaryOps]binaryBody[float32]{
	addOp:      {avx2: asm.AddF32AVX2, avx512: asm.AddF32AVX512},
	subOp:      {avx2: asm.SubF32AVX2, avx512: asm.SubF32AVX512},
	mulOp:      {avx2: asm.MulF32AVX2, avx512: asm.MulF32AVX512},
	divOp:      {avx2: asm.DivF32AVX2, avx512: asm.DivF32AVX512},
	minOp:      {avx2: asm.MinF32AVX2, avx512: asm.MinF32AVX512},
	maxOp:      {avx2: asm.MaxF32AVX2, avx512: asm.MaxF32AVX512},
	copysignOp: {avx2: asm.CopysignF32AVX2, avx512: asm.CopysignF32AVX512},
	powOp:      {avx2: asm.PowF32AVX2, avx512: asm.PowF32AVX512},
	atan2Op:    {avx2: asm.Atan2F32AVX2, avx512: asm.Atan2F32AVX512},
	hypotOp:    {avx2: asm.HypotF32AVX2, avx512: asm.HypotF32AVX512},
	modOp:      {avx2: asm.ModF32AVX2, avx512: asm.ModF32AVX512},
	floorDivOp: {avx2: asm.FloorDivF32AVX2, avx512: asm.FloorDivF32AVX512},
}

var scalarBodies64 = [scalarOps]scalarBody[float64]{
	addScalarOp:      {avx2: asm.AddScalarF64AVX2, avx512: asm.AddScalarF64AVX512},
	subScalarOp:      {avx2: asm.SubScalarF64AVX2, avx512: asm.SubScalarF64AVX512},
	rsubScalarOp:     {avx2: asm.RSubScalarF64AVX2, avx512: asm.RSubScalarF64AVX512},
	mulScalarOp:      {avx2: asm.MulScalarF64AVX2, avx512: asm.MulScalarF64AVX512},
	divScalarOp:      {avx2: asm.DivScalarF64AVX2, avx512: asm.DivScalarF64AVX512},
	rdivScalarOp:     {avx2: asm.RDivScalarF64AVX2, avx512: asm.RDivScalarF64AVX512},
	powScalarOp:      {avx2: asm.PowScalarF64AVX2, avx512: asm.PowScalarF64AVX512},
	modScalarOp:      {avx2: asm.ModScalarF64AVX2, avx512: asm.ModScalarF64AVX512},
	floorDivScalarOp: {avx2: asm.FloorDivScalarF64AVX2, avx512: asm.FloorDivScalarF64AVX512},
}

var scalarBodies32 = [scalarOps]scalarBody[float32]{
	addScalarOp:      {avx2: asm.AddScalarF32AVX2, avx512: asm.AddScalarF32AVX512},
	subScalarOp:      {avx2: asm.SubScalarF32AVX2, avx512: asm.SubScalarF32AVX512},
	rsubScalarOp:     {avx2: asm.RSubScalarF32AVX2, avx512: asm.RSubScalarF32AVX512},
	mulScalarOp:      {avx2: asm.MulScalarF32AVX2, avx512: asm.MulScalarF32AVX512},
	divScalarOp:      {avx2: asm.DivScalarF32AVX2, avx512: asm.DivScalarF32AVX512},
	rdivScalarOp:     {avx2: asm.RDivScalarF32AVX2, avx512: asm.RDivScalarF32AVX512},
	powScalarOp:      {avx2: asm.PowScalarF32AVX2, avx512: asm.PowScalarF32AVX512},
	modScalarOp:      {avx2: asm.ModScalarF32AVX2, avx512: asm.ModScalarF32AVX512},
	floorDivScalarOp: {avx2: asm.FloorDivScalarF32AVX2, avx512: asm.FloorDivScalarF32AVX512},
}

var (
	fmaBody64   = ternaryBody[float64]{avx2: asm.FmaF64AVX2, avx512: asm.FmaF64AVX512}
	fmaBody32   = ternaryBody[float32]{avx2: asm.FmaF32AVX2, avx512: asm.FmaF32AVX512}
	axpyBody64  = axpyBody[float64]{avx2: asm.AxpyF64AVX2, avx512: asm.AxpyF64AVX512}
	axpyBody32  = axpyBody[float32]{avx2: asm.AxpyF32AVX2, avx512: asm.AxpyF32AVX512}
	clampBody64 = clampBody[float64]{avx2: asm.ClampF64AVX2, avx512: asm.ClampF64AVX512}
	clampBody32 = clampBody[float32]{avx2: asm.ClampF32AVX2, avx512: asm.ClampF32AVX512}
)

// first returns the address of x[0] in a form that does not make x escape through a call of a function value. x must
// not be empty.
func first[T any](x []T) *T {
	u := uintptr(unsafe.Pointer(&x[0]))
	return *(**T)(unsafe.Pointer(&u))
}

// vector1 sets dst[i] = op(x[i]) from the front and returns how many elements it has set: the caller does the next
// ones, and may call again.
func vector1[T Number](op vectorOp, dst, x []T) int {
	switch d := any(dst).(type) {
	case []float64:
		return run1(&unaryBodies64[op], streamLimit(op, expOp), d, any(x).([]float64))
	case []float32:
		return run1(&unaryBodies32[op], streamLimit(op, expOp), d, any(x).([]float32))
	case []int64:
		return run1(&unaryBodiesI64[op], streamLimit(op, expOp), d, any(x).([]int64))
	case []int32:
		return run1(&unaryBodiesI32[op], streamLimit(op, expOp), d, any(x).([]int32))
	case []int:
		return vector1(op, asInt64s(d), asInt64s(any(x).([]int)))
	}
	return 0
}

func run1[T Number](body *unaryBody[T], limit int, dst, x []T) int {
	f := body[active]
	if f == nil || len(dst) == 0 {
		return 0
	}
	if streamed(limit, 2*len(dst), dst, x) {
		return stream(dst, x, x, func(to []T, i int) { f(first(to), first(x[i:]), len(to)) })
	}
	i := 0
	for i < len(dst) {
		n := min(len(dst)-i, chunk)
		done := f(first(dst[i:]), first(x[i:]), n)
		i += done
		if done < chunk {
			break
		}
	}
	return i
}

// vector2 is vector1 for two arrays.
func vector2[T Number](op vectorOp, dst, x, y []T) int {
	switch d := any(dst).(type) {
	case []float64:
		return run2(&binaryBodies64[op], streamLimit(op, powOp), d, any(x).([]float64), any(y).([]float64))
	case []float32:
		return run2(&binaryBodies32[op], streamLimit(op, powOp), d, any(x).([]float32), any(y).([]float32))
	case []int64:
		return run2(&binaryBodiesI64[op], streamLimit(op, powOp), d, any(x).([]int64), any(y).([]int64))
	case []int32:
		return run2(&binaryBodiesI32[op], streamLimit(op, powOp), d, any(x).([]int32), any(y).([]int32))
	case []int:
		return vector2(op, asInt64s(d), asInt64s(any(x).([]int)), asInt64s(any(y).([]int)))
	}
	return 0
}

func run2[T Number](body *binaryBody[T], limit int, dst, x, y []T) int {
	f := body[active]
	if f == nil || len(dst) == 0 {
		return 0
	}
	if streamed(limit, 3*len(dst), dst, x) && &dst[0] != &y[0] {
		return stream(dst, x, y, func(to []T, i int) { f(first(to), first(x[i:]), first(y[i:]), len(to)) })
	}
	i := 0
	for i < len(dst) {
		n := min(len(dst)-i, chunk)
		done := f(first(dst[i:]), first(x[i:]), first(y[i:]), n)
		i += done
		if done < chunk {
			break
		}
	}
	return i
}

// vectorFma is vector1 for Fma.
func vectorFma[T Float](dst, x, y, z []T) int {
	switch d := any(dst).(type) {
	case []float64:
		return run3(&fmaBody64, d, any(x).([]float64), any(y).([]float64), any(z).([]float64))
	case []float32:
		return run3(&fmaBody32, d, any(x).([]float32), any(y).([]float32), any(z).([]float32))
	}
	return 0
}

func run3[T Float](body *ternaryBody[T], dst, x, y, z []T) int {
	f := body[active]
	if f == nil || len(dst) == 0 {
		return 0
	}
	if streamed(streamFrom, 4*len(dst), dst, x) && &dst[0] != &y[0] && &dst[0] != &z[0] {
		return stream(dst, x, y, func(to []T, i int) { f(first(to), first(x[i:]), first(y[i:]), first(z[i:]), len(to)) })
	}
	i := 0
	for i < len(dst) {
		n := min(len(dst)-i, chunk)
		done := f(first(dst[i:]), first(x[i:]), first(y[i:]), first(z[i:]), n)
		i += done
		if done < chunk {
			break
		}
	}
	return i
}

// vectorScalar is vector1 for an array and a number.
func vectorScalar[T Number](op vectorOp, dst, x []T, a T) int {
	switch d := any(dst).(type) {
	case []float64:
		return runScalar(&scalarBodies64[op], streamLimit(op, powScalarOp), d, any(x).([]float64), float64(a))
	case []float32:
		return runScalar(&scalarBodies32[op], streamLimit(op, powScalarOp), d, any(x).([]float32), float32(a))
	case []int64:
		return runScalar(&scalarBodiesI64[op], streamLimit(op, powScalarOp), d, any(x).([]int64), int64(a))
	case []int32:
		return runScalar(&scalarBodiesI32[op], streamLimit(op, powScalarOp), d, any(x).([]int32), int32(a))
	case []int:
		return vectorScalar(op, asInt64s(d), asInt64s(any(x).([]int)), int64(a))
	}
	return 0
}

func runScalar[T Number](body *scalarBody[T], limit int, dst, x []T, a T) int {
	f := body[active]
	if f == nil || len(dst) == 0 {
		return 0
	}
	if streamed(limit, 2*len(dst), dst, x) {
		return stream(dst, x, x, func(to []T, i int) { f(first(to), first(x[i:]), a, len(to)) })
	}
	i := 0
	for i < len(dst) {
		n := min(len(dst)-i, chunk)
		done := f(first(dst[i:]), first(x[i:]), a, n)
		i += done
		if done < chunk {
			break
		}
	}
	return i
}

// vectorAxpy is vector1 for dst[i] = x[i] + a*y[i].
func vectorAxpy[T Float](dst, x, y []T, a T) int {
	switch d := any(dst).(type) {
	case []float64:
		return runAxpy(&axpyBody64, d, any(x).([]float64), any(y).([]float64), float64(a))
	case []float32:
		return runAxpy(&axpyBody32, d, any(x).([]float32), any(y).([]float32), float32(a))
	}
	return 0
}

func runAxpy[T Float](body *axpyBody[T], dst, x, y []T, a T) int {
	f := body[active]
	if f == nil {
		return 0
	}
	i := 0
	for i < len(dst) {
		n := min(len(dst)-i, chunk)
		done := f(first(dst[i:]), first(x[i:]), first(y[i:]), a, n)
		i += done
		if done < chunk {
			break
		}
	}
	return i
}

// vectorClamp is vector1 for Clamp.
func vectorClamp[T Number](dst, x []T, lo, hi T) int {
	switch d := any(dst).(type) {
	case []float64:
		return runClamp(&clampBody64, d, any(x).([]float64), float64(lo), float64(hi))
	case []float32:
		return runClamp(&clampBody32, d, any(x).([]float32), float32(lo), float32(hi))
	case []int64:
		return runClamp(&clampBodyI64, d, any(x).([]int64), int64(lo), int64(hi))
	case []int32:
		return runClamp(&clampBodyI32, d, any(x).([]int32), int32(lo), int32(hi))
	case []int:
		return vectorClamp(asInt64s(d), asInt64s(any(x).([]int)), int64(lo), int64(hi))
	}
	return 0
}

func runClamp[T Number](body *clampBody[T], dst, x []T, lo, hi T) int {
	f := body[active]
	if f == nil || len(dst) == 0 {
		return 0
	}
	if streamed(streamFrom, 2*len(dst), dst, x) {
		return stream(dst, x, x, func(to []T, i int) { f(first(to), first(x[i:]), lo, hi, len(to)) })
	}
	i := 0
	for i < len(dst) {
		n := min(len(dst)-i, chunk)
		done := f(first(dst[i:]), first(x[i:]), lo, hi, n)
		i += done
		if done < chunk {
			break
		}
	}
	return i
}
