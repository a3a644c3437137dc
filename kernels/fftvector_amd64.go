//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// fftVectors are the bodies of one instruction set: by radix, nil where there is none.
type fftVectors[T Float] struct {
	lanes              int // elements in a register: the fewest that a body takes
	columns            [radixMax + 1]func(to, from, twiddles *T, count, width, stride, apart int)
	row                [radixMax + 1]func(to, from *T, width, stride, apart int)
	first              [radixMax + 1]func(to, from, twiddles *T, count, apart int)
	untangle, entangle func(to, from, roots *T, half, count int)
	multiply           func(to, x, y *T, n int)
	exchange           func(to, x *T, scale T, n int)
}

var fftVectors64 = [isaCount]*fftVectors[float64]{
	avx2: {
		lanes: 2,
		columns: [radixMax + 1]func(to, from, twiddles *float64, count, width, stride, apart int){
			2: asm.FFTColumns2F64AVX2, 3: asm.FFTColumns3F64AVX2, 4: asm.FFTColumns4F64AVX2,
			5: asm.FFTColumns5F64AVX2, 7: asm.FFTColumns7F64AVX2, 8: asm.FFTColumns8F64AVX2,
		},
		row: [radixMax + 1]func(to, from *float64, width, stride, apart int){
			2: asm.FFTRow2F64AVX2, 3: asm.FFTRow3F64AVX2, 4: asm.FFTRow4F64AVX2,
			5: asm.FFTRow5F64AVX2, 7: asm.FFTRow7F64AVX2, 8: asm.FFTRow8F64AVX2,
		},
		first: [radixMax + 1]func(to, from, twiddles *float64, count, apart int){
			4: asm.FFTFirst4F64AVX2, 8: asm.FFTFirst8F64AVX2,
		},
		untangle: asm.FFTUntangleF64AVX2, entangle: asm.FFTEntangleF64AVX2,
		multiply: asm.ComplexMulF64AVX2, exchange: asm.ComplexExchangeF64AVX2,
	},
	avx512: {
		lanes: 4,
		columns: [radixMax + 1]func(to, from, twiddles *float64, count, width, stride, apart int){
			2: asm.FFTColumns2F64AVX512, 3: asm.FFTColumns3F64AVX512, 4: asm.FFTColumns4F64AVX512,
			5: asm.FFTColumns5F64AVX512, 7: asm.FFTColumns7F64AVX512, 8: asm.FFTColumns8F64AVX512,
		},
		row: [radixMax + 1]func(to, from *float64, width, stride, apart int){
			2: asm.FFTRow2F64AVX512, 3: asm.FFTRow3F64AVX512, 4: asm.FFTRow4F64AVX512,
			5: asm.FFTRow5F64AVX512, 7: asm.FFTRow7F64AVX512, 8: asm.FFTRow8F64AVX512,
		},
		first: [radixMax + 1]func(to, from, twiddles *float64, count, apart int){
			4: asm.FFTFirst4F64AVX512, 8: asm.FFTFirst8F64AVX512,
		},
		untangle: asm.FFTUntangleF64AVX512, entangle: asm.FFTEntangleF64AVX512,
		multiply: asm.ComplexMulF64AVX512, exchange: asm.ComplexExchangeF64AVX512,
	},
}

var fftVectors32 = [isaCount]*fftVectors[float32]{
	avx2: {
		lanes: 4,
		columns: [radixMax + 1]func(to, from, twiddles *float32, count, width, stride, apart int){
			2: asm.FFTColumns2F32AVX2, 3: asm.FFTColumns3F32AVX2, 4: asm.FFTColumns4F32AVX2,
			5: asm.FFTColumns5F32AVX2, 7: asm.FFTColumns7F32AVX2, 8: asm.FFTColumns8F32AVX2,
		},
		row: [radixMax + 1]func(to, from *float32, width, stride, apart int){
			2: asm.FFTRow2F32AVX2, 3: asm.FFTRow3F32AVX2, 4: asm.FFTRow4F32AVX2,
			5: asm.FFTRow5F32AVX2, 7: asm.FFTRow7F32AVX2, 8: asm.FFTRow8F32AVX2,
		},
		first: [radixMax + 1]func(to, from, twiddles *float32, count, apart int){
			4: asm.FFTFirst4F32AVX2, 8: asm.FFTFirst8F32AVX2,
		},
		untangle: asm.FFTUntangleF32AVX2, entangle: asm.FFTEntangleF32AVX2,
		multiply: asm.ComplexMulF32AVX2, exchange: asm.ComplexExchangeF32AVX2,
	},
	avx512: {
		lanes: 8,
		columns: [radixMax + 1]func(to, from, twiddles *float32, count, width, stride, apart int){
			2: asm.FFTColumns2F32AVX512, 3: asm.FFTColumns3F32AVX512, 4: asm.FFTColumns4F32AVX512,
			5: asm.FFTColumns5F32AVX512, 7: asm.FFTColumns7F32AVX512, 8: asm.FFTColumns8F32AVX512,
		},
		row: [radixMax + 1]func(to, from *float32, width, stride, apart int){
			2: asm.FFTRow2F32AVX512, 3: asm.FFTRow3F32AVX512, 4: asm.FFTRow4F32AVX512,
			5: asm.FFTRow5F32AVX512, 7: asm.FFTRow7F32AVX512, 8: asm.FFTRow8F32AVX512,
		},
		first: [radixMax + 1]func(to, from, twiddles *float32, count, apart int){
			4: asm.FFTFirst4F32AVX512, 8: asm.FFTFirst8F32AVX512,
		},
		untangle: asm.FFTUntangleF32AVX512, entangle: asm.FFTEntangleF32AVX512,
		multiply: asm.ComplexMulF32AVX512, exchange: asm.ComplexExchangeF32AVX512,
	},
}

// vectorsOf returns the bodies of the widest registers that n elements fill, nil where there are none.
func vectorsOf[T Float](n int) *fftVectors[T] {
	for s := active; s > portable; s-- {
		k, ok := any(fftVectors64[s]).(*fftVectors[T])
		if !ok {
			k = any(fftVectors32[s]).(*fftVectors[T])
		}
		if n >= k.lanes {
			return k
		}
	}
	return nil
}
