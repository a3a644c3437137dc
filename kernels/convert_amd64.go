//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// convertBody changes the type of elements by instruction set: whole registers from the front; it returns how many.
type convertBody[D, S any] [isaCount]func(dst *D, x *S, n int) int

var (
	int64ToFloat64  = convertBody[float64, int64]{avx512: asm.ConvertI64ToF64AVX512}
	int64ToFloat32  = convertBody[float32, int64]{avx512: asm.ConvertI64ToF32AVX512}
	int64ToInt32    = convertBody[int32, int64]{avx512: asm.ConvertI64ToI32AVX512}
	int32ToFloat64  = convertBody[float64, int32]{avx2: asm.ConvertI32ToF64AVX2, avx512: asm.ConvertI32ToF64AVX512}
	int32ToFloat32  = convertBody[float32, int32]{avx2: asm.ConvertI32ToF32AVX2, avx512: asm.ConvertI32ToF32AVX512}
	int32ToInt64    = convertBody[int64, int32]{avx2: asm.ConvertI32ToI64AVX2, avx512: asm.ConvertI32ToI64AVX512}
	int16ToInt64    = convertBody[int64, int16]{avx2: asm.ConvertI16ToI64AVX2, avx512: asm.ConvertI16ToI64AVX512}
	int8ToInt64     = convertBody[int64, int8]{avx2: asm.ConvertI8ToI64AVX2, avx512: asm.ConvertI8ToI64AVX512}
	uint32ToInt64   = convertBody[int64, uint32]{avx2: asm.ConvertU32ToI64AVX2, avx512: asm.ConvertU32ToI64AVX512}
	uint16ToInt64   = convertBody[int64, uint16]{avx2: asm.ConvertU16ToI64AVX2, avx512: asm.ConvertU16ToI64AVX512}
	uint8ToInt64    = convertBody[int64, uint8]{avx2: asm.ConvertU8ToI64AVX2, avx512: asm.ConvertU8ToI64AVX512}
	uint8ToFloat64  = convertBody[float64, uint8]{avx2: asm.ConvertU8ToF64AVX2, avx512: asm.ConvertU8ToF64AVX512}
	uint8ToFloat32  = convertBody[float32, uint8]{avx2: asm.ConvertU8ToF32AVX2, avx512: asm.ConvertU8ToF32AVX512}
	float64ToInt64  = convertBody[int64, float64]{avx512: asm.ConvertF64ToI64AVX512}
	float32ToInt64  = convertBody[int64, float32]{avx512: asm.ConvertF32ToI64AVX512}
	float64ToSingle = convertBody[float32, float64]{avx2: asm.ConvertF64ToF32AVX2, avx512: asm.ConvertF64ToF32AVX512}
	singleToFloat64 = convertBody[float64, float32]{avx2: asm.ConvertF32ToF64AVX2, avx512: asm.ConvertF32ToF64AVX512}
	boolToInt64     = convertBody[int64, bool]{avx2: asm.ConvertBoolToI64AVX2, avx512: asm.ConvertBoolToI64AVX512}
	boolToFloat64   = convertBody[float64, bool]{avx2: asm.ConvertBoolToF64AVX2, avx512: asm.ConvertBoolToF64AVX512}
	boolToFloat32   = convertBody[float32, bool]{avx2: asm.ConvertBoolToF32AVX2, avx512: asm.ConvertBoolToF32AVX512}
)

// vectorConvert is Convert from the front; it returns how many.
func vectorConvert[D Number, S any](dst []D, src []S) int {
	switch d := any(dst).(type) {
	case []float64:
		return convertToFloat64(d, any(src))
	case []float32:
		return convertToFloat32(d, any(src))
	case []int64:
		return convertToInt64(d, any(src))
	case []int32:
		if s, ok := any(src).([]int64); ok {
			return runConvert(&int64ToInt32, d, s)
		}
	}
	return 0
}

func convertToFloat64(dst []float64, src any) int {
	switch s := src.(type) {
	case []int64:
		return runConvert(&int64ToFloat64, dst, s)
	case []int32:
		return runConvert(&int32ToFloat64, dst, s)
	case []uint8:
		return runConvert(&uint8ToFloat64, dst, s)
	case []float32:
		return runConvert(&singleToFloat64, dst, s)
	case []bool:
		return runConvert(&boolToFloat64, dst, s)
	}
	return 0
}

func convertToFloat32(dst []float32, src any) int {
	switch s := src.(type) {
	case []int64:
		return runConvert(&int64ToFloat32, dst, s)
	case []int32:
		return runConvert(&int32ToFloat32, dst, s)
	case []uint8:
		return runConvert(&uint8ToFloat32, dst, s)
	case []float64:
		return runConvert(&float64ToSingle, dst, s)
	case []bool:
		return runConvert(&boolToFloat32, dst, s)
	}
	return 0
}

func convertToInt64(dst []int64, src any) int {
	switch s := src.(type) {
	case []int32:
		return runConvert(&int32ToInt64, dst, s)
	case []int16:
		return runConvert(&int16ToInt64, dst, s)
	case []int8:
		return runConvert(&int8ToInt64, dst, s)
	case []uint32:
		return runConvert(&uint32ToInt64, dst, s)
	case []uint16:
		return runConvert(&uint16ToInt64, dst, s)
	case []uint8:
		return runConvert(&uint8ToInt64, dst, s)
	case []float64:
		return runConvert(&float64ToInt64, dst, s)
	case []float32:
		return runConvert(&float32ToInt64, dst, s)
	case []bool:
		return runConvert(&boolToInt64, dst, s)
	}
	return 0
}

func runConvert[D, S any](body *convertBody[D, S], dst []D, src []S) int {
	f := body[active]
	if f == nil {
		return 0
	}
	i := 0
	for i < len(dst) {
		done := f(first(dst[i:]), first(src[i:]), min(len(dst)-i, chunk))
		if i += done; done < chunk {
			break
		}
	}
	return i
}
