//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// fftStep is how many butterflies a call of assembly takes at most: some microseconds.
const fftStep = 4096

// radix4 does a pass of radix 4 in vectors when its stride, or the count of a first pass, is a multiple of their lanes.
func radix4(p *fftPass, to, from []complex128) bool {
	lanes := 0
	switch active {
	case avx512:
		lanes = 4
	case avx2:
		lanes = 2
	default:
		return false
	}
	apart := p.stride * p.count
	switch {
	case p.stride == 1 && p.count%lanes == 0:
		for i := 0; i < p.count; i += fftStep {
			radix4First(&to[4*i], &from[i], &p.columns[i], min(fftStep, p.count-i), apart)
		}
		return true
	case p.stride%lanes == 0:
		rows := max(1, fftStep/p.stride)
		for i := 0; i < p.count; i += rows {
			for q := 0; q < p.stride; q += fftStep {
				radix4Columns(&to[4*p.stride*i+q], &from[p.stride*i+q], &p.twiddles[3*i], min(rows, p.count-i),
					min(fftStep, p.stride-q), p.stride, apart)
			}
		}
		return true
	}
	return false
}

func radix4First(to, from, twiddles *complex128, count, apart int) {
	if active == avx512 {
		asm.Radix4FirstF64AVX512(to, from, twiddles, count, apart)
	} else {
		asm.Radix4FirstF64AVX2(to, from, twiddles, count, apart)
	}
}

func radix4Columns(to, from, twiddles *complex128, count, width, stride, apart int) {
	if active == avx512 {
		asm.Radix4F64AVX512(to, from, twiddles, count, width, stride, apart)
	} else {
		asm.Radix4F64AVX2(to, from, twiddles, count, width, stride, apart)
	}
}
