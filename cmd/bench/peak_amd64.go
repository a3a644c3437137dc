//go:build !noasm

package main

import (
	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/kernels"
)

// fusedPeak returns a loop of fused multiply-adds in registers, as wide as the processor has them, how many float64
// operations a round is, and the name of the instruction set.
func fusedPeak() (loop func(rounds int), flops int, isa string) {
	switch kernels.InstructionSet() {
	case "avx512":
		return asm.PeakFMAF64AVX512, 16 * 8 * 2, "avx512"
	case "avx2":
		return asm.PeakFMAF64AVX2, 12 * 4 * 2, "avx2"
	}
	return plainPeak()
}
